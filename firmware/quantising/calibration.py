"""From a model on disk to its int8 .tflite: which windows calibrate it, in which scale, and at what loss."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError, OutputError
from zerotap.firmware.graph import Tensor
from zerotap.firmware.oracles.board_oracle import BoardOracle
from zerotap.firmware.passes.ends import read_model
from zerotap.firmware.passes.weight_bits import INT8_BITS, wider_than
from zerotap.firmware.several_ends import Samples, fields
from zerotap.firmware.tflite.files import SAVED_MODEL, TFLITE_FILE, is_tflite_file, write_tflite
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.reporting import Progress, no_progress
from zerotap.writing import check_apart, check_no_links, check_writable, write_or_keep

from .conversion import Source, is_int8
from .losses.limit import check_loss
from .model_inputs import model_inputs
from .percentiles import LEAST, WHOLE_RANGE
from .quantise import CALIBRATION_MAX, calibration_windows, real_values

QUANTISING: Final = "quantising"


@dataclass(frozen=True, slots=True, eq=False)
class Quantised:
    """An int8 .tflite's content, quantise_source()'s report of it, and the samples as it takes them."""

    content: bytes
    report: dict[str, Any]
    windows: NDArray[Any]

    def write(self, out: str | Path, *, replace: bool = True) -> dict[str, Any]:
        """Write the .tflite and return the report with its name; ``out`` appears whole or not at all.

        ``replace``: over an earlier .tflite. Raises OutputError; it says in which temporary folder the file
        is where ``out`` cannot be written.
        """
        write_or_keep(Path(out), lambda place: write_tflite(self.content, place, replace=replace))
        return {"file": str(out), **self.report}


def quantise_source(
    source: Source,
    samples: Samples,
    weight_bits: int = INT8_BITS,
    *,
    percentile: float = WHOLE_RANGE,
    max_loss: float | None = None,
    thresholds: Sequence[float] = (),
    on_progress: Progress = no_progress,
) -> Quantised:
    """Quantise a model on ``samples``, windows (n, ...) as its ``prepare`` takes them.

    ``weight_bits``: 4 to 8. ``percentile``: 90 to 100, see quantise(). ``max_loss``: the share of the
    calibration windows, 0 to 1, of which the int8 model may say something else; where it is more, the
    ModelError names the layer where most is lost, and what would help. ``thresholds``: of the outputs, which
    then each say something by themselves.

    The report: its size, what it was made of, the calibration windows used, the input's and output's scales,
    and the difference that quantisation makes on those windows. Raises ModelError, also where the model's own
    outputs are NaN.
    """
    windows = source.prepare(samples)
    calibration = windows[:CALIBRATION_MAX] if source.is_stream else calibration_windows(windows)
    on_progress(QUANTISING, 0, 0)
    floats = source.outputs(calibration)
    if not all(np.isfinite(each).all() for each in fields(floats)):
        raise ModelError(
            f"{source.name}: its own outputs on the calibration windows hold NaN or infinity; it diverged, "
            "train it again with a smaller learning rate."
        )
    check_precision(percentile, max_loss)
    content = source.convert(calibration, weight_bits, percentile)
    again = partial(source.convert, calibration, weight_bits)
    losses = (
        {}
        if max_loss is None
        else {"changed": check_loss(source, content, calibration, floats, max_loss, again, thresholds)}
    )
    report = {
        "bytes": len(content),
        "source": source.origin,
        **_weights(content, weight_bits),
        **({"percentile": percentile} if percentile < WHOLE_RANGE else {}),
        "calibration": len(calibration),
        **_scales(content),
        **difference(floats, content, calibration),
        **losses,
    }
    return Quantised(content, report, windows)


def check_precision(percentile: float, max_loss: float | None) -> None:
    """Raise ModelError for a percentile or a limit that is out of range."""
    if not LEAST <= percentile <= WHOLE_RANGE:
        raise ModelError(
            f"a percentile of {percentile:g} is none for ranges: give {LEAST:g} to {WHOLE_RANGE:g}, for all"
        )
    if max_loss is not None and not 0 <= max_loss <= 1:
        raise ModelError(f"{max_loss:g} is no share of windows to lose: give 0 to 1")


def check_tflite_out(out: Path, model: Path, dataset: object, *, force: bool = False) -> bool:
    """Return whether quantising ``model`` by ``dataset`` may replace ``out``, to be asked before the work.

    It may with ``force``, and where ``out`` is the model.tflite of the model's folder. Raises OutputError
    where it must not write there: over an input, through a link in a model's folder, over anything but an
    earlier int8 .tflite, or over one that it may not replace.
    """
    check_apart(out, {"model": model, "dataset": dataset}, but=model / TFLITE_FILE)
    if out.parent == model:
        check_no_links(out, model)
    if os.path.lexists(out) and not (is_tflite_file(out) and is_int8(out)):
        raise OutputError(f"{out} is taken by what is no int8 .tflite to replace: give another --out")
    may_replace = force or (is_model_folder(model) and out.absolute() == (model / TFLITE_FILE).absolute())
    if os.path.lexists(out) and not may_replace:
        raise OutputError(f"{out} exists already: add --force to replace it, or give another --out")
    check_writable(out)
    return may_replace


def is_model_folder(path: str | Path) -> bool:
    """Whether ``path`` is a folder, and no SavedModel's: one of `zerotap train`, if any."""
    return Path(path).is_dir() and not (Path(path) / SAVED_MODEL).is_file()


