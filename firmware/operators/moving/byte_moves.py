"""Operators that only move bytes: each is described by NumPy views of its input and output.

A view of ``np.arange(size)`` under the operator's indexing says which element of the flat tensor every
element of the result is: its strides are the steps of the loops that copy it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Tensor
from zerotap.firmware.operators.parts.interface import Emission, Implementation, require

LOOPS: Final = 4
_MOVES_MAX: Final = 32
_SIZE_MAX: Final = 1 << 20
_LOOP_CYCLES: Final = (20, 20, 27, 11)

NOTHING: Final = Implementation("none", (), 0, 0, lambda _: Emission("", ""))
"""For what moves no byte: the plan gives both tensors the same place."""


@dataclass(frozen=True, slots=True)
class Move:
    """Nested loops that copy one block; steps in bytes, the innermost last, and the first bytes."""

    extents: tuple[int, ...]
    source_steps: tuple[int, ...]
    target_steps: tuple[int, ...]
    source_start: int
    target_start: int

    @property
    def size(self) -> int:
        """Bytes that are copied."""
        return math.prod(self.extents)

    def is_identity(self, size: int) -> bool:
        """Whether it copies all ``size`` bytes of a tensor in order."""
        steps = (self.extents, self.source_steps, self.target_steps)
        return self.source_start == self.target_start == 0 and steps == ((size,), (1,), (1,))


def flat_positions(shape: Sequence[int]) -> NDArray[np.int64]:
    """The position of every element of a row-major tensor."""
    return np.arange(math.prod(shape), dtype=np.int64).reshape(shape)


def move(source: NDArray[np.int64], target: NDArray[np.int64]) -> Move:
    """The loops that copy element by element between two views of flat_positions(), of one shape.

    Axes that compose in both are one loop. ``source`` may have steps of 0 (np.broadcast_to).
    """
    loops: list[tuple[int, int, int]] = []
    for extent, *strides in zip(source.shape, source.strides, target.strides, strict=True):
        a, b = (stride // source.itemsize for stride in strides)
        if loops and loops[-1][1:] == (a * extent, b * extent):
            loops.append((extent * loops.pop()[0], a, b))
        elif extent != 1:
            loops.append((extent, a, b))
    extents, a_steps, b_steps = zip(*(loops or [(1, 1, 1)]), strict=True)
    return Move(extents, a_steps, b_steps, int(source.flat[0]), int(target.flat[0]))


def moves(source: NDArray[np.int64], target: NDArray[np.int64] | None = None) -> list[Move]:
    """As move(), in several blocks where one would want more loops than the kernel has.

    ``target``: the whole output in order unless given.
    """
    places = flat_positions(source.shape) if target is None else target
    only = move(source, places)
    if len(only.extents) <= LOOPS:
        return [only]
    axis = min((axis for axis in range(source.ndim) if source.shape[axis] > 1), key=source.shape.__getitem__)
    if source.shape[axis] > _MOVES_MAX:
        return [only]
    pairs = zip(np.moveaxis(source, axis, 0), np.moveaxis(places, axis, 0), strict=True)
    blocks = [block for pair in pairs for block in moves(*pair)]
    return blocks if len(blocks) <= _MOVES_MAX else [only]


def check_sizes(place: str, *tensors: Tensor) -> None:
    """Check that the tensors are no larger than any board's memory, before views of them are made."""
    for tensor in tensors:
        require(
            tensor.size <= _SIZE_MAX,
            place,
            f"tensor {tensor.name} of {tensor.shape} is too large; give it fewer values",
        )


def check_moves(place: str, *moves: Move) -> None:
    """Check that the kernel has loops enough."""
    require(
        all(len(each.extents) <= LOOPS for each in moves),
        place,
        f"moves blocks of more than {LOOPS} axes; reshape first",
    )


def move_implementation(
    kernel: str, moves: Sequence[tuple[str, Move]], constants: str = "", constant_bytes: int = 0
) -> Implementation:
    """zerotap_move once for each (C expression of the source, move).

    ``constants``: definitions of ``constant_bytes`` that the expressions use, where LABEL stands for the
    layer's label.
    """
    return Implementation(
        kernel,
        ("zerotap_move",),
        4 * 3 * LOOPS * len(moves) + constant_bytes,
        sum(move_cycles(each) for _, each in moves),
        partial(_emit, tuple(moves), constants),
    )


def move_cycles(each: Move) -> int:
    """Cycles of one call of zerotap_move: fitted to arm-none-eabi-gcc 12 -O2."""
    extents = (1,) * (LOOPS - len(each.extents)) + each.extents
    runs = [math.prod(extents[:depth]) for depth in range(1, LOOPS + 1)]
    return 52 + sum(cycles * count for cycles, count in zip(_LOOP_CYCLES, runs, strict=True))


def _emit(moves: Sequence[tuple[str, Move]], constants: str, label: str) -> Emission:
    calls = []
    text = constants.replace("LABEL", label)
    for index, (source, each) in enumerate(moves):
        text += c_source.struct("zerotap_move_t", f"{label}_{index}", _fields(each))
        ends = (
            _offset(source.replace("LABEL", label), each.source_start),
            _offset("output", each.target_start),
        )
        calls.append(f"zerotap_move({ends[0]}, &{label}_{index}, {ends[1]});")
    return Emission(text, "\n    ".join(calls))


def _offset(expression: str, start: int) -> str:
    return f"{expression} + {start}" if start else expression


def _fields(each: Move) -> dict[str, int | str]:
    missing = LOOPS - len(each.extents)
    extents = (1,) * missing + each.extents
    return {
        "extents": _list(extents),
        "source_steps": _list(_rests(extents, (0,) * missing + each.source_steps)),
        "target_steps": _list(_rests(extents, (0,) * missing + each.target_steps)),
    }


def _list(values: Sequence[int]) -> str:
    return f"{{{', '.join(map(str, values))}}}"


def _rests(extents: Sequence[int], steps: Sequence[int]) -> list[int]:
    """What a loop adds once the loop inside it has gone through."""
    inside = [*(extent * step for extent, step in zip(extents[1:], steps[1:], strict=True)), 0]
    return [step - passed for step, passed in zip(steps, inside, strict=True)]
