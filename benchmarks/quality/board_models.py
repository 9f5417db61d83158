"""Zerotap's models of each task: family, pipeline, training. Chosen on folds of the training side."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from features import SCALED
from zerotap.features import Pipeline
from zerotap.features.transforms import TypedGrams
from zerotap.models.families.family import Family
from zerotap.models.families.registry import model_spec, without_words


@dataclass(frozen=True)
class Recipe:
    """A family by its name, with ``pipeline`` in the place of its own, trained as ``settings`` say."""

    family: str
    pipeline: Pipeline | None = None
    settings: dict[str, object] = field(default_factory=dict)

    def spec(self) -> Family:
        spec = model_spec(self.family)
        if self.pipeline is None:
            return spec
        return replace(spec if self.pipeline.kind == "text" else without_words(spec), pipeline=self.pipeline)


def grams(buckets: int) -> Pipeline:
    return Pipeline("linear", (TypedGrams(buckets),))


RECIPES: dict[str, tuple[Recipe, ...]] = {
    "spam-text": (Recipe("linear", grams(1 << 14)),),
    "spam-raw": (Recipe("keys", settings={"class_weight": {"spam": 2.0}}),),
    "offensive": (Recipe("linear", grams(1 << 15)),),
    "sexist": (Recipe("linear", grams(1 << 15)),),
    "typists": (),
    "exercise": (Recipe("linear", SCALED["exercise"]),),
    "motions": (Recipe("linear", SCALED["motions"]),),
}
