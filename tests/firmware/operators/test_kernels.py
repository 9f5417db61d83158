"""The assembly kernels and their portable twins, each on its own: results, memory, registers, and cycles.

A new .S file in runtime/ needs a maker of cases in makers/kernel_*.py.
"""

from functools import cache
from importlib import resources

import kernel_cases
import kernel_copies
import kernel_curves
import kernel_dots
import kernel_scales
import kernel_words
import pytest
from kernel_runner import Case, KernelBoard, KernelHost

MAKERS = (
    kernel_cases.CASES
    | kernel_copies.CASES
    | kernel_curves.CASES
    | kernel_dots.CASES
    | kernel_scales.CASES
    | kernel_words.CASES
)
KERNELS = sorted(MAKERS)
SEEDS = len(kernel_cases.INPUTS) * kernel_cases.SKEWS
COMPILERS = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc")), "zig"]


def test_every_assembly_file_has_cases():
    files = (resources.files("zerotap.firmware") / "runtime").iterdir()
    assert {file.name.removesuffix(".S") for file in files if file.name.endswith(".S")} == set(MAKERS)


@cache
def cases(kernel: str) -> list[Case]:
    return [MAKERS[kernel](kernel, seed) for seed in range(SEEDS)]


@pytest.fixture(scope="module", params=COMPILERS)
def board(request) -> KernelBoard:
    return KernelBoard(KERNELS, request.param)


@pytest.mark.parametrize("kernel", KERNELS)
def test_on_the_board_a_kernel_writes_its_results_and_nothing_else(board, kernel):
    """The simulator itself checks r4 to r11 and the stack pointer after each call."""
    wrong = [
        (case.seed, case.shape, case.cycles, taken)
        for case in cases(kernel)
        if (taken := board.run(case)) != case.cycles
    ]
    assert not wrong, "(seed, shape, cycles by the model, cycles taken)"


@pytest.fixture(scope="module")
def host(host_command, tmp_path_factory) -> KernelHost:
    return KernelHost(KERNELS, host_command, tmp_path_factory.mktemp("kernels"))


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_portable_twin_gives_the_same_results(host, kernel):
    host.run(cases(kernel))
