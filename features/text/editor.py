r"""An editor: what strokes leave in a text field, once backspace, delete and the cursor keys are applied.

Home and end go to the ends of the line. Up and down keep the column that the first of them started from,
or the line's end where it is shorter; on the first and last line they do nothing. Shift with a cursor key
selects, and what is typed or deleted next takes the selection away. Everything else that writes nothing
(function keys, escape, keys with control or alt) is not applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from zerotap.capture import BACKSPACE, DELETE, DOWN, END, HOME, LEFT, RIGHT, SHIFT, UP
from zerotap.features.text.keyboard import KeyStroke


class Edited(NamedTuple):
    """The text that is left, and the strokes that the editor did not apply, in order."""

    text: str
    unapplied: tuple[KeyStroke, ...]


def edit(strokes: Iterable[KeyStroke]) -> Edited:
    """Apply ``strokes``, dead keys joined already, to an empty text."""
    editor = Editor()
    unapplied = tuple(stroke for stroke in strokes if not editor.press(stroke))
    return Edited("".join(editor.text), unapplied)


@dataclass
class Editor:
    """A text with a cursor before ``text[cursor]``; ``anchor`` is the selection's other end, if any."""

    text: list[str] = field(default_factory=list)
    cursor: int = 0
    anchor: int | None = None
    _column: int | None = None

    def press(self, stroke: KeyStroke) -> bool:
        """Apply one stroke; False where the editor has no use for it."""
        if stroke.character:
            self._replace_selection(stroke.character)
        elif stroke.modifiers & ~SHIFT:
            return False
        elif stroke.usage in _MOVES:
            self._move(stroke.usage, selecting=bool(stroke.modifiers & SHIFT))
        elif stroke.usage in (BACKSPACE, DELETE):
            if self.anchor in (None, self.cursor):
                self.anchor = _left(self) if stroke.usage == BACKSPACE else _right(self)
            self._replace_selection("")
        else:
            return False
        return True

    @property
    def selection(self) -> tuple[int, int]:
        """Where the selected characters begin and end; both are the cursor where there are none."""
        anchor = self.cursor if self.anchor is None else self.anchor
        return min(anchor, self.cursor), max(anchor, self.cursor)

    def goal_column(self) -> int:
        """The column that moves up and down keep to, counted from 0."""
        if self._column is None:
            self._column = self.cursor - _line_start(self.text, self.cursor)
        return self._column

    def _replace_selection(self, characters: str) -> None:
        start, stop = self.selection
        self.text[start:stop] = characters
        self.cursor = start + len(characters)
        self.anchor = self._column = None

    def _move(self, usage: int, selecting: bool) -> None:
        if usage not in (UP, DOWN):
            self._column = None
        start, stop = self.selection
        collapses = start < stop and not selecting and usage in (LEFT, RIGHT)
        target = (start if usage == LEFT else stop) if collapses else _MOVES[usage](self)
        if not selecting:
            self.anchor = None
        elif self.anchor is None:
            self.anchor = self.cursor
        self.cursor = target


def _line_start(text: Sequence[str], at: int) -> int:
    return next((i for i in range(at, 0, -1) if text[i - 1] == "\n"), 0)


def _line_end(text: Sequence[str], at: int) -> int:
    return next((i for i in range(at, len(text)) if text[i] == "\n"), len(text))


def _left(editor: Editor) -> int:
    return max(0, editor.cursor - 1)


def _right(editor: Editor) -> int:
    return min(len(editor.text), editor.cursor + 1)


def _up(editor: Editor) -> int:
    line_start = _line_start(editor.text, editor.cursor)
    if line_start == 0:
        return editor.cursor
    end_above = line_start - 1
    return min(_line_start(editor.text, end_above) + editor.goal_column(), end_above)


def _down(editor: Editor) -> int:
    line_end = _line_end(editor.text, editor.cursor)
    if line_end == len(editor.text):
        return editor.cursor
    start_below = line_end + 1
    return min(start_below + editor.goal_column(), _line_end(editor.text, start_below))


_MOVES: Mapping[int, Callable[[Editor], int]] = {
    LEFT: _left,
    RIGHT: _right,
    HOME: lambda editor: _line_start(editor.text, editor.cursor),
    END: lambda editor: _line_end(editor.text, editor.cursor),
    UP: _up,
    DOWN: _down,
}
