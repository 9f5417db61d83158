"""Evaluation: one verdict a recording, from the outputs of its windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.errors import ModelError
from zerotap.isolation import DEFAULT_LIMITS, Limits

from .networks import network_outputs
from .trained import Trained

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Windows


@dataclass(frozen=True, slots=True, repr=False)
class Scores:
    """Scores over ``recordings`` recordings, 0 to 1; ``confusion`` counts (true class, verdict)."""

    accuracy: float
    macro_f1: float
    confusion: tuple[tuple[int, ...], ...]
    recordings: int

    def __repr__(self) -> str:
        """Return one line, without the confusions."""
        shares = f"accuracy={self.accuracy:.3f}, macro_f1={self.macro_f1:.3f}"
        return f"Scores({shares}, {self.recordings} recordings)"

    def to_json(self) -> dict[str, Any]:
        """Give the fields as plain JSON values."""
        return {
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "confusion": [list(row) for row in self.confusion],
            "recordings": self.recordings,
        }


def evaluate(trained: Trained, *, isolation: Limits | None = DEFAULT_LIMITS) -> Scores:
    """Score the float model, or the integer model, on its test windows, one verdict a recording.

    ``isolation``: the limits of the child process that has a loaded model. Raises ModelError for a model that
    was loaded without a dataset, and where TensorFlow dies of its file or passes a limit.
    """
    if not len(trained.test):
        raise ModelError(
            f"{trained.name} has no test windows: load it with a dataset, load_trained(folder, dataset)"
        )
    return score(float_outputs(trained, isolation=isolation), trained.test, len(trained.classes))


def float_outputs(
    trained: Trained, *, isolation: Limits | None = DEFAULT_LIMITS
) -> NDArray[np.floating[Any]]:
    """Run the model over the test windows: (n, classes); raises as evaluate() does.

    Logits float32 of a Keras model; of an integer model its scores times their scale, float64.
    """
    return network_outputs(trained.network, trained.test.x, isolation=isolation)


def dequantise(outputs: NDArray[np.int8], scale: float, zero_point: int) -> NDArray[np.float32]:
    """Turn int8 outputs into logits: (q - zero_point) * scale."""
    return (outputs.astype(np.float32) - np.float32(zero_point)) * np.float32(scale)


def score(outputs: NDArray[Any], windows: Windows, classes: int) -> Scores:
    """Score logits (n, classes) by recording: the mean over its windows, then the greatest.

    ``windows`` gives the true classes and which recording each window is from.
    """
    from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

    groups, first, member = np.unique(windows.groups, return_index=True, return_inverse=True)
    sums = np.zeros((len(groups), outputs.shape[1]))
    np.add.at(sums, member, outputs)
    truth, verdicts = windows.y[first], sums.argmax(axis=1)
    labels = np.arange(classes)
    confusion = confusion_matrix(truth, verdicts, labels=labels)
    return Scores(
        accuracy=float(accuracy_score(truth, verdicts)),
        macro_f1=float(f1_score(truth, verdicts, labels=labels, average="macro", zero_division=0)),
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        recordings=len(groups),
    )
