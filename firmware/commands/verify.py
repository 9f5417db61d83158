"""`zerotap verify`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerotap.errors import NotExactError
from zerotap.firmware.options import BuildOptions
from zerotap.reporting import InputFile, json_option, next_step, print_report, progress, quiet_option, say

from .options import MODEL, build_options, chosen_board
from .report_text import report_lines
from .samples import load_samples

if TYPE_CHECKING:
    from zerotap.firmware import Verification


@click.command(short_help="Run an int8 model on the simulated board and compare every output.")
@click.argument("model", type=MODEL)
@click.option("--dataset", type=MODEL, help="The test windows of this dataset; MODEL is a model's folder.")
@click.option(
    "--samples", type=InputFile(), help="Windows: .npy (- on standard input), float32, int8 or int32 ids."
)
@build_options()
@json_option
@quiet_option
def verify(
    model: Path, dataset: Path | None, samples: Path | None, options: BuildOptions, as_json: bool
) -> None:
    """Run an int8 model on the simulated board and compare every output with the oracle's.

    MODEL is a .tflite, or a model's folder with its model.tflite.

    Flash and RAM are what the model adds to an empty program; cycles are simulated (Cortex-M0+ timings, zero
    wait states). Exit code 4 if any sample's outputs differ.

    \b
    Examples:
      zerotap verify conv --dataset moods
      zerotap verify conv.tflite --samples test.npy --json
    """
    from zerotap.firmware import verify as run
    from zerotap.workflow import verification_windows

    if samples is not None and dataset is None:
        windows = load_samples(samples)
    elif dataset is not None and samples is None:
        windows = verification_windows(model, dataset)
    else:
        raise click.UsageError("give either --dataset or --samples to verify on")
    with progress() as on_progress:
        verification = run(model, windows, options, on_progress=on_progress)
    print_report(verification.report, report_lines(verification.report), as_json)
    _check(model, verification)
    next_step(f"zerotap export {shlex.quote(str(model))} --out DIR --name NAME{chosen_board(options)}")


def _check(model: Path, verification: Verification) -> None:
    if verification.counted < verification.samples:
        counted = f"the first {verification.counted} samples: no block hook in C here"
        say(f"cycles and stack are those of {counted}", err=True)
    if verification.mismatches:
        raise NotExactError(
            f"{model}: {verification.mismatches} of {verification.samples} samples differ from "
            f"{verification.oracle}; please report this model, it is a bug"
        )
