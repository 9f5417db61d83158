"""`zerotap verify`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from zerotap.firmware.options import DEFAULTS, BuildOptions, build_words
from zerotap.reporting import InputFile, json_option, next_step, print_report, progress, quiet_option, say

from .options import MODEL, as_argument, build_options, chosen_options, model_argument
from .report_text import report_lines
from .samples import load_samples

_STREAM: Final = (
    "The model keeps a state: the samples were one stream, begun by NAME_reset here and by a new "
    "interpreter there."
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.firmware import ModelFile, Samples, Verification


@click.command(short_help="Run a model on the simulated board and compare every output.")
@model_argument
@click.option("--dataset", type=MODEL, help="The test windows of this dataset; MODEL is a model's folder.")
@click.option(
    "--samples",
    type=InputFile(),
    multiple=True,
    help="Windows: .npy (- on standard input), float32, int8 or int32 ids; of several inputs an .npz "
    "with an array for each, or a .npy for each, called as it. Default for a file: 32 drawn inputs.",
)
@click.option(
    "--on",
    "port",
    metavar="PORT|simulated",
    help="A real board with SerialStream, by its serial port; or a simulated one that boots that.",
)
@click.option(
    "--library", type=MODEL, help="With --on: the export that is flashed; another build is refused."
)
@build_options()
@json_option
@quiet_option
def verify(
    model: ModelFile,
    dataset: Path | None,
    samples: tuple[Path, ...],
    port: str | None,
    library: Path | None,
    options: BuildOptions,
    as_json: bool,
) -> None:
    """Run a model on the simulated board, or a real one, and compare every output with the oracle's.

    MODEL is an int8 .tflite, C source that holds one as an array, the table.npz or forest.npz of an integer
    model, or a model's folder with one of them. A .tflite is compared with TensorFlow's kernels, an integer
    model with its NumPy integer form; with --dataset some of its recordings are also pushed packet by packet.

    The samples of a model that keeps a state (a streaming wake word) are one stream on both sides, in their
    order.

    Flash and RAM are what the model adds to an empty program. Cycles are simulated (Cortex-M0+ timings): at
    zero wait states, and, of at most 16 samples, with what the board waits for its flash (board_cycles);
    milliseconds are the board's. No board has been timed. Exit code 4 if any sample's outputs differ.

    With --on the samples go to a board that runs SerialStream, an example of the exported library
    (`zerotap flash` puts it there), and so do recordings of --dataset, item by item. us is what the board
    measured of each result, round_trip_ms what a request took there and back; p90: 90 % took at most that.
    --on simulated exports the library, builds the same sketch on a small core, and boots it on the simulated
    board: USB, frames and stages included; its times are those of zero wait states.

    \b
    Examples:
      zerotap verify conv --dataset moods
      zerotap verify conv.tflite --samples test.npy --json
      zerotap verify conv --dataset moods --on /dev/ttyACM0 --library conv-library
    """
    if port is not None:
        _on_board(model, dataset, samples, port, library, options, as_json)
        return
    if library is not None:
        raise click.UsageError("--library says what is on the board that --on names: give both")
    from zerotap.firmware import verify as run

    windows, recordings = _windows(model, dataset, samples)
    with progress() as on_progress:
        verification = run(model, windows, options, recordings=recordings, on_progress=on_progress)
    print_report(verification.report, _lines(verification), as_json)
    _check(model, verification)
    next_step(f"zerotap export {as_argument(model)} --out DIR --name NAME{chosen_options(options)}")


def _on_board(
    model: ModelFile,
    dataset: Path | None,
    samples: tuple[Path, ...],
    port: str,
    library: Path | None,
    options: BuildOptions,
    as_json: bool,
) -> None:
    from zerotap.firmware.delivery.simulated_link import SIMULATED
    from zerotap.workflow import verify_on_board

    others = [] if port == SIMULATED else build_words(replace(options, oracle=DEFAULTS.oracle))
    if others:
        raise click.UsageError(f"--on {port} runs what is flashed there: leave out {others[0]}")
    if samples and dataset is not None:
        raise click.UsageError("give either --dataset or --samples to verify on")
    given = load_samples(*samples) if samples else None
    with progress() as on_progress:
        verification = verify_on_board(
            model,
            port,
            dataset=dataset,
            samples=given,
            library=library,
            options=options,
            on_progress=on_progress,
        )
    report = {key: value for key, value in verification.to_json().items() if value is not None}
    print_report(report, report_lines(report), as_json)
    verification.check(model)
    exports = f"zerotap export {as_argument(model)} --out DIR --name NAME{chosen_options(options)}"
    next_step(exports if port == SIMULATED else f"zerotap classify {as_argument(model)} DEVICE")


def _lines(verification: Verification) -> list[str]:
    lines = report_lines(verification.report)
    if verification.stream:
        lines.append(_STREAM)
    return lines


def _windows(
    model: ModelFile, dataset: Path | None, samples: tuple[Path, ...]
) -> tuple[Samples, tuple[NDArray[Any], ...]]:
    """What to verify on: windows, and recordings that are pushed."""
    from zerotap.workflow import drawn_inputs, verification_data

    if samples and dataset is None:
        return load_samples(*samples), ()
    if dataset is not None and not samples:
        return verification_data(model, dataset)
    if dataset is None and not Path(model).is_dir():
        return drawn_inputs(model), ()
    raise click.UsageError("give either --dataset or --samples to verify on")


def _check(model: ModelFile, verification: Verification) -> None:
    if verification.counted < verification.samples:
        counted = f"the first {verification.counted} samples: no block hook in C here"
        say(f"cycles and stack are those of {counted}", err=True)
    verification.check(model)
