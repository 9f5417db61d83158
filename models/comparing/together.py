"""Whether report.json and evidence.json are of one comparison."""

from __future__ import annotations

from .evidence import Evidence
from .json_place import Place
from .values import Comparison


def check_together(comparison: Comparison, evidence: Evidence, place: Place) -> None:
    """Raise ModelError, which names the place in evidence.json, where it is of another comparison."""
    tested, classes = comparison.data.recordings.test, len(comparison.data.classes)
    found = len(evidence.tested)
    place["recordings"].require(found == tested, f"has {found} of the test side, and report.json {tested}")
    for one, recording in zip(place["recordings"].each(), evidence.recordings, strict=True):
        one["class"].require(recording.index < classes, f"is {recording.index}, of {classes} classes")
    known = {one.name for one in comparison.models} | {one.name for one in comparison.references}
    parts = ("verdicts", "confidence", "curves", "learning", "precision_recall", "by_flash", "ways")
    for part in (each for each in parts if each in place.value):
        for name, one in place[part].items():
            one.require(name in known, "is of no model or reference of report.json")
