"""The time since the report before, as one more channel of 8 bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from zerotap.errors import FeatureError

from .interface import Signal, Stream, Transform
from .item_times import TIME_BYTES, elapsed_ms, forward, times_ms, untimed
from .parameters import About

if TYPE_CHECKING:
    from numpy.typing import NDArray

_POWERS = 1 << np.arange(32, dtype=np.int64)


def log2_code(milliseconds: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Code times 0 to 2^31 - 1 as uint8: eight steps an octave of v = ms + 1.

    8 * floor(log2 v) and the three bits behind v's first: 0 ms is 0, 1 ms 8, 2 ms 12, 1 s 79, an hour 173. A
    step is at most an eighth of the time.
    """
    value = milliseconds + 1
    octave = np.searchsorted(_POWERS, value, side="right") - 1
    return (8 * octave + ((value << 3) >> octave & 7)).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class ElapsedTime:
    """Put ``log2_code`` of the milliseconds since the item before in front of each report; 0 for the first.

    Items timed reports, uint8 (4 + width,); results uint8 (1 + width,), or with ``keep_time`` (for
    time_windows behind it) uint8 (4 + 1 + width,), the time still in front.
    """

    name: ClassVar[str] = "elapsed_time"
    host_only: ClassVar[str] = ""
    keep_time: Annotated[bool, About("leave the time in front, for time_windows")] = False

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """Give both forms."""
        return [(cls(), Signal((12,), "uint8")), (cls(keep_time=True), Signal((5,), "uint8"))]

    def output(self, source: Signal) -> Signal:
        """Return a channel more, less the time; raises FeatureError for other than timed uint8 rows."""
        if source.dtype != "uint8":
            raise FeatureError(f"elapsed_time takes timed reports of uint8, not {source.dtype}: use timed()")
        width = untimed(source).size + 1
        return Signal((width + TIME_BYTES * self.keep_time,), "uint8")

    def batch(self, items: NDArray[Any]) -> NDArray[np.uint8]:
        """Code timed reports (n, size)."""
        self.output(Signal(items.shape[1:], items.dtype.name))
        return self._joined(items, log2_code(elapsed_ms(items)))

    def _joined(self, items: NDArray[Any], codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        kept = items[:, : TIME_BYTES * self.keep_time]
        return np.concatenate([kept, codes[:, None], items[:, TIME_BYTES:]], axis=1)

    def stream(self, source: Signal) -> Stream:
        """Code one report at a time."""
        self.output(source)
        return _ElapsedStream(self)


@dataclass(slots=True)
class _ElapsedStream:
    rule: ElapsedTime
    clock: NDArray[np.uint32] | None = None

    def push(self, item: NDArray[Any]) -> list[NDArray[Any]]:
        clock = times_ms(item[None])
        elapsed = forward(clock - (clock if self.clock is None else self.clock))
        self.clock = clock
        return [self.rule._joined(item[None], log2_code(elapsed))[0]]

    def flush(self) -> list[NDArray[Any]]:
        return []
