"""`zerotap train`: a dataset becomes a model's folder."""

from __future__ import annotations

from pathlib import Path

import click

from zerotap.reporting import json_option, progress, quiet_option

from .options import FILE, FOLDER, dataset_option, seed_option
from .score_report import print_scores, tell_next_step


@click.command()
@dataset_option
@click.option("--model", required=True, help="dense or conv (raw reports), or text (decoded words).")
@click.option("--out", type=FOLDER, required=True, help="The model's new folder.")
@seed_option
@click.option("--epochs", type=click.IntRange(1), help="Train at most so long.  [default: the model's own]")
@click.option("--pipeline", type=FILE, help="A pipeline's TOML.  [default: the model's own, or a sensor's]")
@json_option
@quiet_option
def train(
    dataset: Path, model: str, out: Path, seed: int, epochs: int | None, pipeline: Path | None, as_json: bool
) -> None:
    """Train a model on a dataset's training recordings and score it on its test recordings.

    The model's folder gets its pipeline.toml: `zerotap export` reads it, and it is what to start from for a
    --pipeline of your own. A sensor's dataset is cut into windows of about a second at the rate that was
    measured, half of each new; ranges are measured on the training recordings.

    A text model's table has a row for every word. Rows of words that were not typed get decoys, so that the
    model does not say which words were. They are drawn by a secret that is kept as decoys.secret in the
    dataset and is in no model.

    \b
    Example:
      zerotap train --dataset moods --model conv --out conv-model
    """
    from zerotap.capture import Dataset
    from zerotap.features import Pipeline
    from zerotap.models import evaluate as evaluate_model
    from zerotap.models import train as train_model
    from zerotap.writing import check_apart, check_new_folder, write_or_keep

    check_apart(out, {"dataset": dataset, "pipeline": pipeline})
    check_new_folder(out)
    chosen = Pipeline.read(pipeline) if pipeline else None
    recordings = Dataset.open(dataset)
    with progress() as report:
        trained = train_model(
            recordings, model, seed=seed, epochs=epochs, pipeline=chosen, on_progress=report
        )
        report("scoring", 0, 0)
        arithmetic = "float" if trained.facts.scores == "logits" else "int32"
        scores = {arithmetic: evaluate_model(trained)}
    write_or_keep(out, trained.save)
    print_scores(str(out), trained, scores, as_json)
    tell_next_step(out, dataset, scores)
