"""A linear table: a weight for each hashed word and part of a word, summed over the text.

Weinberger and others: Feature hashing for large scale multitask learning (arXiv:0902.2206); words and
character n-grams within them as in Joachims' linear SVMs for text (1998), the counts scaled by IDF or by the
NB log-count ratio of Wang and Manning (Baselines and bigrams, 2012), or the mean of both: folds of the
training side choose. The scales go into the weights, which become int8 or sixteen levels of 4 bits.

A training's seed is the hash's too: words then share other buckets.

Shape: ids of words and of their n-grams -> a weight each -> their sum, and a bias -> two scores.

Cost of two classes (flash, RAM with stack, cycles), by the plan:

- default: 16,800 B, 100 B, 95
- small: 4,512 B, 100 B, 95
- large: 65,952 B, 100 B, 95

They are of int8 weights, half of them where 4 bits are as good; before the scores' cycles come 10 an id,
or 17 of 4 bits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from zerotap.features import LinearTable, Pipeline, Windows
from zerotap.features.transforms import TypedGrams
from zerotap.models.families.decoys import decoys_for
from zerotap.models.families.family import FitSettings, FittedSpec, Preset, Variants
from zerotap.models.linear_tables.choosing import RECIPES_MOST, Side, choose
from zerotap.models.linear_tables.counts import Counts
from zerotap.models.linear_tables.integers import calibrated, choose_form
from zerotap.models.linear_tables.targets import ClassTargets, LabelTargets

if TYPE_CHECKING:
    from zerotap.models.linear_tables.columns import Columns
    from zerotap.models.linear_tables.targets import Targets

_BUCKETS: Final = 1 << 14
_SIZES: Final = {"small": 1 << 12, "large": 1 << 16}


def fit(windows: Windows, classes: int, seed: int, settings: FitSettings) -> LinearTable:
    """Fit a table to bags of ids, x int32 (texts, longest), 1 to ``settings.buckets``, 0 for none."""
    counts = Counts.of(windows.x, settings.buckets)
    side = Side(counts, _targets(windows, classes, settings), seed, windows.kin)
    choice = choose(side, lambda done: settings.on_progress("fitting linear: folds", done, RECIPES_MOST))
    form = choose_form(side, choice.folds)
    columns = choice.mixture.fit(side).moved(choice.bias)
    table = form.table(_hidden(columns, counts, settings.secret), columns)
    return calibrated(table, side, choice.folds, form)


def _targets(windows: Windows, classes: int, settings: FitSettings) -> Targets:
    if settings.labels is None:
        return ClassTargets(windows.y, settings.class_weights[:classes])
    return LabelTargets(settings.labels)


def _hidden(columns: Columns, counts: Counts, secret: bytes) -> Columns:
    """Decoys where no text has an id of the bucket."""
    return replace(columns, weights=decoys_for(columns.weights, counts.texts_with > 0, secret))


def of_buckets(buckets: int) -> FittedSpec:
    """A table of so many buckets."""
    pipeline = Pipeline("linear", (TypedGrams(buckets),))
    return FittedSpec("linear", fit, pipeline, words=True, seeds_hash=True)


SPEC: Final[FittedSpec] = replace(
    of_buckets(_BUCKETS),
    about=__doc__,
    variants=Variants(
        {
            name: Preset(f"a table of {buckets:,} buckets", replace(of_buckets(buckets), preset=name))
            for name, buckets in _SIZES.items()
        }
    ),
)
