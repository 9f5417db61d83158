"""What TFLite's integer SVDF computes from a file's tensors, and whether it is one that the kernels take.

Source: kernels/svdf.cc and internal/reference/svdf.h of TensorFlow 2.21, micro/kernels/svdf_common.cc. No
kernel applies the activation: results are clamped to int8 alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    INT8_MAX,
    INT8_MIN,
    check_left_shift,
    quantise_multiplier,
    requantise,
    zero_point,
)
from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.operators.parts.interface import require, require_constant, require_int8
from zerotap.firmware.operators.parts.row_kernels import sum_range

STATE: Final = 4
_INPUTS: Final = 5
_RELU: Final = 1
_FEATURES, _TIME, _BIAS = 1, 2, 3
_BIAS_OFF_MAX: Final = 1e-5
_INT32: Final = (-(1 << 31), (1 << 31) - 1)
# What zerotap_larger compares.
_SCALED_MAX: Final = 1 << 29
_MICRO: Final = "analyse, verify and export the file with --oracle tflm"


@dataclass(frozen=True, slots=True, eq=False)
class Svdf:
    """All numbers of one layer.

    ``features`` int8 (filters, inputs) and ``time`` int64 (filters, memory) are the weights; ``offsets``
    (filters,) what raw sums lack; ``bias`` (units,) with the state's zero point in it; ``scale`` leads from
    sums to the state, which is clamped to ``state_range`` before its zero point is added, ``factor`` from
    there to the output. ``low`` and
    ``high`` (units,): where the output's sums are; they wrap where those are all of int32.
    """

    rank: int
    features: NDArray[np.int8]
    time: NDArray[np.int64]
    offsets: NDArray[np.int64]
    bias: NDArray[np.int64]
    scale: tuple[int, int]
    factor: float
    state_zero_point: int
    state_range: tuple[int, int]
    low: NDArray[np.int64]
    high: NDArray[np.int64]

    @property
    def filters(self) -> int:
        """Rows of both matrices."""
        return len(self.features)

    @property
    def memory(self) -> int:
        """Steps that a state remembers."""
        return int(self.time.shape[1])

    @property
    def units(self) -> int:
        """Outputs."""
        return self.filters // self.rank


def svdf(graph: Graph, operator: Operator) -> Svdf:
    """The numbers of an operator that :func:`check` has accepted."""
    source, state, target = (
        _tensor(graph, operator, 0),
        _tensor(graph, operator, STATE),
        _target(graph, operator),
    )
    features, time = (_data(_tensor(graph, operator, position)) for position in (_FEATURES, _TIME))
    rank = operator.options["rank"]
    offsets = -zero_point(source) * features.astype(np.int64).sum(axis=1)
    limits, scale = np.iinfo(state.dtype), _scale(graph, operator)
    wide = time.astype(np.int64)
    bias = _bias(graph, operator) - zero_point(state) * wide.reshape(len(features) // rank, -1).sum(axis=1)
    ends = [requantise(end + offsets, *scale) for end in sum_range(features)]
    kept = _kept(np.clip(ends, limits.min, limits.max), zero_point(state))
    low, high = _reach(wide, kept, bias, rank)
    return Svdf(
        rank,
        features,
        wide,
        offsets,
        bias,
        scale,
        _factor(state, _tensor(graph, operator, _TIME), target),
        zero_point(state),
        (int(limits.min), int(limits.max)),
        low,
        high,
    )


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes, the state, what the oracle takes, and that no sum of features leaves int32."""
    require(len(operator.inputs) == _INPUTS, place, f"has {len(operator.inputs)} inputs, not {_INPUTS}")
    _check_types(graph, operator, place)
    _check_shapes(graph, operator, place)
    (_check_micro if graph.oracle == "tflm" else _check_tflite)(graph, operator, place)
    numbers = svdf(graph, operator)
    sums = np.abs(np.stack(sum_range(numbers.features))).max(axis=0) + np.abs(numbers.offsets)
    bound = int(np.max(sums))
    check_left_shift(place, bound, numbers.scale[1])
    most = int(requantise(np.array(bound), *numbers.scale))
    require(
        most < _SCALED_MAX, place, f"its state would be up to {most} before it is clamped; calibrate again"
    )
    shift = quantise_multiplier(numbers.factor)[1]
    if shift >= 0:  # else the product is less than half of any sum that int32 holds
        check_left_shift(place, int(np.max(np.abs([numbers.low, numbers.high]))), shift)


def _check_types(graph: Graph, operator: Operator, place: str) -> None:
    require_int8(place, _tensor(graph, operator, 0), _target(graph, operator))
    state = _tensor(graph, operator, STATE)
    require(
        state.variable and state.dtype in ("int8", "int16") and state.scale.size == 1,
        place,
        f"has a state that is {state.dtype} with {state.scale.size} scales, not its own int16 or int8 with "
        "one; convert the model again",
    )
    weights = (("features", _FEATURES, "int8"), ("weights in time", _TIME, state.dtype))
    for what, position, dtype in weights:
        tensor = _tensor(graph, operator, position)
        require_constant(place, what, tensor, dtype)
        require(
            tensor.scale.size == 1 and not tensor.zero_point.any(),
            place,
            f"its {what} have {tensor.scale.size} scales and zero points {tensor.zero_point.tolist()[:3]}, "
            "not one and 0; convert the model again",
        )
    require(
        state.dtype == "int8" or zero_point(state) == 0,
        place,
        f"its state of int16 has the zero point {zero_point(state)}, not 0; convert the model again",
    )


