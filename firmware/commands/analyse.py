"""`zerotap analyse`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerotap.firmware.options import BuildOptions
from zerotap.reporting import json_option, next_step, print_report, quiet_option

from .options import as_argument, build_options, chosen_options, model_argument

if TYPE_CHECKING:
    from zerotap.firmware import ModelFile


@click.command(short_help="Show what an int8 model holds and costs, layer by layer.")
@model_argument
@build_options("compiler", "limits")
@json_option
@quiet_option
def analyse(model: ModelFile, options: BuildOptions, as_json: bool) -> None:
    """Show what an int8 model holds and costs, layer by layer, and whether it fits; no compiler is needed.

    MODEL is a .tflite, C source that holds one as an array, or a model's folder with its model.tflite.

    Kernels are the fastest that fit the board, or the --flash and --ram that are given. Exit code 3 if none
    do: the message names the layer that is too large and what would fit.

    \b
    Examples:
      zerotap analyse conv
      zerotap analyse conv.tflite --flash 16k --ram 2k --json
    """
    from zerotap.firmware.planning.analysis import analyse as describe
    from zerotap.firmware.planning.analysis_table import layer_table, summary
    from zerotap.firmware.planning.fitting import check_plan
    from zerotap.firmware.planning.plan import plan
    from zerotap.firmware.tflite.files import tflite_file
    from zerotap.firmware.tflite.reader import read_tflite

    graph = read_tflite(tflite_file(model), options.oracle)
    planned = plan(graph, options)
    report = describe(planned)
    print_report(report, [*layer_table(report), "", *summary(report)], as_json)
    check_plan(planned)
    samples = "X.npz" if len(report.get("inputs", ())) > 1 else "X.npy"
    given = "--dataset DIR" if Path(model).is_dir() else f"--samples {samples}"
    next_step(f"zerotap verify {as_argument(model)} {given}{chosen_options(options)}")
