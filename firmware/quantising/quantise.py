"""A trained Keras model as a full-int8 .tflite: int8 (or int32 ids) in, int8 out."""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.arithmetic.fixed_point import INT8_MAX, INT8_MIN
from zerotap.firmware.graph import Tensor
from zerotap.firmware.oracles.refusals import first_words
from zerotap.firmware.passes.simplify import simplify
from zerotap.firmware.passes.weight_bits import INT8_BITS, narrow
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.firmware.tflite.writer import rewrite_tflite

from .refused_layer import refusal, refuse_recurrent

if TYPE_CHECKING:
    import keras

_BYTE_MAX: Final = 255
_CALIBRATION_MAX: Final = 500


def quantise(model: keras.Model, calibration: NDArray[Any], weight_bits: int = INT8_BITS) -> bytes:
    """Convert a model to int8, with scales from the ranges that ``calibration`` gives its layers.

    Args:
        model: One input, one output; the batch size is free or 1.
        calibration: Training windows (n, ...) in the model's own scale, float32, or int32 ids. Of more than
            500, 500 spread over all of them are used. Windows of raw bytes (every value k/255) get the input
            scale 1/255 and the zero point -128, so that on the board q = byte - 128; the inner layers' scales
            come from the windows alone.
        weight_bits: 4 to 8; fewer than 8 narrow the weights, see :func:`.passes.weight_bits.narrow`.

    Returns:
        The .tflite file's content.

    Raises:
        ModelError: no windows, windows of another shape or with NaN, integers where the model takes floats,
            or a model that cannot be converted.
    """
    check_calibration(model, calibration)
    _check_scale(model, calibration)
    refuse_recurrent(model)
    samples = calibration_windows(calibration).astype(_input(model).dtype)
    with refusals(f"the model {model.name}", model):
        calibrated = _calibrate_keras(_fixed_batch(model), samples)
        return _to_int8(calibrated, samples, weight_bits)


def quantise_float(content: bytes, samples: NDArray[Any], source: str, weight_bits: int = INT8_BITS) -> bytes:
    """Convert a float .tflite with fixed shapes to int8; otherwise as :func:`quantise`.

    ``samples``: (n, *input shape without the batch) of the input's dtype, at most 500; ``source`` names the
    model in errors.
    """
    with refusals(source):
        from tensorflow.lite.python.optimize import calibrator

        prepared = calibrator.Calibrator(calibrator.add_intermediate_tensors(content))
        calibrated = prepared.calibrate(_representative(samples))
        return _to_int8(calibrated, samples, weight_bits)


def takes_ids_as_other(model: keras.Model) -> bool:
    """Whether a model has an Embedding but no int32 input: it casts its ids, from float32, say."""
    import keras

    embeds = any(isinstance(layer, keras.layers.Embedding) for layer in model._flatten_layers())
    return embeds and len(model.inputs) == 1 and _input(model).dtype != "int32"


def keras_float(model: keras.Model) -> bytes:
    """The float .tflite of a Keras model, with a batch of 1."""
    refuse_recurrent(model)
    with refusals(f"the model {model.name}", model):
        import tensorflow as tf

        content: bytes = tf.lite.TFLiteConverter.from_keras_model(_fixed_batch(model)).convert()
        return content


