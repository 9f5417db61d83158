"""What happens after each round of steps: the best weights are kept, and it may be time to stop.

Keras is imported here, so whoever needs this module imports it when it is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import keras
import numpy as np

if TYPE_CHECKING:
    from .checkpoints import TrainingState

PATIENCE: Final = 12
"""Rounds without a better validation loss after which training ends."""


class Rounds(keras.callbacks.Callback):  # type: ignore[misc]  # keras ships no types
    """Keeps ``state`` up to date and ends the training; ``after_round`` is called with nothing."""

    def __init__(self, state: TrainingState, after_round: Callable[[], None]) -> None:
        super().__init__()
        self.state = state
        self.after_round = after_round

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Take a round's losses in."""
        state = self.state
        state.rounds = epoch + 1
        for name, value in logs.items():
            state.curves.setdefault(name, []).append(float(value))
        state.waited += 1
        if logs["val_loss"] < state.best_loss:
            state.best_loss, state.waited = float(logs["val_loss"]), 0
            state.best_weights = [np.array(values) for values in self.model.get_weights()]
        if state.waited >= PATIENCE:
            self.model.stop_training = True
        self.after_round()
