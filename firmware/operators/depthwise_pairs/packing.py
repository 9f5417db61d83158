"""The subroutine that fills the plane of one channel.

r0 the first input of the next word (before the input where the window begins outside), r1 the next word,
r4 from the first input to the second, r5 zero, r7 the zero point in the upper half, r2, r3 and r6 scratch,
r8 the end of a run, r9 rows left, r10 bytes from a position to the next where they are many.
"""

from __future__ import annotations

from typing import Final

from zerotap.firmware.operators.board_code.text import Text, immediate, moved

from .plane import Lanes, Plane

LABEL: Final = "90"
_WRITTEN_OUT: Final = 6  # words of a run; more are a loop
_A_TURN: Final = 4


def packing(plane: Plane, fill: int) -> Text:
    """The subroutine LABEL, which returns to lr; ``fill`` stands for what lies outside of the input."""
    text = Text()
    text.label(LABEL)
    text.add([*immediate("r4", plane.lane_bytes), "movs r5, #0"])
    text.add([*immediate("r7", fill), "lsls r7, r7, #16"])
    if plane.window.source[2] > 255:
        text.add([*immediate("r2", plane.window.source[2]), "mov r10, r2"])
    for band in plane.bands():
        _band(text, plane, fill, band)
    text.add(["bx lr"])
    return text


def _band(text: Text, plane: Plane, fill: int, band: tuple[int, list[tuple[Lanes, int]]]) -> None:
    """Rows that are alike."""
    rows, runs = band
    _, width, channels = plane.window.source
    beyond = (width - plane.extent[1]) * channels
    if len(runs) == 1 and beyond == 0:
        rows, runs = 1, [(runs[0][0], rows * runs[0][1])]
    if rows == 1:
        text.include(_row(plane, fill, runs, beyond))
        return
    text.add([*immediate("r2", rows), "mov r9, r2"])
    count_down = ["mov r2, r9", "subs r2, #1", "mov r9, r2"]
    text.loop("92", _row(plane, fill, runs, beyond), rows, count_down)


def _row(plane: Plane, fill: int, runs: list[tuple[Lanes, int]], beyond: int) -> Text:
    text = Text()
    for lanes, count in runs:
        _run(text, _Words(lanes, fill, plane.window.source[2]), count)
    text.add(moved("r0", beyond, "r2"))
    return text


class _Words:
    """Words of one kind: the instructions for one or two of them."""

    def __init__(self, lanes: Lanes, fill: int, channels: int) -> None:
        self._lanes, self._fill = lanes, fill
        self._next = f"adds r0, #{channels}" if channels < 256 else "add r0, r10"

    def begin(self) -> list[str]:
        """What is the same for all of them."""
        if any(self._lanes):
            return []
        return [*immediate("r2", self._fill), "adds r2, r2, r7", "movs r3, r2"]

    def one(self) -> list[str]:
        return [*self._word("r2", "r3"), "stmia r1!, {r2}"]

    def two(self) -> list[str]:
        return [*self._word("r2", "r3"), *self._word("r3", "r6"), "stmia r1!, {r2, r3}"]

    def _word(self, into: str, scratch: str) -> list[str]:
        first, second = f"ldrsb {into}, [r0, r5]", f"ldrsb {scratch}, [r0, r4]"
        if self._lanes == (True, True):
            shifted = [f"lsls {scratch}, {scratch}, #16", f"adds {into}, {into}, {scratch}"]
            return [first, second, *shifted, self._next]
        if self._lanes == (True, False):
            return [first, f"adds {into}, {into}, r7", self._next]
        if self._lanes == (False, True):
            lower = moved(into, self._fill, scratch)
            return [second, f"lsls {into}, {scratch}, #16", *lower, self._next]
        return [self._next]


def _run(text: Text, words: _Words, count: int) -> None:
    text.add(words.begin())
    turns = count // _A_TURN if count > _WRITTEN_OUT else 0
    rest = count - turns * _A_TURN
    text.add(words.two() * (rest // 2) + words.one() * (rest % 2))
    if turns:
        _end(text, 4 * _A_TURN * turns)
        once = Text()
        once.add(words.two() * (_A_TURN // 2))
        text.loop("91", once, turns, ["cmp r1, r8"])


def _end(text: Text, size: int) -> None:
    """r8: so many bytes behind r1."""
    text.add([*immediate("r6", size), "adds r6, r6, r1", "mov r8, r6"])
