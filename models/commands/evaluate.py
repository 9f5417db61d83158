"""`zerotap evaluate`: a model's folder is scored on a dataset."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from zerotap.firmware.commands.options import limit_options
from zerotap.isolation import Limits
from zerotap.reporting import json_option, next_step, progress, quiet_option

from .options import FOLDER, dataset_option
from .score_report import print_scores


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
    if "int8" in scores:
        next_step(shlex.join(["zerotap", "analyse", str(model)]))
    else:
        next_step(shlex.join(["zerotap", "quantise", str(model), "--dataset", str(dataset)]))
