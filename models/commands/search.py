"""`zerotap search`: the best models for a budget."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import click

from zerotap.firmware import BuildOptions
from zerotap.firmware.commands.options import build_options
from zerotap.models.searching.limits import OBJECTIVES, Objective
from zerotap.reporting import json_option, next_step, print_report, quiet_option

from .options import FOLDER, seed_option
from .search_progress import search_progress

_MILLISECONDS: Final = {"us": 1e-3, "µs": 1e-3, "ms": 1.0, "s": 1e3}
_SECONDS: Final = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


class Time(click.ParamType[float]):
    """A time with its unit, above 0: 20ms, or 10m; gives how many of the unit that is worth 1."""

    name = "time"

    def __init__(self, units: dict[str, float], example: str) -> None:
        self._units, self._example = units, example

    def convert(
        self, value: str | float, param: click.Parameter | None, context: click.Context | None
    ) -> float:
        """The number; a time without a unit says nothing."""
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*([a-zµ]*)\s*", value)
        if match is None or match[2] not in self._units or not float(match[1]):
            units = ", ".join(self._units)
            self.fail(
                f"{value!r} is no time: give a number above 0 and {units}, as in {self._example}",
                param,
                context,
            )
        return float(match[1]) * self._units[match[2]]


@click.command()
@click.argument("dataset", type=FOLDER)
@click.option(
    "--out", type=FOLDER, required=True, help="New folder, or that of an earlier search of the same."
)
@click.option(
    "--latency",
    "latency_ms",
    type=Time(_MILLISECONDS, "20ms"),
    metavar="TIME",
    help="What a message (typed) or a window (of a sensor) may take at the board's clock on average, the "
    "stages of its packets and every inference, as in 20ms.  [default: no limit]",
)
@click.option(
    "--objective",
    type=click.Choice(OBJECTIVES),
    default="cycles",
    show_default=True,
    help="What is to be small beside a high score.",
)
@click.option("--trials", type=click.IntRange(1), help="Try so many models more.  [default: as time allows]")
@click.option(
    "--timeout",
    "timeout_s",
    type=Time(_SECONDS, "10m"),
    metavar="TIME",
    help="Search so long; to verify what was found takes some more.  [default without --trials: 10m]",
)
@click.option(
    "--models", default="", metavar="NAME,NAME", help="Families to draw from.  [default: all that suit]"
)
@click.option(
    "--storage",
    metavar="URL",
    help="Database of a study that many processes and machines share: sqlite:///FILE or "
    "postgresql://USER@HOST/DATABASE.  [default: study.sqlite3 in OUT]",
)
@click.option("--study", default="search", show_default=True, metavar="NAME", help="The study's name in it.")
@build_options(of_whole=True)
@seed_option
@json_option
@quiet_option
def search(
    dataset: Path,
    out: Path,
    latency_ms: float | None,
    objective: Objective,
    trials: int | None,
    timeout_s: float | None,
    models: str,
    storage: str | None,
    study: str,
    options: BuildOptions,
    seed: int,
    as_json: bool,
) -> None:
    """Search for the best models within --flash, --ram and --latency.

    Families, their pipelines, sizes and weight bits are drawn, at first as `zerotap models` shows them.
    What a model takes is planned and linked before it is trained, so that none is trained that does not fit.
    What is better is told by recordings of the training side; the models that no other beats in both score
    and cycles are scored on the test side in the end, verified on the simulated board, and kept in OUT/NAME.

    Ctrl-C ends the search, and the same command goes on with it. Several at once with one --storage, or one
    --out, share the work.

    \b
    Examples:
      zerotap search moods --flash 64k --ram 8k --latency 20ms --out found
      zerotap search moods --flash 16k --models linear,bag --trials 20 --out small
    """
    from zerotap.models import found_table
    from zerotap.workflow import search as search_models

    names = tuple(name.strip() for name in models.split(",") if name.strip())
    with search_progress() as (on_step, on_progress):
        found = search_models(
            dataset,
            out,
            options,
            latency_ms=latency_ms,
            objective=objective,
            trials=trials,
            timeout_s=timeout_s,
            models=names,
            storage=storage,
            study=study,
            seed=seed,
            on_step=on_step,
            on_progress=on_progress,
        )
    print_report(found.to_json(), found_table(found), as_json)
    next_step(found.best.export)
