"""Operators that only move bytes: each is described by NumPy views of its input and output.

A view of ``np.arange(size)`` under the operator's indexing says which element of the flat tensor every
element of the result is: its strides are the steps of the loops that copy it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.graph import Tensor
from zerotap.firmware.operators.parts.interface import require

LOOPS: Final = 4
_MOVES_MAX: Final = 32
_SIZE_MAX: Final = 1 << 20


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
