"""`zerotap export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerotap.firmware.options import BuildOptions
from zerotap.reporting import Number, json_option, next_step, print_report, progress, quiet_option

from .options import MODEL, build_options, model_argument
from .report_text import report_lines

if TYPE_CHECKING:
    from zerotap.firmware import ModelFile

_RATE = Number(0, min_open=True)


@click.command(short_help="Write a model as an Arduino library, or as bare C.")
@model_argument
@click.option("--out", type=MODEL, required=True, help="A new or empty folder.")
@click.option("--name", required=True, help="What the library and its C functions are called: NAME_invoke().")
@click.option("--bare", is_flag=True, help="Only the C sources, in one flat folder.")
@click.option("--force", is_flag=True, help="Replace the files of an earlier export in that folder.")
@click.option("--rate-hz", type=_RATE, help="Refuse a pipeline that cannot take so many packets a second.")
@build_options()
@json_option
@quiet_option
def export(
    model: ModelFile,
    out: Path,
    name: str,
    bare: bool,
    force: bool,
    rate_hz: float | None,
    options: BuildOptions,
    as_json: bool,
) -> None:
    """Write a model as an Arduino library with a SelfTest example, or as bare C.

    MODEL is a .tflite, or C source that holds one as an array: the library has NAME_invoke(window, output).
    Or a forest.npz, NAME_invoke(features, output), or a table.npz, NAME_add(ids, count) and
    NAME_scores(output). Or it is a folder that `zerotap train` wrote, with its model: the library also has
    NAME_push(packet, output), which cuts the windows by itself, exactly as in training; cycles are then of
    the whole, simulated. A table's scores come from NAME_flush(output), at the text's end. Of a model with a
    head of thresholds NAME_THRESHOLDS has them as integers, to compare the outputs with.

    Put the folder into the sketchbook's `libraries`, or zip it for "Add .ZIP Library".

    \b
    Examples:
      zerotap export conv.tflite --out MoodNet --name mood
      zerotap export conv --out MoodNet --name mood --rate-hz 125
    """
    from zerotap.firmware import export as write
    from zerotap.workflow import labels_of, thresholds_of

    if rate_hz is not None and Path(model).exists() and not Path(model).is_dir():
        raise click.UsageError("--rate-hz needs the model's folder, which has its pipeline")
    with progress() as on_progress:
        library = write(
            model,
            out,
            name,
            options,
            bare=bare,
            force=force,
            rate_hz=rate_hz,
            thresholds=thresholds_of(model),
            labels=labels_of(model),
            on_progress=on_progress,
        )
    report = {"name": name, "folder": str(out), **library.report}
    print_report(report, report_lines(report), as_json)
    if not bare:
        sketch = out / "examples" / "SelfTest"
        next_step(f"arduino-cli compile --fqbn {options.board.fqbn} --library {out} {sketch}")
