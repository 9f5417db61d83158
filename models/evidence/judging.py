"""What a model says of each recording: verdict, confidence, and precision against recall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.models.comparing.curves import ClassCurve
from zerotap.models.comparing.json_place import Place, plain
from zerotap.models.evaluation.readings import MARGINS, SHARES, Reading
from zerotap.models.evaluation.scoring import by_recording
from zerotap.models.heads import BinaryHead, ClassesHead, LabelsHead

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Windows

MOST_POINTS: Final = 200
"""Of a curve: more cannot be told apart in a picture."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A model's verdicts and confidences by recording, as evidence.json has them; () where it has none.

    ``precision_recall`` is by class, or label.
    """

    verdicts: tuple[int, ...]
    confidence: tuple[float, ...]
    precision_recall: dict[str, ClassCurve]

    def said(self, reading: Reading) -> NDArray[np.int64]:
        """The verdicts as ``reading`` counts them: class indices (n,), or of labels 0 and 1 (n, labels)."""
        numbers = np.array(self.verdicts, np.int64)
        if reading.head.kind != LabelsHead.kind:
            return numbers
        return (numbers[:, None] >> np.arange(len(reading.head.names))) & 1

    def to_json(self) -> dict[str, Any]:
        """Give the fields."""
        return {
            "verdicts": list(self.verdicts),
            "confidence": list(self.confidence),
            "precision_recall": plain(self.precision_recall),
        }

    @classmethod
    def from_json(cls, place: Place) -> Judgement:
        """Read it; raises ModelError."""
        return cls(
            tuple(one.whole() for one in place["verdicts"].each()),
            tuple(one.share() for one in place["confidence"].each()),
            {name: ClassCurve.from_json(one) for name, one in place["precision_recall"].items()},
        )


def judge(outputs: NDArray[Any], test: Windows, reading: Reading) -> Judgement:
    """Judge outputs (n, outputs) of the windows of ``test``, by the mean of each recording's."""
    recordings = by_recording(outputs, test)
    verdicts = reading.verdicts(recordings.x)
    numbers = _as_numbers(verdicts)
    confidence = _confidence(recordings.x, numbers, reading)
    return Judgement(
        tuple(numbers.tolist()), confidence, _precision_recall(recordings.x, verdicts, recordings.y, reading)
    )


def _as_numbers(verdicts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Indices of classes as they are; of labels, 0 or 1 (n, labels), the sum of 2**i."""
    if verdicts.ndim == 1:
        return verdicts
    numbers: NDArray[np.int64] = verdicts @ (1 << np.arange(verdicts.shape[1], dtype=np.int64))
    return numbers


def _confidence(outputs: NDArray[Any], verdicts: NDArray[np.int64], reading: Reading) -> tuple[float, ...]:
    """The probability of each verdict; () where outputs are none, or say several things at once."""
    if reading.head.kind == LabelsHead.kind or reading.meaning == MARGINS:
        return ()
    found = reading.confidences(outputs, verdicts)
    if found is None:
        return ()
    sure = found[0]
    if reading.head.kind == BinaryHead.kind:  # the positive class's
        positive = reading.head.names.index(reading.head.labels[0])
        sure = np.where(verdicts == positive, sure, 1 - sure)
    return tuple(np.clip(sure, 0, 1).tolist())


def _precision_recall(
    outputs: NDArray[Any], verdicts: NDArray[np.int64], y: NDArray[np.int64], reading: Reading
) -> dict[str, ClassCurve]:
    truths, evidence = reading.head.truths(y), _evidence_for(outputs, reading)
    said = verdicts.astype(bool)
    if verdicts.ndim == 1:
        said = verdicts[:, None] == np.arange(len(reading.head.names))
    columns = zip(reading.head.names, truths.T, said.T, evidence.T, strict=True)
    return {name: curve(true, one, how_much) for name, true, one, how_much in columns if true.any()}


def _evidence_for(outputs: NDArray[Any], reading: Reading) -> NDArray[np.float64]:
    """How much speaks for each class or label, (n, names): the verdict is where it passes its threshold."""
    values = outputs.astype(np.float64)
    if reading.head.kind == ClassesHead.kind:
        if reading.meaning == SHARES:
            values = values / np.maximum(values.sum(axis=1, keepdims=True), np.finfo(float).tiny)
        return _less_the_best_other(values)
    values = values - (np.array(reading.thresholds) if reading.thresholds else 0.0)
    if reading.head.kind == BinaryHead.kind:
        is_positive = reading.head.names.index(reading.head.labels[0]) == np.arange(2)
        return np.where(is_positive, values, -values)
    return values


def _less_the_best_other(values: NDArray[np.float64]) -> NDArray[np.float64]:
    if values.shape[1] < 2:
        return values
    ordered = np.sort(values, axis=1)
    best, second = ordered[:, -1:], ordered[:, -2:-1]
    return np.where(values == best, values - second, values - best)


def curve(true: NDArray[np.bool_], said: NDArray[np.bool_], evidence: NDArray[np.float64]) -> ClassCurve:
    """Precision and recall as the threshold of ``evidence`` (n,) falls; ``true`` holds at least once.

    What is ``said`` gives the operating point.
    """
    order = np.argsort(-evidence, kind="stable")
    hits = np.cumsum(true[order])
    ends = np.append(np.flatnonzero(np.diff(evidence[order])), len(order) - 1)  # equal ones come together
    precision, recall = hits[ends] / (ends + 1), hits[ends] / true.sum()
    kept = np.unique(np.linspace(0, len(ends) - 1, min(MOST_POINTS, len(ends))).round().astype(int))
    right = float((true & said).sum())
    operating = (right / max(1.0, float(said.sum())), right / float(true.sum()))
    return ClassCurve(tuple(precision[kept].tolist()), tuple(recall[kept].tolist()), operating)
