"""Windows by time: the items of so many milliseconds, as the board's ring buffer cuts them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from zerotap.errors import FeatureError

from .cutting import MOST_ROWS, PADDINGS, minimum_rows
from .interface import Signal, Stream, Transform
from .item_times import elapsed_ms, forward, rows_of, times_ms, untimed
from .parameters import About

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST_MS = 1 << 30


@dataclass(frozen=True, slots=True)
class TimeWindows:
    """Windows of ``duration_ms`` that start every ``hop_ms`` from a recording's first item on.

    A window is closed by the first item behind it. It holds its latest ``length`` items in front, without
    their times; the rest is zero (``padding`` "zero") or the last item again ("edge"). One with fewer items
    than ``minimum_fill`` (0 to 1) of ``length``, or with "drop" one that is not full, is left out, as are
    empty ones. After a pause that empties a window, the next starts at the item that ends the pause. The
    window that a recording's end leaves open counts as closed there.

    Items timed rows (``timed``); results (length, channels). Raises FeatureError for impossible parameters.
    """

    name: ClassVar[str] = "time_windows"
    host_only: ClassVar[str] = ""
    length: Annotated[int, About("most items of a window", "items", 1, MOST_ROWS)]
    duration_ms: Annotated[int, About("how long a window lasts", "ms", 1, LONGEST_MS)]
    hop_ms: Annotated[int, About("from one window's start to the next's", "ms", 1, rule="1 to duration_ms")]
    minimum_fill: Annotated[float, About("least share of a window that is real", "", 0, 1)] = 0.0
    padding: Annotated[str, About("what fills a window up", choices=PADDINGS)] = "zero"

    def __post_init__(self) -> None:
        if (
            not 1 <= self.length <= MOST_ROWS
            or not 0 <= self.minimum_fill <= 1
            or self.padding not in PADDINGS
        ):
            raise FeatureError(
                f"a window of {self.length} rows, {self.minimum_fill} of it real, padding {self.padding!r}: "
                f"choose 1 to {MOST_ROWS}, 0 to 1, and one of {', '.join(PADDINGS)}"
            )
        if not 1 <= self.hop_ms <= self.duration_ms <= LONGEST_MS:
            raise FeatureError(
                f"windows of {self.duration_ms} ms cannot start every {self.hop_ms} ms: "
                f"choose 1 <= hop <= duration <= {LONGEST_MS}"
            )

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """Give windows that overlap, that do not, and with each padding."""
        return [
            (cls(6, 120, 40), Signal((12,), "uint8")),
            (cls(3, 50, 50, 0.5, "edge"), Signal((5,), "int16")),
            (cls(2, 1 << 30, 1 << 28, 0.0, "drop"), Signal((2,), "int32")),
            (cls(4, 5, 1), Signal((12,), "uint8")),
        ]

    @property
    def fewest(self) -> int:
        """The fewest items that make a window."""
        return self.length if self.padding == "drop" else max(1, minimum_rows(self.length, self.minimum_fill))

    def output(self, source: Signal) -> Signal:
        """Return items of ``length`` rows; raises FeatureError for other than timed rows."""
        row = untimed(source)
        return Signal((self.length, *row.shape), row.dtype)

    def batch(self, items: NDArray[Any]) -> NDArray[Any]:
        """Cut timed items (n, size) into (windows, length, channels)."""
        self.output(Signal(items.shape[1:], items.dtype.name))
        rows, bounds = rows_of(items), self.bounds(items)
        starts = bounds[:, :1]
        places = starts + np.arange(self.length)
        windows: NDArray[Any] = rows[np.minimum(places, bounds[:, 1:] - 1)] if len(rows) else rows[places]
        if self.padding == "zero":
            windows[places >= bounds[:, 1:]] = 0
        return windows

    def bounds(self, items: NDArray[Any]) -> NDArray[np.int64]:
        """First item and first behind it of every window of ``batch``, int64 (windows, 2)."""
        bounds = np.array(list(self._bounds(np.cumsum(elapsed_ms(items)))), np.int64).reshape(-1, 2)
        bounds[:, 0] = np.maximum(bounds[:, 0], bounds[:, 1] - self.length)
        return bounds

    def _bounds(self, times: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
        """First item and first item behind it of every window that is kept; ``times`` do not fall."""
        first = start = 0
        while first < len(times):
            behind = int(np.searchsorted(times, start + self.duration_ms))
            if min(behind - first, self.length) >= self.fewest:
                yield first, behind
            if behind == len(times):
                return
            start += self.hop_ms
            first = int(np.searchsorted(times, start))
            if first >= behind:
                first, start = behind, int(times[behind])

    def stream(self, source: Signal) -> Stream:
        """Cut one item at a time."""
        self.output(source)
        return _TimeStream(self)


@dataclass(slots=True)
class _TimeStream:
    rule: TimeWindows
    rows: list[tuple[int, NDArray[Any]]] = field(default_factory=list)
    start: int = 0
    now: int = 0
    clock: NDArray[np.uint32] | None = None

    def push(self, item: NDArray[Any]) -> list[NDArray[Any]]:
        clock = times_ms(item[None])
        self.now += 0 if self.clock is None else int(forward(clock - self.clock)[0])
        self.clock = clock
        if not self.rows:
            self.start = self.now
        windows = []
        while self.now - self.start >= self.rule.duration_ms:
            windows += self._window()
            self.start += self.rule.hop_ms
            self.rows = [row for row in self.rows if row[0] >= self.start]
            if not self.rows:
                self.start = self.now
        self.rows = [*self.rows, (self.now, rows_of(item[None])[0].copy())][-self.rule.length :]
        return windows

    def flush(self) -> list[NDArray[Any]]:
        return self._window()

    def _window(self) -> list[NDArray[Any]]:
        rows = [row for _, row in self.rows]
        if len(rows) < self.rule.fewest:
            return []
        fill = rows[-1] if self.rule.padding == "edge" else np.zeros_like(rows[-1])
        return [np.stack(rows + [fill] * (self.rule.length - len(rows)))]
