"""`zerotap train`: a dataset becomes a model's folder."""

from __future__ import annotations

from pathlib import Path

import click

from zerotap.reporting import json_option, progress, quiet_option

from .family_options import FamilyChoice, family_options
from .options import FILE, FOLDER, dataset_option, seed_option
from .score_report import print_scores, several, tell_next_step
from .training_options import TrainingChoices, training_options


@click.command()
@dataset_option
@family_options
@click.option("--out", type=FOLDER, required=True, help="The model's new folder.")
@seed_option
@training_options
@click.option("--pipeline", type=FILE, help="A pipeline's TOML.  [default: the model's own, or a sensor's]")
@json_option
@quiet_option
def train(
    dataset: Path,
    family: FamilyChoice,
    out: Path,
    seed: int,
    choices: TrainingChoices,
    pipeline: Path | None,
    as_json: bool,
) -> None:
    """Train a model on a dataset's training recordings and score it on its test recordings.

    The model's folder gets its pipeline.toml: `zerotap export` reads it, and it is what to start from for a
    --pipeline of your own. A sensor's dataset is cut into windows of about a second at the rate that was
    measured, half of each new; ranges are measured on the training recordings.

    A text model's table has a row for every word. Rows of words that were not typed get decoys, so that the
    model does not say which words were. They are drawn by a secret that is kept as decoys.secret in the
    dataset and is in no model.

    Where it is killed, the same command goes on from its last checkpoint, in OUT.unfinished, and comes to the
    same weights. metrics.json and curves.json in the model's folder say what came of it.

    \b
    Examples:
      zerotap train --dataset moods --model conv --out conv-model
      zerotap train --dataset moods --model dense --layers 16,8 --out small-model
      zerotap train --dataset moves --model conv --out moves-model --augment jitter=.3 --seeds 3
    """
    from zerotap.capture import Dataset
    from zerotap.features import Pipeline
    from zerotap.models import class_weight_of, remove_checkpoints
    from zerotap.models import evaluate as evaluate_model
    from zerotap.models import train as train_model
    from zerotap.writing import check_apart, check_new_folder, write_or_keep

    check_apart(out, {"dataset": dataset, "pipeline": pipeline})
    check_new_folder(out)
    chosen = Pipeline.read(pipeline) if pipeline else None
    recordings = Dataset.open(dataset)
    unfinished = out.with_name(f"{out.name}.unfinished")
    with progress() as report:
        trained = train_model(
            recordings,
            family.model,
            preset=family.preset,
            layers=family.layers,
            head=family.head,
            positive=family.positive,
            seed=seed,
            epochs=choices.epochs,
            steps=choices.steps,
            class_weight=class_weight_of(choices.class_weights),
            augment=choices.augment,
            seeds=choices.seeds,
            folds=choices.folds,
            pipeline=chosen,
            checkpoints=unfinished,
            on_progress=report,
        )
        report("scoring", 0, 0)
        arithmetic = "float" if trained.facts.scores == "logits" else "int32"
        scores = {arithmetic: evaluate_model(trained)}
    write_or_keep(out, trained.save)
    remove_checkpoints(unfinished)
    print_scores(str(out), trained, scores, as_json, several(trained))
    tell_next_step(out, dataset, scores)
