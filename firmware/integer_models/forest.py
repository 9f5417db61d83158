"""A forest's C twin: as levels of full trees, or words of them, as a table of nodes, or as branches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.errors import ModelError

from .forests.branches import branches
from .forests.leaves import leaves_of
from .forests.levels import levels
from .forests.nodes import nodes
from .forests.packed import packed
from .interface import Takes, TwinImplementation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Forest

TAKES: Takes = "features"
SMALLER: str = "fewer or shallower trees"
_FORMS: Final = (branches, levels, nodes, packed)


def describe(model: Forest) -> dict[str, int | str]:
    """Trees, the longest way, and how many splits and different leaves there are."""
    leaves = leaves_of(model)
    return {
        "trees": model.trees,
        "depth": model.depth,
        "splits": model.splits,
        "leaves": len(leaves.rows),
        "leaf_form": leaves.form,
    }


def inputs(model: Forest) -> int:
    """How many features the model takes."""
    return int(model.inputs)


def draw(model: Forest, count: int, seed: int) -> NDArray[np.int32]:
    """Draw features int32 (count, inputs) at thresholds, one beside them, and at the ends of the range."""
    from zerotap.features.integer_models import FEATURE_MOST

    rng = np.random.default_rng(seed)
    shape = (count, int(model.inputs))
    rows = rng.integers(-FEATURE_MOST, FEATURE_MOST, shape, endpoint=True)
    rows = np.where(rng.random(shape) < 0.02, rng.choice((-FEATURE_MOST, 0, FEATURE_MOST), shape), rows)
    if model.splits:
        near = rng.choice(model.thresholds, shape) + rng.integers(0, 2, shape)
        rows = np.where(rng.random(shape) < 0.9, near, rows)
    drawn: NDArray[np.int32] = np.clip(rows, -FEATURE_MOST, FEATURE_MOST).astype(np.int32)
    return drawn


def implementations(model: Forest) -> tuple[TwinImplementation, ...]:
    """Every form that holds the forest; raises ModelError where none does."""
    leaves = leaves_of(model)
    found = tuple(made for form in _FORMS if (made := form(model, leaves)) is not None)
    if not found:
        raise ModelError(
            f"a forest of {model.trees} trees, {model.depth} splits deep, has no form that holds it: "
            f"train it with {SMALLER}"
        )
    return found
