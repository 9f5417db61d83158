"""Models of every family on one dataset: trained, quantised, measured on the board, exported."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerotap.capture import Dataset, open_dataset
from zerotap.firmware import (
    DEFAULTS,
    BuildOptions,
    Verification,
    export,
    find_compiler,
)
from zerotap.models import Trained
from zerotap.models import compare as compare_models
from zerotap.reporting import LOADING, Progress, no_progress
from zerotap.writing import check_apart, new_folder

from .building import measure, thresholds_of

if TYPE_CHECKING:
    from zerotap.models import Comparison

NO_LETTER: Final = "[^A-Za-z0-9_]"
"""What a model's name may hold and no name in C does."""


def compare(
    dataset: Dataset | str | Path,
    out: str | Path,
    names: Sequence[str] = (),
    options: BuildOptions = DEFAULTS,
    *,
    seed: int = 0,
    on_progress: Progress = no_progress,
) -> Comparison:
    """Compare models on ``dataset`` and write the results into a new ``out``.

    Without ``names`` dense, conv and text, if they suit it. ``out`` gets report.json and for each model NAME/
    with the trained model, model.tflite and the library NAME/arduino; it appears whole or not at all.
    ``on_progress(stage, done, total)`` as work goes on. Where ``out`` cannot be written after all, what is
    finished is kept in a temporary folder: the OutputError says where.
    """
    data = open_dataset(dataset)
    check_apart(out, {"dataset": data})
    find_compiler(options.compiler)
    with new_folder(out, keep=True) as part:
        return compare_into(part, data, names, options, seed, on_progress)


def compare_into(
    part: Path,
    data: Dataset,
    names: Sequence[str],
    options: BuildOptions,
    seed: int,
    on_progress: Progress,
) -> Comparison:
    """Compare models on ``data`` and write the results into ``part``, a folder in the making."""

    def on_board(trained: Trained) -> Verification:
        folder = part / trained.name
        trained.save(folder)

        def report(stage: str, done: int, total: int) -> None:
            if stage != LOADING:  # it has been, to train
                on_progress(f"{trained.name}, {stage}", done, total)

        measured = measure(trained, folder, options, on_progress=report)
        thresholds = thresholds_of(trained)
        export(
            folder,
            folder / "arduino",
            f"{re.sub(NO_LETTER, '_', trained.name)}_model",
            options,
            thresholds=thresholds,
            on_progress=report,
        )
        return measured

    comparison = compare_models(data, names, on_board, seed=seed, on_progress=on_progress)
    text = json.dumps(comparison.to_json(), indent=2) + "\n"
    (part / "report.json").write_text(text, encoding="utf-8")
    return comparison
