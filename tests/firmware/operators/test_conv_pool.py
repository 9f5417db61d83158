"""CONV_2D and MAX_POOL_2D along a line: windows of many positions are a loop in C."""

from dataclasses import replace

import numpy as np
from makers_core import Maker
from makers_windows import conv_options, weighted
from variations import followed

from zerotap.firmware import BuildOptions, Oracle, generate, plan, read_tflite

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
