r"""An editor: what strokes leave in a text field, once backspace, delete and the cursor keys are applied.

Home and end go to the ends of the line. Up and down keep the column that the first of them started from,
or the line's end where it is shorter; on the first and last line they do nothing. Shift with a cursor key
selects, Ctrl+A selects everything, and what is typed, pasted or deleted next takes the selection away.
Ctrl+C or Ctrl+Ins copies it, Ctrl+X or Shift+Del cuts it, Ctrl+V or Shift+Ins pastes what was copied or cut
last.

Everything else that writes nothing (function keys, escape, other keys with control or alt) is not applied,
nor is copying or cutting where nothing is selected, nor pasting what the strokes have not copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from zerotap.capture import (
    BACKSPACE,
    DELETE,
    DOWN,
    END,
    HOME,
    INSERT,
    KEYPAD_CURSOR,
    LEFT,
    MODIFIER_NAMES,
    RIGHT,
    SHIFT,
    UP,
    US,
    Layout,
)
from zerotap.features.text.keyboard import KeyStroke

CONTROL = MODIFIER_NAMES["Ctrl"]


class Edited(NamedTuple):
    """The text that is left, and the strokes that the editor did not apply, in order."""

    text: str
    unapplied: tuple[KeyStroke, ...]


def edit(strokes: Iterable[KeyStroke], layout: Layout = US, num_lock: bool = True) -> Edited:
    """Apply ``strokes``, dead keys joined already, to an empty text.

    ``layout`` says which keys are A, C, V and X; ``num_lock`` whether shift and a keypad's cursor key select
    (off), or are that cursor key alone.
    """
    editor = Editor(layout, num_lock)
    unapplied = tuple(stroke for stroke in strokes if not editor.press(stroke))
    return Edited("".join(editor.text), unapplied)


@dataclass
class Editor:
    """A text with a cursor before ``text[cursor]``; ``anchor`` is the selection's other end, if any."""

    layout: Layout = US
    num_lock: bool = True
    text: list[str] = field(default_factory=list)
    cursor: int = 0
    anchor: int | None = None
    copied: list[str] = field(default_factory=list)
    _column: int | None = None

    def press(self, stroke: KeyStroke) -> bool:
        """Apply one stroke; False where the editor has no use for it."""
        if stroke.character:
            self.replace_selection(stroke.character)
            return True
        usage, modifiers = self._without_keypad(stroke)
        command = self._command(usage, modifiers)
        if command:
            return command(self)
        return not modifiers & ~SHIFT and self._edit(usage, bool(modifiers & SHIFT))

    def _without_keypad(self, stroke: KeyStroke) -> tuple[int, int]:
        """The key that one of the keypad stands for: shift has taken num lock back, and is no shift then."""
        usage = KEYPAD_CURSOR.get(stroke.usage, stroke.usage)
        if usage in (None, stroke.usage):
            return stroke.usage, stroke.modifiers
        return usage, stroke.modifiers & ~SHIFT if self.num_lock else stroke.modifiers

    def _command(self, usage: int, modifiers: int) -> Callable[[Editor], bool] | None:
        if modifiers & SHIFT and not modifiers & ~SHIFT:
            is_cut = usage == DELETE and self.anchor not in (None, self.cursor)
            return _cut if is_cut else _paste if usage == INSERT else None
        if modifiers & CONTROL and not modifiers & ~CONTROL:
            return _copy if usage == INSERT else _COMMANDS.get(self.layout.character(usage))
        return None

    def _edit(self, usage: int, shift: bool) -> bool:
        if usage in _MOVES:
            self._move(usage, selecting=shift)
        elif usage in (BACKSPACE, DELETE):
            if self.anchor in (None, self.cursor):
                self.anchor = _left(self) if usage == BACKSPACE else _right(self)
            self.replace_selection("")
        return usage in _MOVES or usage in (BACKSPACE, DELETE)

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

    def replace_selection(self, characters: Sequence[str]) -> None:
        """Put ``characters`` where the selection is, and the cursor behind them."""
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


def _select_all(editor: Editor) -> bool:
    editor.anchor, editor.cursor, editor._column = 0, len(editor.text), None
    return True


def _copy(editor: Editor) -> bool:
    start, stop = editor.selection
    editor.copied = editor.text[start:stop] or editor.copied
    return start < stop


def _cut(editor: Editor) -> bool:
    was_copied = _copy(editor)
    if was_copied:
        editor.replace_selection("")
    return was_copied


def _paste(editor: Editor) -> bool:
    if editor.copied:
        editor.replace_selection(editor.copied)
    return bool(editor.copied)


_COMMANDS: Mapping[str, Callable[[Editor], bool]] = {"a": _select_all, "c": _copy, "v": _paste, "x": _cut}
"""What control and the key of a letter do."""


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