def default_out(model: str | Path) -> Path:
    """Where the int8 file goes unless told: in a trained model's folder, beside any other model."""
    model = Path(model)
    if is_model_folder(model):
        return model / TFLITE_FILE
    if model.is_dir():
        return model.with_name(f"{model.name}.tflite")
    return model.with_name(f"{model.stem}{'-int8' if model.suffix.lower() == '.tflite' else ''}.tflite")


def _weights(content: bytes, weight_bits: int) -> dict[str, Any]:
    """The bits asked for, and the tensors that need more, as an embedding's table does."""
    report: dict[str, Any] = {"weight_bits": weight_bits}
    if weight_bits < INT8_BITS and (wide := wider_than(read_tflite(content), weight_bits)):
        report["wider"] = ", ".join(wide)
    return report


def difference(floats: NDArray[Any], content: bytes, windows: NDArray[Any]) -> dict[str, float]:
    """How far an int8 model's outputs are from a float model's on the same windows.

    ``floats``: (n, outputs). Returns the largest and the mean absolute difference, in the output's unit, and
    with several outputs the share of windows (0 to 1) whose largest output is the same; of a model with
    several output tensors all that for each, its name before it.
    """
    graph = read_model(content)
    integers = BoardOracle(content).invoke(model_inputs(windows, graph))
    report: dict[str, float] = {}
    for place, index in enumerate(graph.outputs):
        prefix = f"{graph.end_names[1][place]}_" if graph.has_several_ends else ""
        codes, reals = (fields(each)[place].reshape(len(windows), -1) for each in (integers, floats))
        gaps = _gaps(codes, reals, graph.tensors[index])
        report |= {f"{prefix}{key}": value for key, value in gaps.items()}
    return report


def _gaps(integers: NDArray[Any], floats: NDArray[Any], target: Tensor) -> dict[str, float]:
    reals = real_values(integers, target)
    gap = np.abs(reals - floats)
    report = {"max_difference": float(np.max(gap)), "mean_difference": float(np.mean(gap))}
    if floats.shape[1] > 1:
        report["same_argmax"] = float(np.mean(np.argmax(reals, axis=1) == np.argmax(floats, axis=1)))
    return report


def _scales(content: bytes) -> dict[str, float | int]:
    graph = read_tflite(content)
    if graph.has_several_ends:
        names = [f"input_{name}" for name in graph.end_names[0]]
        names += [f"output_{name}" for name in graph.end_names[1]]
    else:
        names = ["input", "output"]
    indices = (*graph.inputs, *graph.outputs)
    ends = {name: graph.tensors[index] for name, index in zip(names, indices, strict=True)}
    quantised = {name: tensor for name, tensor in ends.items() if tensor.scale.size}
    return {f"{name}_scale": float(tensor.scale[0]) for name, tensor in quantised.items()} | {
        f"{name}_zero_point": int(tensor.zero_point[0]) for name, tensor in quantised.items()
    }
