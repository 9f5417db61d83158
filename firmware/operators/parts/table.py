"""A layer that is a table of 256 outputs: whatever takes each int8 of one input to an int8."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import INT8_MAX, INT8_MIN
from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator

from .interface import Emission, Implementation, data_tensor, int64

CODES: Final = np.arange(INT8_MIN, INT8_MAX + 1)


def table_implementation(
    graph: Graph, operator: Operator, table: NDArray[Any], position: int = 0
) -> Implementation:
    """zerotap_lookup with the outputs ``table`` (256,) of the inputs -128 to 127.

    ``position`` is the computed input's.
    """
    size = data_tensor(graph, operator, position).size
    return Implementation(
        "lookup", ("zerotap_lookup",), CODES.size, lookup_cycles(size), partial(_emit, table, size)
    )


def looked_up(table: NDArray[Any], values: NDArray[Any]) -> NDArray[Any]:
    """The table's outputs for int8 values of any shape."""
    outputs: NDArray[Any] = table[int64(values) - INT8_MIN]
    return outputs


def lookup_cycles(size: int) -> int:
    """Cycles of zerotap_lookup, its call included: fitted to arm-none-eabi-gcc 12 -O2."""
    return 30 + 29 * (size // 4) + 10 * (size % 4)


def _emit(table: NDArray[Any], size: int, label: str) -> Emission:
    """A call; the kernel takes the inputs' bytes as unsigned."""
    constants = c_source.array("int8_t", f"{label}_table", np.roll(table, INT8_MIN))
    return Emission(constants, f"zerotap_lookup(input, {size}, {label}_table, output);")
