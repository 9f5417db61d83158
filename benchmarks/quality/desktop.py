"""The desktop's rows: what scikit-learn reaches without any limit, on the same recordings and splits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from splits import Given
from typed_texts import texts
from verdicts import Outputs

from features import FEATURES
from zerotap.capture import Split
from zerotap.features import Windows
from zerotap.models import MARGINS, SHARES, Reading
from zerotap.models.baselines.texts import margins, one_a_recording, text_outputs
from zerotap.models.two_sides import cut_windows
from zerotap.reporting import no_progress

TREES = 300
Fit = Callable[[np.ndarray, np.ndarray, np.ndarray, int], np.ndarray]
SEEDED = ("forest", "trees")


def forest(x: np.ndarray, y: np.ndarray, test: np.ndarray, seed: int) -> np.ndarray:
    return RandomForestClassifier(TREES, random_state=seed).fit(x, y).predict_proba(test)


def trees(x: np.ndarray, y: np.ndarray, test: np.ndarray, seed: int) -> np.ndarray:
    return ExtraTreesClassifier(TREES, random_state=seed).fit(x, y).predict_proba(test)


def svm(x: np.ndarray, y: np.ndarray, test: np.ndarray, seed: int) -> np.ndarray:
    del seed
    return margins(make_pipeline(StandardScaler(), SVC(C=10)).fit(x, y).decision_function(test))


OF_FEATURES: dict[str, Fit] = {"forest": forest, "trees": trees, "svm": svm}
NAMES = {
    "majority": "majority",
    "text svm": "words and characters, linear SVM",
    "forest": f"random forest of {TREES}",
    "trees": f"ExtraTrees of {TREES}",
    "svm": "SVM, radial kernel",
}


def desktop_rows(task: str, names: tuple[str, ...], given: Given, seeds: int) -> dict[str, list[Outputs]]:
    """The outputs of every desktop model, of those that draw one for each seed."""
    rows = {"majority": [Outputs.pooled([majority(one) for one in given.splits], _reading(given, SHARES))]}
    for name in names:
        runs = range(seeds if name in SEEDED else 1)
        reading = _reading(given, SHARES if name in SEEDED else MARGINS)
        if name == "text svm":
            rows[name] = [Outputs.pooled([of_text(one) for one in given.splits], reading)]
        else:
            cut = [of_split(task, one) for one in given.splits]
            rows[name] = [
                Outputs.pooled([of_features(OF_FEATURES[name], sides, seed) for sides in cut], reading)
                for seed in runs
            ]
    return rows


def _reading(given: Given, meaning: str) -> Reading:
    return Reading.by_greatest(given.classes, meaning)


def majority(split: Split) -> tuple[np.ndarray, Windows]:
    counts = np.bincount(one_a_recording(split.train).y)
    test = one_a_recording(split.test)
    return np.tile(counts == counts.max(), (len(test), 1)).astype(float), test


def of_text(split: Split) -> tuple[np.ndarray, Windows]:
    train, test = one_a_recording(split.train), one_a_recording(split.test)
    sides = [texts(recording for recording, _ in side) for side in (split.train, split.test)]
    return text_outputs(sides[0], train.y, sides[1]), test


def of_split(task: str, split: Split) -> tuple[Windows, Windows]:
    pipeline = FEATURES[task].fitted(split.train)
    return cut_windows(split, pipeline, no_progress)


def of_features(fit: Fit, sides: tuple[Windows, Windows], seed: int) -> tuple[np.ndarray, Windows]:
    train, test = sides
    flat = [side.x.reshape(len(side), -1).astype(float) for side in sides]
    return fit(flat[0], train.y, flat[1], seed), test
