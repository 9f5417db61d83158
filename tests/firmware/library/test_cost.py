"""What the library of a small dense network adds to SelfTest, by the Arduino core's own flags."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sketch_build import SketchCompiler, core_objects, library_objects, sketch_objects

from zerotap.firmware import Budget, BuildOptions, export, random_inputs
from zerotap.firmware.oracles.oracle import Oracle
from zerotap.firmware.simulation.program import Program, read_program
from zerotap.firmware.simulation.simulator import Simulator
from zerotap.firmware.tflite.reader import read_tflite

STUB = """#include "mood.h"
void mood_invoke(const int8_t *input, mood_SCORE *output)
{
    (void)input;
    (void)output;
}
"""
BOTH = ["zig", pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]
FLASH, RAM = 1_850, 32
CYCLES, BOARD_CYCLES = 2_150, 2_750
BUDGETS = {
    "--flash 2k": Budget(2048, 1 << 15),
    "--flash 1850": Budget(1850, 1 << 15),
    "--flash 1850 --ram 160": Budget(1850, 160),
}
"""What is asked for; a limit of RAM is of the stack and the ends too."""


def images(model: Path, budget: Budget, compiler: str, folder: Path) -> tuple[Program, Program]:
    """SelfTest with the library, and with one whose model does nothing."""
    options = BuildOptions(budget=budget, compiler=compiler)
    library = export(model, folder / "lib", "mood", options).folder
    arduino = SketchCompiler(compiler)
    around = core_objects(arduino, folder / "core")
    around += sketch_objects(arduino, library / "examples/SelfTest", [library], folder / "sketch")
    (folder / "stub.c").write_text(STUB)
    stub = arduino.objects([folder / "stub.c"], folder / "stub", [library / "src"])
    whole = arduino.link(
        [*around, *library_objects(arduino, library, folder / "objects")], folder / "whole.elf"
    )
    return read_program(whole), read_program(arduino.link([*around, *stub], folder / "empty.elf"))


@pytest.mark.parametrize("compiler", BOTH)
@pytest.mark.parametrize("asked", BUDGETS)
def test_a_dense_network_in_self_test(dense_file: Path, asked: str, compiler: str, tmp_path: Path) -> None:
    """8-16-8-2: flash and static RAM of all that is ours, and the time of it."""
    whole, empty = images(dense_file, BUDGETS[asked], compiler, tmp_path)
    stub_bytes = 4  # what the stub itself takes
    assert whole.flash_bytes - empty.flash_bytes + stub_bytes <= FLASH
    assert whole.ram_bytes - empty.ram_bytes <= RAM
    halting = {**whole.symbols, "halt": whole.symbols["Reset_Handler"]}  # where a call returns to
    board = Simulator(replace(whole, symbols=halting), with_waits=True)
    source, target = 0x2000_4000, 0x2000_4100  # beyond all that is static, below the stack
    inputs = random_inputs(read_tflite(dense_file), 4, seed=2)
    for sample, expected in zip(inputs, Oracle(dense_file).invoke(inputs), strict=True):
        board.write(source, sample.tobytes())
        run = board.call("mood_invoke", source, target)
        assert board.read(target, 2) == np.asarray(expected, np.int8).tobytes()
        assert run.cycles <= CYCLES
        assert run.board_cycles <= BOARD_CYCLES
