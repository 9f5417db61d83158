"""Forests in C: every form on the host (sanitised) and on the simulated board equals the NumPy form."""

import re
from dataclasses import replace

import numpy as np
import pytest
from drawn_forests import drawn_forest, forests, rows_near
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.errors import DoesNotFitError, ModelError
from zerotap.features import Forest
from zerotap.firmware.generation.integer_code import generate_integer
from zerotap.firmware.integer_models import TWINS, TwinImplementation, forest
from zerotap.firmware.linking import build_integer
from zerotap.firmware.options import Budget, BuildOptions
from zerotap.firmware.planning.integers.integer_plan import IntegerPlan, plan_integer
from zerotap.firmware.simulation.running import run_samples

BOTH = ["zig", pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]
BYTES, WORDS, ALL = (-128, 126), (-32768, 32766), (-(2**24) - 1, 2**24)

FORESTS = {
    "ten_of_five": drawn_forest(1, 12, 10, 5, 4, BYTES, 17, 1.0),
    "odd_number": drawn_forest(2, 12, 9, 4, 2, WORDS, 17),
    "one_tree": drawn_forest(3, 3, 1, 5, 3, ALL, 9),
    "one_class": drawn_forest(4, 3, 4, 3, 1, BYTES, 9),
    "single_leaves": drawn_forest(5, 3, 4, 0, 3, BYTES, 9),
    "one_leaf": drawn_forest(6, 1, 1, 0, 1, BYTES, 1),
    "unsigned": drawn_forest(7, 40, 6, 6, 3, (0, 254), 70),
    "far_features": drawn_forest(8, 130, 6, 5, 4, BYTES, 9),
    "farther_features": drawn_forest(9, 400, 6, 5, 4, ALL, 9),
    "votes": drawn_forest(10, 5, 7, 6, 25, BYTES, 60, mixed=1),
    "pairs": drawn_forest(11, 5, 7, 6, 25, BYTES, 60, mixed=3),
    "sums": drawn_forest(12, 5, 7, 6, 9, WORDS, 60),
    "many_classes": drawn_forest(13, 5, 3, 4, 70, BYTES, 30),
    "many_trees": drawn_forest(14, 5, 140, 1, 4, BYTES, 30),
    "more_trees": drawn_forest(15, 5, 260, 0, 2, BYTES, 5),
    "many_leaves": drawn_forest(16, 5, 1, 9, 4, BYTES, 250, 0.95),
    "deep": drawn_forest(17, 9, 2, 12, 3, BYTES, 20, 0.8),
    "ten_of_five_of_words": drawn_forest(18, 12, 10, 5, 4, WORDS, 17, 1.0),
    "many_rows": drawn_forest(19, 64, 7, 5, 4, WORDS, 120, 0.9),
    "two_classes": drawn_forest(20, 12, 10, 5, 2, WORDS, 300, 1.0),
    "three_classes_of_one_split": drawn_forest(21, 4, 5, 1, 3, WORDS, 90, 0.9),
}


def planned(model: Forest, choice: TwinImplementation, compiler: str | None = None) -> IntegerPlan:
    plan = plan_integer(model, forest, "forest.npz", BuildOptions(compiler=compiler))
    return replace(plan, choice=choice)


def every_form(models: dict[str, Forest]) -> dict[str, tuple[Forest, TwinImplementation]]:
    return {
        f"{name}_{number}": (model, form)
        for name, model in models.items()
        for number, form in enumerate(forest.implementations(model))
    }


def host_files(model: Forest, form: TwinImplementation, name: str) -> dict[str, str]:
    """The generated files, with scores as what they are: the host's program finds its types in the header."""
    files = generate_integer(planned(model, form), name)
    header = files[f"{name}.h"].replace(f"({name}_SCORE", "(int32_t").replace(f", {name}_SCORE", ", int32_t")
    return {**files, f"{name}.h": header}


FORMS = every_form(FORESTS)


def first_of_each_code() -> set[str]:
    """The first of each kernel with each form of leaves; the host runs all."""
    found: dict[tuple[str, object], str] = {}
    for name, (model, form) in FORMS.items():
        found.setdefault((form.kernel, forest.describe(model)["leaf_form"]), name)
    return set(found.values())


ON_BOARD = first_of_each_code()


@pytest.fixture(scope="module")
def host(build_host):
    return build_host({name: host_files(*both, name) for name, both in FORMS.items()})


def test_every_form_is_among_them():
    kernels = {
        name: {form.kernel for form in forest.implementations(model)} for name, model in FORESTS.items()
    }
    assert set().union(*kernels.values()) == {
        "branches",
        "levels of full trees",
        "full trees of words",
        "table of nodes",
    }
    assert {forest.describe(model)["leaf_form"] for model in FORESTS.values()} == {
        "votes",
        "words",
        "pairs",
        "sums",
    }
    assert "branches" not in kernels["many_leaves"]
    assert "levels of full trees" not in kernels["more_trees"]
    assert kernels["farther_features"] == {"branches"}


@pytest.mark.parametrize("name", FORMS)
def test_host_c_equals_the_numpy_form(host, name):
    model, _ = FORMS[name]
    rows = np.concatenate([rows_near(model, 200, 1), forest.draw(model, 100, 2)])
    assert np.array_equal(host.run(name, rows), model.scores(rows))


