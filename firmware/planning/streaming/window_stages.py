"""A pipeline's stages taken apart: what comes before its windows, the windows, and what scales their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.errors import FeatureError
from zerotap.features.transforms import CountWindows, Signal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Pipeline
    from zerotap.features.transforms import Transform

_BY_CHANNEL: Final = ("narrow", "range_scale", "sample_scale", "standardise")


@dataclass(frozen=True, slots=True)
class WindowStages:
    """``before`` gives items like ``item``; ``windows`` cuts them; ``behind`` takes each row by itself.

    ``fill``: the codes of a row that fills a window up with zeros, int8.
    """

    before: tuple[Transform, ...]
    windows: CountWindows
    behind: tuple[Transform, ...]
    item: Signal
    fill: tuple[int, ...]

    @property
    def row(self) -> Signal:
        """An item as a window of one row, which the stages behind take."""
        return Signal((1, *self.item.shape), self.item.dtype)


def window_stages(pipeline: Pipeline) -> WindowStages | str:
    """Take a pipeline apart; or why its windows cannot be computed item by item."""
    names = [stage.name for stage in pipeline.stages]
    if CountWindows.name not in names:
        return "the pipeline cuts no windows by count"
    place = len(names) - 1 - names[::-1].index(CountWindows.name)
    windows, behind = pipeline.stages[place], pipeline.stages[place + 1 :]
    assert isinstance(windows, CountWindows)
    whole = [stage.name for stage in behind if stage.name not in _BY_CHANNEL]
    if whole:
        return f"the stage {whole[0]} needs the whole window"
    item = pipeline.signals[place]
    row = np.zeros((1, 1, *item.shape), item.dtype)
    try:
        for stage in behind:
            row = stage.batch(row)
    except FeatureError:
        return "a stage behind the windows scales each place of a window by itself"
    return WindowStages(pipeline.stages[:place], windows, behind, item, _codes(row))


def _codes(row: NDArray[Any]) -> tuple[int, ...]:
    """As the model takes them: of bytes q = byte - 128."""
    codes = row.ravel().astype(np.int64) - (128 if row.dtype == np.uint8 else 0)
    return tuple(codes.tolist())
