"""Segments: a recording's stretches without a gap, which no window crosses."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from zerotap.capture import Recording

BREAKS = ("gap", "unplug")


def segments(recording: Recording) -> list[Recording]:
    """Cut a recording before the first packet at or behind each gap or unplug event; none is empty.

    The pieces share the recording's memory. A failed or cut transfer is one packet's loss and cuts nothing.
    """
    times_ns = [event.timestamp_ns for event in recording.events if event.kind in BREAKS]
    cuts = np.searchsorted(recording.timestamps_ns, np.array(times_ns, np.int64))
    bounds = np.unique([0, *cuts.tolist(), len(recording)]).tolist()
    if len(bounds) <= 2:
        return [recording] if len(recording) else []
    return [recording.slice(start, stop) for start, stop in pairwise(bounds)]
