"""A model for the board, trained on a task's splits: the outputs that the board computes, and the costs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from board_models import Recipe
from splits import Given
from verdicts import Outputs

from zerotap.capture import Dataset, Split
from zerotap.features import IntegerModel, Windows
from zerotap.firmware import BuildOptions, Oracle, quantise_input, read_tflite
from zerotap.firmware.options import Optimise
from zerotap.foreign import quantise_trained
from zerotap.models import Trained, dequantise, float_outputs, model_input, reading_of
from zerotap.models.training.settings import TrainingSettings
from zerotap.models.training.train_models import train_on
from zerotap.workflow import build

VERIFIED = 16  # windows that run on the simulated board; all are computed by the oracle
COSTS = ("flash_bytes", "ram_bytes", "stack_bytes", "cycles", "mismatches")


def train_fold(recipe: Recipe, split: Split, dataset: Dataset, seed: int) -> Trained:
    return train_on(split, dataset, recipe.spec(), TrainingSettings(seed=seed, **recipe.settings))


def board_outputs(trained: Trained) -> np.ndarray:
    """What the board computes of every test window: logits of an int8 model, scores of an integer one."""
    if isinstance(trained.network, IntegerModel):
        return float_outputs(trained)
    content = quantise_trained(trained)
    graph = read_tflite(content)
    source, target = graph.tensors[graph.input], graph.tensors[graph.output]
    codes = Oracle(content).invoke(quantise_input(model_input(trained.test.x), source))
    return dequantise(codes, float(target.scale[0]), int(target.zero_point[0]))


def run(recipe: Recipe, given: Given, dataset: Dataset, seed: int) -> tuple[Outputs, Outputs, list[Trained]]:
    """As the board computes it, as floats, and the model of every split."""
    models = [train_fold(recipe, split, dataset, seed) for split in given.splits]
    sides = [trained.test for trained in models]
    reading = reading_of(models[0].facts)
    board = list(zip(map(board_outputs, models), sides, strict=True))
    floats = list(zip(map(float_outputs, models), sides, strict=True))
    return Outputs.pooled(board, reading), Outputs.pooled(floats, reading), models


def costs(trained: Trained, folder: Path, flash_bytes: int) -> dict[str, object]:
    """Of the program with its pipeline: flash, RAM, stack, and cycles of a window and of a packet.

    The fastest one, or where that takes more than ``flash_bytes`` the smallest.
    """
    few = replace(trained, test=_some(trained.test))
    fastest = _built(few, folder / "fastest", "speed")
    return (
        fastest if fastest["push"]["flash_bytes"] <= flash_bytes else _built(few, folder / "smallest", "size")
    )


def _built(trained: Trained, folder: Path, optimise: Optimise) -> dict[str, object]:
    report = build(trained, folder, name="quality", options=BuildOptions(optimise=optimise)).report
    push = {name: value for name, value in report["push"].items() if np.isscalar(value)}
    return {"optimise": optimise, **{name: report[name] for name in COSTS}, "push": push}


def _some(windows: Windows) -> Windows:
    places = np.linspace(0, len(windows) - 1, min(VERIFIED, len(windows))).astype(int)
    return Windows(windows.x[places], windows.y[places], windows.groups[places])
