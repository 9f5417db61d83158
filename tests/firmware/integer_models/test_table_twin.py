"""Linear tables in C: on the simulated board every score is the NumPy form's, within what is stated."""

import numpy as np
import pytest
from drawn_tables import drawn_table

from zerotap.features import Pipeline, transforms, write_integer_model
from zerotap.features.pipeline import PIPELINE_FILE
from zerotap.firmware import BuildOptions, open_artefact, verify
from zerotap.firmware.integer_models import linear_table
from zerotap.firmware.integer_models.tables.assembly import COLUMNS_MOST, add_kernel
from zerotap.firmware.simulation.program import MODEL_NAME
from zerotap.firmware.simulation.simulator import Simulator

BOTH = ["zig", pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]
GCC = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]
MOST_CYCLES_AN_ID = 40


KINDS = [
    "1 8 constant",
    "1 8 root",
    "1 4 constant",
    "1 4 root",
    "3 8 root",
    "3 4 root",
    "4 8 constant",
    "4 4 root",
]
FORMS = {
    kind: drawn_table(int(kind[0]), kind.endswith("root"), int(kind[2]))
    for kind in [*KINDS, "7 8 constant", "7 4 root", "5 8 root", "6 4 constant", "8 4 root", "9 8 root"]
} | {
    f"{kind} of labels": drawn_table(int(kind[0]), kind.endswith("root"), int(kind[2]), by_label=True)
    for kind in ["1 8 root", "1 4 constant", "2 8 constant", "2 4 root", "6 8 root"]
}
"""By columns, bits, and what the bias goes with."""


# The fewest and the most columns, of each kind; test_ids_take_the_cycles_of_the_formula has every number.
FIRST_FORMS = [
    "1 4 constant",
    "4 8 constant",
    "8 4 root",
    "9 8 root",
    "1 8 root of labels",
    "2 4 root of labels",
]


@pytest.mark.parametrize("compiler", BOTH)
@pytest.mark.parametrize(
    "name",
    [name if name in FIRST_FORMS else pytest.param(name, marks=pytest.mark.thorough) for name in FORMS],
)
def test_the_board_gives_the_same_within_what_is_stated(name, compiler, tmp_path):
    model, options = FORMS[name], BuildOptions(compiler=compiler)
    stated = linear_table.implementations(model)[0]
    file = write_integer_model(model, tmp_path)
    texts = open_artefact(file, options).drawn(16 if model.by_label else 8, 1)
    found = verify(file, texts, options)
    assert found.mismatches == 0
    assert len(np.unique(found.outputs)) > 8
    assert found.flash_bytes > stated.constant_bytes
    assert stated.static_bytes <= found.ram_bytes <= stated.static_bytes + 4
    if compiler == "gcc":
        assert found.flash_bytes <= stated.flash_bytes
        assert found.stack_bound_bytes <= stated.stack_bytes
        assert found.cycles_per_id == pytest.approx(stated.cycles_per_id, rel=0.15)


@pytest.mark.parametrize("compiler", GCC)
@pytest.mark.parametrize("name", FORMS)
def test_scores_take_what_is_stated(name, compiler, tmp_path):
    model = FORMS[name]
    stated = linear_table.implementations(model)[0]
    file = write_integer_model(model, tmp_path)
    program = open_artefact(file, BuildOptions(compiler=compiler)).build(lambda *_: None).program
    board, target = Simulator(program), program.symbols["harness_output"]
    cycles = []
    for count in (0, 255, 256, 1 << 23):
        clear = board.call(f"{MODEL_NAME}_clear").cycles
        board.write(program.symbols[f"{MODEL_NAME}_text"], np.uint32(count).tobytes())
        cycles.append(clear + board.call(f"{MODEL_NAME}_scores", target).cycles)
    assert stated.cycles_min <= min(cycles) <= max(cycles) <= stated.cycles


