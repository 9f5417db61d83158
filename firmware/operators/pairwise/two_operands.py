"""What operators of two tensors have in common: two operands of which one may repeat along some axes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    INT8_MAX,
    INT8_MIN,
    activation_range,
    quantise_multiplier,
    requantise,
    zero_point,
)
from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.operators.parts.interface import (
    Emission,
    Implementation,
    int64,
    output_tensor,
    require,
    require_int8,
)
from zerotap.firmware.operators.parts.table import table_implementation

CODES: Final = np.arange(INT8_MIN, INT8_MAX + 1)
EXTENTS: Final = 3

Scales = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
"""Multiplier and shift of the first operand, the second, and what becomes of both."""
# An operator's arithmetic: (graph, operator, first codes, second codes) -> output codes, by broadcasting.
Arithmetic = Callable[[Graph, Operator, NDArray[np.int64], NDArray[np.int64]], NDArray[np.int8]]


def operands(graph: Graph, operator: Operator) -> tuple[Tensor, Tensor]:
    """Both operands, constant or computed."""
    first, second = operator.inputs[:2]
    return graph.tensors[first], graph.tensors[second]


def data_inputs(graph: Graph, operator: Operator) -> tuple[int, ...]:
    """The positions of the computed inputs, one of them where both are the same tensor."""
    if len(operator.inputs) < 2 or operator.inputs[0] == operator.inputs[1]:
        return (0,)
    computed = [position for position in (0, 1) if graph.tensors[operator.inputs[position]].data is None]
    return tuple(computed) or (0,)


def check_pair(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, activation and that the shapes agree."""
    require(len(operator.inputs) == 2, place, f"has {len(operator.inputs)} inputs, not 2")
    first, second = operands(graph, operator)
    target = output_tensor(graph, operator)
    require_int8(place, first, second, target)
    activation_range(_activation(operator), target)
    try:
        shape = np.broadcast_shapes(first.shape, second.shape)
    except ValueError:
        shape = ()
    require(
        bool(shape) and int(np.prod(shape)) == target.size,
        place,
        f"{first.shape} and {second.shape} cannot give {target.shape}",
    )
    groups = _groups(shape, first.shape, second.shape)
    require(
        len(groups) <= EXTENTS,
        place,
        f"{first.shape} and {second.shape} repeat along more axes than zerotap has loops for; reshape them "
        "so that one repeats along its first or its last axes",
    )


def reference(
    graph: Graph, operator: Operator, arithmetic: Arithmetic, data: tuple[NDArray[Any], ...]
) -> NDArray[Any]:
    """The output for the computed operands."""
    computed = iter(data)
    positions = data_inputs(graph, operator)
    values = [
        next(computed) if position in positions else tensor.data
        for position, tensor in enumerate(operands(graph, operator))
    ]
    if operator.inputs[0] == operator.inputs[1]:
        values[1] = values[0]
    shapes = [tensor.shape for tensor in operands(graph, operator)]
    first, second = (
        int64(np.asarray(value)).reshape(shape) for value, shape in zip(values, shapes, strict=True)
    )
    return arithmetic(graph, operator, first, second).reshape(output_tensor(graph, operator).shape)


def limits(graph: Graph, operator: Operator) -> tuple[int, int]:
    """What the fused activation clamps to."""
    return activation_range(_activation(operator), output_tensor(graph, operator))


def _activation(operator: Operator) -> int:
    """The fused activation, none for operators that have no such option."""
    return int(operator.options.get("fused_activation_function", 0))