@contextlib.contextmanager
def refusals(source: str, model: keras.Model | None = None) -> Iterator[None]:
    """TensorFlow without its chatter; its refusals become ModelErrors, which name the layer of ``model``."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from tensorflow.lite.python.convert_phase import ConverterError

    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (RuntimeError, ValueError, TypeError, ConverterError) as error:
            if model is not None:
                raise refusal(model, error) from error
            raise ModelError(
                f"TensorFlow cannot convert {source} to int8 ({first_words(error)}); "
                "rebuild it with Dense, Conv1D, pooling and tf.gather."
            ) from error


def calibration_windows(windows: NDArray[Any]) -> NDArray[Any]:
    """At most 500 windows, spread evenly over all of ``windows`` (n, ...), n at least 1."""
    return windows[:: -(-len(windows) // _CALIBRATION_MAX)]


def quantise_input(samples: NDArray[Any], tensor: Tensor) -> NDArray[Any]:
    """Samples (n, ...) as a model takes them: float32 by its scale to int8; int8 and int32 as they are.

    Raises:
        ModelError: another dtype, another number of elements, a negative id, or NaN.
    """
    if samples.ndim == 0 or (len(samples) and samples[0].size != tensor.size):
        raise ModelError(
            f"the samples have the shape {samples.shape}, the model takes {windows_of(tensor.shape[1:])}: "
            "give windows that its own pipeline cuts."
        )
    if samples.dtype.name == tensor.dtype:
        if tensor.dtype == "int32" and np.any(samples < 0):
            raise ModelError("the samples hold negative ids; ids count from 0, the embedding's first row.")
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


def check_calibration(model: keras.Model, calibration: NDArray[Any]) -> None:
    """Raise ModelError unless ``calibration`` is windows (n, *input shape), finite, and n is at least 1."""
    if not getattr(model, "inputs", None):  # a Sequential without an Input raises there
        raise ModelError(f"{model!r:.80} is no Keras model that knows its input: begin it with keras.Input.")
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ModelError(f"the model {model.name} has several inputs or outputs; zerotap needs one of each.")
    shape = tuple(_input(model).shape[1:])
    given = getattr(calibration, "shape", type(calibration).__name__)
    if not isinstance(calibration, np.ndarray) or len(calibration) == 0 or calibration.shape[1:] != shape:
        raise ModelError(f"calibration needs an array of windows {windows_of(shape)}, got {given}.")
    if np.issubdtype(calibration.dtype, np.floating) and not np.isfinite(calibration).all():
        raise ModelError("the calibration windows hold NaN or infinity; leave those windows out.")


def windows_of(shape: Sequence[int | None]) -> str:
    """The shape of windows, each of ``shape``, for a person."""
    return f"({', '.join(('n', *map(str, shape)))})"


def _check_scale(model: keras.Model, calibration: NDArray[Any]) -> None:
    """Refuse raw bytes and samples where the model takes floats: its scales would be far too wide."""
    taken = str(_input(model).dtype)
    if taken.startswith("float") and not np.issubdtype(calibration.dtype, np.floating):
        raise ModelError(
            f"the model {model.name} takes {taken}, the calibration windows are {calibration.dtype}: give "
            "them as float32 in the scale that it was trained on, bytes as zerotap.models.model_input gives "
            "them (divided by 255)."
        )


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


def _representative(samples: NDArray[Any]) -> Callable[[], Iterator[list[NDArray[Any]]]]:
    def each() -> Iterator[list[NDArray[Any]]]:
        for sample in samples:
            yield [sample[np.newaxis]]

    return each


def _calibrate_keras(model: keras.Model, samples: NDArray[Any]) -> bytes:
    """The float .tflite of a model, with the ranges that the samples give its tensors."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = _representative(samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter._experimental_calibrate_only = True
    calibrated: bytes = converter.convert()
    return calibrated


def _to_int8(calibrated: bytes, samples: NDArray[Any], weight_bits: int) -> bytes:
    """The converter's second step, between its first and which bytes get their range."""
    import tensorflow as tf
    from tensorflow.lite.python.convert import mlir_quantize

    content: bytes = mlir_quantize(
        _with_byte_range(calibrated) if _is_bytes(samples) else bytes(calibrated),
        input_data_type=tf.int8 if np.issubdtype(samples.dtype, np.floating) else tf.float32,
        output_data_type=tf.int8,
    )
    before = read_tflite(content)
    after = simplify(before)
    if weight_bits < INT8_BITS:
        floats = [tensor.data for tensor in read_tflite(bytes(calibrated)).tensors if tensor.data is not None]
        after = narrow(after, weight_bits, floats)
    return content if after is before else rewrite_tflite(content, before, after)


def _with_byte_range(calibrated: bytes) -> bytes:
    """A calibrated model with the input's range set to [0, 1].

    The windows seldom hold both 0 and 255. Neither public way gives the range: a fake quantisation at the
    input leaves the first layer's bias at another scale than its sums, and a window of extreme bytes widens
    the inner layers' ranges.
    """
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(calibrated))
    graph = model.subgraphs[0]
    window = graph.tensors[graph.inputs[0]].quantization
    window.min, window.max = [0.0], [1.0]
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))
