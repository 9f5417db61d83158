"""A trained Keras model as a full-int8 .tflite: int8 (or int32 ids) in, int8 out."""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError

from .fixed_point import INT8_MAX, INT8_MIN
from .graph import Tensor

if TYPE_CHECKING:
    import keras

_BYTE_MAX: Final = 255
_CALIBRATION_MAX: Final = 500


def quantise(model: keras.Model, calibration: NDArray[Any]) -> bytes:
    """Convert a model to int8, with scales from the ranges that ``calibration`` gives its layers.

    Args:
        model: One input, one output; the batch size is free or 1.
        calibration: Training windows (n, ...) in the model's own scale, float32, or int32 ids. Of more than
            500, 500 spread over all of them are used. Windows of raw bytes (every value k/255) get the input
            scale 1/255 and the zero point -128, so that on the board q = byte - 128; the inner layers' scales
            come from the windows alone.

    Returns:
        The .tflite file's content.

    Raises:
        ModelError: no windows, windows of another shape or with NaN, or a model that cannot be converted.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    _check(model, calibration)
    samples = calibration_windows(calibration).astype(_input(model).dtype)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _convert(_fixed_batch(model), samples)
    except (RuntimeError, ValueError, TypeError) as error:
        raise ModelError(
            f"TensorFlow cannot convert the model {model.name} to int8 ({str(error).splitlines()[0]}); "
            "rebuild it with Dense, Conv1D, pooling and tf.gather."
        ) from error


def calibration_windows(windows: NDArray[Any]) -> NDArray[Any]:
    """At most 500 windows, spread evenly over all of ``windows`` (n, ...), n at least 1."""
    return windows[:: -(-len(windows) // _CALIBRATION_MAX)]


def quantise_input(samples: NDArray[Any], tensor: Tensor) -> NDArray[Any]:
    """Samples (n, ...) as a model takes them: float32 by its scale to int8; int8 and int32 as they are.

    Raises:
        ModelError: another dtype, another number of elements, or NaN.
    """
    if samples.ndim == 0 or (len(samples) and samples[0].size != tensor.size):
        raise ModelError(
            f"the samples have the shape {samples.shape}, the model takes (n, *{tensor.shape[1:]})."
        )
    if samples.dtype.name == tensor.dtype:
        return samples
    if not np.issubdtype(samples.dtype, np.floating) or tensor.dtype != "int8":
        raise ModelError(f"the samples are {samples.dtype}, the model takes {tensor.dtype}; convert them.")
    if np.isnan(samples).any():
        raise ModelError("the samples hold NaN; leave those windows out.")
    scaled = samples.astype(np.float32) / np.float32(tensor.scale[0])
    rounded: NDArray[Any] = (
        np.copysign(np.floor(np.abs(scaled) + np.float32(0.5)), scaled) + tensor.zero_point[0]
    )
    quantised: NDArray[np.int8] = np.clip(rounded, INT8_MIN, INT8_MAX).astype(np.int8)
    return quantised


def _input(model: keras.Model) -> Any:  # noqa: ANN401
    # A Sequential that was never called has inputs but no input.
    return model.inputs[0]


def _check(model: keras.Model, calibration: NDArray[Any]) -> None:
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ModelError(f"the model {model.name} has several inputs or outputs; zerotap needs one of each.")
    shape = tuple(_input(model).shape[1:])
    if len(calibration) == 0 or calibration.shape[1:] != shape:
        raise ModelError(f"calibration needs windows of shape (n, *{shape}), got {calibration.shape}.")
    if np.issubdtype(calibration.dtype, np.floating) and not np.isfinite(calibration).all():
        raise ModelError("the calibration windows hold NaN or infinity; leave those windows out.")


def _is_bytes(samples: NDArray[Any]) -> bool:
    if not np.issubdtype(samples.dtype, np.floating):
        return False
    scaled = samples.astype(np.float64) * _BYTE_MAX
    in_range = np.min(scaled) >= 0 and np.max(scaled) <= _BYTE_MAX + 1e-4
    return bool(in_range and np.max(np.abs(scaled - np.rint(scaled))) < 1e-4)


def _fixed_batch(model: keras.Model) -> keras.Model:
    """The model behind an input with a batch of 1: a free batch has Flatten compute its shape at run time."""
    import keras

    source = keras.Input(batch_shape=(1, *_input(model).shape[1:]), dtype=_input(model).dtype, name="input")
    return keras.Model(source, model(source), name="zerotap")


def _convert(model: keras.Model, samples: NDArray[Any]) -> bytes:
    import tensorflow as tf

    def representative() -> Iterator[list[NDArray[Any]]]:
        for sample in samples:
            yield [sample[np.newaxis]]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    if np.issubdtype(samples.dtype, np.floating):
        converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    if _is_bytes(samples):
        return _convert_bytes(converter)
    content: bytes = converter.convert()
    return content


def _convert_bytes(converter: Any) -> bytes:  # noqa: ANN401
    """Convert in the converter's own two steps, with the input's range set to [0, 1] between them.

    The windows seldom hold both 0 and 255. Neither public way gives the range: a fake quantisation at the
    input leaves the first layer's bias at another scale than its sums, and a window of extreme bytes widens
    the inner layers' ranges.
    """
    import tensorflow as tf
    from tensorflow.lite.python.convert import mlir_quantize
    from tensorflow.lite.tools import flatbuffer_utils

    converter._experimental_calibrate_only = True
    calibrated = flatbuffer_utils.convert_bytearray_to_object(bytearray(converter.convert()))
    graph = calibrated.subgraphs[0]
    window = graph.tensors[graph.inputs[0]].quantization
    window.min, window.max = [0.0], [1.0]
    content: bytes = mlir_quantize(
        bytes(flatbuffer_utils.convert_object_to_bytearray(calibrated)),
        input_data_type=tf.int8,
        output_data_type=tf.int8,
    )
    return content
