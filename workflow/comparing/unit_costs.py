"""What a message or a window costs with all that comes before the model: recordings are pushed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from zerotap.models import Spread, UnitCost

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Pipeline
    from zerotap.firmware import Board, PushCost

    from .task import Sides

RECORDINGS: Final = 16
"""Pushed at least, where there are so many: drawn over the lengths, the longest among them."""
MOST_ITEMS: Final = 4096
"""Of a recording whose windows are counted, not its end: a sensor's may be an hour long."""

Pushed = Sequence["PushCost"]
"""One recording: its pieces without gaps."""
Piece = tuple[Sequence[int], Sequence[int]]
"""The cycles of each step of a piece, and how many results it gave."""


def drawn_recordings(sides: Sides, pipeline: Pipeline) -> list[list[NDArray[Any]]]:
    """The pieces of RECORDINGS test recordings, evenly drawn from the shortest to the longest."""
    tested = sorted(sides.tested(pipeline), key=len)
    places = np.unique(np.linspace(0, len(tested) - 1, min(RECORDINGS, len(tested))).round().astype(int))
    drawn = [pipeline.pieces(tested[place]) for place in places.tolist()]
    if sides.unit == "message":
        return drawn
    return [[piece[:MOST_ITEMS] for piece in pieces] for pieces in drawn]


def per_unit(pushed: Sequence[Pushed], unit: Literal["message", "window"], board: Board) -> UnitCost:
    """What each message took from its first packet to its end, or each window from the one before it."""
    plain = [[(step.cycles, step.results) for step in pieces] for pieces in pushed]
    on_board = [[(step.board_cycles, step.results) for step in pieces] for pieces in pushed]
    spread = _spread(_units(plain, unit), _units(on_board, unit), board)
    return UnitCost(unit, len(pushed), *astuple(spread))


def _units(pushed: Sequence[Sequence[Piece]], unit: str) -> list[int]:
    """The cycles of each unit."""
    windows = [one for pieces in pushed for piece in pieces for one in _windows(*piece)]
    if unit == "window" and windows:
        return windows
    return [sum(sum(cycles) for cycles, _ in pieces) for pieces in pushed]


def _windows(steps: Sequence[int], results: Sequence[int]) -> Iterator[int]:
    """The cycles of each window: of all steps since the one before; what follows the last is nobody's."""
    since = 0
    for cycles, given in zip(steps, results, strict=True):
        since += cycles
        if given:
            yield from [round(since / given)] * given
            since = 0


def per_packet(pushed: Sequence[Pushed], board: Board) -> Spread:
    """What a push took, of every packet; the flush at a recording's end is none."""
    every = [piece for pieces in pushed for piece in pieces]
    return _spread(
        [one for piece in every for one in piece.cycles[:-1]],
        [one for piece in every for one in piece.board_cycles[:-1]],
        board,
    )


def _spread(cycles: Sequence[int], on_board: Sequence[int], board: Board) -> Spread:
    mean, most = sum(on_board) / len(on_board), max(on_board)
    times = board.milliseconds(mean), board.milliseconds(most)
    return Spread(sum(cycles) / len(cycles), max(cycles), *times, mean, most)
