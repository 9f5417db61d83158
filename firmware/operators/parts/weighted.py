"""What the operators with weights, a bias and a sum per output have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    activation_range,
    check_left_shift,
    quantise_multiplier,
    requantise,
    requantise_halves_up,
    zero_point,
)
from zerotap.firmware.graph import Graph, Operator, Tensor

from .interface import (
    Emission,
    Implementation,
    check_activation,
    data_tensor,
    output_tensor,
    require,
    require_constant,
    require_int8,
)
from .outputs import Outputs, Requantiser
from .row_kernels import RowKernel, sum_range

_DEPTHWISE_GROUP: Final = 8


def weights_tensor(graph: Graph, operator: Operator) -> Tensor:
    """The weights, which every such operator has as its second input."""
    return graph.tensors[operator.inputs[1]]


def weights_data(graph: Graph, operator: Operator) -> NDArray[np.int8]:
    """The weights' values."""
    data = weights_tensor(graph, operator).data
    assert data is not None
    return data


def bias_data(graph: Graph, operator: Operator, channels: int) -> NDArray[np.int32]:
    """The bias, zeros where the model has none."""
    index = operator.inputs[2] if len(operator.inputs) > 2 else -1
    data = graph.tensors[index].data if index != -1 else None
    return np.zeros(channels, np.int32) if data is None else data


def check_weights(graph: Graph, operator: Operator, place: str, channel_axis: int) -> None:
    """Check types and scales of activation, weights and bias."""
    require(len(operator.inputs) in (2, 3), place, f"has {len(operator.inputs)} inputs, not 2 or 3")
    require_int8(place, data_tensor(graph, operator), output_tensor(graph, operator))
    weights = weights_tensor(graph, operator)
    require_constant(place, "weights", weights, "int8")
    channels = weights.shape[channel_axis] if len(weights.shape) > channel_axis else 0
    require(
        weights.scale.size == 1 or (weights.scale.size == channels and weights.channel_axis == channel_axis),
        place,
        f"the weights have {weights.scale.size} scales for {channels} output channels",
    )
    require(not weights.zero_point.any(), place, "the weights have a zero point other than 0")
    if len(operator.inputs) == 3 and operator.inputs[2] != -1:
        bias = require_constant(place, "bias", graph.tensors[operator.inputs[2]], "int32")
        require(bias.shape == (channels,), place, f"the bias has the shape {bias.shape}, not ({channels},)")
    check_activation(operator, place)


def outputs(
    graph: Graph,
    operator: Operator,
    matrix: NDArray[np.int8],
    bias: NDArray[np.int32],
    factors: Sequence[float],
    once: bool,
) -> Outputs:
    """What the raw sums of a matrix (outputs, inputs) of weights become."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    offsets = bias.astype(np.int64) - zero_point(source) * matrix.astype(np.int64).sum(axis=1)
    limits = activation_range(operator.options["fused_activation_function"], target)
    ends = sum_range(matrix)
    return Outputs(offsets, factors, *ends, once, zero_point(target), *limits, halves_up(graph, operator))


def rounded_twice(sums: NDArray[np.int64], multiplier: int, shift: int, halves_up: bool) -> NDArray[np.int64]:
    """Scale sums in two roundings, of which the second takes halves up or away from zero."""
    twice = requantise_halves_up if halves_up else requantise
    return twice(sums, multiplier, shift)


def halves_up(graph: Graph, operator: Operator) -> int:
    """For how many of the first output channels the second of two roundings takes halves up.

    TFLite's builtin kernels do so but in grouped and transposed convolutions, and in what is left of the
    channels of a depthwise convolution behind groups of 8.
    """
    if not graph.rounds_as_builtin or _rounds_away(graph, operator):
        return 0
    shape = weights_tensor(graph, operator).shape
    if operator.name == "DEPTHWISE_CONV_2D":
        return shape[-1] // _DEPTHWISE_GROUP * _DEPTHWISE_GROUP
    return shape[0]


def _rounds_away(graph: Graph, operator: Operator) -> bool:
    source, weights = data_tensor(graph, operator).shape, weights_tensor(graph, operator).shape
    return operator.name == "TRANSPOSE_CONV" or (operator.name == "CONV_2D" and source[-1:] != weights[-1:])


def check_sums(place: str, outputs: Outputs) -> None:
    """Prove that no sum, at any moment, and no sum shifted left by its scale, leaves int32."""
    for channel, factor in enumerate(outputs.factors):
        ends = int(outputs.low[channel]), int(outputs.high[channel])
        offset = int(outputs.offsets[channel])
        bound = max(abs(end) + abs(offset) for end in ends)
        check_left_shift(f"{place}, output channel {channel}", bound, quantise_multiplier(factor)[1])
        require(max(map(abs, ends)) < 1 << 30, place, f"output channel {channel} has sums of up to {bound}")


def range_comment(outputs: Outputs) -> str:
    """The proven range of the layer's sums, for its source."""
    low, high = int(np.min(outputs.low)), int(np.max(outputs.high))
    return f"/* No sum of weight * q can leave [{low}, {high}]. */\n"


@dataclass(frozen=True, slots=True)
class Extra:
    """What a layer needs beside its kernels: runtime functions, bytes of constants and of scratch."""

    runtime: tuple[str, ...] = ()
    constant_bytes: int = 0
    scratch_bytes: int = 0


def row_implementation(
    kernel: RowKernel,
    way: Requantiser,
    cycles: int,
    emit: Callable[[str], Emission],
    extra: Extra | None = None,
) -> Implementation:
    """One kernel and one way to requantise, as an implementation."""
    more = extra or Extra()
    constant_bytes = kernel.weight_bytes + way.constant_bytes + more.constant_bytes
    functions = (kernel.function, *((way.function,) if way.function else ()))
    name = ", ".join(function.removeprefix("zerotap_") for function in functions)
    runtime = (*functions, *more.runtime)
    return Implementation(name, runtime, constant_bytes, cycles, emit, more.scratch_bytes)


def loop(name: str, first: int, last: int, statements: Sequence[str]) -> list[str]:
    """C lines: statements for ``name`` from ``first`` to before ``last``; none for an empty range."""
    if first >= last:
        return []
    head = f"for (int32_t {name} = {first}; {name} < {last}; {name}++) {{"
    return [head, *(f"    {statement}" for statement in statements), "}"]


def body(lines: Sequence[str]) -> str:
    """C lines as a function's body."""
    return "\n    ".join(lines)
