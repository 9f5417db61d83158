"""Verdicts of a model on a task's test side, one model beside another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zerotap.features import Windows
from zerotap.models import Reading, Scores, by_recording, difference, score


@dataclass(frozen=True)
class Outputs:
    """Outputs (n, outputs) of the test windows of every split, pooled; ``windows`` says what each is of."""

    outputs: np.ndarray
    windows: Windows
    reading: Reading

    @classmethod
    def pooled(cls, parts: Sequence[tuple[np.ndarray, Windows]], reading: Reading) -> Outputs:
        """Those of several splits; a recording is one of its split, so its group is counted on."""
        groups, offset = [], 0
        for _, windows in parts:
            groups.append(windows.groups - windows.groups.min() + offset)
            offset = int(groups[-1].max()) + 1
        y = np.concatenate([windows.y for _, windows in parts])
        whole = Windows(np.empty((len(y), 0)), y, np.concatenate(groups))
        return cls(np.concatenate([outputs for outputs, _ in parts]), whole, reading)

    def scores(self, by_window: bool) -> Scores:
        """By recording, or by window."""
        scores = score(self.outputs, self.windows, self.reading)
        return scores.windows if by_window and scores.windows else scores

    def said(self, by_window: bool) -> tuple[np.ndarray, Windows]:
        """The verdicts, and what they are of."""
        units = self.windows if by_window else by_recording(self.outputs, self.windows)
        return self.reading.verdicts(self.outputs if by_window else units.x), units


def median_of(runs: Sequence[Outputs], by_window: bool) -> Outputs:
    """The run of the middle macro-F1 (of two, the lower)."""
    order = sorted(runs, key=lambda run: run.scores(by_window).macro_f1)
    return order[(len(order) - 1) // 2]


def less(one: Outputs, other: Outputs, by_window: bool) -> dict[str, object]:
    """The macro-F1 of one less that of the other, paired by recording, with its 95 % interval."""
    (said, units), (other_said, _) = one.said(by_window), other.said(by_window)
    found = difference(said, other_said, units, one.reading)
    return {"difference": found.difference, "interval": list(found.interval)}
