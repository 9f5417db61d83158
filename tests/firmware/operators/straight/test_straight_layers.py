"""Layers in straight line, whole: on the simulated board by both compilers, and as C on this machine."""

from dataclasses import dataclass, replace

import lines
import numpy as np
import pytest
from one_unit import in_one_unit

from zerotap.firmware import find_compiler, plan
from zerotap.firmware.c_code.assembly import cycles
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.planning.arena import lay_out
from zerotap.firmware.planning.plan import Plan
from zerotap.firmware.simulation.program import Program, harness_file, link
from zerotap.firmware.simulation.simulator import Simulator
from zerotap.firmware.simulation.stack_bound import stack_bounds

COMPILERS = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc")), "zig"]
BEHIND = ("", "MAX_POOL_2D", "MEAN")
SEEDS = range(9)
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
    """A plan whose layer is in straight line, and what it makes of its samples."""

    name: str
    planned: Plan
    samples: np.ndarray
    expected: np.ndarray

    @property
    def choice(self):
        return self.planned.running[0].choice


def case(name: str, graph, seed: int) -> Case | None:
    planned = plan(graph)
    first = planned.running[0]
    ways = [each for each in first.implementations if each.kernel.startswith("straight")]
    if not ways:
        return None
    layers = [replace(each, choice=ways[0]) if each is first else each for each in planned.layers]
    planned = replace(planned, layers=tuple(layers), arena=lay_out(graph, layers))
    inputs = lines.samples(seed, planned.graph.tensors[planned.graph.input].size)
    return Case(name, planned, inputs, lines.expected(planned, inputs))


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    drawn = [
        case(f"line_{behind.lower()}_{seed}", lines.convolution(seed, behind), seed)
        for behind in BEHIND
        for seed in SEEDS
    ]
    drawn += [case(f"dense_{seed}", lines.dense(seed), seed) for seed in range(2 * len(SEEDS))]
    return [each for each in drawn if each is not None]


def test_most_drawn_layers_can_be_had_in_straight_line(cases):
    assert len(cases) > 0.8 * (len(BEHIND) + 2) * len(SEEDS)
    values = {value for each in cases for value in each.expected.ravel().tolist()}
    assert len(values) > 200, "the cases saturate and prove nothing"


def linked(cases: list[Case], compiler: str) -> Program:
    declared = "".join(f"void {each.name}_invoke(void);\n" for each in cases)
    kept = "".join(f"    keep = {each.name}_invoke;\n" for each in cases)
    files = {"startup.S": harness_file("startup.S"), "main.c": MAIN.format(declared=declared, kept=kept)}
    files |= in_one_unit({each.name: generate_plan(each.planned, each.name) for each in cases})
    return link(files, find_compiler(compiler))


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_board_gives_numpys_bits_in_the_same_time_for_every_input(cases, compiler):
    program = linked(cases, compiler)
    board = Simulator(program)
    bounds = stack_bounds(program, [f"{each.name}_invoke" for each in cases])
    places = program.symbols["input"], program.symbols["output"]
    for each, bound in zip(cases, bounds, strict=True):
        taken = set()
        for sample, result in zip(each.samples, each.expected, strict=True):
            board.write(places[0], sample.tobytes())
            taken.add(board.call(f"{each.name}_invoke", *places).cycles)
            got = np.frombuffer(board.read(places[1], result.size), np.int8)
            assert np.array_equal(got, result), (each.name, each.choice.kernel)
        assert len(taken) == 1, each.name
        # What compilers make of the calls is estimated: of small layers that is more than a few in a hundred.
        stated, counted = each.planned.cycles, taken.pop()
        assert abs(stated - counted) < 20 + 0.03 * counted, (each.name, stated, counted)
        assert each.planned.stack_bytes >= bound, each.name


def test_the_c_for_other_processors_gives_the_same_bits(cases, build_host):
    host = build_host({each.name: generate_plan(each.planned, each.name) for each in cases})
    for each in cases:
        assert np.array_equal(host.run(each.name, each.samples), each.expected), each.name


def test_code_bytes_and_stack_are_those_of_the_text(cases):
    for each in cases:
        functions = each.choice.emit("layer_0").assembly
        assert each.choice.code_bytes == sum(function.code_bytes for function in functions)
        assert each.choice.stack_bytes == max(function.stack_bytes for function in functions)
        assert all(cycles(function.lines) for function in functions)