def centred(tensor: Tensor, codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Codes without their zero point."""
    return codes - zero_point(tensor)


def table_if_one_input(
    graph: Graph, operator: Operator, arithmetic: Arithmetic
) -> tuple[Implementation, ...]:
    """A table of 256 outputs, where the other operand is one constant or the same tensor; else nothing."""
    if operator.inputs[0] == operator.inputs[1]:
        return (table_implementation(graph, operator, arithmetic(graph, operator, CODES, CODES)),)
    for position, tensor in enumerate(operands(graph, operator)):
        if tensor.data is not None and tensor.size == 1:
            pair = [CODES, CODES]
            pair[position] = int64(tensor.data).reshape(1)
            table = arithmetic(graph, operator, pair[0], pair[1])
            return (table_implementation(graph, operator, table, 1 - position),)
    return ()


@dataclass(frozen=True, slots=True)
class Loops:
    """Three nested loops over the output; an operand's step is 0 where it repeats."""

    extents: tuple[int, int, int]
    first_steps: tuple[int, int, int]
    second_steps: tuple[int, int, int]

    @property
    def are_alike(self) -> bool:
        """Whether no operand repeats."""
        return self.extents[:2] == (1, 1) and self.first_steps[2] == self.second_steps[2] == 1

    def fields(self) -> dict[str, int | str]:
        """Those of zerotap_pairs_t; the outer steps are what is left after the loop inside."""
        return {
            "pairs.outer": self.extents[0],
            "pairs.middle": self.extents[1],
            "pairs.inner": self.extents[2],
            "pairs.first_outer": self._rest(self.first_steps, 0),
            "pairs.first_middle": self._rest(self.first_steps, 1),
            "pairs.first_inner": self.first_steps[2],
            "pairs.second_outer": self._rest(self.second_steps, 0),
            "pairs.second_middle": self._rest(self.second_steps, 1),
            "pairs.second_inner": self.second_steps[2],
        }

    def _rest(self, steps: tuple[int, int, int], axis: int) -> int:
        return steps[axis] - steps[axis + 1] * self.extents[axis + 1]


def loops(graph: Graph, operator: Operator) -> Loops:
    """The fewest loops for a checked pair of operands, the innermost last."""
    first, second = operands(graph, operator)
    shape = np.broadcast_shapes(first.shape, second.shape)
    groups = _groups(shape, first.shape, second.shape)
    groups = [(1, False, False)] * (EXTENTS - len(groups)) + groups
    extents = tuple(extent for extent, _, _ in groups)
    return Loops(
        (extents[0], extents[1], extents[2]),
        _steps([extent if there else 1 for extent, there, _ in groups], [there for _, there, _ in groups]),
        _steps([extent if there else 1 for extent, _, there in groups], [there for _, _, there in groups]),
    )


def pointers(graph: Graph, operator: Operator, label: str) -> tuple[str, tuple[str, str]]:
    """(definitions of the constant operand, the C expressions of both operands)."""
    names = iter(("input", "input_1"))
    constants, expressions = "", []
    for tensor in operands(graph, operator):
        if tensor.data is None:
            expressions.append(next(names))
        else:
            constants += c_source.array("int8_t", f"{label}_operand", tensor.data)
            expressions.append(f"{label}_operand")
    return constants, (expressions[0], expressions[1])


def pair_call(
    graph: Graph,
    operator: Operator,
    label: str,
    kernel: str,
    fields: Mapping[str, int | str],
    comment: str = "",
) -> Emission:
    """A call of zerotap_KERNEL; its struct holds the loops over the operands and ``fields``."""
    constants, (first, second) = pointers(graph, operator, label)
    every = {**loops(graph, operator).fields(), **fields}
    constants += comment + c_source.struct(f"zerotap_{kernel}_t", label, every)
    return Emission(constants, f"zerotap_{kernel}({first}, {second}, &{label}, output);")


def common_scales(graph: Graph, operator: Operator, result: float) -> Scales:
    """Of both operands, brought to twice the larger one's scale, and of what ``result`` then scales."""
    first, second = (float(tensor.scale[0]) for tensor in operands(graph, operator))
    twice = twice_largest(graph, operator)
    return (
        quantise_multiplier(first / twice),
        quantise_multiplier(second / twice),
        quantise_multiplier(result),
    )


def twice_largest(graph: Graph, operator: Operator) -> float:
    """Twice the larger of both operands' scales."""
    return 2 * max(float(tensor.scale[0]) for tensor in operands(graph, operator))


def at_common_scale(
    graph: Graph,
    operator: Operator,
    codes: tuple[NDArray[np.int64], NDArray[np.int64]],
    scales: Scales,
    left: int,
) -> list[NDArray[np.int64]]:
    """Both operands' codes, shifted left and brought to their common scale, as TFLite does."""
    pairs = zip(operands(graph, operator), codes, scales, strict=False)
    return [requantise(centred(tensor, each) << left, *scale) for tensor, each, scale in pairs]


def scale_fields(graph: Graph, operator: Operator, scales: Scales) -> dict[str, int | str]:
    """Zero point, multiplier and shift of both operands and the output, as the kernels name them."""
    tensors = (*operands(graph, operator), output_tensor(graph, operator))
    fields: dict[str, int | str] = {}
    for name, tensor, (multiplier, shift) in zip(("first", "second", "output"), tensors, scales, strict=True):
        fields |= {f"{name}_zero_point": zero_point(tensor), f"{name}_multiplier": multiplier}
        fields |= {f"{name}_shift": shift}
    return fields


def operand_bytes(graph: Graph, operator: Operator) -> int:
    """Flash of a constant operand."""
    return sum(tensor.size for tensor in operands(graph, operator) if tensor.data is not None)


def pair_cycles(graph: Graph, operator: Operator, once: int, each: int) -> int:
    """Cycles of a kernel that takes ``each`` for an element: fitted to arm-none-eabi-gcc 12 -O2."""
    outer, middle, inner = loops(graph, operator).extents
    return once + each * outer * middle * inner + 19 * (outer * middle - 1) + 18 * (outer - 1)


def _groups(
    shape: tuple[int, ...], first: tuple[int, ...], second: tuple[int, ...]
) -> list[tuple[int, bool, bool]]:
    """(extent, the first varies, the second varies) for each run of axes that repeat alike."""
    axes = [
        (extent, a != 1, b != 1)
        for extent, a, b in zip(shape, _padded(first, shape), _padded(second, shape), strict=True)
        if extent != 1
    ]
    return [
        (int(np.prod([extent for extent, _, _ in run])), *key)
        for key, run in itertools.groupby(axes, key=lambda axis: axis[1:])
    ] or [(1, True, True)]


def _padded(shape: tuple[int, ...], to: tuple[int, ...]) -> tuple[int, ...]:
    return (1,) * (len(to) - len(shape)) + shape


def _steps(extents: list[int], varies: list[bool]) -> tuple[int, int, int]:
    steps = [int(np.prod(extents[axis + 1 :])) if varies[axis] else 0 for axis in range(EXTENTS)]
    return steps[0], steps[1], steps[2]
