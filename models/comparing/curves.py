"""Curves of evidence.json: losses by epoch, scores by recordings, precision and recall, time by flash."""

from __future__ import annotations

from dataclasses import dataclass

from .json_place import Place


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The mean loss of an epoch, counted from 1; ``validation_loss`` None where none was held out."""

    epoch: int
    loss: float
    validation_loss: float | None

    @classmethod
    def from_json(cls, place: Place) -> CurvePoint:
        """Read it; raises ModelError."""
        return cls(
            place["epoch"].whole(1),
            place["loss"].number(),
            place["validation_loss"].maybe(Place.number),
        )


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """Macro-F1 on the test recordings, in floats, of a model trained on so many recordings."""

    recordings: int
    macro_f1: float

    @classmethod
    def from_json(cls, place: Place) -> LearningPoint:
        """Read it; raises ModelError."""
        return cls(place["recordings"].whole(1), place["macro_f1"].share())


@dataclass(frozen=True, slots=True)
class FlashPoint:
    """A model as it is planned for a budget of flash: bytes, cycles of one invoke, ``ms`` on the board.

    ``ram_total_bytes``: the arena, the stack, and the caller's arrays for input and output.
    """

    flash_bytes: int
    ram_total_bytes: int
    cycles: int
    ms: float

    @classmethod
    def from_json(cls, place: Place) -> FlashPoint:
        """Read it; raises ModelError."""
        sizes = place["flash_bytes"].whole(1), place["ram_total_bytes"].whole()
        return cls(*sizes, place["cycles"].whole(1), place["ms"].number(0))


def saved_by_a_kilobyte(small: FlashPoint, fast: FlashPoint) -> int:
    """Cycles that 1,024 B of flash save on the way from one plan to the next."""
    return round((small.cycles - fast.cycles) * 1024 / (fast.flash_bytes - small.flash_bytes))


@dataclass(frozen=True, slots=True)
class ClassCurve:
    """Precision and recall of a class as its threshold falls, 0 to 1, of equal length.

    ``operating`` is (precision, recall) of the verdicts as the model gives them.
    """

    precision: tuple[float, ...]
    recall: tuple[float, ...]
    operating: tuple[float, float]

    @classmethod
    def from_json(cls, place: Place) -> ClassCurve:
        """Read it; raises ModelError."""
        precision, recall, operating = (
            tuple(one.share() for one in place[name].each()) for name in ("precision", "recall", "operating")
        )
        place.require(len(precision) == len(recall), "has precision and recall of two lengths")
        place["operating"].require(len(operating) == 2, "is no [precision, recall]")
        return cls(precision, recall, (operating[0], operating[1]))
