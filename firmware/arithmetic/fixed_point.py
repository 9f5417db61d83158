"""TFLite's integer arithmetic for scales: multipliers, roundings and activation ranges.

Source: gemmlowp's fixedpoint.h and TFLite's kernels/internal/quantization_util.cc (TensorFlow 2.21). The
tests compare every rule here with TensorFlow's reference kernels.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.graph import Graph, Operator, OracleKind, Tensor

INT8_MIN: Final = -128
INT8_MAX: Final = 127
INT32_MAX: Final = (1 << 31) - 1

# ActivationFunctionType of the schema -> name, and the real interval that it clamps to.
ACTIVATIONS: Final[dict[int, tuple[float | None, float | None]]] = {
    0: (None, None),  # NONE
    1: (0.0, None),  # RELU
    2: (-1.0, 1.0),  # RELU_N1_TO_1
    3: (0.0, 6.0),  # RELU6
}


def quantise_multiplier(real: float) -> tuple[int, int]:
    """Split a positive real factor into ``multiplier * 2**(shift - 31)``.

    The multiplier is 0 or in [2**30, 2**31), the shift in [-31, 30] (QuantizeMultiplier). Raises
    OverflowError for a factor that is infinite or no number.
    """
    if not math.isfinite(real):
        raise OverflowError(f"the factor {real} has no multiplier")
    fraction, shift = math.frexp(real)
    multiplier = math.floor(fraction * (1 << 31) + 0.5)
    if multiplier == 1 << 31:
        multiplier, shift = multiplier >> 1, shift + 1
    if shift < -31:
        return 0, 0
    if shift > 30:
        return INT32_MAX, 30
    return multiplier, shift


def requantise(value: NDArray[np.int64], multiplier: int, shift: int) -> NDArray[np.int64]:
    """Scale sums as TFLite does, rounded twice: the doubling high multiply, then the right shift.

    ``value * 2**max(shift, 0)`` must fit int32, which the exporter proves.
    """
    high = ((value << max(shift, 0)) * multiplier + (1 << 30)) >> 31
    return divide_by_power_of_two(high, max(-shift, 0))


def requantise_halves_up(value: NDArray[np.int64], multiplier: int, shift: int) -> NDArray[np.int64]:
    """As :func:`requantise`, but halves go up in the second rounding too: TFLite's builtin kernels on x86."""
    high = ((value << max(shift, 0)) * multiplier + (1 << 30)) >> 31
    right = max(-shift, 0)
    scaled: NDArray[np.int64] = (high + ((1 << right) >> 1)) >> right
    return scaled


def divide_by_power_of_two(value: NDArray[np.int64], power: int) -> NDArray[np.int64]:
    """Rounding right shift, halves away from zero (RoundingDivideByPOT)."""
    mask = (1 << power) - 1
    threshold = (mask >> 1) + (value < 0)
    return (value >> power) + ((value & mask) > threshold)


def requantise_real(value: NDArray[np.int64], scale: float) -> NDArray[np.int64]:
    """Scale sums in double precision and round halves away from zero, as TFLite's FULLY_CONNECTED does."""
    product = value * np.float64(scale)
    whole = np.trunc(product)
    away = np.copysign(np.abs(product - whole) >= 0.5, product)
    rounded: NDArray[np.int64] = (whole + away).astype(np.int64)
    return rounded


