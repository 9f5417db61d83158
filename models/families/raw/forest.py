"""Forests of decision trees on features, fitted by scikit-learn and taken over into integers.

Random forests (Breiman: Random forests, 2001), and as a preset extremely randomised trees (Geurts, Ernst,
Wehenkel: Extremely randomized trees, 2006). They need features, not packets or samples: a row goes down each
tree, and the shares of the leaves that it comes to are added up. The features' units make no difference.

Shape: features -> trees of comparisons -> int32 sums of the leaves' shares, uint8. As a table a split takes
about 6 B, and 11 to 16 cycles of each row that meets it; as branches it is faster and larger.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal

import numpy as np

from zerotap.errors import ModelError
from zerotap.features import Forest, Pipeline, Windows
from zerotap.features.integer_models import check_features
from zerotap.features.transforms import KeyProfile, KeystrokeTiming
from zerotap.models.families.family import FitSettings, FittedSpec, Preset, Space, Variants
from zerotap.models.families.forests.labels import label_agreement, label_forest
from zerotap.models.families.forests.scikit import AGREEMENT_LEAST, agreement, forest_from
from zerotap.models.families.space import Ask, Value

Kind = Literal["random", "extra"]
TREES_MOST: Final = 1024
DEPTH_MOST: Final = 64

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trees:
    """How a forest is grown.

    ``trees``, 1 to 1024, of at most ``depth`` splits a way, 1 to 64; "random" ones from samples of the rows,
    each at its best threshold, or "extra" ones from all rows at random thresholds. A leaf holds
    ``least_leaf`` rows or more; a split looks at a share ``features`` of the features, above 0 to 1.
    """

    trees: int = 50
    depth: int = 24
    kind: Kind = "random"
    least_leaf: int = 3
    features: float = 0.25

    def __post_init__(self) -> None:
        if not 1 <= self.trees <= TREES_MOST or not 1 <= self.depth <= DEPTH_MOST:
            raise ModelError(
                f"no forest has {self.trees} trees, {self.depth} splits deep: "
                f"give 1 to {TREES_MOST} trees of 1 to {DEPTH_MOST} splits"
            )
        if self.least_leaf < 1 or not 0 < self.features <= 1 or self.kind not in ("random", "extra"):
            raise ModelError(
                f"no {self.kind} forest has leaves of {self.least_leaf} rows, by {self.features} of the "
                "features: give random or extra, 1 or more rows, and a share above 0 to 1"
            )

    def estimator(self, seed: int) -> Any:  # noqa: ANN401
        """scikit-learn's, not fitted yet."""
        from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

        made = {"random": RandomForestClassifier, "extra": ExtraTreesClassifier}[self.kind]
        return made(
            self.trees,
            max_depth=self.depth,
            min_samples_leaf=self.least_leaf,
            max_features=self.features,
            random_state=seed,
        )


SMALL: Final = Trees(10, 5)
EXTRA: Final = Trees(kind="extra", depth=10, least_leaf=1)


def fit(windows: Windows, classes: int, seed: int, settings: FitSettings, trees: Trees) -> Forest:
    """Grow a forest on integer features of any shape, each window's in a row.

    How far it agrees with scikit-learn's ``predict`` on these windows is told as progress, and where that is
    below 99.5 % a warning says so. Raises ModelError for windows that are no integers within +-2^24.
    """
    x = windows.x.reshape(len(windows), -1)
    check_features(x)
    of_labels = settings.labels is not None
    y = windows.y if settings.labels is None else settings.labels.truths.astype(np.int64)
    weights = settings.class_weights[windows.y]
    fitted = trees.estimator(seed).fit(x.astype(np.float32), y[:, 0] if y.shape[1:] == (1,) else y, weights)
    forest = label_forest(fitted) if of_labels else forest_from(fitted, classes)
    agrees = label_agreement(forest, fitted, x) if of_labels else agreement(forest, fitted, x)
    settings.on_progress(
        f"the integer forest agrees with scikit-learn's on {agrees:.2%} of the windows", 0, 0
    )
    if agrees < AGREEMENT_LEAST:
        _log.warning(
            "the integer forest gives another class than scikit-learn's on %.2f %% of the training windows: "
            "grow more trees, so that votes are less often near a tie",
            100 * (1 - agrees),
        )
    return forest


def grown(trees: Trees) -> FittedSpec:
    """Fit ``trees`` on how somebody strikes keys, a row a recording; of a sensor's window on statistics."""
    return FittedSpec(
        "forest",
        partial(fit, trees=trees),
        Pipeline("forest", (KeystrokeTiming(), KeyProfile()), "timed_reports"),
        statistics=("mean", "deviation", "min", "max", "mean_crossings"),
        layers=(trees.trees, trees.depth),
    )


def sized(numbers: tuple[int, ...]) -> FittedSpec:
    """So many trees, and the most splits of a way down where there is a second number."""
    return grown(Trees(numbers[0], numbers[1]) if len(numbers) > 1 else Trees(numbers[0]))


_SHARES: Final = (0.1, 0.25, 0.5, 1.0)


def _drawn(ask: Ask) -> FittedSpec:
    return grown(
        Trees(
            ask.whole("trees", 4, 100),
            ask.whole("depth", 3, 24),
            "extra" if ask.among("extra", (False, True)) else "random",
            ask.whole("least_leaf", 1, 8),
            ask.among("features", _SHARES),
        )
    )


def _profiles(ask: Ask) -> Pipeline:
    profile = KeyProfile(most_keys=ask.whole("keys", 4, 32), quantiles=ask.among("quantiles", (True, False)))
    return Pipeline("forest", (KeystrokeTiming(), profile), "timed_reports")


def _start(trees: Trees) -> dict[str, Value]:
    grown_by: dict[str, Value] = {
        "trees": trees.trees,
        "depth": trees.depth,
        "extra": trees.kind == "extra",
        "least_leaf": trees.least_leaf,
        "features": trees.features,
    }
    return grown_by | {"keys": KeyProfile().most_keys, "quantiles": True}


_SPACE: Final = Space(
    _drawn,
    _profiles,
    {"default": _start(Trees()), "small": _start(SMALL), "extra": _start(EXTRA)},
    weight_bits=(),
)

SPEC: FittedSpec = replace(
    grown(Trees()),
    about=__doc__,
    variants=Variants(
        {
            "small": Preset("10 trees of 5 splits a way", replace(grown(SMALL), preset="small")),
            "extra": Preset("50 extremely randomised trees", replace(grown(EXTRA), preset="extra")),
        },
        sized,
        "the number of trees, and the most splits on a way down",
        2,
        space=_SPACE,
    ),
)
