"""From a trained model on disk to its .tflite: which windows calibrate it, and in which scale."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError

from .quantise import calibration_windows, quantise
from .tflite_reader import read_tflite

if TYPE_CHECKING:
    import keras


def quantise_file(
    model: Path, out: Path, dataset: Path | None = None, samples: NDArray[Any] | None = None
) -> dict[str, Any]:
    """Quantise a model folder or a .keras file, calibrated on ``samples`` or else a dataset's training side.

    Returns the report: the file, its size, the calibration windows used, and the input's and output's scales.
    Raises ModelError, CaptureError or FeatureError; ``out`` appears whole or not at all.
    """
    from zerotap.models import model_input

    keras_model, windows = _load(model, dataset)
    calibration = model_input(windows if samples is None else samples)
    content = quantise(keras_model, calibration)
    write_tflite(content, out)
    return {
        "file": str(out),
        "bytes": len(content),
        "calibration": len(calibration_windows(calibration)),
        **_scales(out),
    }


def write_tflite(content: bytes, out: Path) -> None:
    """Write a .tflite in one step. Raises ModelError where the folder does not take it."""
    part = out.with_name(f".{out.name}.part")
    try:
        part.write_bytes(content)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ModelError(f"{out} cannot be written ({error.strerror}): give another --out") from error


def _load(model: Path, dataset: Path | None) -> tuple[keras.Model, NDArray[Any]]:
    """The Keras model and the training windows, of which there are none without a dataset."""
    from zerotap.capture import Dataset
    from zerotap.models import load_keras, load_trained

    if model.is_dir():
        trained = load_trained(model, Dataset.open(dataset) if dataset else None)
        return trained.model, trained.train.x
    if dataset is not None:
        raise ModelError(f"{model} has no pipeline beside it to cut a dataset with: give --samples X.npy")
    return load_keras(model), np.empty(0)


def _scales(path: Path) -> dict[str, float | int]:
    graph = read_tflite(path)
    ends = {"input": graph.tensors[graph.input], "output": graph.tensors[graph.output]}
    quantised = {name: tensor for name, tensor in ends.items() if tensor.scale.size}
    return {f"{name}_scale": float(tensor.scale[0]) for name, tensor in quantised.items()} | {
        f"{name}_zero_point": int(tensor.zero_point[0]) for name, tensor in quantised.items()
    }
