"""A trained Keras model as a full-int8 .tflite: int8 (or int32 ids) in, int8 out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.arithmetic.fixed_point import INT8_MAX, INT8_MIN
from zerotap.firmware.graph import Tensor
from zerotap.firmware.passes.weight_bits import INT8_BITS
from zerotap.isolation import DEFAULT_LIMITS, Limits

from .judgement import judged
from .lengths import shown, suggested
from .refused_layer import refuse_recurrent
from .tensorflow_steps import as_int8, ranges_of, refusals, representative

if TYPE_CHECKING:
    import keras

_CALIBRATION_MAX: Final = 500


def quantise(
    model: keras.Model,
    calibration: NDArray[Any],
    weight_bits: int = INT8_BITS,
    isolation: Limits | None = DEFAULT_LIMITS,
    source: str | None = None,
) -> bytes:
    """Convert a model to int8, with scales from the ranges that ``calibration`` gives its layers.

    Args:
        model: One input, one output; the batch size is free or 1.
        calibration: Training windows (n, ...) in the model's own scale, float32, or int32 ids. Of more than
            500, 500 spread over all of them are used. Windows of raw bytes (every value k/255) get the input
            scale 1/255 and the zero point -128, so that on the board q = byte - 128; the inner layers' scales
            come from the windows alone.
        weight_bits: 4 to 8; fewer than 8 narrow the weights, see :func:`.passes.weight_bits.narrow`.
        isolation: The limits of the child process that calibrates the model; None calibrates in this one.
        source: What errors call the model: the file that it is from, by default its name.

    Returns:
        The .tflite file's content.

    Raises:
        ModelError: no windows, windows of another shape or with NaN, integers where the model takes floats,
            weights that hold NaN, or a model that cannot be converted.
    """
    source = source or named(model)
    check_calibration(model, calibration, source)
    check_weights(model, source)
    refuse_recurrent(model, source)
    samples = calibration_windows(calibration).astype(_input(model).dtype)
    with refusals(source, model):
        ranges = _calibrate_keras(_fixed_batch(model), samples, source, isolation)
        content = as_int8(ranges, samples, weight_bits, source, isolation)
    return judged(content, source)


def quantise_float(
    content: bytes,
    samples: NDArray[Any],
    source: str,
    weight_bits: int = INT8_BITS,
    isolation: Limits | None = DEFAULT_LIMITS,
) -> bytes:
    """Convert a float .tflite with fixed shapes to int8; otherwise as :func:`quantise`.

    ``samples``: (n, *input shape without the batch) of the input's dtype, at most 500; ``source`` names the
    model in errors.
    """
    with refusals(source):
        ranges = ranges_of(content, samples, source, isolation)
        quantised = as_int8(ranges, samples, weight_bits, source, isolation)
    return judged(quantised, source)


def takes_ids_as_other(model: keras.Model) -> bool:
    """Whether a model has an Embedding but no int32 input: it casts its ids, from float32, say."""
    import keras

    embeds = any(isinstance(layer, keras.layers.Embedding) for layer in model._flatten_layers())
    return embeds and len(model.inputs) == 1 and _input(model).dtype != "int32"


def keras_float(model: keras.Model, source: str) -> bytes:
    """The float .tflite of a Keras model, with a batch of 1; ``source`` names the model in errors."""
    refuse_recurrent(model, source)
    with refusals(source, model):
        import tensorflow as tf

        content: bytes = tf.lite.TFLiteConverter.from_keras_model(_fixed_batch(model)).convert()
        return content


def named(model: keras.Model) -> str:
    """What errors call a model that is from no file."""
    return f"the model {getattr(model, 'name', repr(model)[:80])}"


def keras_windows(model: keras.Model, samples: NDArray[Any], source: str | None = None) -> NDArray[Any]:
    """Samples (n, ...) that a model can be calibrated on, float64 as float32; raises as quantise() does."""
    check_calibration(model, samples, source or named(model))
    return samples.astype(np.float32) if samples.dtype == np.float64 else samples


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


def real_values(codes: NDArray[Any], tensor: Tensor) -> NDArray[Any]:
    """What a tensor's int8 codes stand for, float64; values without a scale (indices) as they are."""
    if not tensor.scale.size:
        return codes
    real: NDArray[Any] = (codes.astype(np.float64) - tensor.zero_point) * tensor.scale
    return real


