"""Words as a board gathers them from boot reports: key event by key event, in one buffer of the current word.

A key's character joins the word, in lower case, where the split has it in one (see ``words.IN_WORD``).
Backspace takes back a character of the current word only; caps lock only changes letters; any other key ends
the word, also one that writes nothing or is struck with control, alt or GUI.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.capture import (
    BOOT_REPORT_BYTES,
    CAPS_LOCK,
    LAYOUTS,
    SHIFT,
    KeyEventStream,
    Layout,
    press_events,
)
from zerotap.errors import FeatureError

from .keyboard import is_backspace
from .words import IN_WORD, check_split

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_WORD_BYTES: Final = 255
# What a key does, where it does not write: codes that no character of a word has.
_ENDS: Final = 0x00
_TAKES_BACK: Final = 0x08
_IS_IGNORED: Final = 0x0E
_MODES: Final = ((False, False), (True, False), (False, True), (True, True))
"""(shift, a modifier with which keys write nothing) of each mode."""
_MODE_OF: Final = np.array(
    [bool(bits & SHIFT) + 2 * bool(bits & ~SHIFT & 0xFF) for bits in range(256)], np.uint8
)


def _fits_a_board(layout: Layout) -> bool:
    """Whether a key has two levels of ASCII at most, and none is dead."""
    levels = [layout.character(usage, shift) for usage in layout.keys for shift in (False, True)]
    return not layout.has_altgr and not layout.dead_keys and "".join(levels).isascii()


BOARD_LAYOUTS: Final = {name: layout for name, layout in LAYOUTS.items() if _fits_a_board(layout)}


def check_board_words(split: str, word_max: int, layout: str) -> None:
    """Raise FeatureError unless a board can gather such words: 1 <= word_max <= 255, names that it has."""
    check_split(split)
    check_word_max(word_max)
    if layout not in BOARD_LAYOUTS:
        raise FeatureError(
            f"layout {layout!r} has no table for a board: choose one of {', '.join(BOARD_LAYOUTS)}, "
            "or typed_text, which takes every layout but stays on the host"
        )


def check_word_max(word_max: int) -> None:
    """Raise FeatureError unless 1 <= word_max <= 255."""
    if not 1 <= word_max <= MOST_WORD_BYTES:
        raise FeatureError(f"words cannot be cut to {word_max} bytes: choose 1 to {MOST_WORD_BYTES}")


def typed_words_of(reports: NDArray[np.uint8], split: str, layout: str, word_max: int) -> list[bytes]:
    """The words that reports uint8 (n, 8) type, each cut to ``word_max`` bytes, none empty."""
    return typed_words_of_each([reports], split, layout, word_max)[0]


def typed_words_of_each(
    recordings: Sequence[NDArray[np.uint8]], split: str, layout: str, word_max: int
) -> list[list[bytes]]:
    """``typed_words_of`` each of some recordings, which is quicker at once than one after the other."""
    if not recordings:
        return []
    codes, ends = _codes_of_each(recordings, split, layout)
    begins = [0, *ends[:-1]]
    return [_words_in(codes[begin:end], word_max) for begin, end in zip(begins, ends, strict=True)]


def _words_in(codes: bytes, word_max: int) -> list[bytes]:
    pieces = codes.translate(None, bytes([_IS_IGNORED])).split(bytes([_ENDS]))
    return [word[:word_max] for piece in pieces if (word := _edited(piece))]


def _codes_of_each(
    recordings: Sequence[NDArray[np.uint8]], split: str, layout: str
) -> tuple[bytes, list[int]]:
    """What each key does, a byte a press; and where the presses of each recording end."""
    # A report without keys parts the recordings: what is down at one's end is new to the next.
    nothing = np.zeros((1, BOOT_REPORT_BYTES), np.uint8)
    joined = np.concatenate([part for reports in recordings for part in (reports, nothing)])
    behind = np.cumsum([len(reports) + 1 for reports in recordings])
    events = press_events(joined)
    ends = np.searchsorted(events.reports, behind)
    locked = np.cumsum(np.concatenate([[0], events.usages == CAPS_LOCK]))
    begins = np.concatenate([[0], ends[:-1]])
    # Caps lock is off at a recording's begin.
    caps_lock = (locked[1:] - np.repeat(locked[begins], ends - begins)) & 1
    codes = _codes(split, layout)[caps_lock, _MODE_OF[events.modifiers], events.usages]
    return codes.tobytes(), ends.tolist()


def _edited(piece: bytes) -> bytes:
    if _TAKES_BACK not in piece:
        return piece
    word = bytearray()
    for code in piece:
        if code != _TAKES_BACK:
            word.append(code)
        elif word:
            word.pop()
    return bytes(word)


@cache
def _codes(split: str, layout: str) -> NDArray[np.uint8]:
    """What each usage does, uint8 (caps lock, mode, usage)."""
    codes = [
        [[_code(split, layout, usage, mode, caps_lock) for usage in range(256)] for mode in _MODES]
        for caps_lock in (False, True)
    ]
    return np.array(codes, np.uint8)


def _code(split: str, layout: str, usage: int, mode: tuple[bool, bool], caps_lock: bool) -> int:
    shift, writes_nothing = mode
    if usage == CAPS_LOCK:
        return _IS_IGNORED
    written = "" if writes_nothing else BOARD_LAYOUTS[layout].character(usage, shift, caps_lock=caps_lock)
    character = written.lower()
    if character and IN_WORD[split](character):
        return ord(character)
    return _TAKES_BACK if is_backspace(usage, 0) and not writes_nothing else _ENDS


@dataclass(slots=True)
class WordStream:
    """What a board holds: the keys that are down, caps lock, and the current word with its whole length."""

    split: str
    layout: str
    word_max: int
    keys: KeyEventStream = field(default_factory=KeyEventStream)
    caps_lock: bool = False
    word: bytearray = field(default_factory=bytearray)
    length: int = 0

    def push(self, report: NDArray[np.uint8]) -> list[bytes]:
        """Give the words that the report's new keys end: at most three."""
        pressed = self.keys.push(report).presses().usages.tolist()
        return [word for usage in pressed for word in self._press(usage, int(report[0]))]

    def flush(self) -> list[bytes]:
        """Give the last word, if there is one."""
        return list(self._end())

    def _press(self, usage: int, modifiers: int) -> Iterator[bytes]:
        if usage == CAPS_LOCK:
            self.caps_lock = not self.caps_lock
            return
        character = self._character(usage, modifiers).lower()
        if character and IN_WORD[self.split](character):
            self._append(character)
        elif is_backspace(usage, modifiers):
            self.length = max(self.length - 1, 0)
            del self.word[self.length :]
        else:
            yield from self._end()

    def _character(self, usage: int, modifiers: int) -> str:
        if modifiers & ~SHIFT:
            return ""
        shift = bool(modifiers & SHIFT)
        return BOARD_LAYOUTS[self.layout].character(usage, shift, caps_lock=self.caps_lock)

    def _append(self, character: str) -> None:
        if self.length < self.word_max:
            self.word.append(ord(character))
        self.length += 1

    def _end(self) -> Iterator[bytes]:
        if self.length:
            yield bytes(self.word)
        self.word.clear()
        self.length = 0
