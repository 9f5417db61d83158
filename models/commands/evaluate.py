"""`zerotap evaluate`: a model's folder is scored on a dataset."""

from __future__ import annotations

from pathlib import Path

import click

from zerotap.firmware.commands.options import limit_options
from zerotap.isolation import Limits
from zerotap.reporting import json_option, progress, quiet_option

from .options import FOLDER, dataset_option
from .score_report import print_scores, tell_next_step


@click.command()
@click.argument("model", type=FOLDER)
@dataset_option
@limit_options
@json_option
@quiet_option
def evaluate(model: Path, dataset: Path, isolation: Limits, as_json: bool) -> None:
    """Score the model in folder MODEL on a dataset's test recordings.

    Prints the float model's scores, and with a model.tflite in the folder also the int8 model's, as TFLite's
    reference kernels compute them.

    By recording, and by window where recordings have several: accuracy and macro-F1, each with what 95 % of
    resamples of the recordings would have scored, the calibration error, and each class's precision and
    recall. Too few recordings for the second digit are told. --json has all of it.

    \b
    Example:
      zerotap evaluate conv-model --dataset moods
    """
    from zerotap.capture import Dataset
    from zerotap.foreign import evaluate_folder
    from zerotap.models import read_facts

    read_facts(model)
    recordings = Dataset.open(dataset)
    with progress() as report:
        found, scores = evaluate_folder(model, recordings, isolation=isolation, on_progress=report)
    print_scores(str(model), found, scores, as_json)
    tell_next_step(model, dataset, scores)
