"""How far a training is: what it needs to go on as if nothing had happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(slots=True, eq=False)
class TrainingState:
    """``rounds`` that were run, the best of them, and the losses of each by name in ``curves``.

    ``waited``: rounds since the best one. ``variables`` are the model's and the optimiser's, as a checkpoint
    has them; those of a training that goes on in this process are Keras's own.
    """

    rounds: int = 0
    waited: int = 0
    best_loss: float = inf
    best_weights: list[NDArray[Any]] = field(default_factory=list)
    curves: dict[str, list[float]] = field(default_factory=dict)
    variables: list[NDArray[Any]] = field(default_factory=list)
