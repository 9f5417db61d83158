"""Every transform by its name: what a pipeline's TOML may name, and what the conformance checks run over."""

from __future__ import annotations

from typing import Final

from zerotap.errors import FeatureError

from .range_scale import RangeScale
from .statistics import Statistics
from .transform import Transform

TRANSFORMS: Final[dict[str, type[Transform]]] = {
    "range_scale": RangeScale,
    "statistics": Statistics,
}


def transform_type(name: str) -> type[Transform]:
    """Look a transform up; raises FeatureError, which lists the known ones."""
    if name not in TRANSFORMS:
        raise FeatureError(f"there is no transform {name!r}: choose one of {', '.join(sorted(TRANSFORMS))}")
    return TRANSFORMS[name]
