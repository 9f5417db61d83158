"""`zerotap baseline`: what ordinary models on a desktop score."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from zerotap.reporting import json_option, next_step, print_report, progress, quiet_option

from .options import FILE, FOLDER, seed_option


@click.command()
@click.argument("dataset", type=FOLDER)
@click.option(
    "--pipeline", type=FILE, help="A pipeline that gives features.  [default: of a sensor, statistics]"
)
@click.option("--layout", default="us", show_default=True, metavar="NAME", help="Of the keyboard.")
@seed_option
@json_option
@quiet_option
def baseline(dataset: Path, pipeline: Path | None, layout: str, seed: int, as_json: bool) -> None:
    """Score ordinary desktop models on a dataset, to know what is possible.

    The most frequent class; of typed text a linear SVM on words and characters; of features a random forest
    and an SVM. They learn from the recordings that `zerotap train` learns from and are scored on those that
    it is scored on. None of them is for the board.

    \b
    Example:
      zerotap baseline moods
    """
    from zerotap.capture import Dataset
    from zerotap.models import baseline as measure_baseline
    from zerotap.models import baseline_table

    with progress() as report:
        found = measure_baseline(
            Dataset.open(dataset), pipeline=pipeline, layout=layout, seed=seed, on_progress=report
        )
    content = {"type": "baseline", "dataset": str(dataset), **found.to_json()}
    print_report(content, baseline_table(str(dataset), found), as_json)
    read = [] if pipeline is None else ["--pipeline", str(pipeline)]
    next_step(
        shlex.join(
            ["zerotap", "train", "--dataset", str(dataset), "--model", "linear", *read, "--out", "MODEL"]
        )
    )
