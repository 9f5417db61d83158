"""Axes for the pictures of every room; matplotlib is loaded when the first picture is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotap.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def axes_or_new(ax: Axes | None, width_in: float, height_in: float) -> Axes:
    """Return ``ax``, or the axes of a new figure of that many inches.

    Raises MissingExtraError where matplotlib is not installed.
    """
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise MissingExtraError(
            "pictures need matplotlib, which is not installed: pip install 'zerotap[plots]'"
        ) from error
    return pyplot.subplots(figsize=(width_in, height_in), layout="constrained")[1]
