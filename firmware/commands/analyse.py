"""`zerotap analyse`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerotap.firmware.options import BuildOptions
from zerotap.reporting import json_option, next_step, print_report, quiet_option

from .options import as_argument, build_options, chosen_options, model_argument

if TYPE_CHECKING:
    from zerotap.features import Pipeline
    from zerotap.firmware import ModelFile


@click.command(short_help="Show what a model holds and costs, layer by layer.")
@model_argument
@build_options("compiler", "limits", every_board=True)
@click.option(
    "--curve",
    "with_curve",
    is_flag=True,
    help="With three to five points from the smallest to the fastest: what a kilobyte of flash buys.",
)
@json_option
@quiet_option
def analyse(model: ModelFile, options: dict[str, BuildOptions], with_curve: bool, as_json: bool) -> None:
    """Show what a model holds and costs, layer by layer, and whether it fits; no compiler is needed.

    MODEL is an int8 .tflite, C source that holds one as an array, the table.npz or forest.npz of an integer
    model, or a model's folder with one of them.

    Kernels are the fastest that fit the board, or the --flash and --ram that are given. Exit code 3 if none
    do: the message names the layer that is too large and what would fit. --curve shows what other budgets of
    flash would give, up to that one.

    Of a folder, which has its pipeline, it also shows what a packet costs: where layers are local in time
    they run while a window arrives, and the report has both ways.

    --board all prints one table, a row a board; exit code 3 if the model fits none.

    \b
    Examples:
      zerotap analyse conv
      zerotap analyse conv.tflite --flash 16k --ram 2k --json
      zerotap analyse conv.tflite --curve
      zerotap analyse conv.tflite --board all
    """
    if len(options) > 1:
        _on_every(model, options, with_curve, as_json)
        return
    (chosen,) = options.values()
    _on_one(model, chosen, with_curve, as_json)


def _on_every(model: ModelFile, options: dict[str, BuildOptions], with_curve: bool, as_json: bool) -> None:
    """One table of all boards."""
    from zerotap.firmware import open_artefact
    from zerotap.firmware.planning.board_table import board_lines, board_reports

    if with_curve:
        raise click.UsageError("--curve is of one board: leave it or --board all out")
    reports = board_reports(options, lambda one: open_artefact(model, one).analyse())
    print_report({"boards": reports}, board_lines(reports), as_json)
    if not any(each["fits"] for each in reports):
        open_artefact(model, list(options.values())[-1]).check_budget()


def _on_one(model: ModelFile, options: BuildOptions, with_curve: bool, as_json: bool) -> None:
    """Layer by layer."""
    from zerotap.firmware import open_artefact
    from zerotap.firmware.planning.curve import curve_lines
    from zerotap.firmware.planning.streaming.table import streaming_lines

    artefact = open_artefact(model, options)
    report = artefact.analyse()
    lines = artefact.analysis(report)
    if with_curve:
        points = artefact.curve()
        lines = [*lines, "", *curve_lines(points, report)] if points else lines
        report = {**report, "curve": points}
    pipeline = _pipeline(model)
    streaming = None if pipeline is None else artefact.streaming(pipeline)
    if streaming is not None:
        report, lines = {**report, "streaming": streaming}, [*lines, "", *streaming_lines(streaming)]
    print_report(report, lines, as_json)
    artefact.check_budget()
    samples = "X.npz" if artefact.inputs_by_name else "X.npy"
    given = "--dataset DIR" if Path(model).is_dir() else f"--samples {samples}"
    next_step(f"zerotap verify {as_argument(model)} {given}{chosen_options(options)}")


def _pipeline(model: ModelFile) -> Pipeline | None:
    """The pipeline of a model's folder, if it has one."""
    from zerotap.features import PIPELINE_FILE
    from zerotap.firmware.artefacts import read_pipeline

    folder = Path(model)
    return read_pipeline(folder) if (folder / PIPELINE_FILE).is_file() else None