def exact_multiplier(scale: float, bound: int, reach: int) -> tuple[int, int] | None:
    """Multiplier and shift whose single integer rounding equals :func:`requantise_real` for every sum.

    The rounding ``(sum * multiplier + 2**(30 - shift)) >> (31 - shift)`` equals it for every sum in
    [-bound, bound], as long as results beyond [-reach, reach] are clamped to those; None where no multiplier
    does. Proof: both are monotone and odd (no sum meets a tie exactly), so it is enough that they step from
    k - 1 to k between the same two sums, which bounds the multiplier from both sides for each k.
    """
    if bound * scale < 0.25:  # every sum gives 0, and steps beyond 2**53 are not exact in double precision
        return 0, -1
    nominal, shift = quantise_multiplier(scale)
    half = 1 << (30 - shift)
    low, high = 0, INT32_MAX
    for k in range(1, reach + 1):
        first = first_sum(scale, k)
        tie = (2 * k - 1) * half
        if first > 1:
            high = min(high, (tie - 1) // min(first - 1, bound))
        if first > bound:
            break
        low = max(low, tie // first + 1)
    return (min(max(nominal, low), high), shift) if low <= high else None


def first_sum(scale: float, k: int) -> int:
    """The smallest sum that :func:`requantise_real` takes to k > 0 or more."""
    first = math.ceil((k - 0.5) / scale)
    while first > 1 and (first - 1) * scale >= k - 0.5:
        first -= 1
    while first * scale < k - 0.5:
        first += 1
    return max(first, 1)


def clamp_int8(value: NDArray[np.int64], low: int = INT8_MIN, high: int = INT8_MAX) -> NDArray[np.int8]:
    """Clamp to [low, high] and narrow."""
    return np.clip(value, low, high).astype(np.int8)


def round_half_away(value: float) -> int:
    """C's round(): halves go away from zero."""
    return int(math.copysign(math.floor(abs(value) + 0.5), value))


def activation_range(activation: int, output: Tensor) -> tuple[int, int]:
    """The int8 interval [low, high] that a fused activation clamps to (CalculateActivationRangeQuantized).

    Raises:
        ModelError: an activation that is not NONE, RELU, RELU_N1_TO_1 or RELU6.
    """
    if activation not in ACTIVATIONS:
        raise ModelError(
            f"{output.name}: fused activation {activation} is not supported; use RELU or RELU6 or none."
        )
    low, high = ACTIVATIONS[activation]
    return (
        INT8_MIN if low is None else max(INT8_MIN, _quantised(low, output)),
        INT8_MAX if high is None else min(INT8_MAX, _quantised(high, output)),
    )


def _quantised(real: float, tensor: Tensor) -> int:
    return zero_point(tensor) + round_half_away(float(np.float32(real) / np.float32(tensor.scale[0])))


def zero_point(tensor: Tensor) -> int:
    """The zero point of a tensor that has one for all channels."""
    return int(tensor.zero_point[0])


def rescale(source: Tensor, target: Tensor) -> tuple[int, int]:
    """Multiplier and shift from one activation's scale to another's."""
    return quantise_multiplier(float(source.scale[0]) / float(target.scale[0]))


def ratio(oracle: OracleKind, target: Tensor, *factors: float) -> float:
    """The product of float32 factors over the scale of ``target``, as precise as the oracle computes it.

    TFLite's MUL, RELU and LEAKY_RELU do so in float32, TensorFlow Lite Micro in double precision.
    """
    kind = np.float32 if oracle == "tflite" else np.float64
    product = kind(np.float32(factors[0]))
    for factor in factors[1:]:
        product = kind(product * kind(np.float32(factor)))
    return float(product / kind(target.scale[0]))


def check_left_shift(place: str, bound: int, shift: int) -> None:
    """Prove that a sum of magnitude ``bound``, shifted left before the multiply, fits int32.

    Raises:
        ModelError: it does not.
    """
    if bound << max(shift, 0) > INT32_MAX - INT8_MAX:  # the output's zero point is added after
        raise ModelError(
            f"{place}: a sum of up to {bound} overflows int32 (left shift {max(shift, 0)}); "
            "the scales are too far apart: train or calibrate the model again."
        )


def weighted_scales(graph: Graph, operator: Operator, channels: int) -> list[float]:
    """The real factor from sum to output of each channel, for inputs (activation, weights, ...)."""
    source, weights = graph.tensors[operator.inputs[0]], graph.tensors[operator.inputs[1]]
    target = graph.tensors[operator.outputs[0]]
    factors = [float(source.scale[0]) * scale / float(target.scale[0]) for scale in weights.scale.tolist()]
    return factors if len(factors) == channels else factors * channels
