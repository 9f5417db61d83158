"""Ids of a whole text, padded or truncated to a fixed number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from zerotap.errors import FeatureError

from .interface import Signal, Stream, Transform
from .parameters import About

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEEPS = ("head", "middle", "tail")
MOST_IDS = 1 << 12


@dataclass(frozen=True, slots=True)
class PadIds:
    """Ids int32 () of a recording to one window int32 (length,), given at its end; zeros fill it up.

    Of a longer text ``keep`` keeps the "head", the "tail", or both without the "middle" (the larger half is
    the head's). ``length`` is 1 to 4096. Raises FeatureError for other values.
    """

    name: ClassVar[str] = "pad_ids"
    host_only: ClassVar[str] = ""
    length: Annotated[int, About("ids of a window", "ids", 1, MOST_IDS)] = 32
    keep: Annotated[str, About("what is kept of a longer text", choices=KEEPS)] = "head"

    def __post_init__(self) -> None:
        if not 1 <= self.length <= MOST_IDS:
            raise FeatureError(f"a window cannot hold {self.length} ids: choose 1 to {MOST_IDS}")
        if self.keep not in KEEPS:
            raise FeatureError(f"keep {self.keep!r} is unknown: choose one of {', '.join(KEEPS)}")

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """What the conformance checks run over."""
        source = Signal((), "int32")
        cases = [
            (32, "head"),
            (5, "head"),
            (4, "middle"),
            (7, "middle"),
            (6, "tail"),
            (1, "middle"),
            (1, "tail"),
        ]
        return [(cls(length, keep), source) for length, keep in cases]

    @property
    def head(self) -> int:
        """How many of the first ids are kept whatever follows."""
        return {"head": self.length, "middle": (self.length + 1) // 2, "tail": 0}[self.keep]

    def output(self, source: Signal) -> Signal:
        """Return int32 (length,); raises FeatureError for other than ids."""
        if source != Signal((), "int32"):
            raise FeatureError(
                f"pad_ids takes no {source.dtype} of shape {source.shape}: give it ids, int32 of shape ()"
            )
        return Signal((self.length,), "int32")

    def batch(self, items: NDArray[Any]) -> NDArray[np.int32]:
        """Ids int32 (n,) to one window int32 (1, length)."""
        self.output(Signal(items.shape[1:], items.dtype.name))
        window = np.zeros((1, self.length), np.int32)
        tail = self.length - self.head
        if len(items) > self.length:
            items = np.concatenate([items[: self.head], items[len(items) - tail :]])
        window[0, : len(items)] = items
        return window

    def stream(self, source: Signal) -> Stream:
        """Begin a text."""
        self.output(source)
        return _PadStream(self)


@dataclass(slots=True)
class _PadStream:
    """The ids kept so far; those after the head drop the oldest among them where there are too many."""

    parameters: PadIds
    ids: list[int] = field(default_factory=list)

    def push(self, item: NDArray[Any]) -> list[NDArray[Any]]:
        """Keep it, or not."""
        self.ids.append(int(item))
        if len(self.ids) > self.parameters.length:
            del self.ids[self.parameters.head]
        return []

    def flush(self) -> list[NDArray[Any]]:
        """Give the window."""
        padding = [0] * (self.parameters.length - len(self.ids))
        return [np.array(self.ids + padding, np.int32)]
