"""`zerotap quantise`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerotap.isolation import Limits
from zerotap.reporting import InputFile, Number, json_option, next_step, print_report, progress, quiet_option

from .options import MODEL, limit_options, model_argument
from .report_text import report_lines
from .samples import load_samples

if TYPE_CHECKING:
    from zerotap.firmware import ModelFile


@click.command(short_help="Convert a model to a full-int8 .tflite.")
@model_argument
@click.option("--dataset", type=MODEL, help="Calibrate on the training windows of this dataset.")
@click.option(
    "--samples",
    type=InputFile(),
    multiple=True,
    help="Calibrate on these windows: .npy (or -), float32 (or int32 ids); of several inputs an .npz with an "
    "array for each, or a .npy for each, called as it.",
)
@click.option("--out", type=MODEL, help="Default: model.tflite in the model's folder, or beside the file.")
@click.option(
    "--weight-bits",
    type=click.IntRange(4, 8),
    default=8,
    show_default=True,
    help="Bits of weights in dense and convolution layers and averaged embeddings; fewer are less exact.",
)
@click.option(
    "--length",
    "lengths",
    type=click.IntRange(min=1),
    multiple=True,
    help="Of windows, where the model takes any; once more for each free extent.",
)
@click.option(
    "--percentile",
    type=Number(90, 100),
    default=100.0,
    show_default=True,
    help="So many % of a layer's values are in its int8 range, at each end; fewer make finer steps.",
)
@click.option(
    "--max-loss",
    type=Number(0, 1),
    metavar="SHARE",
    help="Fail where int8 changes what the model says of more of the calibration windows, .02 say, and tell "
    "in which layer most is lost and what helps. With thresholds any label that changes counts.",
)
@click.option("--force", is_flag=True, help="Replace an earlier int8 .tflite of the name --out.")
@click.option("--trust", is_flag=True, help="Load a SavedModel, which can run code as it is loaded.")
@limit_options
@json_option
@quiet_option
def quantise(
    model: ModelFile,
    dataset: Path | None,
    samples: tuple[Path, ...],
    out: Path | None,
    weight_bits: int,
    lengths: tuple[int, ...],
    percentile: float,
    max_loss: float | None,
    force: bool,
    trust: bool,
    isolation: Limits,
    as_json: bool,
) -> None:
    """Convert a model to a full-int8 .tflite, and say how far its outputs move.

    MODEL is a folder that `zerotap train` wrote; or, then with --samples: a .keras or .h5 file, of Keras 2
    too, a SavedModel's folder (with --trust: loading it can run code), a .tflite in float32, float16 or
    dynamic range, or C source that holds such a .tflite as an array of bytes (`xxd -i`, tinymlgen). An int8
    .tflite is taken with --weight-bits: its weights are narrowed from the int8 ones.

    A table.npz, a forest.npz or their folder needs none, which is said.

    max_difference and mean_difference compare MODEL's float outputs with the int8 model's on the calibration
    windows; same_argmax is the share of windows whose largest output stays the same.

    \b
    Examples:
      zerotap quantise conv --dataset moods --out conv.tflite
      zerotap quantise text_model.h --samples ids.npy --weight-bits 4
    """
    from zerotap.firmware import is_integer_file
    from zerotap.firmware.tflite.files import TFLITE_FILE
    from zerotap.workflow import quantise_file
    from zerotap.writing import check_apart

    if is_integer_file(model):
        report = quantise_file(model, out, weight_bits=weight_bits, lengths=lengths)
        print_report(report, [f"{report['note']}."], as_json)
        next_step(shlex.join(["zerotap", "analyse", str(model)]))
        return
    if (dataset is None) == (not samples):
        raise click.UsageError("give either --dataset or --samples to calibrate on")
    if out:
        for file in samples:
            check_apart(out, {"samples": file})
    windows = load_samples(*samples) if samples else None
    with progress() as on_progress:
        report = quantise_file(
            model,
            out,
            dataset=dataset,
            samples=windows,
            weight_bits=weight_bits,
            percentile=percentile,
            max_loss=max_loss,
            lengths=lengths,
            force=force,
            trust=trust,
            isolation=isolation,
            on_progress=on_progress,
        )
    print_report(report, report_lines(report), as_json)
    made = Path(report["file"])
    in_folder = Path(model).is_dir() and made == Path(model) / TFLITE_FILE
    next_step(shlex.join(["zerotap", "analyse", str(model if in_folder else made)]))
