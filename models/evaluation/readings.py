"""What a model's outputs say: verdicts, the truth in the same form, and probabilities where there are any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .tallies import Tally

Meaning = Literal["logits", "shares", "margins"]
LOGITS: Final = "logits"
"""Softmax makes probabilities of them."""
SHARES: Final = "shares"
"""Of votes, as a forest counts them: divided by their sum they are probabilities."""
MARGINS: Final = "margins"
"""Distances to a boundary, in no unit: no probability can be made of them."""


class Reading(Protocol):
    """How outputs (n, outputs) of a model are read; the sum over a recording's windows is read the same way.

    ``truth`` and ``verdicts`` have the same form, which is what ``tally`` counts.
    """

    @property
    def tally(self) -> Tally:
        """What counts the verdicts."""

    def truth(self, y: NDArray[np.int64]) -> NDArray[np.int64]:
        """Make the truth of class indices (n,)."""

    def verdicts(self, outputs: NDArray[Any]) -> NDArray[np.int64]:
        """Decide."""

    def confidences(
        self, outputs: NDArray[Any], y: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]] | None:
        """Probabilities, and whether what each was given for is so: (n,) both; None where there are none."""


@dataclass(frozen=True, slots=True)
class ByGreatest:
    """One class of ``classes``: the one of the greatest output, of equal ones the first."""

    classes: int
    meaning: Meaning = LOGITS

    @property
    def tally(self) -> Tally:
        """A grid of true class and verdict."""
        from .tallies import ClassTally

        return ClassTally(self.classes)

    def truth(self, y: NDArray[np.int64]) -> NDArray[np.int64]:
        """The class indices themselves."""
        return y

    def verdicts(self, outputs: NDArray[Any]) -> NDArray[np.int64]:
        """The class index of the greatest output of (n, classes)."""
        greatest: NDArray[np.int64] = outputs.argmax(axis=1)
        return greatest

    def confidences(
        self, outputs: NDArray[Any], y: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]] | None:
        """The probability of each verdict, and whether it is right."""
        if self.meaning == MARGINS:
            return None
        shares = softmax(outputs) if self.meaning == LOGITS else _shares(outputs)
        verdicts = self.verdicts(outputs)
        return np.take_along_axis(shares, verdicts[:, None], axis=1)[:, 0], verdicts == y


def softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Make probabilities (n, classes) of logits (n, classes)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True).astype(np.float64))
    shares: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _shares(votes: NDArray[Any]) -> NDArray[np.float64]:
    """Divide votes (n, classes), 0 or more, by their sums; where there is none, equally."""
    sums = votes.sum(axis=1, keepdims=True, dtype=np.float64)
    shares: NDArray[np.float64] = np.where(sums > 0, votes / np.maximum(sums, 1e-12), 1 / votes.shape[1])
    return shares