@pytest.mark.parametrize("compiler", GCC)
@pytest.mark.parametrize("bits", [8, 4])
def test_an_id_of_two_classes_keeps_to_its_bar(bits, compiler, tmp_path):
    """In calls of sixteen ids, the call included; and where each id is a call."""
    model = drawn_table(1, True, bits, 1 << 12)
    file = write_integer_model(model, tmp_path)
    options = BuildOptions(compiler=compiler)
    artefact = open_artefact(file, options)
    assert verify(file, artefact.drawn(3, 1), options).cycles_per_id < MOST_CYCLES_AN_ID
    program = artefact.build(lambda *_: None).program
    board, source = Simulator(program), program.symbols["harness_input"]
    board.write(source, np.array([7], np.int32).tobytes())
    assert board.call(f"{MODEL_NAME}_add", source, 1).cycles <= MOST_CYCLES_AN_ID


@pytest.mark.parametrize("compiler", BOTH)
@pytest.mark.parametrize("bits", [8, 4])
@pytest.mark.parametrize("columns", range(1, COLUMNS_MOST + 1))
def test_ids_take_the_cycles_of_the_formula(columns, bits, compiler, tmp_path):
    """Whichever ids they are, and however many: a call's, and so many for each."""
    model = drawn_table(columns, True, bits, by_label=columns == 2)
    kernel = add_kernel(model)
    file = write_integer_model(model, tmp_path)
    program = open_artefact(file, BuildOptions(compiler=compiler)).build(lambda *_: None).program
    board, source = Simulator(program), program.symbols["harness_input"]
    rng = np.random.default_rng(0)
    for count in (1, 2, 3, 16):
        for _ in range(5):
            board.write(source, rng.integers(1, model.buckets + 1, count).astype(np.int32).tobytes())
            cycles = board.call(f"{MODEL_NAME}_add", source, count).cycles
            assert cycles == kernel.cycles_a_call + count * kernel.cycles_an_id
    assert kernel.cycles_an_id <= (4 * columns + 5 if bits == 8 else 5.5 * columns + 10.5)
    assert board.call(f"{MODEL_NAME}_add", source, 0).cycles < 25


def test_more_columns_than_registers_hold_are_added_in_c():
    assert add_kernel(drawn_table(COLUMNS_MOST + 1, True, 8)) is None


def test_flash_is_a_byte_or_half_a_bucket_and_little_else():
    for bits in (8, 4):
        stated = linear_table.implementations(drawn_table(1, True, bits, 1 << 14))[0]
        assert stated.flash_bytes - (1 << 14) * bits // 8 < 512


@pytest.mark.parametrize("bits", [8, 4])
def test_behind_its_pipeline_keys_become_the_scores_of_the_batch(bits, tmp_path):
    pipeline = Pipeline("grams", (transforms.TypedGrams(512, seed=3),))
    model = drawn_table(1, True, bits, 512)
    write_integer_model(model, tmp_path)
    (tmp_path / PIPELINE_FILE).write_text(pipeline.to_toml())
    options = BuildOptions(compiler="zig")
    inputs = open_artefact(tmp_path, options).drawn(3, 0)
    found = verify(tmp_path, inputs, options, recordings=[pipeline.draw(120, seed) for seed in range(3)])
    assert (found.mismatches, found.pushed, found.pushed_mismatches) == (0, 3, 0)
    assert found.pushed_results == 3


def test_what_analyse_says():
    assert linear_table.describe(FORMS["3 4 root"]) == {
        "buckets": 501,
        "columns": 3,
        "weight_bits": 4,
        "bias": "times the root of the number of ids",
    }


def test_drawn_texts_are_none_one_and_many_and_the_same_again():
    texts = linear_table.draw(FORMS["1 8 root"], 40, 5)
    sizes = (texts != 0).sum(axis=1)
    assert sizes[:3].tolist() == [0, 1, 700]
    assert {1, 501} <= set(texts[texts != 0].tolist())
    assert np.array_equal(texts, linear_table.draw(FORMS["1 8 root"], 40, 5))
