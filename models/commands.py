"""The commands of models/: arguments in, one call, a report out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zerotap.errors import FeatureError, ModelError
from zerotap.firmware.commands.options import build_options
from zerotap.firmware.options import BuildOptions

if TYPE_CHECKING:
    from rich.table import Table

    from zerotap.features import Pipeline
    from zerotap.models import Scores, Trained

Report = Callable[[str, int, int], None]
_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_dataset = click.option("--dataset", type=_FOLDER, required=True, help="A dataset of `zerotap type`.")
_seed = click.option("--seed", default=0, show_default=True, help="The same seed gives the same weights.")
_json = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")


@click.command()
@_dataset
@click.option("--model", required=True, help="dense or conv (raw reports), or text (decoded words).")
@click.option("--out", type=_FOLDER, required=True, help="The model's new folder.")
@_seed
@click.option("--epochs", type=click.IntRange(1), help="Train at most so long.  [default: the model's own]")
@click.option("--pipeline", type=_FILE, help="A pipeline's TOML.  [default: the model's own]")
@_json
def train(
    dataset: Path, model: str, out: Path, seed: int, epochs: int | None, pipeline: Path | None, as_json: bool
) -> None:
    """Train a model on a dataset's training recordings and score it on its test recordings.

    The model's folder gets its pipeline.toml: `zerotap export` reads it, and it is what to start from for a
    --pipeline of your own.

    \b
    Example:
      zerotap train --dataset moods --model conv --out conv-model
    """
    from zerotap.capture import Dataset
    from zerotap.models import train as train_model

    _refuse_existing(out)
    chosen = _read_pipeline(pipeline) if pipeline else None
    with progress() as report:
        trained = train_model(
            Dataset.open(dataset),
            model,
            seed=seed,
            epochs=epochs,
            pipeline=chosen,
            on_progress=lambda *at: report(model, *at),
        )
    trained.save(out)
    _print_scores(str(out), trained, {"float": _float_scores(trained)}, as_json)


@click.command()
@click.argument("model", type=_FOLDER)
@_dataset
@_json
def evaluate(model: Path, dataset: Path, as_json: bool) -> None:
    """Score the model in folder MODEL on a dataset's test recordings.

    Prints the float model's scores, and with a model.tflite in the folder also the int8 model's, as TFLite's
    reference kernels compute them.

    \b
    Example:
      zerotap evaluate conv-model --dataset moods
    """
    from zerotap.capture import Dataset
    from zerotap.models import load_trained

    tflite = model / "model.tflite"
    with progress() as report:
        report("cutting windows and scoring", 0, 1 + tflite.exists())
        trained = load_trained(model, Dataset.open(dataset))
        scores = {"float": _float_scores(trained)}
        if tflite.exists():
            report("cutting windows and scoring", 1, 2)
            scores["int8"] = _int8_scores(trained, tflite)
    _print_scores(str(model), trained, scores, as_json)


@click.command()
@_dataset
@click.option("--out", type=_FOLDER, required=True, help="New folder for the report, models and exports.")
@click.option("--model", "names", multiple=True, help="A model to compare; repeat for more.  [default: all]")
@build_options()
@_seed
@_json
def compare(
    dataset: Path, out: Path, names: tuple[str, ...], options: BuildOptions, seed: int, as_json: bool
) -> None:
    """Train, quantise and measure models of both paths on one split of a dataset.

    Every model's whole test set runs on the simulated board and is compared with the oracle for equality.

    \b
    Example:
      zerotap compare --dataset moods --out comparison
    """
    from zerotap.models import comparison_table
    from zerotap.workflow import compare_dataset

    with progress() as report:
        comparison = compare_dataset(dataset, out, names, options, seed=seed, on_progress=report)
    _print(comparison.to_json(), comparison_table(comparison), as_json)


def _refuse_existing(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ModelError(f"{out} is not an empty folder: choose another --out, or remove it first")


def _read_pipeline(path: Path) -> Pipeline:
    from zerotap.features import Pipeline

    try:
        return Pipeline.from_toml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} cannot be read ({error}): give a pipeline's TOML") from error
    except FeatureError as error:
        raise FeatureError(f"{path}: {error}") from error


def _float_scores(trained: Trained) -> Scores:
    from zerotap.models import float_outputs, score

    return score(float_outputs(trained), trained.test, len(trained.classes))


def _int8_scores(trained: Trained, tflite: Path) -> Scores:
    from zerotap.firmware import Oracle, quantise_input, read_tflite
    from zerotap.models import dequantise, model_input, score

    graph = read_tflite(tflite)
    source, target = graph.tensors[graph.input], graph.tensors[graph.output]
    outputs = Oracle(tflite).invoke(quantise_input(model_input(trained.test.x), source))
    logits = dequantise(outputs, float(target.scale[0]), int(target.zero_point[0]))
    return score(logits, trained.test, len(trained.classes))


def _print_scores(folder: str, trained: Trained, scores: dict[str, Scores], as_json: bool) -> None:
    from zerotap.models import scores_table

    report = {
        "model": folder,
        "name": trained.name,
        "path": trained.path,
        "data": trained.facts.data,
        "classes": list(trained.classes),
        "split": trained.facts.note,
        **{arithmetic: values.to_json() for arithmetic, values in scores.items()},
    }
    title = f"{folder}: {scores['float'].recordings} test recordings, {trained.facts.data} data"
    _print(report, scores_table(title, trained.classes, scores), as_json)


def _print(report: dict[str, Any], table: Table, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report))
        return
    from rich.console import Console

    Console().print(table)


@contextmanager
def progress() -> Iterator[Report]:
    """Show stages as they come, on stderr; yields the function ``report(stage, done, total)``."""
    from rich.console import Console
    from rich.progress import Progress, TaskID

    tasks: dict[str, TaskID] = {}
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as display:

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = display.add_task(stage, total=total)
            display.update(tasks[stage], completed=done)

        yield report
