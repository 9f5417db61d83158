"""What a message or a window costs with all that comes before the model: recordings are pushed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    cycles = [sum(sum(piece.cycles) for piece in pieces) for pieces in pushed]
    if unit == "window":
        windows = [one for pieces in pushed for piece in pieces for one in _windows(piece)]
        cycles = windows or cycles
    return UnitCost(unit, len(pushed), *_spread(cycles, board))


def _windows(piece: PushCost) -> Iterator[int]:
    """The cycles of each window: of all steps since the one before; what follows the last is nobody's."""
    since = 0
    for cycles, results in zip(piece.cycles, piece.results, strict=True):
        since += cycles
        if results:
            yield from [round(since / results)] * results
            since = 0


def per_packet(pushed: Sequence[Pushed], board: Board) -> Spread:
    """What a push took, of every packet; the flush at a recording's end is none."""
    return Spread(
        *_spread([one for pieces in pushed for piece in pieces for one in piece.cycles[:-1]], board)
    )


def _spread(cycles: Sequence[int], board: Board) -> tuple[float, int, float, float]:
    mean, most = sum(cycles) / len(cycles), max(cycles)
    return mean, most, board.milliseconds(mean), board.milliseconds(most)
