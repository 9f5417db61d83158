"""What a comparison is of: the dataset's two sides, and what was asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from zerotap.capture import Dataset
from zerotap.errors import ModelError
from zerotap.features import Pipeline, Windows
from zerotap.firmware import DEFAULTS, BuildOptions
from zerotap.models import (
    SEED_MAX,
    Cut,
    cut_windows,
    holds_samples,
    holds_text,
    split_recordings,
    with_boot_reports,
)
from zerotap.reporting import Progress

if TYPE_CHECKING:
    from zerotap.capture import Recording, Split

DEFAULT_SEEDS: Final = 3
DEFAULT_MARGIN: Final = 0.02
LEARNING_SHARES: Final = (0.25, 0.5)
"""Of the training recordings: what models are trained on besides all of them."""
_CUTS: Final = 6
"""Kept: raw models and those of words share theirs, seeds that are hash seeds need one each."""
Kind = Literal["keyboard", "sensor", "other"]


@dataclass(frozen=True, slots=True)
class Asked:
    """How it is compared; raises ModelError for numbers out of range.

    ``names``: see ``entrants_of``; none are those that are compared by default. ``seeds`` trainings of each
    model, from ``seed`` on. ``margin``: the difference in macro-F1 that does not matter, 0 to 1.
    ``with_text``: what was typed is in the evidence. ``shares`` of the training recordings are for learning
    curves, ``weight_bits`` what weights are narrowed to. ``command`` is what the report quotes.
    """

    names: tuple[str, ...] = ()
    seed: int = 0
    seeds: int = DEFAULT_SEEDS
    margin: float = DEFAULT_MARGIN
    with_text: bool = False
    shares: tuple[float, ...] = LEARNING_SHARES
    weight_bits: tuple[int, ...] = (8, 4)
    command: str = ""
    options: BuildOptions = field(default=DEFAULTS)

    def __post_init__(self) -> None:
        if not 0 <= self.margin <= 1:
            raise ModelError(f"a margin of {self.margin} is no difference in macro-F1: give 0 to 1")
        if self.seeds < 1 or not 0 <= self.seed <= SEED_MAX - self.seeds + 1:
            raise ModelError(f"{self.seeds} seeds from {self.seed} on are none to train by: give 1 or more")


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """A dataset's two sides, cut once for each pipeline.

    ``typed`` is the split with keyboards of any form as boot reports; ``kind`` is what was recorded.
    """

    dataset: Dataset
    split: Split
    typed: Split
    kind: Kind
    cut: Cut

    @classmethod
    def read(cls, dataset: Dataset, on_progress: Progress) -> Sides:
        """Read and divide a dataset; raises CaptureError for one that cannot be divided."""
        split = split_recordings(dataset, on_progress)
        typed = split if holds_samples(split) else with_boot_reports(split)

        def cut(pipeline: Pipeline) -> tuple[Windows, Windows]:
            return cut_windows(split, pipeline, on_progress)

        return cls(dataset, split, typed, _kind(split, typed), lru_cache(_CUTS)(cut))

    @property
    def classes(self) -> tuple[str, ...]:
        """Their names, in the order of the windows' labels."""
        return tuple(self.dataset.classes)

    @property
    def unit(self) -> Literal["message", "window"]:
        """What a person waits for."""
        return "message" if self.kind == "keyboard" else "window"

    @property
    def names(self) -> list[str]:
        """Of the recordings, by the windows' group."""
        return [recording.name for recording, _ in (*self.split.train, *self.split.test)]

    def tested(self, pipeline: Pipeline) -> list[Recording]:
        """The test recordings as ``pipeline`` takes them."""
        split = self.typed if pipeline.takes_boot_reports else self.split
        return [recording for recording, _ in split.test]


def _kind(split: Split, typed: Split) -> Kind:
    if holds_samples(split):
        return "sensor"
    return "keyboard" if holds_text(typed.train) else "other"
