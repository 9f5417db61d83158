"""Pictures of what a model does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.drawing import axes_or_new
from zerotap.errors import ModelError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from zerotap.models.evaluation.scores import Scores

_CELL_IN, _MARGIN_IN = 0.9, 1.6
_LEVEL = 3  # classes whose names fit side by side
_DARK = 0.6  # of a colour that white text is read on


def plot_confusion(scores: Scores, classes: Sequence[str], ax: Axes | None = None) -> Axes:
    """Draw how often each verdict was given on each true class; returns the axes.

    A cell holds a count of recordings and its share of the row, which is also its colour. ``ax``: where to
    draw; a new figure where None. Raises ModelError for other than the scores' number of classes, and
    MissingExtraError without matplotlib.
    """
    counts = np.array(scores.confusion, np.int64)
    if len(classes) != len(counts):
        raise ModelError(f"{len(classes)} classes for scores of {len(counts)}: give the model's own classes")
    size_in = _MARGIN_IN + _CELL_IN * len(counts)
    ax = axes_or_new(ax, size_in + 1, size_in)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(shares):
        text = f"{counts[row, column]}\n{share:.0%}"
        ax.text(column, row, text, ha="center", va="center", color="white" if share > _DARK else "black")
    tilted: Any = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if len(classes) > _LEVEL else {}
    ax.set_xticks(range(len(classes)), classes, **tilted)
    ax.set_yticks(range(len(classes)), classes)
    ax.set(xlabel="verdict", ylabel="true class (recordings)")
    ax.set_title(f"accuracy {scores.accuracy:.1%}, macro-F1 {scores.macro_f1:.3f}", fontsize="medium")
    return ax
