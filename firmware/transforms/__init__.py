"""The C twins of features' transforms: one module a transform, found by its name."""

from __future__ import annotations

from typing import Final

from . import pad_ids, range_scale, statistics, time_windows, typed_words, windows
from .interface import Stage as Stage
from .interface import Twin

TWINS: Final[dict[str, Twin]] = {
    "pad_ids": pad_ids,
    "range_scale": range_scale,
    "statistics": statistics,
    "time_windows": time_windows,
    "typed_words": typed_words,
    "windows": windows,
}
