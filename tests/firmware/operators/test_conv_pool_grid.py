"""CONV_2D and MAX_POOL_2D over rows and columns as one layer: exact, and chosen where it saves RAM."""

from dataclasses import replace

import numpy as np
import pytest
from makers_core import Maker
from makers_windows import conv_options, weighted
from on_board import Case, Linked, plans
from variations import LIMITS, followed, pooled_grid, written

from zerotap.firmware import MKR_ZERO, Oracle, plan, read_tflite
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.options import Budget, BuildOptions

NARROW = BuildOptions(budget=Budget(1 << 20, 1))
PAIR = "CONV_2D+MAX_POOL_2D"
SEEDS = 16


@pytest.fixture(scope="module")
def cases(tflite_writer) -> dict[str, Case]:
    found = {}
    for seed in range(SEEDS):
        maker = Maker(tflite_writer, "CONV_2D", seed)
        content, samples = written(maker, pooled_grid(maker, LIMITS[seed % len(LIMITS)]))
        planned = plan(read_tflite(content), NARROW)
        if [layer.name for layer in planned.layers] == [PAIR]:
            found[f"pair_{seed}"] = Case(planned, samples, Oracle(content).invoke(samples))
    assert len(found) >= SEEDS // 2
    return found


def test_host_c_and_reference_equal_the_oracle(cases, build_host):
    program = build_host({name: generate_plan(case.planned, name) for name, case in cases.items()})
    for name, case in cases.items():
        assert np.array_equal(program.run(name, case.samples), case.expected), name
        (layer,) = case.planned.layers
        got = [layer.reference(case.planned.graph, sample).ravel() for sample in case.samples]
        assert np.array_equal(got, case.expected), name


@pytest.mark.system("arm-none-eabi-gcc")
def test_cycles_are_constant_and_as_stated(cases):
    linked = Linked(plans(cases), "gcc")
    bounds = linked.stack_bounds()
    for name, case in cases.items():
        cycles = linked.run(name, case.samples).cycles
        assert len(set(cycles)) == 1, name
        assert case.planned.cycles == pytest.approx(cycles[0], rel=0.03), name
        assert bounds[name] <= case.planned.stack_bytes, name


def gauge(writer, size: int):
    """The first layers of a gauge reader: 5x5 to 32 channels, then the largest of 4x4."""
    maker = Maker(writer, "CONV_2D", 0)
    first = weighted(
        maker,
        maker.activation((1, size, size, 3)),
        (32, 5, 5, 3),
        0,
        (1, size, size, 32),
        75,
        "Conv2DOptions",
        conv_options(maker, (1, 1), (1, 1), 0),
    )
    weights = replace(first.tensors[1], data=maker.rng.integers(-127, 128, (32, 5, 5, 3)))
    first.tensors[1] = weights
    pool = {"padding": 0, "strideH": 4, "strideW": 4, "filterHeight": 4, "filterWidth": 4}
    target = replace(first.tensors[2], shape=(1, size // 4, size // 4, 32))
    return maker.write(followed(first, "MAX_POOL_2D", [target], [2], "Pool2DOptions", pool))


def test_a_gauge_reader_takes_six_kilobytes(tflite_writer):
    planned = plan(read_tflite(gauge(tflite_writer, 32)))
    (layer,) = planned.layers
    assert layer.name == PAIR
    assert planned.arena_bytes == 76, "one window of the convolution, copied together"
    assert planned.ram_total_bytes < 6_144
    apart = 32 * 32 * 32
    assert planned.ram_total_bytes + apart > MKR_ZERO.ram_bytes


def overlapping(writer):
    """Windows of 3x3 every 2: positions are in up to four."""
    maker = Maker(writer, "CONV_2D", 1)
    ends = maker.activation((1, 12, 12, 4)), (8, 3, 3, 4), 0, (1, 12, 12, 8), 36
    first = weighted(maker, *ends, "Conv2DOptions", conv_options(maker, (1, 1), (1, 1), 0))
    pool = {"padding": 0, "strideH": 2, "strideW": 2, "filterHeight": 3, "filterWidth": 3}
    target = replace(first.tensors[2], shape=(1, 6, 6, 8))
    return maker.write(followed(first, "MAX_POOL_2D", [target], [2], "Pool2DOptions", pool))


def test_nothing_is_summed_twice_where_there_is_ram(tflite_writer):
    graph = read_tflite(overlapping(tflite_writer))
    apart = plan(graph)
    assert [layer.name for layer in apart.layers] == ["CONV_2D", "MAX_POOL_2D"]
    limits = Budget(MKR_ZERO.flash_bytes, apart.ram_total_bytes - 12 * 12 * 8 // 2)
    joined = plan(graph, BuildOptions(budget=limits))
    assert [layer.name for layer in joined.layers] == [PAIR]
    assert joined.ram_total_bytes <= limits.ram_bytes
    assert joined.cycles > apart.cycles
