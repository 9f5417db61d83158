"""Wide results, of statistics or spectra, made narrow enough for the stages behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from zerotap.errors import FeatureError

from .interface import ItemByItem, Signal, Stream, Transform
from .parameters import About

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Narrow:
    """Divide by 2**``shift``, rounded to nearest, halves up, and saturate to int16.

    Items int32 of any shape; results int16 of the same. Raises FeatureError for a shift outside of 0 to 31.
    """

    name: ClassVar[str] = "narrow"
    host_only: ClassVar[str] = ""
    shift: Annotated[int, About("divide by 2 to this power", "bits", 0, 31)]

    def __post_init__(self) -> None:
        if not 0 <= self.shift <= 31:
            raise FeatureError(f"a shift of {self.shift} is none of an int32: choose 0 to 31")

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """What the conformance checks run over."""
        int32 = Signal((4,), "int32")
        return [(cls(0), int32), (cls(1), int32), (cls(8), Signal((2, 3), "int32")), (cls(31), int32)]

    def output(self, source: Signal) -> Signal:
        """Return int16 items of the same shape; raises FeatureError for other than int32."""
        if source.dtype != "int32":
            raise FeatureError(f"narrow takes no {source.dtype}: give it int32, or leave it out")
        return Signal(source.shape, "int16")

    def batch(self, items: NDArray[Any]) -> NDArray[np.int16]:
        """Narrow int32 (n, ...) to int16."""
        self.output(Signal(items.shape[1:], items.dtype.name))
        # The half is added behind the shift: before it, it could overflow.
        halves = (items >> (self.shift - 1)) & 1 if self.shift else 0
        result: NDArray[np.int16] = np.clip((items >> self.shift) + halves, -32768, 32767).astype(np.int16)
        return result

    def stream(self, source: Signal) -> Stream:
        """Narrow one item at a time."""
        self.output(source)
        return ItemByItem(self.batch)
