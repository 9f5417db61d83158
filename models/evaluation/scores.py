"""What a model scores, and how far that can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any, Final, NamedTuple

from .resampling import Interval

_TWO_SIDED: Final = 1.96
SECOND_DIGIT: Final = 0.01


class ClassScores(NamedTuple):
    """One class's shares, 0 to 1, and how many recordings (or windows) are of it."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True, repr=False)
class Scores:
    """Scores over ``recordings`` recordings, 0 to 1; ``confusion`` counts (true class, verdict).

    Of a model of several labels (``of_labels``) ``confusion`` has a row a label: how often it is neither true
    nor said, said wrongly, missed, true and said; accuracy is the share of those right in every label.

    ``per_class`` in the order of the classes, or labels. The intervals are those of 95 % of resamples of the
    recordings (see ``resampling``). ``calibration_error`` is None where outputs are no probabilities.
    ``windows`` are the scores of windows one by one, over as many recordings; theirs have none themselves.
    """

    accuracy: float
    macro_f1: float
    confusion: tuple[tuple[int, ...], ...]
    recordings: int
    per_class: tuple[ClassScores, ...] = ()
    accuracy_interval: Interval | None = None
    macro_f1_interval: Interval | None = None
    calibration_error: float | None = None
    windows: Scores | None = None
    of_labels: bool = False

    @property
    def counted(self) -> int:
        """How many verdicts: of recordings, or of windows."""
        return sum(self.confusion[0]) if self.of_labels else sum(map(sum, self.confusion))

    @property
    def smallest_difference(self) -> float:
        """The least difference in accuracy that so many recordings could show between two models.

        1.96 * sqrt(2 * p * (1 - p) / n), of n recordings, for two models that are right with probability p
        independently of each other; p = (right + 1) / (n + 2), so that a model without a mistake is not
        taken for one that never makes any. Models that fail on the same recordings can show less: see
        the paired interval of ``macro_f1_difference``.
        """
        share = (self.accuracy * self.recordings + 1) / (self.recordings + 2)
        return min(1.0, _TWO_SIDED * sqrt(2 * share * (1 - share) / self.recordings))

    @property
    def warning(self) -> str:
        """A sentence where the second digit of a score is luck, else nothing."""
        if self.smallest_difference <= SECOND_DIGIT:
            return ""
        return (
            f"{self.recordings} test recordings are too few for the second digit: two models whose "
            f"accuracies are nearer than {self.smallest_difference:.3f} may be equally good"
        )

    def __repr__(self) -> str:
        """Return one line, without the confusions."""
        shares = f"accuracy={self.accuracy:.3f}, macro_f1={self.macro_f1:.3f}"
        return f"Scores({shares}, {self.recordings} recordings)"

    def to_json(self) -> dict[str, Any]:
        """Give the fields as plain JSON values; intervals as [low, high]."""
        return {
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "confusion": [list(row) for row in self.confusion],
            "recordings": self.recordings,
            "per_class": [one._asdict() for one in self.per_class],
            "accuracy_interval": _plain(self.accuracy_interval),
            "macro_f1_interval": _plain(self.macro_f1_interval),
            "calibration_error": self.calibration_error,
            "smallest_difference": self.smallest_difference,
            **({"windows": self.windows.to_json()} if self.windows else {}),
        }


def _plain(interval: Interval | None) -> list[float] | None:
    return list(interval) if interval else None
