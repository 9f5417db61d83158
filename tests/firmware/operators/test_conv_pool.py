"""CONV_2D and MAX_POOL_2D along a line: windows of many positions are a loop in C."""

from dataclasses import replace

import lines
import numpy as np
import pytest
import topped_lines
from makers_core import Maker
from makers_windows import conv_options, weighted
from on_board import Case, Linked, plans
from variations import followed

from zerotap.firmware import BuildOptions, Graph, Oracle, generate, plan, read_tflite
from zerotap.firmware.graph import Operator
from zerotap.firmware.operators import conv_pool

SMALL = BuildOptions(optimise="size")
"""Rows of weights in a loop: straight line has its own tests."""


def longest(writer, columns: int, size: int):
    """A convolution over so many columns, then the largest of each ``size`` of them."""
    maker = Maker(writer, "CONV_2D", 3)
    ends = maker.activation((1, 1, columns + 4, 4)), (8, 1, 5, 4), 0, (1, 1, columns, 8), 20
    first = weighted(maker, *ends, "Conv2DOptions", conv_options(maker, (1, 1), (1, 1), 1))
    pool = {"padding": 1, "strideH": 1, "strideW": size, "filterHeight": 1, "filterWidth": size}
    target = replace(first.tensors[first.output], shape=(1, 1, columns // size, 8))
    content = maker.write(followed(first, "MAX_POOL_2D", [target], [first.output], "Pool2DOptions", pool))
    return content, maker.rng.integers(-128, 128, (20, 1, 1, columns + 4, 4)).astype(np.int8)


def test_a_window_of_39_positions_is_a_loop(tflite_writer, build_host):
    models = {f"pool_{size}": longest(tflite_writer, 39, size) for size in (1, 2, 3, 13, 39)}
    files = {name: generate(read_tflite(content), name, SMALL) for name, (content, _) in models.items()}
    program = build_host(files)
    for name, (content, samples) in models.items():
        (layer,) = plan(read_tflite(content), SMALL).running
        assert layer.name == "CONV_2D+MAX_POOL_2D"
        assert files[name][f"{name}.c"].count("zerotap_max_sums(") == (name != "pool_1"), name
        assert files[name][f"{name}.c"].count("zerotap_sums_") <= 2, name
        assert np.array_equal(program.run(name, samples), Oracle(content).invoke(samples)), name


def over_all(seed: int, shape: tuple[int, ...], axes: list[int]) -> Graph:
    """topped() as Keras's GlobalMaxPooling writes it: its map in another shape, then REDUCE_MAX over axes."""
    graph = topped_lines.topped(seed)
    conv, count = graph.operators[0], len(graph.tensors)
    seen = replace(graph.tensors[3], index=count, shape=shape)
    axis = lines.tensor(count + 1, (len(axes),), 1.0, 0, np.array(axes, np.int32))
    reshape = Operator("RESHAPE", (3,), (count,), {})
    reduction = Operator("REDUCE_MAX", (count, count + 1), (4,), {"keep_dims": 0})
    return replace(graph, tensors=(*graph.tensors, seen, axis), operators=(conv, reshape, reduction))


@pytest.mark.parametrize("seed", range(3))
def test_the_largest_of_all_positions_by_reduce_max_is_that_by_a_pool(seed: int) -> None:
    pooled = topped_lines.topped(seed)
    _, _, positions, channels = pooled.tensors[3].shape
    graph = over_all(seed, (1, positions, channels), [1])
    planned, samples = plan(graph), lines.samples(seed, graph.tensors[0].size)
    (layer,) = planned.running
    assert layer.name == "CONV_2D+REDUCE_MAX"
    assert [each.kernel for each in layer.implementations] == [
        each.kernel for each in plan(pooled).running[0].implementations
    ]
    expected = lines.expected(planned, samples)
    assert np.array_equal(expected, lines.expected(plan(pooled), samples))
    ran = Linked(plans({"most": Case(planned, samples, expected)}), "zig").run("most", samples)
    assert np.array_equal(ran.outputs, expected)


def test_reductions_that_leave_positions_or_take_channels_stay_apart() -> None:
    _, _, positions, channels = topped_lines.topped(0).tensors[3].shape
    for shape, axes in (((1, positions, channels), [2]), ((positions, 1, channels), [1])):
        graph = over_all(0, shape, axes)
        assert not conv_pool.fuses(graph, graph.operators[0], graph.operators[2])
