"""`zerotap export`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerotap.firmware.options import BuildOptions
from zerotap.reporting import Number, json_option, next_step, print_report, progress, quiet_option, say

from .options import MODEL, build_options, model_argument
from .report_text import report_lines

if TYPE_CHECKING:
    from zerotap.firmware import Library, ModelFile, Recorded

_RATE = Number(0, min_open=True)


@click.command(short_help="Write a model as an Arduino library, or as bare C.")
@model_argument
@click.option("--out", type=MODEL, required=True, help="A new or empty folder.")
@click.option("--name", required=True, help="What the library and its C functions are called: NAME_invoke().")
@click.option("--bare", is_flag=True, help="Only the C sources, in one flat folder.")
@click.option("--zip", "zipped", is_flag=True, help='Also as DIR.zip, for "Add .ZIP Library".')
@click.option("--install", "installed", is_flag=True, help="Also into the sketchbook's libraries, as NAME.")
@click.option(
    "--with-recordings",
    type=MODEL,
    metavar="DATASET",
    help="SelfTest's vectors are of this dataset's recordings, which whoever has the library can read. "
    "Default: drawn ones.",
)
@click.option("--force", is_flag=True, help="Replace the files of an earlier export, no others.")
@click.option("--rate-hz", type=_RATE, help="Refuse a pipeline that cannot take so many packets a second.")
@build_options(of_whole=True)
@json_option
@quiet_option
def export(
    model: ModelFile,
    out: Path,
    name: str,
    bare: bool,
    zipped: bool,
    installed: bool,
    with_recordings: Path | None,
    force: bool,
    rate_hz: float | None,
    options: BuildOptions,
    as_json: bool,
) -> None:
    """Write a model as an Arduino library with examples, or as bare C.

    MODEL is a .tflite, or C source that holds one as an array: the library has NAME_invoke(window, output).
    Or a forest.npz, NAME_invoke(features, output), or a table.npz, NAME_add(ids, count) and
    NAME_scores(output). Or it is a folder that `zerotap train` wrote, with its model: the library also has
    NAME_push(packet, output), which cuts the windows by itself, exactly as in training; cycles are then of
    the whole, simulated. A table's scores come from NAME_flush(output), at the text's end. Of a model with a
    head of thresholds NAME_THRESHOLDS has them as integers, to compare the outputs with.

    NAME.h is all that a sketch includes: NAME_argmax(output) is the class, NAME_label(number) its name, and
    NAME_percent(output, number) how sure the model is, where that is known.

    \b
    Examples:
      zerotap export conv.tflite --out MoodNet --name mood
      zerotap export conv --out MoodNet --name mood --zip --install
      zerotap export conv --out MoodNet --name mood --rate-hz 125
    """
    from zerotap.firmware import export as write
    from zerotap.workflow import labels_of, thresholds_of

    if rate_hz is not None and Path(model).exists() and not Path(model).is_dir():
        raise click.UsageError("--rate-hz needs the model's folder, which has its pipeline")
    if bare and (zipped or installed or with_recordings):
        raise click.UsageError("--zip, --install and --with-recordings are of a library: leave out --bare")
    _check(out, name, zipped, installed, force)
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
            recorded=_recorded(model, with_recordings),
            on_progress=on_progress,
        )
    report = {
        "name": name,
        "folder": str(out),
        **_placed(library, zipped, installed, force),
        **library.report,
    }
    print_report(report, report_lines(report), as_json)
    if not bare:
        _say_commands(out, options)


def _check(out: Path, name: str, zipped: bool, installed: bool, force: bool) -> None:
    """Refuse before the work what could not be written after it."""
    from zerotap.firmware import check_export, check_install, check_zip

    check_export(out, name, force)
    if zipped:
        check_zip(out, force=force)
    if installed:
        check_install(name, force=force)


def _recorded(model: ModelFile, dataset: Path | None) -> Recorded | None:
    from zerotap.workflow import recorded_vectors

    if dataset is None:
        return None
    recorded = recorded_vectors(model, dataset)
    say(f"SelfTest holds recordings of {dataset}: whoever gets the library can read them", err=True)
    return recorded


def _placed(library: Library, zipped: bool, installed: bool, force: bool) -> dict[str, str]:
    """Where the library is beside its folder."""
    from zerotap.firmware import install, zip_library

    report = {}
    if zipped:
        report["zip"] = str(zip_library(library, force=force))
    if installed:
        report["installed"] = str(install(library, force=force))
    return report


def _say_commands(out: Path, options: BuildOptions) -> None:
    """How the example gets onto the board."""
    sketch, library = (shlex.quote(str(path)) for path in (out / "examples" / "SelfTest", out))
    for command in options.board.upload_commands(library, sketch):
        next_step(command)
