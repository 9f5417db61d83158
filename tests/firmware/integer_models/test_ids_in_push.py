"""What an id costs in NAME_push on the simulated board: all that is not in the stages, which hash it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from drawn_tables import drawn_table

from zerotap.features import LinearTable, Pipeline, transforms, write_integer_model
from zerotap.features.pipeline import PIPELINE_FILE
from zerotap.firmware import BuildOptions, open_artefact
from zerotap.firmware.integer_models.tables.assembly import add_kernel
from zerotap.firmware.simulation.program import MODEL_NAME, Program
from zerotap.firmware.simulation.simulator import Simulator
from zerotap.firmware.simulation.toolchain import find_compiler
from zerotap.firmware.simulation.transform_board import BoardChain

BOTH = ["zig", pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]
BUCKETS = 512
MOST_CYCLES_AN_ID = {8: 21, 4: 28}
MOST_CYCLES_ALONE = {8: 48, 4: 57}
"""docs/board.md has both."""
GRAMS = Pipeline("grams", (transforms.TypedGrams(BUCKETS, seed=3),))
WORDS = Pipeline("words", (transforms.TypedWords(BUCKETS),))


@dataclass(frozen=True)
class Pushed:
    """One packet: the ids that it gave, and the cycles of NAME_push beyond the stages' own."""

    ids: int
    cycles: int


def linked(model: LinearTable, pipeline: Pipeline, compiler: str, folder: Path) -> Program:
    write_integer_model(model, folder)
    (folder / PIPELINE_FILE).write_text(pipeline.to_toml())
    artefact = open_artefact(folder, BuildOptions(compiler=compiler))
    chain = artefact.behind(pipeline, MODEL_NAME, artefact.build(lambda *_: None).emit(MODEL_NAME))
    return BoardChain(MODEL_NAME, chain, find_compiler(compiler)).program


def pushed(program: Program, packets: np.ndarray) -> list[Pushed]:
    """Each packet twice from the same state: through NAME_push, and through the stages alone."""
    board, source = Simulator(program), program.symbols["harness_input"]
    target, ram = program.symbols["harness_output"], (program.board.ram_origin, program.board.ram_bytes)
    made = []
    for packet in packets:
        board.write(source, packet.tobytes())
        before = board.read(*ram)
        whole = board.call(f"{MODEL_NAME}_push", source, target).cycles
        after = board.read(*ram)
        board.write(ram[0], before)
        stages, ids = board.call(f"{MODEL_NAME}_stages_push", source, target).cycles, 0
        while board.returned:
            ids += 1
            stages += board.call(f"{MODEL_NAME}_stages_more", target).cycles
        board.write(ram[0], after)
        made.append(Pushed(ids, whole - stages))
    return made


def cycles_an_id(made: list[Pushed]) -> float:
    giving = [each for each in made if each.ids]
    return sum(each.cycles for each in giving) / sum(each.ids for each in giving)


@pytest.mark.parametrize("compiler", BOTH)
@pytest.mark.parametrize("bits", [8, 4])
def test_an_id_of_two_classes_keeps_to_its_bar(bits, compiler, tmp_path):
    made = pushed(linked(drawn_table(1, True, bits, BUCKETS), GRAMS, compiler, tmp_path), GRAMS.draw(250, 1))
    assert max(each.ids for each in made) > 16
    assert cycles_an_id(made) <= MOST_CYCLES_AN_ID[bits]


@pytest.mark.parametrize("compiler", BOTH)
@pytest.mark.parametrize("bits", [8, 4])
def test_an_id_alone_in_its_packet_pays_for_the_call_too(bits, compiler, tmp_path):
    made = pushed(linked(drawn_table(1, True, bits, BUCKETS), WORDS, compiler, tmp_path), WORDS.draw(100, 1))
    assert {each.ids for each in made} == {0, 1}
    without = max(each.cycles for each in made if not each.ids)
    assert cycles_an_id(made) - without <= MOST_CYCLES_ALONE[bits]


@pytest.mark.parametrize("bits", [8, 4])
@pytest.mark.parametrize("columns", [3, 7])
def test_an_id_of_more_classes_keeps_to_its_formula(columns, bits, tmp_path):
    """What NAME_add takes, the call's share included, and what hands it on."""
    made = pushed(
        linked(drawn_table(columns, True, bits, BUCKETS), GRAMS, "zig", tmp_path), GRAMS.draw(250, 1)
    )
    kernel = add_kernel(drawn_table(columns, True, bits, BUCKETS))
    handed_on = 14  # from the stages into the array of ids, and a share of the packet's call
    assert cycles_an_id(made) <= kernel.cycles_an_id + kernel.cycles_a_call / 16 + handed_on
