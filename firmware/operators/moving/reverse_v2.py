"""REVERSE_V2 along one axis or several neighbours, int8: the last block first.

TensorFlow copies bytes, whatever the two scales are: its converter calibrates both ends apart.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.parts.interface import (
    Emission,
    Implementation,
    data_tensor,
    first_input,
    no_macs,
    output_tensor,
    require,
    require_constant,
    require_int8,
)

from .shapes import integers

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False


def _axes(graph: Graph, operator: Operator) -> list[int]:
    rank = max(len(data_tensor(graph, operator).shape), 1)
    return sorted(axis % rank for axis in integers(graph, operator, 1))


def _extents(graph: Graph, operator: Operator) -> tuple[int, int, int]:
    """(how many times, blocks, bytes of a block); neighbouring axes reverse as one."""
    shape, axes = data_tensor(graph, operator).shape, _axes(graph, operator)
    first, last = axes[0], axes[-1] + 1
    return math.prod(shape[:first]), math.prod(shape[first:last]), math.prod(shape[last:])


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes and the axis."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require_int8(place, source, target)
    require(source.shape == target.shape, place, f"{source.shape} cannot become {target.shape}")
    axes = require_constant(place, "axis", graph.tensors[operator.inputs[1]], "int32").ravel().tolist()
    rank, found = len(source.shape), _axes(graph, operator)
    require(
        len(axes) > 0
        and all(-rank <= axis < rank for axis in axes)
        and found == list(range(found[0], found[-1] + 1)),
        place,
        f"reverses the axes {axes} of {source.shape}; only one axis or neighbours are supported",
    )


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to the builtin kernels."""
    (values,) = data
    target = output_tensor(graph, operator)
    reversed_values: NDArray[Any] = np.flip(values.reshape(target.shape), tuple(_axes(graph, operator)))
    return reversed_values


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """reverse alone."""
    return (
        Implementation(
            "reverse", ("zerotap_reverse",), 0, _cycles(graph, operator), partial(_emit, graph, operator)
        ),
    )


def _cycles(graph: Graph, operator: Operator) -> int:
    """Measured with arm-none-eabi-gcc 12 -O2."""
    outer, count, size = _extents(graph, operator)
    return 10 + outer * (26 + count * (8 + 8 * size))


def _emit(graph: Graph, operator: Operator, label: str) -> Emission:
    """Calls of zerotap_reverse, one for each index before the axis."""
    outer, count, size = _extents(graph, operator)
    if outer == 1:
        return Emission("", f"zerotap_reverse(input, {count}, {size}, output);")
    step = count * size
    call = f"zerotap_reverse(&input[i], {count}, {size}, &output[i]);"
    body = f"for (int32_t i = 0; i < {outer * step}; i += {step}) {{\n        {call}\n    }}"
    return Emission("", body)
