"""What is asked of a training: its seed, its length, what classes weigh, what is made of the windows."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from zerotap.errors import ModelError
from zerotap.models.families.family import Family, FittedSpec
from zerotap.models.heads import HeadChoice
from zerotap.models.seeds import check_seed

from .augmentation import Augmentation
from .class_weights import BALANCED, ClassWeight, check_class_weight


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How one model is trained; raises ModelError for values that train nothing.

    ``seed``: 0 to SEED_MAX. ``epochs`` or ``steps``: at most so many, the family's own where both are None.
    ``class_weight``: "balanced", "none", or what some classes weigh, by name, the others 1. ``checkpoints``:
    a folder in which a training that is killed leaves what it needs to go on, None for none.
    ``head``: what the outputs mean.
    """

    seed: int = 0
    epochs: int | None = None
    steps: int | None = None
    class_weight: ClassWeight = BALANCED
    augmentation: Augmentation = field(default_factory=Augmentation)
    checkpoints: Path | None = None
    head: HeadChoice = field(default_factory=HeadChoice)

    def __post_init__(self) -> None:
        check_seed(self.seed)
        check_class_weight(self.class_weight)
        for count, what in ((self.epochs, "epochs"), (self.steps, "steps")):
            if count is not None and count < 1:
                raise ModelError(f"{count} {what} train nothing: give 1 or more, or none for the model's own")
        if self.epochs is not None and self.steps is not None:
            raise ModelError("epochs and steps both say how long to train: give one of them")

    def check_for(self, spec: Family) -> None:
        """Raise ModelError for what a model that is fitted at once has no use for."""
        if not isinstance(spec, FittedSpec):
            return
        asked = {
            "epochs": self.epochs is not None,
            "steps": self.steps is not None,
            "augmentation": not self.augmentation.is_off,
        }
        for what in (name for name, is_asked in asked.items() if is_asked):
            raise ModelError(
                f"model {spec.name} is fitted at once and has no {what}: "
                "leave it out, or choose a network (`zerotap models`)"
            )
