"""Zerotap's models of each task: family, pipeline, training. Chosen on folds of the training side."""

from __future__ import annotations

from dataclasses import dataclass, field

from features import FEATURES, SCALED
from zerotap.features import Pipeline
from zerotap.features.transforms import KeyIds, PadIds, TypedGrams
from zerotap.models.families.family import Family
from zerotap.models.training.choosing import chosen_spec


@dataclass(frozen=True)
class Recipe:
    """A family by its name, as `zerotap train` makes it: preset or layers, a pipeline, how it is trained."""

    family: str
    pipeline: Pipeline | None = None
    preset: str | None = None
    layers: tuple[int, ...] = ()
    settings: dict[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        sizes = ",".join(map(str, self.layers))
        return " ".join(filter(None, (self.family, self.preset, sizes)))

    def spec(self) -> Family:
        return chosen_spec(self.family, self.pipeline, self.preset, self.layers)


# As many presses as 4 KB of RAM hold, stack and all; the family has 192.
KEYS = Pipeline("keys", (KeyIds(), PadIds(172)))


def grams(buckets: int) -> Pipeline:
    return Pipeline("linear", (TypedGrams(buckets),))


RECIPES: dict[str, tuple[Recipe, ...]] = {
    "spam-text": (Recipe("linear", grams(1 << 14)),),
    "spam-raw": (Recipe("keys", KEYS, settings={"class_weight": {"spam": 2.0}}),),
    "offensive": (Recipe("linear", grams(1 << 16)),),
    "sexist": (Recipe("linear", grams(1 << 16)),),
    "typists": (Recipe("forest", FEATURES["typists"]),),
    "exercise": (
        Recipe("forest", FEATURES["exercise"], preset="extra"),
        Recipe("linear", SCALED["exercise"]),
    ),
    "motions": (Recipe("linear", SCALED["motions"]), Recipe("forest", FEATURES["motions"], preset="extra")),
}
