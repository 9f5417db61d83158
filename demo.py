"""The main job in one command: type, train, quantise, export, verify."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from zerotap.firmware import BuildOptions
from zerotap.firmware.commands.options import build_options
from zerotap.models import SEED_MAX
from zerotap.reporting import json_option, next_step, print_report, progress, quiet_option, say

MESSAGES = 2_400


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="New folder of what is made.",
)
@click.option(
    "--messages",
    type=click.IntRange(600, 10_000),
    default=MESSAGES,
    show_default=True,
    help="Of both moods together; the fewest leave the raw models near chance.",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0, SEED_MAX),
    help="Of the corpus, the typist and the training.",
)
@click.option("--force", is_flag=True, help="Replace the files of an earlier demo in that folder.")
@build_options("optimise", "flash", "ram", "skip_zeros", "oracle", "limits")
@json_option
@quiet_option
def demo(out: Path, messages: int, seed: int, force: bool, options: BuildOptions, as_json: bool) -> None:
    """Run the main job on a synthetic corpus: USB packets in, three verified classifiers out.

    Types short messages in two moods on a virtual USB keyboard, trains a dense and a conv model on the raw
    packets and a hashed text model on the text that they spell, quantises the three to int8, exports them as
    Arduino libraries, and compares every test window on the simulated board with TensorFlow's reference
    kernels.

    \b
    Example:
      zerotap demo --out demo
    """
    from zerotap.models import comparison_table
    from zerotap.workflow import run_demo

    with progress() as report:
        comparison = run_demo(
            out, messages=messages, seed=seed, options=options, force=force, on_progress=report
        )
    print_report(comparison.to_json(), comparison_table(comparison), as_json)
    if not as_json:
        say(f"Recordings, models, Arduino libraries and report.json are in {out}")
    next_step(shlex.join(["zerotap", "analyse", str(out / comparison.best.name)]))
