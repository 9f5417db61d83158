"""The C twins of features' transforms: one module a transform, found by its name."""

from __future__ import annotations

from typing import Final

from . import range_scale, statistics
from .interface import Stage as Stage
from .interface import Twin

TWINS: Final[dict[str, Twin]] = {
    "range_scale": range_scale,
    "statistics": statistics,
}
