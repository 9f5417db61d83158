"""Recordings on which two models differ, named; what was typed only where that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from zerotap.capture import labels_of_class
from zerotap.models.head_kinds import LABELS
from zerotap.models.report.page.view import Cell, Example, Examples, Section
from zerotap.models.report.page.wording import clipped

if TYPE_CHECKING:
    from zerotap.models.comparing.evidence import Evidence
    from zerotap.models.comparing.values import Comparison

SHOWN_MOST: Final = 6


def examples_section(comparison: Comparison, evidence: Evidence) -> Section | None:
    """Where one of the two champions is right and the other wrong; None without the verdicts of both."""
    pair = comparison.verdict.pair
    if len(pair) != 2 or not all(name in evidence.verdicts for name in pair):
        return None
    one, other = (Judged.of(comparison, evidence, name) for name in pair)
    groups = (
        _group(f"{one.name} right, {other.name} wrong", (one, other), (True, False), evidence),
        _group(f"{other.name} right, {one.name} wrong", (one, other), (False, True), evidence),
        _group("neither right", (one, other), (False, False), evidence),
    )
    named = "" if evidence.texts else " Recordings are named; what was typed is not in this file."
    return Section(
        "examples",
        "Where they differ",
        "Examples",
        f"Test recordings that one model tells and the other does not, the surest mistakes first.{named}",
        examples=tuple(group for group in groups if group.there),
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """What a model said of each test recording, in words, how sure it was, and whether it is right."""

    name: str
    truths: tuple[str, ...]
    said: tuple[str, ...]
    right: tuple[bool, ...]
    sureness: tuple[float, ...]

    @classmethod
    def of(cls, comparison: Comparison, evidence: Evidence, name: str) -> Judged:
        """Read a model's verdicts."""
        model, classes = comparison.model(name), comparison.data.classes
        truths = tuple(classes[one.index] for one in evidence.tested)
        verdicts = evidence.verdicts[name]
        if model.head == LABELS:
            said = [frozenset(_labels(model.labels, verdict)) for verdict in verdicts]
            right = [
                one == frozenset(labels_of_class(truth)) for one, truth in zip(said, truths, strict=True)
            ]
            words = tuple(" + ".join(_labels(model.labels, verdict)) or "none" for verdict in verdicts)
        else:
            words = tuple(
                classes[verdict] if verdict < len(classes) else str(verdict) for verdict in verdicts
            )
            right = [one == truth for one, truth in zip(words, truths, strict=True)]
        return cls(name, truths, words, tuple(right), tuple(evidence.confidence.get(name, ())))

    def cell(self, at: int) -> Cell:
        """What was said of a recording."""
        return Cell(self.said[at], f"{self.sureness[at]:.0%} sure" if self.sureness else "")


def _labels(labels: tuple[str, ...], said: int) -> list[str]:
    return [label for at, label in enumerate(labels) if said >> at & 1]


def _group(
    title: str, pair: tuple[Judged, Judged], wanted: tuple[bool, bool], evidence: Evidence
) -> Examples:
    one, other = pair
    found = [at for at, both in enumerate(zip(one.right, other.right, strict=True)) if both == wanted]
    found.sort(
        key=lambda at: -max((judged.sureness[at] for judged in pair if _is_sure(judged, at)), default=0)
    )
    shown = tuple(_example(pair, evidence, at) for at in found[:SHOWN_MOST])
    return Examples(title, (one.name, other.name), shown, len(found))


def _is_sure(judged: Judged, at: int) -> bool:
    """Whether it is wrong and says how sure it is."""
    return bool(judged.sureness) and not judged.right[at]


def _example(pair: tuple[Judged, Judged], evidence: Evidence, at: int) -> Example:
    recording = evidence.tested[at].name
    text = clipped(evidence.texts.get(recording, ""))
    return Example(recording, pair[0].truths[at], tuple(judged.cell(at) for judged in pair), text)
