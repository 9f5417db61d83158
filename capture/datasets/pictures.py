"""Pictures of recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.packet import LabelSpan, Recording
from zerotap.drawing import axes_or_new
from zerotap.errors import CaptureError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BINS = 120
_NO_TIME_S = 1e-3  # the width of a picture of packets that came all at once


def plot_recording(recording: Recording, ax: Axes | None = None) -> Axes:
    """Draw the bytes per second of a recording over its time, its labels behind; returns the axes.

    Spans of a label are coloured bands, points of a label and gaps lines. ``ax``: where to draw; a new figure
    where None. Raises CaptureError for a recording without packets, and MissingExtraError without matplotlib.
    """
    if not len(recording):
        raise CaptureError(f"recording {recording.name or '(unnamed)'} has no packets: record it again")
    ax = axes_or_new(ax, 8, 3)
    since_s = (recording.timestamps_ns - recording.timestamps_ns[0]) / 1e9
    end_s = max(recording.duration_s, _NO_TIME_S)
    counts, edges = np.histogram(since_s, _BINS, (0, end_s), weights=recording.lengths)
    ax.stairs(counts / np.diff(edges), edges, fill=True, color="0.25", label="_")
    _draw_labels(ax, recording.labels, end_s)
    for event in recording.events:
        if event.kind in ("gap", "unplug"):
            at_s = (event.timestamp_ns - int(recording.timestamps_ns[0])) / 1e9
            ax.axvline(at_s, color="red", linestyle=":", label=_once(ax, event.kind))
    ax.set(xlim=(0, end_s), xlabel="time since the first packet (s)", ylabel="data rate (bytes/s)")
    ax.set_title(f"{recording.name or 'recording'}: {len(recording):,} packets", fontsize="medium")
    if ax.get_legend_handles_labels()[1]:
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax


def _draw_labels(ax: Axes, labels: tuple[LabelSpan, ...], end_s: float) -> None:
    """Give each label one colour: a band for a span, a line for a point."""
    names = sorted({span.label for span in labels})
    for span in labels:
        colour = f"C{names.index(span.label) % 10}"
        if span.start_s == span.end_s:
            ax.axvline(span.start_s, color=colour, linestyle="--", label=_once(ax, f"{span.label} (point)"))
        else:
            stop_s = min(span.end_s, end_s)
            ax.axvspan(span.start_s, stop_s, color=colour, alpha=0.25, lw=0, label=_once(ax, span.label))


def _once(ax: Axes, name: str) -> str:
    """Name a thing in the legend the first time only."""
    return "_" if name in ax.get_legend_handles_labels()[1] else name
