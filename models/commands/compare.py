"""`zerotap compare`: models of every family on one split."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from zerotap.firmware import BuildOptions
from zerotap.firmware.commands.options import build_options
from zerotap.reporting import json_option, next_step, print_report, progress, quiet_option

from .options import FOLDER, dataset_option, seed_option


@click.command()
@dataset_option
@click.option("--out", type=FOLDER, required=True, help="New folder for the report, models and exports.")
@click.option(
    "--model",
    "names",
    multiple=True,
    help="A model to compare; repeat for more.  [default: dense, conv and text, if they suit]",
)
@build_options()
@seed_option
@json_option
@quiet_option
def compare(
    dataset: Path, out: Path, names: tuple[str, ...], options: BuildOptions, seed: int, as_json: bool
) -> None:
    """Train, quantise and measure models of several families on one split of a dataset.

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
