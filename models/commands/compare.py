"""`zerotap compare`: models on one split, on the board, and the verdict."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import click

from zerotap.firmware import BuildOptions
from zerotap.firmware.commands.options import build_options, chosen_options
from zerotap.reporting import Number, json_option, next_step, print_report, progress, quiet_option

from .options import FOLDER, seed_option
from .training_options import SEEDS_MAX


@click.command()
@click.argument("dataset", type=FOLDER)
@click.option("--out", type=FOLDER, required=True, help="Folder for the report, models and exports.")
@click.option(
    "--models",
    "names",
    metavar="NAME,NAME,...",
    default="",
    help="Families, as in conv or linear:large, a FILE.py, or a model's folder, which is loaded.  "
    "[default: dense, conv and text, if they suit]",
)
@click.option(
    "--seeds",
    type=click.IntRange(1, SEEDS_MAX),
    default=3,
    show_default=True,
    help="Train each model so often, and keep the median by recordings that are held out.",
)
@seed_option
@click.option(
    "--margin",
    type=Number(0, 1),
    default=0.02,
    show_default=True,
    help="The difference in macro-F1 that does not matter.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Processes that train, no more than there are cores.",
)
@click.option("--with-text", is_flag=True, help="Put what was typed into evidence.json.")
@build_options(of_whole=True)
@json_option
@quiet_option
def compare(
    dataset: Path,
    out: Path,
    names: str,
    seeds: int,
    seed: int,
    margin: float,
    jobs: int,
    with_text: bool,
    options: BuildOptions,
    as_json: bool,
) -> None:
    """Train models of several families on one split of a dataset, and tell which is better on the board.

    Every model's whole test side runs on the simulated board and is compared with the oracle for equality;
    some test recordings are pushed packet by packet, to tell what a message (of a keyboard) or a window costs
    with its preprocessing. Models that do not fit the board are left out of the table. The models of a
    desktop, of `zerotap baseline`, stand beside them.

    OUT may hold an earlier comparison: what has not changed is taken from it. Where it is killed, the same
    command goes on from what is in OUT.unfinished.

    \b
    Examples:
      zerotap compare moods --out comparison
      zerotap compare moods --models linear,bag,conv:small,./mine --out comparison --seeds 1
    """
    from zerotap.models import comparison_table
    from zerotap.workflow import compare as compare_models

    chosen = [name.strip() for name in names.split(",")] if names.strip() else []
    if "" in chosen:
        raise click.UsageError(f"--models {names!r} has an empty name: leave out the comma beside it")
    with progress() as report:
        comparison = compare_models(
            dataset,
            out,
            chosen,
            options,
            seed=seed,
            seeds=seeds,
            margin=margin,
            with_text=with_text,
            jobs=jobs,
            on_progress=report,
        )
    print_report(comparison.to_json(), comparison_table(comparison), as_json)
    best = shlex.quote(str(out / comparison.best.name.replace(":", "-")))
    next_step(f"zerotap analyse {best}{chosen_options(replace(options, compiler=None))}")
