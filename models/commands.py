"""The commands of models/: arguments in, one call, a report out."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zerotap.firmware import BuildOptions
from zerotap.firmware.commands.options import build_options, limit_options
from zerotap.isolation import Limits
from zerotap.reporting import json_option, next_step, print_report, progress, quiet_option

from .seeds import SEED_MAX

if TYPE_CHECKING:
    from zerotap.models import FolderWindows, Scores, Trained

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_dataset = click.option(
    "--dataset", type=_FOLDER, required=True, help="A dataset of `zerotap record`, `type` or `import`."
)
_seed = click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0, SEED_MAX),
    help="The same seed on the same dataset gives the same weights.",
)


@click.command()
@_dataset
@click.option("--model", required=True, help="dense or conv (raw reports), or text (decoded words).")
@click.option("--out", type=_FOLDER, required=True, help="The model's new folder.")
@_seed
@click.option("--epochs", type=click.IntRange(1), help="Train at most so long.  [default: the model's own]")
@click.option("--pipeline", type=_FILE, help="A pipeline's TOML.  [default: the model's own, or a sensor's]")
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
    _print_scores(str(out), trained, scores, as_json)
    _next_step(out, dataset, scores)


@click.command()
@click.argument("model", type=_FOLDER)
@_dataset
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
    _print_scores(str(model), found, scores, as_json)
    _next_step(model, dataset, scores)


def _next_step(model: Path, dataset: Path, scores: dict[str, Scores]) -> None:
    """A float model wants to be quantised; one of integers has what the board computes."""
    if set(scores) == {"float"}:
        next_step(shlex.join(["zerotap", "quantise", str(model), "--dataset", str(dataset)]))
    else:
        next_step(shlex.join(["zerotap", "analyse", str(model)]))


def _print_scores(
    folder: str, trained: Trained | FolderWindows, scores: dict[str, Scores], as_json: bool
) -> None:
    from zerotap.models import scores_table

    report: dict[str, Any] = {
        "model": folder,
        "name": trained.facts.name,
        "kind": trained.pipeline.kind,
        "data": trained.facts.data,
        "classes": list(trained.facts.classes),
        "split": trained.facts.note,
        **{arithmetic: values.to_json() for arithmetic, values in scores.items()},
    }
    title = f"{folder}: {next(iter(scores.values())).recordings} test recordings, {trained.facts.data} data"
    print_report(report, scores_table(title, trained.facts.classes, scores), as_json)


@click.command()
@_dataset
@click.option("--out", type=_FOLDER, required=True, help="New folder for the report, models and exports.")
@click.option(
    "--model", "names", multiple=True, help="A model to compare; repeat for more.  [default: all that suit]"
)
@build_options()
@_seed
@json_option
@quiet_option
def compare(
    dataset: Path, out: Path, names: tuple[str, ...], options: BuildOptions, seed: int, as_json: bool
) -> None:
    """Train, quantise and measure models of every family on one split of a dataset.

    Every model's whole test set runs on the simulated board and is compared with the oracle for equality.

    \b
    Example:
      zerotap compare --dataset moods --out comparison
    """
    from zerotap.models import comparison_table, model_spec
    from zerotap.writing import check_apart, check_new_folder

    check_apart(out, {"dataset": dataset})
    check_new_folder(out)
    for name in names:
        model_spec(name)
    from zerotap.workflow import compare as compare_models

    with progress() as report:
        comparison = compare_models(dataset, out, names, options, seed=seed, on_progress=report)
    print_report(comparison.to_json(), comparison_table(comparison), as_json)
    next_step(shlex.join(["zerotap", "analyse", str(out / comparison.best.name)]))
