"""Evaluating a trained model: its outputs on its test windows, and int8 outputs as logits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.errors import ModelError
from zerotap.isolation import DEFAULT_LIMITS, Limits
from zerotap.models.networks import network_outputs
from zerotap.models.trained import Trained

from .readings import reading_of
from .scores import Scores
from .scoring import score

if TYPE_CHECKING:
    from numpy.typing import NDArray


def evaluate(trained: Trained, *, isolation: Limits | None = DEFAULT_LIMITS) -> Scores:
    """Score the float model, or the integer model, on its test windows, by recording and by window.

    ``isolation``: the limits of the child process that has a loaded model. Raises ModelError for a model that
    was loaded without a dataset, and where TensorFlow dies of its file or passes a limit.
    """
    if not len(trained.test):
        raise ModelError(
            f"{trained.name} has no test windows: load it with a dataset, load_trained(folder, dataset)"
        )
    return score(float_outputs(trained, isolation=isolation), trained.test, reading_of(trained.facts))


def float_outputs(
    trained: Trained, *, isolation: Limits | None = DEFAULT_LIMITS
) -> NDArray[np.floating[Any]]:
    """Run the model over the test windows: (n, outputs); raises as evaluate() does.

    Logits float32 of a Keras model; of an integer model its scores times their scale, float64.
    """
    return network_outputs(trained.network, trained.test.x, isolation=isolation)


def dequantise(outputs: NDArray[np.integer[Any]], scale: float, zero_point: int) -> NDArray[np.floating[Any]]:
    """Turn outputs into real scores, (q - zero_point) * scale: float32 of int8, float64 of int32.

    No two scores of int32 become equal.
    """
    if outputs.dtype == np.int32:
        return (outputs.astype(np.float64) - zero_point) * scale
    return (outputs.astype(np.float32) - np.float32(zero_point)) * np.float32(scale)
