"""REVERSE_V2 along one axis, int8.

TensorFlow copies bytes, whatever the two scales are: its converter calibrates both ends apart.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.graph import Graph, Operator

from .parts.interface import (
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

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False

# TensorFlow's reference kernels refuse int8 REVERSE_V2. In the builtin ones, these round halves by where an
# output lies in the processor's vectors.
_UNSTEADY: Final = ("DEPTHWISE_CONV_2D", "MUL", "QUANTIZE")


def _axis(graph: Graph, operator: Operator) -> int:
    axes = graph.tensors[operator.inputs[1]].data
    assert axes is not None
    return int(axes.ravel()[0]) % len(data_tensor(graph, operator).shape)


def _extents(graph: Graph, operator: Operator) -> tuple[int, int, int]:
    """(how many times, blocks, bytes of a block)."""
    shape, axis = data_tensor(graph, operator).shape, _axis(graph, operator)
    return math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])


def _is_unsteady(graph: Graph, operator: Operator) -> bool:
    """Where the scale stays, QUANTIZE has nothing to round."""
    if operator.name != "QUANTIZE" or not (operator.inputs and operator.outputs):
        return operator.name in _UNSTEADY
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    return source.dtype == "int8" and not np.array_equal(source.scale, target.scale)


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes and the axis."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require_int8(place, source, target)
    require(source.shape == target.shape, place, f"{source.shape} cannot become {target.shape}")
    unsteady = sorted({each.name for each in graph.operators if _is_unsteady(graph, each)})
    require(
        graph.oracle != "tflite" or not unsteady,
        place,
        f"beside it TensorFlow rounds {', '.join(unsteady)} as the processor likes, which no board can "
        "equal; build the model without one of the two",
    )
    axes = require_constant(place, "axis", graph.tensors[operator.inputs[1]], "int32")
    rank = len(source.shape)
    require(
        axes.size == 1 and -rank <= int(axes.ravel()[0]) < rank,
        place,
        f"reverses the axes {axes.ravel().tolist()} of {source.shape}; only one axis is supported",
    )


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to the builtin kernels."""
    (values,) = data
    target = output_tensor(graph, operator)
    reversed_values: NDArray[Any] = np.flip(values.reshape(target.shape), _axis(graph, operator))
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
