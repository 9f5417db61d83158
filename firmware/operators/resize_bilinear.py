"""RESIZE_BILINEAR: four neighbours mixed by weights of 10 bits, rounded once, halves away from 0."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator

from .moving.resize_nearest_neighbor import check_resize
from .moving.views import check_ends
from .parts.interface import (
    Emission,
    Implementation,
    data_tensor,
    first_input,
    int64,
    output_tensor,
    require,
)

data_inputs = first_input
IN_PLACE: bool = False
ALIAS: bool = False

_ONE: Final = 1 << 10
_HALF: Final = 1 << 19
# Of zerotap_resize_bilinear: a call, a row, a column, a channel; fitted to arm-none-eabi-gcc 12 -O2.
_CALL_CYCLES: Final = 50
_ROW_CYCLES: Final = 24
_COLUMN_CYCLES: Final = 36
_CHANNEL_CYCLES: Final = 53


@dataclass(frozen=True, slots=True)
class _Mix:
    """Along one axis, for each output: two positions of the input, and how much of 1024 the second counts."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    fraction: NDArray[np.int64]


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, the constant size, options, shapes, and that TFLite's rounded steps stay inside."""
    source = data_tensor(graph, operator)
    check_ends(place, source, output_tensor(graph, operator))
    check_resize(graph, operator, place)
    for mix, extent in zip(_mixes(graph, operator), source.shape[1:3], strict=True):
        require(
            bool(np.max(mix.first) < extent),
            place,
            f"is resized so far that TensorFlow reads beyond its input {source.shape}; choose a smaller size",
        )


def macs(graph: Graph, operator: Operator) -> int:
    """Six products for each output."""
    return 6 * output_tensor(graph, operator).size


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to the oracle."""
    values = int64(data[0]).reshape(data_tensor(graph, operator).shape)
    rows, columns = _mixes(graph, operator)
    mixed = _mixed(_mixed(values, columns, 2), rows, 1)
    rounded = (mixed + _HALF - (mixed < 0)) >> 20
    return rounded.astype(np.int8).reshape(output_tensor(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """resize_bilinear alone."""
    _, rows, columns, channels = output_tensor(graph, operator).shape
    turns = _ROW_CYCLES + columns * (_COLUMN_CYCLES + _CHANNEL_CYCLES * channels)
    return (
        Implementation(
            "resize_bilinear",
            ("zerotap_resize_bilinear",),
            12 * (rows + columns) + 20,
            _CALL_CYCLES + rows * turns,
            partial(_emit, graph, operator),
        ),
    )


def _mixed(values: NDArray[np.int64], mix: _Mix, axis: int) -> NDArray[np.int64]:
    shape = [1] * values.ndim
    shape[axis] = -1
    fraction = mix.fraction.reshape(shape)
    first, second = (np.take(values, each, axis) for each in (mix.first, mix.second))
    result: NDArray[np.int64] = first * (_ONE - fraction) + second * fraction
    return result


def _mixes(graph: Graph, operator: Operator) -> tuple[_Mix, _Mix]:
    """Of rows and of columns."""
    source, target = data_tensor(graph, operator).shape, output_tensor(graph, operator).shape
    return _mix(operator, source[1], target[1]), _mix(operator, source[2], target[2])


def _mix(operator: Operator, extent: int, outputs: int) -> _Mix:
    """TFLite's ComputeInterpolationValuesInteger, in steps of a 1024th of a position."""
    inputs, steps = extent, outputs
    if operator.options["align_corners"] and outputs > 1:
        inputs, steps = extent - 1, outputs - 1
    scale = (_ONE * inputs + steps // 2) // steps
    places = np.arange(outputs, dtype=np.int64) * scale
    if operator.options["half_pixel_centers"]:
        places += scale // 2 - _ONE // 2
    # Before the first centre both are position 0, whatever the fraction.
    first = np.maximum(places, 0) // _ONE
    second = np.minimum(np.maximum(places + _ONE - 1, 0) // _ONE, extent - 1)
    return _Mix(first, second, np.where(first == second, 0, places - first * _ONE))


def _emit(graph: Graph, operator: Operator, label: str) -> Emission:
    _, _, width, channels = data_tensor(graph, operator).shape
    rows, columns = _mixes(graph, operator)
    constants = _table(f"{label}_rows", rows, width * channels) + _table(
        f"{label}_columns", columns, channels
    )
    fields: dict[str, int | str] = {
        "rows": f"{label}_rows",
        "row_count": rows.first.size,
        "columns": f"{label}_columns",
        "column_count": columns.first.size,
        "channels": channels,
    }
    constants += c_source.struct("zerotap_resize_t", label, fields)
    return Emission(constants, f"zerotap_resize_bilinear(input, &{label}, output);")


def _table(name: str, mix: _Mix, step: int) -> str:
    """Offsets of both positions in bytes, and the fraction of the second."""
    entries = np.stack([mix.first * step, mix.second * step, mix.fraction], axis=1).tolist()
    lines = "".join(f"    {c_source.braced(entry)},\n" for entry in entries)
    return f"static const zerotap_mix_t {name}[{len(entries)}] = {{\n{lines}}};\n"
