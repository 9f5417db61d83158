"""`baseline`: the scores of ordinary models on a dataset's split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.capture import US, Dataset, layout_named, open_dataset
from zerotap.errors import ModelError
from zerotap.features import Pipeline, sensor_pipeline
from zerotap.models.evaluation.readings import MARGINS, SHARES, Reading
from zerotap.models.evaluation.scores import Scores
from zerotap.models.evaluation.scoring import score
from zerotap.models.seeds import check_seed
from zerotap.models.training.choosing import holds_samples
from zerotap.models.two_sides import cut_windows, fitted_on, split_recordings, with_boot_reports
from zerotap.reporting import no_progress

from .feature_models import forest_outputs, svm_outputs
from .texts import holds_text, one_a_recording, text_outputs, texts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Layout, Split
    from zerotap.features import Windows
    from zerotap.reporting import Progress

MAJORITY: Final = "majority"
TEXT_SVM: Final = "text SVM"
FOREST: Final = "random forest"
SVM: Final = "SVM"
STATISTICS: Final = ("mean", "deviation", "min", "max", "mean_crossings", "interquartile")
"""Of a sensor's window, where no pipeline says which."""


@dataclass(frozen=True, slots=True, repr=False)
class Baseline:
    """Scores of ordinary models by name, in order of what they take; ``note`` says how the dataset was split.

    ``features`` is the pipeline that the models of features read, None where there are none. None of these
    models is for the board: they are what a model for the board is measured by.
    """

    scores: dict[str, Scores]
    classes: tuple[str, ...]
    synthetic: bool
    note: str
    features: Pipeline | None

    @property
    def best(self) -> str:
        """The name of the model with the highest macro-F1 by recording."""
        return max(self.scores, key=lambda name: self.scores[name].macro_f1)

    def __repr__(self) -> str:
        """Return one line: each model's macro-F1."""
        models = ", ".join(f"{name} {one.macro_f1:.3f}" for name, one in self.scores.items())
        return f"Baseline({models})"

    def to_json(self) -> dict[str, Any]:
        """Give what `zerotap baseline --json` prints, besides the dataset."""
        return {
            "data": "synthetic" if self.synthetic else "recorded",
            "classes": list(self.classes),
            "split": self.note,
            "for_the_board": False,
            "features": self.features.to_dict() if self.features else None,
            "best": self.best,
            "models": {name: one.to_json() for name, one in self.scores.items()},
        }


def baseline(
    dataset: Dataset | str | Path,
    *,
    pipeline: Pipeline | str | Path | None = None,
    layout: str = US.name,
    seed: int = 0,
    on_progress: Progress = no_progress,
) -> Baseline:
    """Fit ordinary models to a dataset's training recordings and score them on its test recordings.

    The most frequent class; of a keyboard's dataset a linear SVM on the words and characters that were typed
    (on a keyboard of ``layout``); and, where there are features, a random forest and an SVM on them: those
    that ``pipeline`` gives (itself or its TOML), or statistics of a sensor's windows.

    The split is that of ``train``. The same ``seed``, 0 to SEED_MAX, gives the same scores. No TensorFlow is
    loaded. ``on_progress(stage, done, total)``. Raises ModelError for a pipeline that gives ids, CaptureError
    for a dataset that cannot be split or an unknown layout, FeatureError where nothing can be cut.
    """
    check_seed(seed)
    keys, chosen = layout_named(layout), _given(pipeline)
    opened = open_dataset(dataset)
    split = split_recordings(opened, on_progress)
    judged, features = judged_on(split, opened, chosen, keys, seed, on_progress)
    scores = {name: one.scores for name, one in judged.items()}
    return Baseline(scores, tuple(opened.classes), opened.synthetic, split.note, features)


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a model says of each of ``test``: ``outputs`` (n, outputs), and how they are read."""

    outputs: NDArray[Any]
    test: Windows
    reading: Reading

    @property
    def scores(self) -> Scores:
        """How good it is."""
        return score(self.outputs, self.test, self.reading)


def judged_on(
    split: Split, dataset: Dataset, chosen: Pipeline | None, layout: Layout, seed: int, on_progress: Progress
) -> tuple[dict[str, Answers], Pipeline | None]:
    """What ordinary models say of the test side of a ``split``, by name, as ``baseline`` has it.

    And the pipeline whose features they read. Raises what ``baseline`` raises.
    """
    typed, features = with_boot_reports(split), chosen or _of_sensor(split)
    if features is None and not holds_text(typed.train):
        raise ModelError(
            f"{dataset.path} holds neither typed text nor a sensor's samples: "
            "give a pipeline of features with --pipeline"
        )
    classes, features = dataset.classes, fitted_on(split, features) if features else None
    judged = {MAJORITY: majority_of(split, classes)}
    if chosen is None and holds_text(typed.train):
        on_progress(f"fitting {TEXT_SVM}", 0, 0)
        judged[TEXT_SVM] = _of_text(typed, layout, classes)
    if features:
        judged |= _of_features(split, features, classes, seed, on_progress)
    return judged, features


def _given(pipeline: Pipeline | str | Path | None) -> Pipeline | None:
    chosen = Pipeline.read(pipeline) if isinstance(pipeline, str | Path) else pipeline
    if chosen is not None and chosen.kind == "text":
        raise ModelError(
            f"pipeline {chosen.name!r} gives ids of words, which are no features: leave it out, and the text "
            "itself is read"
        )
    return chosen


def _of_sensor(split: Split) -> Pipeline | None:
    return sensor_pipeline("features", split.train, STATISTICS) if holds_samples(split) else None


def majority_of(split: Split, classes: Sequence[str]) -> Answers:
    """Every recording is of the class that most training recordings are of."""
    most = int(np.bincount([label for _, label in split.train], minlength=len(classes)).argmax())
    test = one_a_recording(split.test)
    return Answers(
        np.tile(np.eye(len(classes))[most], (len(test), 1)), test, Reading.by_greatest(classes, MARGINS)
    )


def _of_text(split: Split, layout: Layout, classes: Sequence[str]) -> Answers:
    train = texts_of(split.train, layout)
    outputs = text_outputs(train, one_a_recording(split.train).y, texts_of(split.test, layout))
    return Answers(outputs, one_a_recording(split.test), Reading.by_greatest(classes, MARGINS))


def _of_features(
    split: Split, features: Pipeline, classes: Sequence[str], seed: int, on_progress: Progress
) -> dict[str, Answers]:
    train, test = cut_windows(split, features, on_progress)
    judged = {}
    for name, outputs, meaning in ((FOREST, forest_outputs, SHARES), (SVM, svm_outputs, MARGINS)):
        on_progress(f"fitting {name}", 0, 0)
        judged[name] = Answers(outputs(train, test, seed), test, Reading.by_greatest(classes, meaning))
    return judged
