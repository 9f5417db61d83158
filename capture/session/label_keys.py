"""Label hotkeys: what keys pressed while recording make of its labels."""

from __future__ import annotations

from dataclasses import dataclass

from zerotap.capture.packet import LabelSpan

POINT_KEY, UNDO_KEY = " ", "u"
SOURCE = "hotkey"


@dataclass(frozen=True, slots=True)
class _Mark:
    at_s: float
    label: str
    is_point: bool


class Marks:
    """The labels of a recording that begins as ``label``: digits choose among ``classes``, the first is 1.

    A span ends where the next begins, the last holds to the end. A point carries the label of its span.
    """

    def __init__(self, label: str, classes: tuple[str, ...]) -> None:
        self._first, self._classes = label, classes
        self._marks: list[_Mark] = []

    @property
    def label(self) -> str:
        """The label now."""
        return next((mark.label for mark in reversed(self._marks) if not mark.is_point), self._first)

    def obey(self, key: str, at_s: float) -> bool:
        """Follow a key pressed ``at_s`` seconds after the first packet; tell whether it changed anything."""
        before = len(self._marks)
        if key == UNDO_KEY:
            self._marks = self._marks[:-1]
        elif key == POINT_KEY:
            self._marks.append(_Mark(at_s, self.label, is_point=True))
        elif key in "123456789"[: len(self._classes)]:
            label = self._classes[int(key) - 1]
            if label != self.label:
                self._marks.append(_Mark(at_s, label, is_point=False))
        return len(self._marks) != before

    def spans(self) -> list[LabelSpan]:
        """Return the labels, in the order of their starts; a span of no length is left out."""
        switches = [_Mark(0.0, self._first, False), *(mark for mark in self._marks if not mark.is_point)]
        ends = [*(mark.at_s for mark in switches[1:]), float("inf")]
        spans = [
            LabelSpan(mark.at_s, end_s, mark.label, SOURCE if mark in self._marks else "user")
            for mark, end_s in zip(switches, ends, strict=True)
            if mark.at_s < end_s
        ]
        points = [
            LabelSpan(mark.at_s, mark.at_s, mark.label, SOURCE) for mark in self._marks if mark.is_point
        ]
        return sorted([*spans, *points], key=lambda span: (span.start_s, span.end_s))
