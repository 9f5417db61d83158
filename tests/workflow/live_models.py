"""Folders of models that need no TensorFlow, for what classifies live: of typed texts, and of a sensor."""

from pathlib import Path

import numpy as np
from drawn_forests import drawn_forest
from drawn_tables import drawn_table

from zerotap.features import Pipeline, Windows, transforms
from zerotap.models import Facts, Trained

WORDS = Pipeline("words", (transforms.TypedWords(500),))
MOVED = Pipeline("moved", (transforms.CountWindows(16, 4, 1.0),), "frames", 6)


def save(folder: Path, network, pipeline: Pipeline, **facts) -> Path:
    """Write a model's folder with two classes, as training does."""
    known = {"classes": ("calm", "tense"), "scores": type(network).meaning, **facts}
    nothing = Windows(np.zeros((0, *pipeline.input_shape)), *np.zeros((2, 0), np.int64))
    made = Facts("made", synthetic=True, seed=0, epochs=0, parameters=1, note="drawn", **known)
    Trained(made, network, pipeline, nothing, nothing).save(folder)
    return folder


def text_table(folder: Path) -> Path:
    """A table of words: one result a text, of two classes."""
    return save(folder, drawn_table(1, by_root=False, bits=8, buckets=500), WORDS)


def label_table(folder: Path) -> Path:
    """A table of words with two labels, either of which may be given."""
    table = drawn_table(2, by_root=False, bits=8, buckets=500, seed=4, by_label=True)
    names, most = ("loud", "rude"), float(table.bias.max())
    return save(
        folder,
        table,
        WORDS,
        classes=("none", "loud", "rude", "loud+rude"),
        head="labels",
        labels=names,
        thresholds=(-most, most),
    )


def moved_forest(folder: Path) -> Path:
    """A forest of windows of a sensor's three channels, a window every four samples."""
    limits = (-9000, 9000)
    forest = drawn_forest(7, inputs=48, trees=9, depth=6, classes=2, limits=limits, fullness=0.95)
    return save(folder, forest, MOVED)
