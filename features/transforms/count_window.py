"""Windows by count: so many reports or samples, as the board's ring buffer cuts them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from zerotap.errors import FeatureError

from .cutting import MOST_ROWS, PADDINGS, check_windows, count_windows, minimum_rows
from .interface import Signal, Stream, Transform
from .parameters import About

if TYPE_CHECKING:
    from numpy.typing import NDArray

DTYPES = ("uint8", "int8", "int16", "int32")


@dataclass(frozen=True, slots=True)
class CountWindows:
    """Windows of ``length`` items every ``hop`` items.

    Of a last one that is short ``minimum_fill`` and ``padding`` decide, see ``cutting.count_windows``.
    Items of any integer dtype and shape; results (length, *shape). The board holds one window. Raises
    FeatureError for impossible parameters.
    """

    name: ClassVar[str] = "windows"
    host_only: ClassVar[str] = ""
    length: Annotated[int, About("items of a window", "items", 1, MOST_ROWS)]
    hop: Annotated[int, About("from one window's start to the next's", "items", 1, rule="1 to length")]
    minimum_fill: Annotated[float, About("least share of a last, short window that is real", "", 0, 1)] = 0.5
    padding: Annotated[str, About("what fills a window up", choices=PADDINGS)] = "zero"

    def __post_init__(self) -> None:
        check_windows(self.length, self.hop, self.minimum_fill, self.padding)
        if self.length > MOST_ROWS:
            raise FeatureError(f"a window of {self.length} rows is too long: choose at most {MOST_ROWS}")

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """Give windows that overlap, that do not, of one item, and with each padding."""
        report = Signal((8,), "uint8")
        return [
            (cls(6, 2), report),
            (cls(5, 5, 1.0), report),
            (cls(7, 3, 0.0, "edge"), Signal((3,), "int16")),
            (cls(4, 3, 0.5, "drop"), Signal((2, 2), "int32")),
            (cls(1, 1), Signal((), "int32")),
        ]

    def output(self, source: Signal) -> Signal:
        """Return items of ``length`` rows; raises FeatureError for other than integers."""
        if source.dtype not in DTYPES:
            raise FeatureError(f"windows are of {', '.join(DTYPES)}, not {source.dtype}: convert it first")
        return Signal((self.length, *source.shape), source.dtype)

    def batch(self, items: NDArray[Any]) -> NDArray[Any]:
        """Cut (n, *shape) into (windows, length, *shape); a view where nothing is filled up."""
        self.output(Signal(items.shape[1:], items.dtype.name))
        return count_windows(items, self.length, self.hop, self.minimum_fill, self.padding)

    def stream(self, source: Signal) -> Stream:
        """Cut one item at a time."""
        self.output(source)
        return _CountStream(self)


@dataclass(slots=True)
class _CountStream:
    rule: CountWindows
    rows: deque[NDArray[Any]] = field(init=False)
    wait: int = field(init=False)
    given: bool = False

    def __post_init__(self) -> None:
        self.rows, self.wait = deque(maxlen=self.rule.length), self.rule.length

    def push(self, item: NDArray[Any]) -> list[NDArray[Any]]:
        self.rows.append(item.copy())
        self.wait -= 1
        if self.wait:
            return []
        self.wait, self.given = self.rule.hop, True
        return [np.stack(list(self.rows))]

    def flush(self) -> list[NDArray[Any]]:
        rule = self.rule
        tail = list(self.rows)[-(rule.length - self.wait) :] if self.wait < rule.length else []
        unseen = self.wait < (rule.hop if self.given else rule.length)
        enough = not self.given or len(tail) >= minimum_rows(rule.length, rule.minimum_fill)
        if not unseen or not enough or rule.padding == "drop":
            return []
        fill = tail[-1] if rule.padding == "edge" else np.zeros_like(tail[-1])
        return [np.stack(tail + [fill] * (rule.length - len(tail)))]
