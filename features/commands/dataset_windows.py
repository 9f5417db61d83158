"""`zerotap windows`: a dataset's windows as a model takes them, in a file."""

from __future__ import annotations

import shlex
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zerotap.errors import ModelError
from zerotap.reporting import json_option, next_step, print_report, progress, quiet_option

if TYPE_CHECKING:
    from zerotap.capture import Dataset
    from zerotap.features import Pipeline, Windows

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("dataset", type=_PATH)
@click.option("--pipeline", type=_PATH, required=True, help="A pipeline's TOML, or a trained model's folder.")
@click.option("--out", type=_PATH, required=True, help="The new .npy file of the windows.")
@click.option("--labels", type=_PATH, help="A new .npy file of each window's class, int64 from 0 on.")
@click.option(
    "--side",
    type=click.Choice(["train", "test", "all"]),
    default="test",
    show_default=True,
    help="Windows of training recordings, of test recordings, or of all.",
)
@json_option
@quiet_option
def windows(dataset: Path, pipeline: Path, out: Path, labels: Path | None, side: str, as_json: bool) -> None:
    """Write the windows that a pipeline cuts from DATASET, as `zerotap verify --samples` reads them.

    Bytes are written as a model that was trained on them takes them, float32 from 0 to 1 (byte / 255), and
    int8 likewise (q as byte q + 128); word ids stay int32. Train and test are the sides that `zerotap train`
    splits the dataset into. What the pipeline leaves out is measured on the training side.

    \b
    Example:
      zerotap windows moods --pipeline conv-model --out test.npy
      zerotap verify conv-model/model.tflite --samples test.npy
    """
    from zerotap.capture import Dataset
    from zerotap.models import fitted_pipeline
    from zerotap.writing import check_apart, new_file

    for place in filter(None, (out, labels)):
        check_apart(place, {"dataset": dataset, "pipeline": pipeline})
    if labels and labels.absolute() == out.absolute():
        raise click.UsageError("--out and --labels are the same file: give them two names")
    (given, classes), opened = _pipeline(pipeline), Dataset.open(dataset)
    chosen = fitted_pipeline(given, opened)
    _check(chosen, opened, classes)
    with ExitStack() as files:
        window_file = files.enter_context(new_file(out))
        label_file = files.enter_context(new_file(labels)) if labels else None
        with progress() as on_progress:
            on_progress("cutting windows", 0, 0)
            cut, note = _cut(opened, chosen, side)
        _write(cut, window_file, label_file)
    places = {"out": str(out), "labels": str(labels) if labels else None, "dataset": str(dataset)}
    report = {"type": "windows", **places, "side": side, "split": note, **_counts(cut, opened, chosen)}
    print_report(report, _lines(report), as_json)
    model = pipeline if pipeline.is_dir() else Path("MODEL")
    next_step(shlex.join(["zerotap", "verify", str(model / "model.tflite"), "--samples", str(out)]))


def _pipeline(path: Path) -> tuple[Pipeline, tuple[str, ...] | None]:
    """The pipeline, and of a model's folder the classes that the model tells apart."""
    from zerotap.features import Pipeline
    from zerotap.models import read_facts

    if not path.is_dir():
        return Pipeline.read(path), None
    facts, pipeline = read_facts(path)
    return pipeline, facts.classes


def _check(pipeline: Pipeline, dataset: Dataset, classes: tuple[str, ...] | None) -> None:
    """Refuse before any work what no model takes, other classes than the model's, and the wrong input."""
    import numpy as np

    from zerotap.models import model_input

    target = pipeline.signals[-1]
    model_input(np.empty((0, *target.shape), target.dtype))
    if classes not in (None, tuple(dataset.classes)):
        raise ModelError(
            f"the model tells {', '.join(classes or ())} apart, {dataset.path} has "
            f"{', '.join(dataset.classes)}: choose a dataset with the model's classes"
        )
    if (recording := dataset.first()) is None:
        return
    # What form a keyboard's reports have shows in all recordings together, not in the first.
    if not (pipeline.takes_boot_reports and recording.transfer == "interrupt"):
        pipeline.transform([(recording, 0)])


def _cut(dataset: Dataset, pipeline: Pipeline, side: str) -> tuple[Windows, str]:
    """The windows of a side, and how the dataset was split ("" for all of it)."""
    from zerotap.models import split_windows

    if side == "all":
        from zerotap.features import as_boot_reports

        loaded = dataset.load_all(dataset.entries())
        numbers = [dataset.classes.index(entry.label) for entry, _ in loaded]
        recordings = [recording for _, recording in loaded]
        taken = as_boot_reports(recordings) if pipeline.takes_boot_reports else recordings
        return pipeline.transform(list(zip(taken, numbers, strict=True))), ""
    train, test, note = split_windows(dataset, pipeline)
    return (train if side == "train" else test), note


def _write(cut: Windows, window_file: Path, label_file: Path | None) -> None:
    import numpy as np

    from zerotap.models import model_input

    with window_file.open("wb") as file:  # np.save would add .npy to a name without it
        np.save(file, model_input(cut.x))
    if label_file:
        with label_file.open("wb") as file:
            np.save(file, cut.y)


def _counts(cut: Windows, dataset: Dataset, pipeline: Pipeline) -> dict[str, Any]:
    import numpy as np

    counts = np.bincount(cut.y, minlength=len(dataset.classes)).tolist()
    return {
        "pipeline": pipeline.name,
        "windows": len(cut),
        "shape": list(cut.x.shape[1:]),
        "dtype": "int32" if cut.x.dtype == np.int32 else "float32",
        "recordings": len(np.unique(cut.groups)),
        "classes": dict(zip(dataset.classes, counts, strict=True)),
        "features": pipeline.feature_names,
    }


def _lines(report: dict[str, Any]) -> list[str]:
    shape = ", ".join(map(str, report["shape"]))
    classes = ", ".join(f"{name} {count:,}" for name, count in report["classes"].items())
    side = "all recordings" if report["side"] == "all" else f"{report['side']} side"
    first = (
        f"{report['out']}: {report['windows']:,} windows, {report['dtype']} ({shape}), "
        f"{side} ({report['recordings']} recordings)"
    )
    return [first, classes]
