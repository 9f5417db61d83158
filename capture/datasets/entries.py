"""Entries: what the labels of a dataset's recordings say of them, part by part."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from zerotap.capture.labels import labels_path, spans_of
from zerotap.capture.packet import LabelSpan, Recording
from zerotap.errors import CaptureError


@dataclass(frozen=True, slots=True)
class Entry:
    """What one label says of a recording of a dataset: the file, a name (its stem), the label.

    ``span`` is the part of the recording that the label holds for; None is all of it. ``labels``: all that
    its file says; None where they were not read yet.
    """

    path: Path
    name: str
    label: str
    span: LabelSpan | None = None
    labels: tuple[LabelSpan, ...] | None = field(default=None, repr=False, compare=False)


def entries_of(path: Path, labels: tuple[LabelSpan, ...]) -> list[Entry]:
    """Return an entry for each label span of a recording; one for all of it where that is all there is."""
    try:
        spans = spans_of(labels)
    except CaptureError as error:
        raise CaptureError(f"{labels_path(path)}: {error}") from None
    names = sorted({span.label for span in labels})
    if not spans and len(names) != 1:
        given = f"points of several labels ({', '.join(names)})" if names else "no label"
        raise CaptureError(f"{path}: has {given}: give it a span with `zerotap label {path} --add`")
    if len(spans) < 2 and (not spans or (spans[0].start_s, spans[0].end_s) == (0, float("inf"))):
        return [Entry(path, path.stem, spans[0].label if spans else names[0], labels=labels)]
    return [Entry(path, f"{path.stem}-{n}", span.label, span, labels) for n, span in enumerate(spans, 1)]


def part_of(recording: Recording, span: LabelSpan, path: Path) -> Recording:
    """Return the packets that ``span`` holds for; raise CaptureError where none are."""
    since_first_s = (recording.timestamps_ns - recording.timestamps_ns[0]) / 1e9
    start, stop = np.searchsorted(since_first_s, (span.start_s, span.end_s)).tolist()
    if start == stop:
        raise CaptureError(
            f"{path}: no packets from {span.start_s:g} to {span.end_s:g} s, labelled {span.label}: "
            f"remove that label with `zerotap label {path} --remove`"
        )
    return recording.slice(start, stop)
