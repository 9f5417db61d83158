"""HARD_SWISH, x * relu6(x + 3) / 6: TFLite's int16 arithmetic in a table of 256 outputs made at export.

Source of the arithmetic: TFLite's reference HardSwish (kernels/internal/reference/hard_swish.h). Every
rounding is an int16 one; left shifts saturate.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    INT32_MAX,
    clamp_int8,
    divide_by_power_of_two,
    quantise_multiplier,
    zero_point,
)
from zerotap.firmware.graph import Graph, Operator

from .parts.interface import (
    Implementation,
    data_tensor,
    first_input,
    no_macs,
    output_tensor,
    require,
    require_int8,
)
from .parts.table import CODES, looked_up, table_implementation

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = True
ALIAS: bool = False

_INT16_MAX: Final = 32767
_INT16_BITS: Final = 15
_INPUT_SHIFT: Final = 7
_REAL_THREE: Final = np.float32(3) / np.float32(32768)


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes, and that TFLite's own scaling is defined."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require_int8(place, source, target)
    require(source.size == target.size, place, f"{source.shape} cannot become {target.shape}")
    _, shift = _multiplier(graph, operator, np.float32(target.scale[0]))
    require(shift <= 0, place, "the output's scale is too small for its input's; calibrate the model again")
    # Beyond that TFLite's masks leave int16.
    require(
        -shift < _INT16_BITS,
        place,
        "the output's scale is too large for its input's; calibrate the model again",
    )
    _, gate_shift = _multiplier(graph, operator, _REAL_THREE)
    require(-gate_shift < _INT16_BITS, place, "the input's scale is too small; calibrate the model again")


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to the oracle."""
    return looked_up(_table(graph, operator), data[0]).reshape(output_tensor(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """lookup alone."""
    return (table_implementation(graph, operator, _table(graph, operator)),)


def _table(graph: Graph, operator: Operator) -> NDArray[np.int8]:
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    multiplier, shift = _multiplier(graph, operator, np.float32(target.scale[0]))
    values = (CODES - zero_point(source)) << _INPUT_SHIFT
    gate = (_gate(values, *_multiplier(graph, operator, _REAL_THREE)) + (1 << 15)) >> 1
    product = gate * _high_product(values, multiplier)
    whole = np.sign(product) * (np.abs(product) >> 15)
    return clamp_int8(divide_by_power_of_two(whole, -shift) + zero_point(target))


def _multiplier(graph: Graph, operator: Operator, scale: np.float32) -> tuple[int, int]:
    """From the shifted input to ``scale``: a multiplier in Q0.15 and a shift."""
    shifted = np.float32(1 / (1 << _INPUT_SHIFT)) * np.float32(data_tensor(graph, operator).scale[0])
    multiplier, shift = quantise_multiplier(float(shifted / scale))
    half = 1 << 15
    return (_INT16_MAX if multiplier >= INT32_MAX - half else (multiplier + half) >> 16), shift


def _gate(values: NDArray[np.int64], multiplier: int, shift: int) -> NDArray[np.int64]:
    """3 * relu6's argument in Q0.15, saturated."""
    scaled = _high_product(_saturated(values << max(shift - 1, 0)), multiplier)
    return divide_by_power_of_two(_saturated(scaled << min(max(shift, 0), 1)), max(-shift, 0))


def _high_product(values: NDArray[np.int64], factor: int) -> NDArray[np.int64]:
    """Rounding doubling high multiply of int16, halves away from zero."""
    product = values * factor
    return _saturated(np.sign(product) * ((np.abs(product) + (1 << 14)) >> 15))


def _saturated(values: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.clip(values, -_INT16_MAX - 1, _INT16_MAX)
