"""An embedding bag as assembly of its own: exact on the board and in C, for ids outside of the table too."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from drawn_depthwise import tensor
from one_unit import in_one_unit

from zerotap.firmware import find_compiler, plan
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.planning.arena import lay_out
from zerotap.firmware.planning.plan import Plan
from zerotap.firmware.simulation.program import harness_file, link
from zerotap.firmware.simulation.simulator import Simulator
from zerotap.firmware.simulation.stack_bound import stack_bound

ROWS, COLUMNS, IDS = (1, 2, 255, 256, 257, 300), (8, 16, 24, 32, 40, 64), (1, 2, 3, 32, 257)
SEEDS = 12
COMPILERS = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc")), "zig"]
MAIN = """{declared}int input[300];
char output[100];
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
    """A bag, samples of ids, and what NumPy makes of them."""

    planned: Plan
    samples: np.ndarray
    expected: np.ndarray


def graph(rng: np.random.Generator, rows: int, columns: int, ids: int) -> Graph:
    """GATHER, then MEAN to a scale that few or many of the means leave."""
    limit, zero_point = int(rng.choice([127, 127, 20])), int(rng.integers(-128, 128))
    data = rng.integers(-limit - 1, limit + 1, (rows, columns)).astype(np.int8)
    if rng.random() < 0.3:
        data[:] = rng.choice([-128, 127])
    empty = np.empty(0, np.float64)
    near = np.float32(0.05 * 10 ** rng.uniform(-1.5, 0.2))
    tensors = (
        tensor(0, data.shape, 0.05, zero_point, data),
        Tensor(1, "ids", (1, ids), "int32", empty, empty.astype(np.int64)),
        tensor(2, (1, ids, columns), 0.05, zero_point),
        tensor(3, (1,), 1, 0, np.array([1], np.int32)),
        tensor(4, (1, columns), near, int(rng.integers(-128, 128))),
    )
    gather = Operator("GATHER", (0, 1), (2,), {"axis": 0, "batch_dims": 0})
    return Graph(tensors, (gather, Operator("MEAN", (2, 3), (4,), {"keep_dims": False})), 1, 4, "drawn")


def case(seed: int, kernel: str) -> Case | None:
    rng = np.random.default_rng(seed)
    rows, columns, ids = (int(rng.choice(each)) for each in (ROWS, COLUMNS, IDS))
    drawn = graph(rng, rows, columns, ids)
    planned = plan(drawn)
    if len(planned.layers) > 1:  # no scale of one step a sum
        return None
    (layer,) = planned.layers
    way = next((each for each in layer.implementations if each.kernel == kernel), None)
    if way is None:  # too many means
        return None
    layers = (replace(layer, choice=way),)
    samples = rng.integers(-2, rows + 2, (6, 1, ids)).astype(np.int32)
    samples[0], samples[1] = 0, rows - 1
    samples[2, 0, 0], samples[2, 0, -1] = -(1 << 31), (1 << 31) - 1
    taken = np.where((samples >= 0) & (samples < rows), samples, 0)
    expected = np.array([layer.reference(drawn, each).ravel() for each in taken])
    return Case(replace(planned, layers=layers, arena=lay_out(drawn, layers)), samples, expected)


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    kernels = {"bag": "bag_code", "means": "bag_code, means"}
    drawn = {f"{name}_{seed}": case(seed, kernels[name]) for name in kernels for seed in range(SEEDS)}
    found = {name: each for name, each in drawn.items() if each is not None}
    assert len(found) >= SEEDS
    return found


@pytest.mark.parametrize("compiler", COMPILERS)
def test_on_the_board_means_are_exact_and_cycles_are_as_counted(cases, compiler):
    declared = "".join(f"void {name}_invoke(void);\n" for name in cases)
    kept = "".join(f"    keep = {name}_invoke;\n" for name in cases)
    files = {"startup.S": harness_file("startup.S"), "main.c": MAIN.format(declared=declared, kept=kept)}
    files |= in_one_unit({name: generate_plan(each.planned, name) for name, each in cases.items()})
    program = link(files, find_compiler(compiler))
    board, places = Simulator(program), (program.symbols["input"], program.symbols["output"])
    for name, each in cases.items():
        runs, got = [], []
        for sample in each.samples:
            board.write(places[0], sample.tobytes())
            runs.append(board.call(f"{name}_invoke", *places))
            got.append(np.frombuffer(board.read(places[1], each.expected.shape[1]), np.int8))
        assert np.array_equal(got, each.expected), name
        assert len({run.cycles for run in runs}) == 1, name
        assert abs(each.planned.cycles - runs[0].cycles) <= 15, (name, each.planned.cycles, runs[0].cycles)
        assert runs[0].stack_bytes <= stack_bound(program, f"{name}_invoke") <= each.planned.stack_bytes, name


def test_its_plain_c_gives_the_same(cases, build_host):
    program = build_host({name: generate_plan(each.planned, name) for name, each in cases.items()})
    for name, each in cases.items():
        assert np.array_equal(program.run(name, each.samples), each.expected), name
