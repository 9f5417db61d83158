"""What TFLite's integer LSTM (int8 activations and weights, int16 cells) computes from a file's tensors.

Source: kernels/unidirectional_sequence_lstm.cc and lstm_eval.cc of TensorFlow 2.21: zero points are folded
into biases, gates are Q3.12 before their function and Q0.15 after it, and each half of a gate's sum is scaled
on its own. TensorFlow Lite Micro (micro/kernels/lstm_eval.h) takes the state's scale for hidden values, and
knows a clip of cells to 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import INT8_MAX, INT8_MIN, quantise_multiplier, zero_point
from zerotap.firmware.arithmetic.gemmlowp_int16 import INT16_MAX, INT16_MIN
from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.operators.parts.interface import require, require_constant, require_int8

INPUTS: Final = 24
OUTPUT_STATE, CELL_STATE = 18, 19
# Peephole weights, projection, layer normalisation.
_ABSENT: Final = (9, 10, 11, 16, 17, 20, 21, 22, 23)
# In the order that the kernels have: input, forget, output and cell gate.
_INPUT_WEIGHTS: Final = (1, 2, 4, 3)
_RECURRENT_WEIGHTS: Final = (5, 6, 8, 7)
_BIASES: Final = (12, 13, 15, 14)
_HIDDEN: Final = 4
_GATE_SCALE: Final = np.float32(2.0**-12)
_TANH: Final = 4
_CELL_BITS_MAX: Final = 4

Scale = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Half:
    """The part of the gates' sums that comes from the input, or from the state.

    ``weights`` int8 (4 * cells, width), ``bias`` int32 (4 * cells) with the zero point in it; ``scales``
    (multiplier, shift) of each group; ``bounds`` int64 (4 * cells): no sum plus bias exceeds it.
    """

    weights: NDArray[np.int8]
    bias: NDArray[np.int64]
    scales: tuple[Scale, ...]
    bounds: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Lstm:
    """All numbers of one layer; cells have ``cell_bits`` integer bits and stay within ``cell_range``.

    ``is_micro``: TensorFlow Lite Micro's functions and roundings.
    """

    steps: int
    inputs: int
    cells: int
    from_input: Half
    from_state: Half
    cell_bits: int
    cell_range: tuple[int, int]
    hidden_scale: Scale
    hidden_zero_point: int
    state_zero_point: int
    is_micro: bool


def lstm(graph: Graph, operator: Operator) -> Lstm:
    """The numbers of an operator that :func:`check` has accepted."""
    source, state = _tensor(graph, operator, 0), _tensor(graph, operator, OUTPUT_STATE)
    hidden, is_micro = _hidden(graph, operator), graph.oracle == "tflm"
    cells, inputs = _tensor(graph, operator, _INPUT_WEIGHTS[0]).shape
    cell_scale = float(_tensor(graph, operator, CELL_STATE).scale[0])
    return Lstm(
        source.size // inputs,
        inputs,
        cells,
        _half(graph, operator, source, _INPUT_WEIGHTS, _BIASES),
        _half(graph, operator, state, _RECURRENT_WEIGHTS, ()),
        15 + round(math.log2(cell_scale)),
        _cell_range(operator.options["cell_clip"], cell_scale, is_micro),
        _hidden_scale(hidden, is_micro),
        zero_point(hidden),
        zero_point(state),
        is_micro,
    )


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check that the file holds the LSTM that Keras makes: no more gates, no projection, int8."""
    inputs = operator.inputs
    require(len(inputs) == INPUTS, place, f"has {len(inputs)} inputs, not {INPUTS}")
    require(
        all(inputs[position] == -1 for position in _ABSENT)
        and all(inputs[position] != -1 for position in range(INPUTS) if position not in _ABSENT),
        place,
        "has peepholes, a projection, layer normalisation or coupled gates; use keras' LSTM layer",
    )
    options = operator.options
    require(
        options["fused_activation_function"] == _TANH and not options["diagonal_recurrent_tensors"],
        place,
        "has another activation than tanh, or diagonal weights; use keras' LSTM layer",
    )
    _check_tensors(graph, operator, place)
    _check_states(graph, operator, place)


def _tensor(graph: Graph, operator: Operator, position: int) -> Tensor:
    return graph.tensors[operator.inputs[position]]


