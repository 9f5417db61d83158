"""What an import came to, as plain values for JSON and as lines for a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.capture.datasets.splits.places import UNPLACED, Place

if TYPE_CHECKING:
    from zerotap.capture.sensors.sensor_stream import SensorStream

MOST_SHOWN = 20
SAME_RATE = 0.05  # of the rate: more than that between files is worth a line


@dataclass(frozen=True, slots=True)
class Stored:
    """A recording of a dataset: the ``file`` it came from, its ``path``, label, samples if any, and place."""

    file: Path
    path: Path
    label: str
    samples: SensorStream | None = None
    place: Place = UNPLACED


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What of a ``file`` is in no recording, and why; all of it where it cannot be read."""

    file: str
    why: str


@dataclass(frozen=True, slots=True)
class Imported:
    """Everything that was stored in the dataset ``folder``, and what was left out."""

    stored: list[Stored] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    folder: Path = Path()

    def leave_out(self, path: Path, why: str) -> None:
        """Note what is not in the recordings."""
        self.left_out.append(LeftOut(str(path), why))

    def to_json(self) -> dict[str, Any]:
        """Return plain values; ``label`` is that of all recordings, None where there are several."""
        labels = {one.label for one in self.stored}
        report: dict[str, Any] = {
            "label": labels.pop() if len(labels) == 1 else None,
            "recordings": [str(one.path) for one in self.stored],
            "files": len({one.file for one in self.stored}),
            "classes": self._classes(),
            "left_out": [{"file": one.file, "why": one.why} for one in self.left_out],
        }
        if any(any(one.place) for one in self.stored):
            report |= {"sides": self._sides(), "groups": self._groups()}
        return report | self._measured() if self._samples() else report

    def _sides(self) -> dict[str, int]:
        """How many recordings are on which side."""
        return dict(sorted(Counter(one.place.side for one in self.stored if one.place.side).items()))

    def _groups(self) -> list[str]:
        return sorted({one.place.group for one in self.stored if one.place.group})

    def _samples(self) -> list[SensorStream]:
        return [one.samples for one in self.stored if one.samples is not None]

    def _classes(self) -> list[dict[str, Any]]:
        rows: dict[str, dict[str, Any]] = {}
        for one in sorted(self.stored, key=lambda one: one.label):
            row = rows.setdefault(one.label, {"label": one.label, "recordings": 0})
            row["recordings"] += 1
            if one.samples is not None:
                row["samples"] = row.get("samples", 0) + len(one.samples)
                row["seconds"] = row.get("seconds", 0.0) + _seconds(one.samples)
        return list(rows.values())

    def _measured(self) -> dict[str, Any]:
        samples = self._samples()
        rates_hz = [one.rate_hz for one in samples if one.rate_hz is not None]
        jitters_s = [one.jitter_s for one in samples if one.jitter_s is not None]
        return {
            "channels": _channels(samples),
            "rate_hz": median(rates_hz) if rates_hz else None,
            "slowest_hz": min(rates_hz, default=None),
            "fastest_hz": max(rates_hz, default=None),
            "jitter_s": max(jitters_s, default=None),
        }

    def lines(self) -> list[str]:
        """Say it to a person: where captures are, what numbers came to, what was left out."""
        captures = [one for one in self.stored if one.samples is None]
        shown = [f"{one.label}: {one.path}" for one in captures[:MOST_SHOWN]]
        if len(captures) > MOST_SHOWN:
            shown.append(f"... and {len(captures) - MOST_SHOWN} recordings more")
        if self._samples():
            shown += self._summary()
        return shown + self._place_lines() + self._left_out_lines()

    def _place_lines(self) -> list[str]:
        sides, groups = self._sides(), self._groups()
        shown = [f"sides: {', '.join(f'{count} {side}' for side, count in sides.items())}"] if sides else []
        return shown + ([_count(len(groups), "group")] if groups else [])

    def _summary(self) -> list[str]:
        report = self.to_json()
        rows = [one for one in report["classes"] if "samples" in one]
        counts = [
            f"  {row['label']}: {_count(row['recordings'], 'recording')}, "
            f"{_count(row['samples'], 'sample')}, {row['seconds']:.1f} s"
            for row in rows
        ]
        ranges = [f"  {one['name']}: {one['minimum']:g} to {one['maximum']:g}" for one in report["channels"]]
        files, classes = _count(report["files"], "file"), _count(len(rows), "class", "classes")
        return [
            f"{files}, {classes}, {_count(len(ranges), 'channel')}, {_pace(report)}",
            *counts,
            "channels:",
            *ranges,
        ]

    def _left_out_lines(self) -> list[str]:
        shown = [f"left out: {one.file}: {one.why}" for one in self.left_out[:MOST_SHOWN]]
        more = len(self.left_out) - MOST_SHOWN
        return [*shown, f"left out: {more} more"] if more > 0 else shown


def _count(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"


def _pace(report: dict[str, Any]) -> str:
    rate_hz = report["rate_hz"]
    if rate_hz is None:
        return "rate unknown"
    slowest_hz, fastest_hz = report["slowest_hz"], report["fastest_hz"]
    differ = fastest_hz - slowest_hz > SAME_RATE * rate_hz
    between = f" ({slowest_hz:.2f} to {fastest_hz:.2f} by file)" if differ else ""
    return f"{rate_hz:.2f} samples/s{between}, jitter {report['jitter_s'] * 1e3:.2f} ms"


def _seconds(samples: SensorStream) -> float:
    """From the first sample to one interval behind the last."""
    if not len(samples):
        return 0.0
    last_s = 1 / samples.rate_hz if samples.rate_hz else 0.0
    return float(samples.timestamps_ns[-1] - samples.timestamps_ns[0]) / 1e9 + last_s


def _channels(samples: list[SensorStream]) -> list[dict[str, Any]]:
    lowest = np.min([one.values.min(axis=0) for one in samples], axis=0).tolist()
    highest = np.max([one.values.max(axis=0) for one in samples], axis=0).tolist()
    rows = zip(samples[0].names, lowest, highest, strict=True)
    return [{"name": name, "minimum": low, "maximum": high} for name, low, high in rows]
