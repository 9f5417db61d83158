"""Scores and intervals, read from JSON as ``Scores.to_json`` writes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from zerotap.models.evaluation.resampling import Interval
from zerotap.models.evaluation.scores import ClassScores, Scores

from .json_place import Place

_LABEL_CELLS: Final = 4


def read_scores(place: Place, names: int, tested: int, *, of_labels: bool = False) -> Scores:
    """Read scores of ``names`` classes, or labels, over ``tested`` recordings.

    Raises ModelError where they are of others.
    """
    scores = _one_unit(place, names, of_labels)
    fault = f"is {scores.recordings}, and {tested} were tested"
    place["recordings"].require(scores.recordings == tested, fault)
    if "windows" not in place.value:
        return scores
    return replace(scores, windows=_one_unit(place["windows"], names, of_labels))


def read_interval(place: Place, low: float = 0.0, high: float = 1.0) -> Interval:
    """Read [low, high], both within the bounds and in that order."""
    ends = [one.number(low, high) for one in place.each()]
    place.require(len(ends) == 2 and ends[0] <= ends[1], "is no interval [low, high]")
    return Interval(*ends)


def _one_unit(place: Place, names: int, of_labels: bool) -> Scores:
    per_class = tuple(_class_scores(one) for one in place["per_class"].each())
    place["per_class"].require(len(per_class) == names, f"has {len(per_class)} entries, not {names}")
    return Scores(
        accuracy=place["accuracy"].share(),
        macro_f1=place["macro_f1"].share(),
        confusion=_confusion(place["confusion"], names, _LABEL_CELLS if of_labels else names),
        recordings=place["recordings"].whole(1),
        per_class=per_class,
        accuracy_interval=place["accuracy_interval"].maybe(read_interval),
        macro_f1_interval=place["macro_f1_interval"].maybe(read_interval),
        calibration_error=place["calibration_error"].maybe(Place.share),
        of_labels=of_labels,
    )


def _confusion(place: Place, rows: int, columns: int) -> tuple[tuple[int, ...], ...]:
    grid = tuple(tuple(cell.whole() for cell in row.each()) for row in place.each())
    fits = len(grid) == rows and all(len(row) == columns for row in grid)
    place.require(fits, f"is no grid of {rows} rows of {columns}")
    return grid


def _class_scores(place: Place) -> ClassScores:
    return ClassScores(
        place["precision"].share(), place["recall"].share(), place["f1"].share(), place["support"].whole()
    )