@settings(max_examples=2)
@given(st.lists(forests, min_size=4, max_size=4), st.integers(0, 2**32 - 1))
def test_host_c_equals_the_numpy_form_of_what_hypothesis_draws(build_host, drawn, seed):
    every = every_form({f"drawn_{number}": model for number, model in enumerate(drawn)})
    program = build_host({name: host_files(*both, name) for name, both in every.items()})
    for name, (model, _) in every.items():
        rows = rows_near(model, 50, seed)
        assert np.array_equal(program.run(name, rows), model.scores(rows)), name


@pytest.mark.parametrize("compiler", BOTH)
@pytest.mark.parametrize(
    "name", [name if name in ON_BOARD else pytest.param(name, marks=pytest.mark.thorough) for name in FORMS]
)
def test_the_board_gives_the_same_within_what_is_stated(name, compiler):
    model, form = FORMS[name]
    built = build_integer(planned(model, form, compiler))
    rows = rows_near(model, 25, 3)
    outputs, runs = run_samples(built.program, rows, model.classes, output_dtype="int32")
    assert np.array_equal(outputs, model.scores(rows))
    cycles = [run.cycles for run in runs]
    assert form.cycles_min <= min(cycles) <= max(cycles) <= form.cycles
    if form.constant_time:
        assert cycles == [form.cycles] * len(rows)
    assert form.flash_bytes - 20 <= built.sizes.flash_bytes <= form.flash_bytes
    assert built.sizes.ram_bytes == 0
    assert built.sizes.stack_bound_bytes <= form.stack_bytes


def test_both_limits_of_the_time_are_reached():
    """One tree of ten splits, each right of the one before: the ways down are known by heart."""
    numbers = np.arange(10)
    line = np.where(numbers < 9, numbers + 1, -1).astype(np.int32)
    model = Forest(
        inputs=np.array(1, np.int32),
        roots=np.array([0], np.int32),
        features=np.zeros(10, np.uint16),
        thresholds=np.arange(10, dtype=np.int32),
        left=np.full(10, -2, np.int32),
        right=line,
        shares=np.array([[200, 55], [9, 246]], np.uint8),
    )
    for form in forest.implementations(model):
        built = build_integer(planned(model, form, "zig"))
        _, runs = run_samples(built.program, np.array([[0], [9], [99]], np.int32), 2, output_dtype="int32")
        cycles = [run.cycles for run in runs]
        assert (min(cycles), max(cycles)) == (form.cycles_min, form.cycles), form.kernel


@pytest.mark.parametrize("name", ["ten_of_five", "ten_of_five_of_words", "two_classes"])
def test_ten_full_trees_of_depth_five_keep_to_their_bar(name):
    """With features of a byte, and of 16 bits."""
    model = FORESTS[name]
    assert model.splits == 10 * 31
    choice = plan_integer(model, forest, "forest.npz", BuildOptions(constant_time=True)).choice
    assert choice.cycles <= 600
    assert choice.constant_bytes + choice.code_bytes == choice.flash_bytes
    if name != "two_classes":  # which has many different leaves
        assert choice.flash_bytes <= 1536


@pytest.mark.parametrize("name", FORMS)
def test_a_table_takes_at_most_four_bytes_a_node(name):
    model, form = FORMS[name]
    if form.kernel == "table of nodes":
        nodes = 2 * model.splits + model.trees
        assert form.constant_bytes <= 4 * nodes + 2 * model.trees + 2 + model.shares.nbytes * 4


def kernel(model: Forest, **options) -> str:
    return plan_integer(model, forest, "forest.npz", BuildOptions(**options)).choice.kernel


def test_the_plan_chooses_by_speed_budget_size_and_time():
    model = FORESTS["ten_of_five"]
    assert kernel(model) == "branches"
    assert kernel(model, budget=Budget(1536, 4096)) == "levels of full trees"
    assert kernel(model, optimise="size") == "levels of full trees"
    assert kernel(FORESTS["deep"], optimise="size") == "table of nodes"
    assert kernel(model, constant_time=True) == "levels of full trees"
    with pytest.raises(ModelError, match="same time for every input"):
        kernel(FORESTS["farther_features"], constant_time=True)
    with pytest.raises(DoesNotFitError, match="fewer or shallower trees"):
        plan_integer(model, forest, "forest.npz", BuildOptions(budget=Budget(1000, 4096))).check()


def test_the_same_forest_makes_the_same_text():
    for name, (model, form) in FORMS.items():
        again = next(one for one in forest.implementations(model) if one.kernel == form.kernel)
        assert form.emit("trees") == again.emit("trees"), name


def test_it_is_integers_alone():
    for name, both in FORMS.items():
        for file, text in host_files(*both, name).items():
            code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
            assert not re.search(r"\b(float|double|malloc|math\.h|string\.h|stdlib\.h)\b", code), file


def test_drawn_rows_are_the_forest_s_own():
    for model in FORESTS.values():
        rows = forest.draw(model, 40, 5)
        assert rows.dtype == np.int32 and rows.shape == (40, forest.inputs(model))
        assert np.array_equal(rows, forest.draw(model, 40, 5))
        assert model.scores(rows).shape == (40, model.classes)


def test_it_is_found_by_its_file():
    assert TWINS[Forest.file_name] is forest
