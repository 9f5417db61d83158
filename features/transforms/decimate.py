"""Fewer samples: the mean of every so many."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from zerotap.errors import FeatureError

from .interface import Signal, Stream, Transform
from .parameters import About

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 256


@dataclass(frozen=True, slots=True)
class Decimate:
    """Give the mean of every ``factor`` samples (2 to 256), rounded to nearest, halves up.

    Items and results int16 of any shape. Samples at the end that are too few for a mean are left out. The
    mean is the low pass, sin(pi f N) / (N sin(pi f)); put a biquad in front for a sharper one.
    """

    name: ClassVar[str] = "decimate"
    host_only: ClassVar[str] = ""
    factor: Annotated[int, About("samples that make one", "samples", 2, MOST)]

    def __post_init__(self) -> None:
        if not 2 <= self.factor <= MOST:
            raise FeatureError(f"samples cannot be decimated by {self.factor}: choose 2 to {MOST}")

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """Give a power of two, others, and the most."""
        samples = Signal((3,), "int16")
        return [
            (cls(5), samples),
            (cls(2), Signal((2, 3), "int16")),
            (cls(7), Signal((), "int16")),
            (cls(64), samples),
        ]

    def output(self, source: Signal) -> Signal:
        """Return items of the same kind; raises FeatureError for other than int16."""
        if source.dtype != "int16":
            raise FeatureError(f"decimate takes int16 samples, not {source.dtype}: convert them first")
        return source

    def batch(self, items: NDArray[Any]) -> NDArray[np.int16]:
        """Decimate (n, *shape) to (n // factor, *shape)."""
        self.output(Signal(items.shape[1:], items.dtype.name))
        whole = items[: len(items) // self.factor * self.factor]
        sums = whole.reshape(-1, self.factor, *items.shape[1:]).sum(axis=1, dtype=np.int32)
        return self.mean(sums)

    def mean(self, sums: NDArray[np.int32]) -> NDArray[np.int16]:
        """Divide sums of ``factor`` samples."""
        return np.asarray((sums + self.factor // 2) // self.factor, np.int16)

    def stream(self, source: Signal) -> Stream:
        """Decimate one sample at a time."""
        self.output(source)
        return _DecimateStream(self)


@dataclass(slots=True)
class _DecimateStream:
    rule: Decimate
    samples: list[NDArray[Any]] = field(default_factory=list)

    def push(self, item: NDArray[Any]) -> list[NDArray[Any]]:
        self.samples.append(item.astype(np.int32))
        if len(self.samples) < self.rule.factor:
            return []
        sums, self.samples = np.stack(self.samples).sum(axis=0, dtype=np.int32), []
        return [self.rule.mean(np.asarray(sums, np.int32))]

    def flush(self) -> list[NDArray[Any]]:
        return []
