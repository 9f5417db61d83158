"""RELU, RELU6, RELU_N1_TO_1 and QUANTIZE from int8 to int8: each element to another scale, clamped.

TensorFlow Lite Micro's RELU6 clamps in its input's scale and leaves it there, whatever the output's scale
says; it has no RELU_N1_TO_1. TFLite's builtin QUANTIZE takes halves up in the second of its two roundings,
but not in what is left behind whole groups of 16 elements.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    activation_range,
    check_left_shift,
    clamp_int8,
    quantise_multiplier,
    ratio,
    requantise,
    requantise_halves_up,
    rescale,
    zero_point,
)
from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator, Tensor

from .parts.interface import (
    Emission,
    Implementation,
    data_tensor,
    first_input,
    int64,
    no_macs,
    output_tensor,
    require,
    require_int8,
)
from .parts.table import CODES, Run, looked_up, runs_implementation

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = True
ALIAS: bool = False

# The fused activation (of the schema's ActivationFunctionType) that clamps to the same interval.
_ACTIVATION: Final = {"QUANTIZE": 0, "RELU": 1, "RELU_N1_TO_1": 2, "RELU6": 3}
_BOUND: Final = 255
_GROUP: Final = 16


def _written_as(graph: Graph, operator: Operator) -> Tensor:
    """The tensor whose scale and zero point the outputs are written in."""
    stays = graph.oracle == "tflm" and operator.name == "RELU6"
    return data_tensor(graph, operator) if stays else output_tensor(graph, operator)


def _scale(graph: Graph, operator: Operator) -> tuple[int, int]:
    source, target = data_tensor(graph, operator), _written_as(graph, operator)
    if operator.name == "QUANTIZE":
        return rescale(source, target)
    return quantise_multiplier(ratio(graph.oracle, target, float(source.scale[0])))


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes, and that nothing leaves int32."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require(
        graph.oracle == "tflite" or operator.name != "RELU_N1_TO_1",
        place,
        "TensorFlow Lite Micro does not have this operator; use --oracle tflite",
    )
    require_int8(place, source, target)
    require(source.size == target.size, place, f"{source.shape} cannot become {target.shape}")
    check_left_shift(place, _BOUND, _scale(graph, operator)[1])


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to the oracle."""
    parts, first = [], 0
    for size, table in _tables(graph, operator):
        parts.append(looked_up(table, data[0].ravel()[first:][:size]))
        first += size
    return np.concatenate(parts).reshape(output_tensor(graph, operator).shape)


def halves_up(graph: Graph, operator: Operator) -> int:
    """For how many of the first elements the second of two roundings takes halves up."""
    if operator.name != "QUANTIZE" or not graph.rounds_as_builtin:
        return 0
    return data_tensor(graph, operator).size // _GROUP * _GROUP


def _tables(graph: Graph, operator: Operator) -> list[tuple[int, NDArray[np.int8]]]:
    """(elements, table) for all, or for those that take halves up and then for the rest."""
    up, size = halves_up(graph, operator), data_tensor(graph, operator).size
    above, usual = (_outputs(graph, operator, each) for each in (requantise_halves_up, requantise))
    if up == 0 or np.array_equal(above, usual):
        return [(size, usual)]
    return [(up, above), (size - up, usual)] if up < size else [(size, above)]


def _outputs(
    graph: Graph, operator: Operator, rounding: Callable[[NDArray[np.int64], int, int], NDArray[np.int64]]
) -> NDArray[np.int8]:
    """The outputs for the 256 inputs."""
    target = _written_as(graph, operator)
    scaled = rounding(int64(CODES) - zero_point(data_tensor(graph, operator)), *_scale(graph, operator))
    limits = activation_range(_ACTIVATION[operator.name], target)
    return clamp_int8(scaled + zero_point(target), *limits)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """A table of 256 outputs, or TFLite's own arithmetic; tables alone where halves go up."""
    tables = _tables(graph, operator)
    table = runs_implementation([Run(*each) for each in tables])
    if not np.array_equal(tables[0][1], _outputs(graph, operator, requantise)):
        return (table,)
    cycles = 26 + 124 * data_tensor(graph, operator).size  # fitted to arm-none-eabi-gcc 12 -O2
    rescaling = Implementation(
        "rescale", ("zerotap_rescale",), 4 * 7, cycles, partial(_emit, graph, operator)
    )
    return table, rescaling


def _emit(graph: Graph, operator: Operator, label: str) -> Emission:
    """A call of zerotap_rescale."""
    target = _written_as(graph, operator)
    low, high = activation_range(_ACTIVATION[operator.name], target)
    multiplier, shift = _scale(graph, operator)
    fields: dict[str, int | str] = {
        "size": target.size,
        "multiplier": multiplier,
        "shift": shift,
        "input_zero_point": zero_point(data_tensor(graph, operator)),
        "output_zero_point": zero_point(target),
        "output_min": low,
        "output_max": high,
    }
    constants = c_source.struct("zerotap_rescale_t", label, fields)
    return Emission(constants, f"zerotap_rescale(input, &{label}, output);")
