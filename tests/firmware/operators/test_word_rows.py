"""Layers by rows of words, whole: on the simulated board by both compilers, and as C on this machine."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import lines
import numpy as np
import pytest
from one_unit import in_one_unit

from zerotap.firmware import find_compiler, plan
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.graph import Graph
from zerotap.firmware.operators.parts.window_positions import Line
from zerotap.firmware.operators.word_rows.copies import Copies
from zerotap.firmware.operators.word_rows.rows import KERNELS
from zerotap.firmware.planning.arena import lay_out
from zerotap.firmware.planning.plan import Plan
from zerotap.firmware.simulation.program import harness_file, link
from zerotap.firmware.simulation.simulator import Simulator
from zerotap.firmware.simulation.stack_bound import stack_bounds

COMPILERS = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc")), "zig"]
NAMES = {kernel.function.removeprefix("zerotap_"): kernel for kernel in KERNELS}
SAMPLES = 6
SEEDS = range(12)
SKEWS = (0, 1)
MAIN = """{declared}long long input[100], output[100];
int main(void)
{{
    void (*volatile keep)(void) = 0;
    void *volatile data = input;
    data = output;
{kept}    return keep == 0 || data == 0;
}}
"""


@dataclass
class Case:
    """A plan whose layer is computed by one of the kernels, and what it makes of its samples."""

    name: str
    planned: Plan
    samples: np.ndarray
    expected: np.ndarray

    @property
    def kernel(self) -> str:
        return self.planned.running[0].choice.kernel


def drawn(seed: int) -> Iterator[tuple[str, Graph]]:
    yield "dense", lines.dense(seed)
    yield "line", lines.convolution(seed)
    yield "pool", lines.convolution(seed, "MAX_POOL_2D")
    yield "grid", lines.grid(seed)
    yield "padded_pool", lines.convolution(seed, "MAX_POOL_2D", pads=True)


def ways(name: str, graph: Graph, seed: int) -> Iterator[Case]:
    """Every third of those that there are."""
    planned = plan(graph)
    first = planned.running[0]
    by_words = [each for each in first.implementations if each.kernel in NAMES]
    for place, choice in enumerate(by_words[seed % 3 :: 3]):
        layers = [replace(each, choice=choice) if each is first else each for each in planned.layers]
        made = replace(planned, layers=tuple(layers), arena=lay_out(graph, layers))
        inputs = lines.samples(seed, graph.tensors[graph.input].size, SAMPLES)
        yield Case(f"{name}_{seed}_{place}", made, inputs, lines.expected(made, inputs))


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [case for seed in SEEDS for drawing in drawn(seed) for case in ways(*drawing, seed)]


def test_every_kernel_has_a_layer(cases):
    assert {case.kernel for case in cases} == set(NAMES)
    assert {case.name.rpartition("_")[0].rpartition("_")[0] for case in cases} == {
        *("dense", "line", "grid", "pool", "padded_pool")
    }
    values = {value for each in cases for value in each.expected.ravel().tolist()}
    assert len(values) > 150, "the cases saturate and prove nothing"


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_board_gives_numpys_bits_in_the_same_time_for_every_input(cases, compiler):
    declared = "".join(f"void {each.name}_invoke(void);\n" for each in cases)
    kept = "".join(f"    keep = {each.name}_invoke;\n" for each in cases)
    files = {"startup.S": harness_file("startup.S"), "main.c": MAIN.format(declared=declared, kept=kept)}
    program = link(
        files | in_one_unit({each.name: generate_plan(each.planned, each.name) for each in cases}),
        find_compiler(compiler),
    )
    board, places = Simulator(program), (program.symbols["input"], program.symbols["output"])
    bounds = stack_bounds(program, [f"{each.name}_invoke" for each in cases])
    for each, bound in zip(cases, bounds, strict=True):
        taken = {skew: board_cycles(board, each, places, skew) for skew in SKEWS}
        stated, counted = each.planned.cycles, taken[0]
        if compiler == "gcc":
            assert abs(stated - counted) < 20 + 0.03 * counted, (each.name, each.kernel, stated, counted)
        assert each.planned.stack_bytes >= bound, each.name


def board_cycles(board: Simulator, case: Case, places: tuple[int, int], skew: int) -> int:
    """Of every sample, so many bytes behind an aligned address; all are the reference's."""
    taken = set()
    for sample, result in zip(case.samples, case.expected, strict=True):
        board.write(places[0] + skew, sample.tobytes())
        taken.add(board.call(f"{case.name}_invoke", places[0] + skew, places[1] + skew).cycles)
        got = np.frombuffer(board.read(places[1] + skew, result.size), np.int8)
        assert np.array_equal(got, result), (case.name, case.kernel, skew)
    (cycles,) = taken
    return cycles


def test_the_c_for_other_processors_gives_the_same_bits(cases, build_host):
    host = build_host({each.name: generate_plan(each.planned, each.name) for each in cases})
    for each in cases:
        assert np.array_equal(host.run(each.name, each.samples), each.expected), each.name


def made_words(copies: Copies, data: np.ndarray) -> list[tuple[int | None, int]]:
    """What each word holds, as (first, second) inputs; the first of an odd number is alone."""
    held: list[tuple[int | None, int]] = []
    for begin, count in copies.made:
        assert len(held) == begin
        taken = [None, *data[:count]] if count % 2 else list(data[:count])
        held += list(zip(taken[::2], taken[1::2], strict=True))
    return held


@pytest.mark.parametrize("channels", range(1, 8))
@pytest.mark.parametrize(("kernel", "stride", "length"), [(1, 1, 9), (3, 1, 10), (3, 2, 11), (4, 3, 15)])
def test_every_position_finds_its_inputs(channels, kernel, stride, length):
    positions = (length - kernel) // stride + 1
    copies = Copies(Line(length, channels, kernel, stride, 0, positions))
    held = made_words(copies, np.arange(length * channels))
    assert len(held) == copies.words
    for position in range(positions):
        place = copies.place(position)
        row = [each for pair in held[place : place + (copies.inputs + 1) // 2] for each in pair]
        first = position * stride * channels
        assert row[copies.inputs % 2 :] == list(range(first, first + copies.inputs))
