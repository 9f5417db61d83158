"""The commands of firmware/: arguments in, one call, a report out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zerotap.errors import ModelError, NotExactError

from .planning.options import planning

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .graph import OracleKind

_PATH = click.Path(path_type=Path)
_COMPILER_HELP = 'An arm-none-eabi-gcc, or "gcc" or "zig"; default: the first that is there.'
_RATE = click.FloatRange(0, min_open=True)
_oracle = click.option(
    "--oracle",
    type=click.Choice(["tflite", "tflm"]),
    default="tflite",
    show_default=True,
    help="Whose bits: TensorFlow's reference kernels, or TensorFlow Lite Micro's (zerotap[tflm]).",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
_compiler = click.option("--compiler", metavar="PATH|zig", help=_COMPILER_HELP)


@click.command()
@click.argument("model", type=_PATH)
@click.option("--dataset", type=_PATH, help="Calibrate on the training windows of this dataset.")
@click.option("--samples", type=_PATH, help="Calibrate on these windows: .npy, float32 (or int32 ids).")
@click.option("--out", type=_PATH, help="Default: model.tflite in the model's folder, or beside the file.")
@click.option(
    "--weight-bits",
    type=click.IntRange(4, 8),
    default=8,
    show_default=True,
    help="Bits of weights in dense and convolution layers and averaged embeddings; fewer are less exact.",
)
@_json
def quantise(
    model: Path, dataset: Path | None, samples: Path | None, out: Path | None, weight_bits: int, as_json: bool
) -> None:
    """Convert a model to a full-int8 .tflite, and say how far its outputs move.

    MODEL is a folder that `zerotap train` wrote; or, then with --samples: a .keras file, a SavedModel's
    folder, a .tflite in float32, float16 or dynamic range, or C source that holds such a .tflite as an array
    of bytes (`xxd -i`, tinymlgen). An int8 .tflite is taken with --weight-bits: its weights are narrowed from
    the int8 ones.

    max_difference and mean_difference compare MODEL's float outputs with the int8 model's on the calibration
    windows; same_argmax is the share of windows whose largest output stays the same.

    \b
    Examples:
      zerotap quantise conv --dataset moods --out conv.tflite
      zerotap quantise text_model.h --samples ids.npy --weight-bits 4
    """
    from .quantising.calibration import default_out, quantise_file

    if (dataset is None) == (samples is None):
        raise click.UsageError("give either --dataset or --samples to calibrate on")
    target = out or default_out(model)
    windows = _load_samples(samples) if samples else None
    with _progress("quantising"):
        report = quantise_file(model, target, dataset, windows, weight_bits)
    _print(report, as_json)


@click.command()
@click.argument("model", type=_PATH)
@planning
@_oracle
@_json
def analyse(
    model: Path,
    optimise: str,
    flash_bytes: int | None,
    ram_bytes: int | None,
    skip_zeros: bool,
    oracle: OracleKind,
    as_json: bool,
) -> None:
    """Show what an int8 .tflite holds and costs, layer by layer, and whether it fits; no compiler is needed.

    Kernels are the fastest that fit the board, or the --flash and --ram that are given. Exit code 3 if none
    do: the message names the layer that is too large and what would fit.

    \b
    Examples:
      zerotap analyse conv.tflite
      zerotap analyse conv.tflite --flash 16k --ram 2k --json
    """
    from .planning.analysis import analyse as describe
    from .planning.analysis_table import layer_table, summary
    from .planning.budget import check_plan, given_budget
    from .planning.plan import plan
    from .tflite.reader import read_tflite

    limits = given_budget(flash_bytes, ram_bytes)
    planned = plan(read_tflite(model, oracle), optimise, limits, skip_zeros)
    report = {**describe(planned), "oracle": oracle}
    if as_json:
        _print(report, as_json)
    else:
        click.echo(f"{layer_table(report)}\n\n{summary(report)}")
        if not planned.constant_time:
            click.echo("The cycles are those of inputs without any zero: with zeros it takes less.")
    check_plan(planned)


@click.command()
@click.argument("model", type=_PATH)
@click.option("--out", type=_PATH, required=True, help="A new or empty folder.")
@click.option("--name", required=True, help="What the library and its C functions are called: NAME_invoke().")
@click.option("--bare", is_flag=True, help="Only the C sources, in one flat folder.")
@click.option("--force", is_flag=True, help="Replace an earlier export in that folder.")
@click.option("--rate-hz", type=_RATE, help="Refuse a pipeline that cannot take so many packets a second.")
@planning
@_oracle
@_compiler
@_json
def export(
    model: Path,
    out: Path,
    name: str,
    bare: bool,
    force: bool,
    rate_hz: float | None,
    optimise: str,
    flash_bytes: int | None,
    ram_bytes: int | None,
    skip_zeros: bool,
    oracle: OracleKind,
    compiler: str | None,
    as_json: bool,
) -> None:
    """Write a model as an Arduino library with a SelfTest example, or as bare C.

    MODEL is a .tflite: the library has NAME_invoke(window, output). Or it is a folder that `zerotap train`
    wrote, with its model.tflite: the library also has NAME_push(packet, output), which cuts the windows by
    itself, exactly as in training; cycles are then of the whole, simulated.

    Put the folder into the sketchbook's `libraries`, or zip it for "Add .ZIP Library".

    \b
    Examples:
      zerotap export conv.tflite --out MoodNet --name mood
      zerotap export conv --out MoodNet --name mood --rate-hz 125
    """
    from .library.exporting import export as write
    from .library.exporting import export_streaming
    from .planning.budget import given_budget

    limits = given_budget(flash_bytes, ram_bytes)
    if rate_hz is not None and not model.is_dir():
        raise click.UsageError("--rate-hz needs the model's folder, which has its pipeline")
    with _progress("generating and linking"):
        if model.is_dir():
            report = export_streaming(
                model, out, name, bare, force, compiler, rate_hz, oracle, optimise, limits, skip_zeros
            )
        else:
            built = write(model, out, name, bare, force, compiler, oracle, optimise, limits, skip_zeros)
            sizes = {"flash_bytes": built.flash_bytes, "ram_bytes": built.ram_bytes}
            report = {**sizes, "compiler": built.compiler}
    _print({"name": name, "folder": str(out), **report}, as_json)


@click.command()
@click.argument("model", type=_PATH)
@click.option("--samples", type=_PATH, required=True, help="Windows: .npy, float32, int8 or int32 ids.")
@planning
@_oracle
@_compiler
@_json
def verify(
    model: Path,
    samples: Path,
    optimise: str,
    flash_bytes: int | None,
    ram_bytes: int | None,
    skip_zeros: bool,
    oracle: OracleKind,
    compiler: str | None,
    as_json: bool,
) -> None:
    """Run a .tflite on the simulated board and compare every output with the oracle's.

    Flash and RAM are what the model adds to an empty program; cycles are simulated (Cortex-M0+ timings, zero
    wait states). Exit code 4 if any sample's outputs differ.

    Example: zerotap verify conv.tflite --samples test.npy --json
    """
    from .planning.budget import given_budget
    from .verification import verify as run

    limits = given_budget(flash_bytes, ram_bytes)
    windows = _load_samples(samples)
    with _progress("simulating") as on_progress:
        verification = run(model, windows, compiler, on_progress, oracle, optimise, limits, skip_zeros)
    _print(verification.to_json(), as_json)
    if verification.counted < verification.samples:
        note = (
            f"cycles and stack are those of the first {verification.counted} samples: no block hook in C here"
        )
        click.echo(note, err=True)
    if verification.mismatches:
        raise NotExactError(
            f"{model}: {verification.mismatches} of {verification.samples} samples differ from "
            f"{verification.oracle}; please report this model, it is a bug"
        )


def _load_samples(path: Path) -> NDArray[np.generic]:
    import numpy as np

    try:
        samples = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ModelError(f"{path} is no readable .npy file: write it with numpy.save() ({error})") from error
    if not isinstance(samples, np.ndarray):
        raise ModelError(f"{path} holds several arrays: write one with numpy.save()")
    return samples


@contextmanager
def _progress(task: str) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as display:
        bar = display.add_task(task, total=None)
        yield lambda done, total: display.update(bar, completed=done, total=total)


def _print(report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report))
        return
    for key, value in report.items():
        counts = isinstance(value, int) and not isinstance(value, bool)
        click.echo(f"{key:<18} {value:,}" if counts else f"{key:<18} {_short(value)}")


def _short(value: object) -> str:
    """Six digits of a scale; yes or no; a tensor as "int8 [1, 96, 8], scale 0.00392157, zero point -128"."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, dict):
        return str(value)
    scale = (
        "" if value["scale"] is None else f", scale {value['scale']:.6g}, zero point {value['zero_point']}"
    )
    return f"{value['dtype']} {value['shape']}{scale}"
