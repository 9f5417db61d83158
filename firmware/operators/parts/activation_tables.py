"""What LOGISTIC and TANH give for the 256 inputs, by either oracle.

TFLite computes its table in float32. TensorFlow Lite Micro computes each output in fixed point: near ties
round otherwise, and beyond a radius of about 15 it saturates. The radius is cut down to whole steps of the
input, so that a scale of 8 or more has none left, and even the input 0 gives -128.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    INT8_MAX,
    INT8_MIN,
    clamp_int8,
    divide_by_power_of_two,
    quantise_multiplier,
    requantise,
    zero_point,
)
from zerotap.firmware.arithmetic.gemmlowp import logistic, tanh
from zerotap.firmware.graph import Graph, Operator, Tensor

from .interface import data_tensor

# The one scale and zero point that TFLite lets each output have.
OUTPUT: Final = {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0)}

_INTEGER_BITS: Final = 4
# Below it, the factor from a step of the input to Q4.27 is smaller than one.
FIXED_POINT_SCALE_MIN: Final = 2.0 ** (_INTEGER_BITS - 32)


def activation_table(graph: Graph, operator: Operator) -> NDArray[np.int8]:
    """Outputs for the inputs -128 to 127."""
    source = data_tensor(graph, operator)
    steps = np.arange(INT8_MIN, INT8_MAX + 1) - zero_point(source)
    compute = _fixed_point if graph.oracle == "tflm" else _float32
    return compute(operator.name, source, steps)


def _float32(name: str, source: Tensor, steps: NDArray[np.int64]) -> NDArray[np.int8]:
    real = np.float32(source.scale[0]) * steps.astype(np.float32)
    with np.errstate(over="ignore"):
        value = np.tanh(real) if name == "TANH" else 1 / (1 + np.exp(-real))
    scale, offset = OUTPUT[name]
    scaled = value / np.float32(scale)
    rounded = np.copysign(np.floor(np.abs(scaled) + np.float32(0.5)), scaled)
    return clamp_int8(rounded.astype(np.int64) + offset)


def _fixed_point(name: str, source: Tensor, steps: NDArray[np.int64]) -> NDArray[np.int8]:
    """Q4.27 in, Q0.31 out, rounded to 8 bits (TANH: to 7 and a sign)."""
    to_q4 = float(source.scale[0]) * (1 << (31 - _INTEGER_BITS))
    radius = (((1 << _INTEGER_BITS) - 1) << (31 - _INTEGER_BITS)) >> math.frexp(to_q4)[1]
    inside = np.where(np.abs(steps) < radius, steps, 0)
    function, bits = (tanh, 7) if name == "TANH" else (logistic, 8)
    value = function(requantise(inside, *quantise_multiplier(to_q4)), _INTEGER_BITS)
    outputs = divide_by_power_of_two(value, 31 - bits) + OUTPUT[name][1]
    return clamp_int8(np.select([steps <= -radius, steps >= radius], [INT8_MIN, INT8_MAX], outputs))
