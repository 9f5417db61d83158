"""Labelling: list and change the labels of recordings; the recordings themselves are never written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from zerotap.capture.datasets.dataset import Dataset
from zerotap.capture.datasets.manifest import MANIFEST
from zerotap.capture.files.reading import read_recordings
from zerotap.capture.labels import change_labels, checked_span, read_labels
from zerotap.capture.packet import LabelSpan
from zerotap.errors import CaptureError

Labels = tuple[LabelSpan, ...]


def labels_of(path: str | Path) -> dict[Path, Labels]:
    """Return the labels of a recording, or of each recording of a dataset, in the order of the files' lines.

    Raises CaptureError for a path that is neither and for a labels file that cannot be read.
    """
    path = Path(path)
    if path.is_dir():
        Dataset.open(path)
        recordings = sorted((path / "recordings").glob("*.pcapng"))
    else:
        recordings = [_checked_recording(path)]
    return {recording: read_labels(recording) for recording in recordings}


def add_label(recording: str | Path, added: LabelSpan) -> Labels:
    """Add a span or a point to the labels beside the file ``recording``, and return them all.

    A span takes the place of what was labelled there: spans under it are cut, or go. A span's label that is
    new to the dataset becomes one of its classes.

    Raises CaptureError for a label without a name, an end before its start, or a start after the recording's
    end.
    """
    recording, added = _checked_recording(recording), checked_span(added)
    lasts_s = max((r.duration_s for r in read_recordings(recording)), default=0.0)
    if added.start_s > lasts_s:
        raise CaptureError(
            f"{recording}: lasts {lasts_s:.3f} s, so nothing is at {added.start_s:g} s: give an earlier start"
        )
    inside = recording.parent  # said as it was typed, in the dataset's own folders too
    folder = inside / ".." if inside.name in ("", "..") else inside.parent
    if added.start_s < added.end_s and (folder / MANIFEST).exists():
        Dataset.open(folder).add_classes(added.label)
    return change_labels(recording, lambda labels: with_label(labels, added))


def remove_label(recording: str | Path, number: int) -> Labels:
    """Remove label ``number`` (1 is the first of the file) beside ``recording``, and return those that stay.

    Raises CaptureError where there is no such label.
    """

    def without(labels: Labels) -> Labels:
        if not 1 <= number <= len(labels):
            raise CaptureError(
                f"{recording}: has {len(labels)} labels and no number {number}: "
                f"`zerotap label {recording}` lists"
            )
        return labels[: number - 1] + labels[number:]

    return change_labels(_checked_recording(recording), without)


def with_label(labels: Labels, added: LabelSpan) -> Labels:
    """Return ``labels`` with one more, in order of time; a span takes the place of what was there."""
    others = [part for label in labels for part in _outside(label, added)]
    return tuple(sorted([*others, added], key=lambda label: (label.start_s, label.end_s)))


def _outside(label: LabelSpan, added: LabelSpan) -> list[LabelSpan]:
    """Return what of ``label`` is left beside the span ``added``; points stay, and points take nothing."""
    if label.start_s == label.end_s or added.start_s == added.end_s:
        return [label]
    before = replace(label, end_s=min(label.end_s, added.start_s))
    after = replace(label, start_s=max(label.start_s, added.end_s))
    return [part for part in (before, after) if part.start_s < part.end_s]


def _checked_recording(path: str | Path) -> Path:
    if not Path(path).is_file():
        raise CaptureError(f"{path}: no recording is there: give a capture file, or the folder of a dataset")
    return Path(path)