def _input(model: keras.Model) -> Any:  # noqa: ANN401
    # A Sequential that was never called has inputs but no input.
    return model.inputs[0]


def check_calibration(model: keras.Model, calibration: NDArray[Any], source: str) -> None:
    """Raise ModelError unless ``calibration`` is windows (n, *input shape), finite, and n is at least 1.

    Raw bytes and samples where the model takes floats would make its scales far too wide. ``source`` names
    the model in errors.
    """
    if not getattr(model, "inputs", None):  # a Sequential without an Input raises there
        raise ModelError(_no_model(model))
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ModelError(f"{source} has several inputs or outputs; zerotap needs one of each.")
    shape = tuple(_input(model).shape[1:])
    if None in shape:
        raise ModelError(_free_length(shape, np.shape(calibration)[1:], source))
    given = getattr(calibration, "shape", type(calibration).__name__)
    if not isinstance(calibration, np.ndarray) or len(calibration) == 0 or calibration.shape[1:] != shape:
        raise ModelError(f"{source}: calibration needs an array of windows {windows_of(shape)}, got {given}.")
    if np.issubdtype(calibration.dtype, np.floating) and not np.isfinite(calibration).all():
        raise ModelError("the calibration windows hold NaN or infinity; leave those windows out.")
    _check_scale(model, calibration, source)


def _free_length(shape: tuple[int | None, ...], given: tuple[int, ...], source: str) -> str:
    lengths = suggested(shape, given) or ("N",) * shape.count(None)
    wanted = " ".join(f"--length {length}" for length in lengths)
    return (
        f"{source} takes windows of any length, {shown(shape)}, a board those of one: add {wanted} "
        "(lengths= in Python), or save it with every extent fixed but the batch."
    )


def _no_model(model: object) -> str:
    if isinstance(model, str | Path):
        way_out = "give a path to zerotap.quantise_file, a model that begins with keras.Input here"
        return f"{model} is no Keras model that knows its input: {way_out}."
    return f"{model!r:.80} is no Keras model that knows its input: begin it with keras.Input."


def check_weights(model: keras.Model, source: str) -> None:
    """Raise ModelError where a weight is NaN or infinite: TensorFlow's calibration may end its process."""
    for weight in model.weights:
        values = np.asarray(weight)
        if np.issubdtype(values.dtype, np.floating) and not np.isfinite(values).all():
            raise ModelError(
                f"{source}: its weights {weight.path} hold NaN or infinity; it diverged, "
                "train it again with a smaller learning rate."
            )


def windows_of(shape: Sequence[int | None]) -> str:
    """The shape of windows, each of ``shape``, for a person."""
    return f"({', '.join(('n', *map(str, shape)))})"


def _check_scale(model: keras.Model, calibration: NDArray[Any], source: str) -> None:
    taken = str(_input(model).dtype)
    if taken.startswith("float") and not np.issubdtype(calibration.dtype, np.floating):
        raise ModelError(
            f"{source} takes {taken}, the calibration windows are {calibration.dtype}: give "
            "them as float32 in the scale that it was trained on, bytes as zerotap.models.model_input gives "
            "them (divided by 255)."
        )


def _fixed_batch(model: keras.Model) -> keras.Model:
    """The model behind an input with a batch of 1: a free batch has Flatten compute its shape at run time."""
    import keras

    source = keras.Input(batch_shape=(1, *_input(model).shape[1:]), dtype=_input(model).dtype, name="input")
    return keras.Model(source, model(source), name="zerotap")


def _calibrate_keras(
    model: keras.Model, samples: NDArray[Any], source: str, isolation: Limits | None
) -> bytes:
    """The float .tflite of a model, with the ranges that the samples give its tensors."""
    import tensorflow as tf

    def ranges(content: bytes, *_settings: object) -> bytes:
        return ranges_of(content, samples, source, isolation)

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative(samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter._quantize = ranges  # its own calibrates in this process, and ends it where TensorFlow crashes
    content: bytes = converter.convert()
    return content
