"""How long a model is trained: rounds of steps, whatever a pass over few or many windows takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from zerotap.models.families.family import ModelSpec

    from .settings import TrainingSettings


_AT_ONCE: Final = 32


@dataclass(frozen=True, slots=True)
class Schedule:
    """``rounds`` of ``steps`` each, a step of ``batch`` windows; after a round it may be time to stop.

    A round is an epoch where there are enough windows. Where they are few it is several passes over them: a
    family's ``run_steps`` are taken at least. Where they are many it is a part of a pass: ``most_steps`` are
    taken at most, if the family says so.
    """

    batch: int
    steps: int
    rounds: int

    @property
    def all_steps(self) -> int:
        """The steps of all rounds."""
        return self.steps * self.rounds

    @property
    def at_once(self) -> int:
        """The steps that TensorFlow takes without asking Python: at most 32.

        They divide a round, or Keras would take more steps than a round has, to fill the last of them up.
        """
        return max(count for count in range(1, _AT_ONCE + 1) if self.steps % count == 0)

    @classmethod
    def of(cls, spec: ModelSpec, windows: int, settings: TrainingSettings) -> Schedule:
        """The schedule of so many training windows: as asked, else the family's own."""
        batch = spec.batch_of(windows)
        a_pass = -(-windows // batch)
        if settings.epochs is not None:
            return cls(batch, a_pass, settings.epochs)
        if settings.steps is not None:
            return cls._within(settings.steps, batch, spec.epochs)
        if spec.most_steps is not None and a_pass * spec.epochs > spec.most_steps:
            return cls._within(spec.most_steps, batch, spec.epochs)
        return cls(batch, max(a_pass, -(-spec.run_steps // spec.epochs)), spec.epochs)

    @classmethod
    def _within(cls, all_steps: int, batch: int, rounds: int) -> Schedule:
        steps = max(1, all_steps // rounds)
        return cls(batch, steps, all_steps // steps)
