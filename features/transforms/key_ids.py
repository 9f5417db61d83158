"""Keyboard reports -> an id of every key press: what an embedding looks up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from zerotap.capture import SHIFT, KeyEvents, KeyEventStream, press_events

from .interface import Signal, Stream, Transform
from .typed_words import BOOT_REPORT, WORD_ID, check_boot_reports

if TYPE_CHECKING:
    from numpy.typing import NDArray

OF_SHIFT: Final = 64
KEY_IDS: Final = 2 * OF_SHIFT
"""Rows of a table for the ids, the padding's 0 too."""
OTHER_KEY: Final = 1


@dataclass(frozen=True, slots=True)
class KeyIds:
    """Boot reports uint8 (8,) to an id int32 () of each key that goes down: its usage, + 64 with shift.

    Ids are 1 to 127, so that a table has 128 rows with the padding's 0. Usages from 64 on (the keys for
    moving about, the keypad, F7 and later) share 1, a usage that no key has. Modifiers give no id, caps lock
    does; the order within a report is that of ``capture.press_events``.
    """

    name: ClassVar[str] = "key_ids"
    host_only: ClassVar[str] = ""

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """There is one form."""
        return [(cls(), BOOT_REPORT)]

    def output(self, source: Signal) -> Signal:
        """Return int32 (); raises FeatureError for other than boot reports."""
        check_boot_reports(self.name, source)
        return WORD_ID

    def batch(self, items: NDArray[Any]) -> NDArray[np.int32]:
        """Reports uint8 (n, 8) to ids int32 (m,)."""
        self.output(Signal(items.shape[1:], items.dtype.name))
        return _ids(press_events(items))

    def stream(self, source: Signal) -> Stream:
        """Begin with no key down."""
        self.output(source)
        return _KeyStream()


def _ids(presses: KeyEvents) -> NDArray[np.int32]:
    keys = np.where(presses.usages < OF_SHIFT, presses.usages, OTHER_KEY)
    return keys.astype(np.int32) + np.where(presses.modifiers & SHIFT, np.int32(OF_SHIFT), np.int32(0))


@dataclass(slots=True)
class _KeyStream:
    keys: KeyEventStream = field(default_factory=KeyEventStream)

    def push(self, item: NDArray[Any]) -> list[NDArray[Any]]:
        """Give the ids of the report's new keys: at most six."""
        return list(_ids(self.keys.push(item).presses()))

    def flush(self) -> list[NDArray[Any]]:
        """Nothing is kept."""
        return []