def _half(
    graph: Graph, operator: Operator, source: Tensor, positions: tuple[int, ...], biases: tuple[int, ...]
) -> Half:
    tensors = [_tensor(graph, operator, position) for position in positions]
    weights = np.concatenate([tensor.data for tensor in tensors if tensor.data is not None])
    given = [_tensor(graph, operator, position).data for position in biases]
    bias = np.concatenate([data for data in given if data is not None]) if given else np.zeros(len(weights))
    offset = zero_point(source)
    wide = weights.astype(np.int64)
    folded = bias.astype(np.int64) - offset * wide.sum(axis=1)
    reach = max(INT8_MAX - offset, offset - INT8_MIN)
    return Half(
        weights,
        folded,
        tuple(_gate_scale(source, tensor) for tensor in tensors),
        np.abs(wide).sum(axis=1) * reach + np.abs(bias.astype(np.int64)),
    )


def _gate_scale(source: Tensor, weights: Tensor) -> Scale:
    # In float32, as TFLite multiplies them.
    product = np.float32(weights.scale[0]) * np.float32(source.scale[0])
    return quantise_multiplier(float(product / _GATE_SCALE))


def _hidden(graph: Graph, operator: Operator) -> Tensor:
    """What has the hidden values' scale: TensorFlow Lite Micro takes the state's."""
    if graph.oracle == "tflm":
        return _tensor(graph, operator, OUTPUT_STATE)
    return graph.tensors[operator.intermediates[_HIDDEN]]


def _hidden_scale(hidden: Tensor, is_micro: bool) -> Scale:
    """From the product of two Q0.15 to the hidden values' scale."""
    real = 2.0**-30 / float(hidden.scale[0])
    return quantise_multiplier(real if is_micro else float(np.float32(real)))


def _cell_range(clip: float, scale: float, is_micro: bool) -> tuple[int, int]:
    """No limit where the clip is not positive, or so small that TFLite rounds it to 0 and so to none."""
    limit = int(min(np.float32(clip) / np.float32(scale), np.float32(INT16_MAX)))
    return (-limit, limit) if limit > 0 or (is_micro and clip > 0) else (INT16_MIN, INT16_MAX)


def _check_tensors(graph: Graph, operator: Operator, place: str) -> None:
    source, target = _tensor(graph, operator, 0), graph.tensors[operator.outputs[0]]
    require_int8(place, source, target)
    cells, inputs = (*_tensor(graph, operator, _INPUT_WEIGHTS[0]).shape, 0, 0)[:2]
    batch = 1 if operator.options["time_major"] else 0
    require(
        len(source.shape) == 3
        and source.shape[2] == inputs
        and source.shape[batch] == 1
        and target.shape == (*source.shape[:2], cells),
        place,
        f"does not lead from {source.shape} to {target.shape} with a batch of 1",
    )
    groups = ((_INPUT_WEIGHTS, "int8", (cells, inputs)), (_RECURRENT_WEIGHTS, "int8", (cells, cells)))
    for positions, dtype, shape in (*groups, (_BIASES, "int32", (cells,))):
        for position in positions:
            tensor = _tensor(graph, operator, position)
            require_constant(place, f"input {position}", tensor, dtype)
            require(
                tensor.shape == shape and tensor.scale.size == 1 and not tensor.zero_point.any(),
                place,
                f"input {position} ({tensor.name}) has the shape {tensor.shape}, {tensor.scale.size} scales "
                f"and the zero points {tensor.zero_point.tolist()}, not {shape}, one and 0",
            )


def _check_states(graph: Graph, operator: Operator, place: str) -> None:
    cells = graph.tensors[operator.outputs[0]].shape[2]
    state, cell = _tensor(graph, operator, OUTPUT_STATE), _tensor(graph, operator, CELL_STATE)
    require(
        state.variable and cell.variable and state.size == cells and cell.size == cells,
        place,
        "has states that are not its own; convert the model again",
    )
    require_int8(place, state)
    power = math.log2(float(cell.scale[0])) if cell.scale.size == 1 else math.nan
    require(
        cell.dtype == "int16" and power.is_integer() and -15 <= power <= _CELL_BITS_MAX - 15,
        place,
        f"the cells are {cell.dtype} with the scale {cell.scale.tolist()}, not int16 with a power of two up "
        f"to {2.0 ** (_CELL_BITS_MAX - 15)}; calibrate the model again, with a cell clip of 10",
    )
    require(not cell.zero_point.any(), place, "the cells have a zero point")
    known = len(operator.intermediates) == _HIDDEN + 1 and operator.intermediates[_HIDDEN] != -1
    is_micro = graph.oracle == "tflm"
    require(known or is_micro, place, "lacks the scale of its hidden values")
    require(
        state.shape == (1, cells) or not is_micro,
        place,
        f"has a state of {state.shape}; TensorFlow Lite Micro takes (1, {cells}) alone: use --oracle tflite",
    )
    hidden = _hidden(graph, operator)
    require_int8(place, hidden)
    _, shift = _hidden_scale(hidden, is_micro)
    require(-31 <= shift < 0, place, f"the scale of its hidden values is {float(hidden.scale[0])}")
