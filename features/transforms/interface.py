"""What every transform is: a map from a sequence of items to a sequence of items, in integers.

An item is a report, a sample, a window or a text event; ``Signal`` says what one looks like. A transform that
keeps no state gives one item for each (statistics of windows); one with state may give fewer (windows of
samples, decimation). The batch form takes a recording's items at once, the stream form one at a time as the
board does, and a C twin in ``firmware/runtime/`` does the same: the three give equal bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Signal:
    """One item: its shape and NumPy dtype name ("uint8", "int8", "int16", "int32")."""

    shape: tuple[int, ...]
    dtype: str

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.size * np.dtype(self.dtype).itemsize


class Stream(Protocol):
    """A transform at work on one recording."""

    def push(self, item: NDArray[Any]) -> list[NDArray[Any]]:
        """Take one item; give those that it completes: mostly none or one."""

    def flush(self) -> list[NDArray[Any]]:
        """End the recording; give what is left (a padded window, say), if anything."""


class Transform(Protocol):
    """A frozen dataclass of parameters; its fields are what the pipeline's TOML holds.

    ``host_only`` is empty, or the reason why the board cannot do it: ``export`` refuses it with that.
    """

    name: ClassVar[str]
    host_only: ClassVar[str]

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """Give some of its kind with items that they take: what the conformance checks run over."""

    def output(self, source: Signal) -> Signal:
        """The items given for items like ``source``; raises FeatureError for items it does not take."""

    def batch(self, items: NDArray[Any]) -> NDArray[Any]:
        """A recording's items (n, *shape) to its results (m, *shape), vectorised."""

    def stream(self, source: Signal) -> Stream:
        """Begin a recording of items like ``source``."""


@runtime_checkable
class ManyAtOnce(Protocol):
    """A transform that takes many short recordings quicker at once than one after the other."""

    def batches(self, recordings: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """The results of each, as ``batch`` gives them."""


@dataclass(frozen=True, slots=True)
class ItemByItem:
    """The stream of a transform without state: each item is a batch of one."""

    compute: Callable[[NDArray[Any]], NDArray[Any]]

    def push(self, item: NDArray[Any]) -> list[NDArray[Any]]:
        """Give the one result."""
        return [self.compute(item[np.newaxis])[0]]

    def flush(self) -> list[NDArray[Any]]:
        """Nothing is kept."""
        return []


def run_stream(stream: Stream, items: Iterable[NDArray[Any]]) -> list[NDArray[Any]]:
    """Push every item and flush; gives all results in order."""
    results = [result for item in items for result in stream.push(item)]
    return results + stream.flush()
