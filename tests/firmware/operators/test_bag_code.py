"""An embedding bag as assembly of its own: exact on the board and in C, for ids outside of the table too."""

import numpy as np
import pytest
from drawn_depthwise import tensor
from on_board import COMPILERS, Case, Linked, plans, with_choice

from zerotap.firmware import plan
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.graph import Graph, Operator, Tensor

ROWS, COLUMNS, IDS = (1, 2, 255, 256, 257, 300), (8, 16, 24, 32, 40, 64), (1, 2, 3, 32, 257)
SEEDS = 12


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
    samples = rng.integers(-2, rows + 2, (6, 1, ids)).astype(np.int32)
    samples[0], samples[1] = 0, rows - 1
    samples[2, 0, 0], samples[2, 0, -1] = -(1 << 31), (1 << 31) - 1
    taken = np.where((samples >= 0) & (samples < rows), samples, 0)
    expected = np.array([layer.reference(drawn, each).ravel() for each in taken])
    return Case(with_choice(planned, 0, way), samples, expected)


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    kernels = {"bag": "bag_code", "means": "bag_code, means"}
    drawn = {f"{name}_{seed}": case(seed, kernels[name]) for name in kernels for seed in range(SEEDS)}
    found = {name: each for name, each in drawn.items() if each is not None}
    assert len(found) >= SEEDS
    return found


@pytest.mark.parametrize("compiler", COMPILERS)
def test_on_the_board_means_are_exact_and_cycles_are_as_counted(cases, compiler):
    linked = Linked(plans(cases), compiler)
    bounds = linked.stack_bounds()
    for name, each in cases.items():
        ran = linked.run(name, each.samples)
        assert np.array_equal(ran.outputs, each.expected), name
        assert len(set(ran.cycles)) == 1, name
        assert abs(each.planned.cycles - ran.cycles[0]) <= 15, (name, each.planned.cycles, ran.cycles[0])
        assert ran.stack_bytes <= bounds[name] <= each.planned.stack_bytes, name


def test_its_plain_c_gives_the_same(cases, build_host):
    program = build_host({name: generate_plan(each.planned, name) for name, each in cases.items()})
    for name, each in cases.items():
        assert np.array_equal(program.run(name, each.samples), each.expected), name
