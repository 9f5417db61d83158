"""A linear table: a weight for each hashed word and part of a word, summed over the text.

Weinberger and others: Feature hashing for large scale multitask learning (arXiv:0902.2206); words and
character n-grams within them as in Joachims' linear SVMs for text (1998), the counts scaled by IDF or by the
NB log-count ratio of Wang and Manning (Baselines and bigrams, 2012), or the mean of both: folds of the
training side choose. The scales go into the weights, which become int8 or sixteen levels of 4 bits.

A training's seed is the hash's too: words then share other buckets.

Shape: ids of words and of their n-grams -> a weight each -> their sum, and a bias -> two scores.

Cost of two classes (flash, RAM with stack, cycles), by the plan:

- default: 16,789 B, 96 B, 95
- small: 4,501 B, 96 B, 95
- large: 65,941 B, 96 B, 95

They are of int8 weights, half of them where 4 bits are as good; before the scores' cycles come 8 an id,
or 15 of 4 bits, where a packet gives several.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.features import LinearTable, Pipeline, Windows
from zerotap.features.transforms import TypedGrams
from zerotap.models.families.decoys import decoys_for
from zerotap.models.families.family import FitSettings, FittedSpec, Preset, Space, Variants
from zerotap.models.families.space import Ask, Value
from zerotap.models.linear_tables.choosing import RECIPES_MOST, Fold, Side, choose
from zerotap.models.linear_tables.columns import Columns
from zerotap.models.linear_tables.counts import Counts
from zerotap.models.linear_tables.integers import Form, calibrated, choose_form, held_out_scores
from zerotap.models.linear_tables.targets import ClassTargets, LabelTargets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.models.linear_tables.targets import Targets

_BUCKETS: Final = 1 << 14
_SIZES: Final = {"small": 1 << 12, "large": 1 << 16}


def fit(
    windows: Windows, classes: int, seed: int, settings: FitSettings, bits: int | None = None
) -> LinearTable:
    """Fit a table to bags of ids, x int32 (texts, longest), 1 to ``settings.buckets``, 0 for none.

    ``bits`` of a weight: 8 or 4, None for 4 where they lose nothing.
    """
    return validated(windows, classes, seed, settings, bits)[0]


def validated(
    windows: Windows, classes: int, seed: int, settings: FitSettings, bits: int | None = None
) -> tuple[LinearTable, NDArray[np.float64]]:
    """Fit a table as ``fit`` does, and give scores (texts, classes) by tables that did not see the text.

    These are the folds that chose how it is fitted, in integers as it is. Of texts too few for folds there
    are none, (0, classes).
    """
    counts = Counts.of(windows.x, settings.buckets)
    side = Side(counts, _targets(windows, classes, settings), seed, windows.kin)
    choice = choose(side, lambda done: settings.on_progress("fitting linear: folds", done, RECIPES_MOST))
    form = choose_form(side, choice.folds, bits)
    columns = choice.mixture.fit(side).moved(choice.bias)
    table = form.table(_hidden(columns, counts, settings.secret), columns)
    table = calibrated(table, side, choice.folds, form)
    return table, _held_out(side, choice.folds, form)


def _held_out(side: Side, folds: list[Fold], form: Form) -> NDArray[np.float64]:
    if not folds:
        return np.empty((0, side.targets.columns))
    held = held_out_scores(side, folds, form)
    of_two = held.shape[1] == 1 and not side.targets.by_label
    return np.concatenate([-held, held], axis=1) if of_two else held


def _targets(windows: Windows, classes: int, settings: FitSettings) -> Targets:
    if settings.labels is None:
        return ClassTargets(windows.y, settings.class_weights[:classes])
    return LabelTargets(settings.labels)


def _hidden(columns: Columns, counts: Counts, secret: bytes) -> Columns:
    """Decoys where no text has an id of the bucket."""
    return replace(columns, weights=decoys_for(columns.weights, counts.texts_with > 0, secret))


def of_buckets(buckets: int, bits: int | None = None) -> FittedSpec:
    """A table of so many buckets."""
    return FittedSpec(
        "linear",
        partial(fit, bits=bits) if bits else fit,
        Pipeline("linear", (TypedGrams(buckets),)),
        words=True,
        seeds_hash=True,
        blank=partial(_blank, bits=bits or 8),
        validated=partial(validated, bits=bits),
    )


def _blank(pipeline: Pipeline, classes: int, bits: int) -> LinearTable:
    """The table that takes the most: with a bias times the root."""
    columns = 1 if classes == 2 else classes
    drawn = np.random.default_rng(0).normal(size=(pipeline.buckets - 1, columns))  # no compiler folds it
    return Form(bits=bits).table(Columns(drawn, 1 + np.arange(columns, dtype=np.float64), by_root=True))


def _drawn(ask: Ask) -> FittedSpec:
    return of_buckets(_BUCKETS, ask.among("weight_bits", (8, 4)))


def _grams(ask: Ask) -> Pipeline:
    least = ask.among("least", (1, 2, 3))
    most = least + ask.among("longer_by", (1, 2, 3, 4))
    grams = TypedGrams(
        1 << ask.among("log2_buckets", (11, 12, 13, 14, 15, 16)),
        least,
        most,
        words=ask.among("words", (True, False)),
        split=ask.among("split", ("runs", "spaces")),
    )
    return Pipeline("linear", (grams,))


def _start(log2_buckets: int) -> dict[str, Value]:
    grams: dict[str, Value] = {"least": 2, "longer_by": 3, "words": True, "split": "runs"}
    return grams | {"log2_buckets": log2_buckets, "weight_bits": 8}


_SPACE: Final = Space(
    _drawn,
    _grams,
    {"default": _start(14), "small": _start(12), "large": _start(16)},
    weight_bits=(),
)


SPEC: Final[FittedSpec] = replace(
    of_buckets(_BUCKETS),
    about=__doc__,
    variants=Variants(
        {
            name: Preset(f"a table of {buckets:,} buckets", replace(of_buckets(buckets), preset=name))
            for name, buckets in _SIZES.items()
        },
        space=_SPACE,
    ),
)