def _check_shapes(graph: Graph, operator: Operator, place: str) -> None:
    source, target = _tensor(graph, operator, 0), _target(graph, operator)
    features, time = _tensor(graph, operator, _FEATURES).shape, _tensor(graph, operator, _TIME).shape
    rank, state = operator.options["rank"], _tensor(graph, operator, STATE).shape
    fits = len(features) == 2 == len(time) and min(rank, *features, *time) > 0
    require(
        fits
        and features[0] == time[0]
        and features[0] % rank == 0
        and source.shape == (1, features[1])
        and target.shape == (1, features[0] // rank)
        and state == (1, time[0] * time[1]),
        place,
        f"features {features}, weights in time {time}, rank {rank} and a state {state} do not lead from "
        f"{source.shape} to {target.shape} with a batch of 1",
    )
    index = operator.inputs[_BIAS]
    if index != -1:
        bias = require_constant(place, "bias", graph.tensors[index], "int32")
        require(bias.shape == target.shape[1:], place, f"the bias has the shape {bias.shape}")


def _check_tflite(graph: Graph, operator: Operator, place: str) -> None:
    """TensorFlow's kernel reads every state as int16, and knows one activation."""
    require(
        _tensor(graph, operator, STATE).dtype == "int16",
        place,
        f"TensorFlow's own kernel takes states of int16 alone, this one is int8; {_MICRO}",
    )
    activation = operator.options["fused_activation_function"]
    require(
        activation == _RELU,
        place,
        f"TensorFlow's own kernel takes the activation RELU alone, not {activation}; {_MICRO}",
    )


def _check_micro(graph: Graph, operator: Operator, place: str) -> None:
    """TensorFlow Lite Micro reads a bias' scale in any case, and compares it."""
    index = operator.inputs[_BIAS]
    require(
        index != -1, place, "TensorFlow Lite Micro reads a bias in any case, it has none; use --oracle tflite"
    )
    bias, state, time = graph.tensors[index], _tensor(graph, operator, STATE), _tensor(graph, operator, _TIME)
    scale = float(bias.scale[0]) if bias.scale.size else 0.0
    product = float(np.float32(state.scale[0]) * np.float32(time.scale[0]))
    require(
        abs(scale - product) < _BIAS_OFF_MAX,
        place,
        f"its bias has the scale {scale:.6g}, its sums {product:.6g}, which TensorFlow Lite Micro refuses; "
        "use --oracle tflite",
    )


def _tensor(graph: Graph, operator: Operator, position: int) -> Tensor:
    return graph.tensors[operator.inputs[position]]


def _target(graph: Graph, operator: Operator) -> Tensor:
    return graph.tensors[operator.outputs[0]]


def _data(tensor: Tensor) -> NDArray[np.int8]:
    assert tensor.data is not None
    return tensor.data


def _bias(graph: Graph, operator: Operator) -> NDArray[np.int64]:
    index = operator.inputs[_BIAS]
    units = _target(graph, operator).size
    data = None if index == -1 else graph.tensors[index].data
    return np.zeros(units, np.int64) if data is None else data.astype(np.int64)


def _scale(graph: Graph, operator: Operator) -> tuple[int, int]:
    """From a sum of features to the state."""
    tensors = [_tensor(graph, operator, position) for position in (0, _FEATURES, STATE)]
    return quantise_multiplier(_factor(*tensors))


def _factor(source: Tensor, weights: Tensor, target: Tensor) -> float:
    """From a product's scale to the target's, in float32 as TFLite computes it."""
    scales = [np.float32(each.scale[0]) for each in (source, weights, target)]
    return float(scales[0] * scales[1] / scales[2])


def _kept(ends: NDArray[np.int64], zero_point: int) -> NDArray[np.int64]:
    """The lowest and the highest state (2, filters): its first value too, all where the zero point wraps."""
    kept = np.stack([np.minimum(ends[0], 0), np.maximum(ends[1], 0)]) + zero_point
    wraps = (kept[0] < INT8_MIN) | (kept[1] > INT8_MAX) if zero_point else np.zeros(kept.shape[1], bool)
    return np.where(wraps, np.array([[INT8_MIN], [INT8_MAX]]), kept)


def _reach(
    time: NDArray[np.int64], kept: NDArray[np.int64], bias: NDArray[np.int64], rank: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The lowest and the highest sum of each unit for states (2, filters): int32's where one leaves it."""
    ends = time * kept[0][:, None], time * kept[1][:, None]
    low, high = (pick(*ends).reshape(len(bias), -1).sum(axis=1) + bias for pick in (np.minimum, np.maximum))
    wraps = (low <= _INT32[0]) | (high >= _INT32[1])
    return np.where(wraps, _INT32[0], low), np.where(wraps, _INT32[1], high)
