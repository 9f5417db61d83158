"""The main job in one command: type, train, quantise, export, verify."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerotap.errors import ModelError

if TYPE_CHECKING:
    from zerotap.models import Comparison

MESSAGES = 2_400
Report = Callable[[str, int, int], None]


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"), show_default=True
)
@click.option("--messages", type=click.IntRange(600, 10_000), default=MESSAGES, show_default=True)
@click.option("--seed", default=0, show_default=True, help="Of the corpus, the typist and the training.")
@click.option(
    "--compiler", metavar="PATH|zig", help="The compiler for the board; default: the first that is there."
)
@click.option("--force", is_flag=True, help="Replace an earlier demo in that folder.")
@click.option("--json", "as_json", is_flag=True, help="Print report.json instead of the table.")
def demo(out: Path, messages: int, seed: int, compiler: str | None, force: bool, as_json: bool) -> None:
    """Run the main job on a synthetic corpus: USB packets in, three verified classifiers out.

    Types short messages in two moods on a virtual USB keyboard, trains a dense and a conv model on the raw
    packets and a hashed text model on the text that they spell, quantises the three to int8, exports them as
    Arduino libraries, and compares every test window on the simulated board with TensorFlow's reference
    kernels.

    \b
    Example:
      zerotap demo --out demo
    """
    from rich.console import Console

    from zerotap.models import comparison_table
    from zerotap.reporting import progress

    with progress() as report:
        comparison = run_demo(
            out, messages=messages, seed=seed, compiler=compiler, force=force, on_progress=report
        )
    if as_json:
        click.echo(json.dumps(comparison.to_json()))
    else:
        Console().print(comparison_table(comparison))
        click.echo(f"Recordings, models, Arduino libraries and report.json are in {out}")


def run_demo(
    out: Path,
    *,
    messages: int = MESSAGES,
    seed: int = 0,
    compiler: str | None = None,
    force: bool = False,
    on_progress: Report | None = None,
) -> Comparison:
    """Type ``messages`` synthetic messages and compare every model on them.

    ``out`` gets messages.csv, dataset/, report.json and a folder a model; it appears whole or not at all.
    ``force`` replaces an earlier demo, never anything else. ``on_progress(stage, done, total)``. Raises what
    the stages raise, and ModelError where ``out`` is in use.
    """
    from zerotap.capture import type_messages
    from zerotap.models.commands import compare_dataset

    report = on_progress or (lambda stage, done, total: None)
    _check_free(out, force)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".zerotap-", dir=out.parent) as scratch:
        corpus, recordings, results = (Path(scratch, name) for name in ("messages.csv", "dataset", "results"))
        write_corpus(corpus, messages, seed)
        dataset = type_messages(corpus, recordings, seed=seed, on_progress=lambda *at: report("typing", *at))
        comparison = compare_dataset(dataset, results, compiler=compiler, seed=seed, report=report)
        for made in (corpus, recordings):
            made.replace(results / made.name)
        if out.exists():
            out.replace(Path(scratch, "earlier"))
        results.replace(out)
    return comparison


def write_corpus(path: Path, messages: int, seed: int) -> None:
    """Write the synthetic corpus as a CSV that `zerotap type` reads: columns label, text."""
    from zerotap.capture import generate_corpus

    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("label", "text"), *generate_corpus(messages, seed)])


def _check_free(out: Path, force: bool) -> None:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not (out / "report.json").is_file() or not (out / "messages.csv").is_file():
        raise ModelError(f"{out} holds other things than a demo: choose another folder with --out")
    if not force:
        raise ModelError(f"{out} holds an earlier demo: add --force to replace it, or choose another --out")
