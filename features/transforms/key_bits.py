"""Boot keyboard reports as multi-hot rows: one channel a modifier, one a key of a small set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from zerotap.errors import FeatureError

from .interface import ItemByItem, Signal, Stream, Transform
from .parameters import About

if TYPE_CHECKING:
    from numpy.typing import NDArray

REPORT_BYTES = 8
MOST_KEYS = 64
FIRST_KEY, LAST_KEY = 0x04, 0xDF


@dataclass(frozen=True, slots=True)
class KeyBits:
    """Turn the last eight bytes of a row, a boot report, into channels that are 255 while a key is down.

    First the row's other bytes as they are (a time code, say), then the eight modifiers from left control on,
    then ``keys``, up to 64 HID usages 0x04 to 0xDF, each once. Items uint8 (leading + 8,); results uint8
    (leading + 8 + len(keys),). Raises FeatureError for other keys.
    """

    name: ClassVar[str] = "key_bits"
    host_only: ClassVar[str] = ""
    keys: Annotated[
        tuple[int, ...],
        About(
            "keys that get a channel",
            "HID usages",
            FIRST_KEY,
            LAST_KEY,
            rule=f"1 to {MOST_KEYS} of {FIRST_KEY} to {LAST_KEY}, each once",
        ),
    ]

    def __post_init__(self) -> None:
        foreign = [key for key in self.keys if not FIRST_KEY <= key <= LAST_KEY]
        if foreign or len(set(self.keys)) != len(self.keys) or not 1 <= len(self.keys) <= MOST_KEYS:
            raise FeatureError(
                f"{len(self.keys)} keys {list(self.keys)[:8]}: choose 1 to {MOST_KEYS} different usages from "
                f"{FIRST_KEY:#04x} to {LAST_KEY:#04x}; modifiers are always there"
            )

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """Give letters alone, and some keys behind a time code."""
        letters = cls(tuple(range(0x04, 0x1E)))
        return [(letters, Signal((8,), "uint8")), (cls((0x2C, 0x28, 0x2A)), Signal((9,), "uint8"))]

    def output(self, source: Signal) -> Signal:
        """Return a row a report; raises FeatureError for other than uint8 rows of at least 8."""
        if source.dtype != "uint8" or len(source.shape) != 1 or source.size < REPORT_BYTES:
            raise FeatureError(
                f"key_bits takes no {source.dtype} of shape {source.shape}: give it boot reports, uint8 (8,)"
            )
        return Signal((source.size + len(self.keys),), "uint8")

    def batch(self, items: NDArray[Any]) -> NDArray[np.uint8]:
        """Spread rows uint8 (n, leading + 8)."""
        self.output(Signal(items.shape[1:], items.dtype.name))
        reports = items[:, -REPORT_BYTES:]
        modifiers = np.unpackbits(reports[:, :1], axis=1, bitorder="little")
        keys = (reports[:, 2:, None] == np.array(self.keys, np.uint8)).any(axis=1)
        return np.concatenate(
            [items[:, :-REPORT_BYTES], modifiers * np.uint8(255), keys * np.uint8(255)], axis=1
        )

    def stream(self, source: Signal) -> Stream:
        """Spread one row at a time."""
        self.output(source)
        return ItemByItem(self.batch)
