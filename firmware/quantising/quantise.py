"""A trained Keras model as a full-int8 .tflite: int8 (or int32 ids) in, int8 out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.arithmetic.fixed_point import INT8_MAX, INT8_MIN
from zerotap.firmware.graph import Tensor
from zerotap.firmware.passes.weight_bits import INT8_BITS
from zerotap.firmware.several_ends import Samples, as_rows, window_shape
from zerotap.isolation import DEFAULT_LIMITS, Limits

from . import keras_ends
from .judgement import judged
from .keras_states import refuse_states
from .lengths import shown, suggested
from .ranges.percentiles import WHOLE_RANGE
from .recurrent.keras_models import is_recurrent, recurrent_float, refuse_loops
from .refused_layer import refuse_kinds
from .tensorflow_steps import as_int8, ranges_of, refusals
from .tracing import converted

if TYPE_CHECKING:
    import keras

CALIBRATION_MAX: Final = 500


def quantise(
    model: keras.Model,
    calibration: Samples,
    weight_bits: int = INT8_BITS,
    isolation: Limits | None = DEFAULT_LIMITS,
    source: str | None = None,
    percentile: float = WHOLE_RANGE,
) -> bytes:
    """Convert a model to int8, with scales from the ranges that ``calibration`` gives its layers.

    Args:
        model: The batch size is free or 1.
        calibration: Training windows (n, ...) in the model's own scale, float32, or int32 ids; where it has
            several inputs one such array for each, by the names of its keras.Input. Of more than
            500, 500 spread over all of them are used. Windows of raw bytes (every value k/255) get the input
            scale 1/255 and the zero point -128, so that on the board q = byte - 128; the inner layers' scales
            come from the windows alone.
        weight_bits: 4 to 8; fewer than 8 narrow the weights, see :func:`.passes.weight_bits.narrow`.
        isolation: The limits of the child process that calibrates the model; None calibrates in this one.
        source: What errors call the model: the file that it is from, by default its name.
        percentile: 90 to 100; below 100 so many % of a layer's values are in its range, at each end, and the
            farthest are clipped.

    Returns:
        The .tflite file's content.

    Raises:
        ModelError: no windows, windows of another shape or with NaN, integers where the model takes floats,
            weights that hold NaN, or a model that cannot be converted.
    """
    source = source or named(model)
    windows = keras_windows(model, calibration, source)
    check_model(model, source)
    samples = keras_ends.as_taken(model, calibration_windows(windows))
    if is_recurrent(model):
        return quantise_float(
            _checked_float(model, source), samples, source, weight_bits, isolation, percentile
        )

    def ranges_for(content: bytes, *_settings: Any) -> bytes:  # noqa: ANN401
        return ranges_of(content, samples, source, isolation, percentile)

    with refusals(source, model):
        ranges = converted(model, ranges_for)
        content = as_int8(ranges, samples, weight_bits, source, isolation)
    return judged(content, source)


def quantise_float(
    content: bytes,
    samples: NDArray[Any],
    source: str,
    weight_bits: int = INT8_BITS,
    isolation: Limits | None = DEFAULT_LIMITS,
    percentile: float = WHOLE_RANGE,
) -> bytes:
    """Convert a float .tflite with fixed shapes to int8; otherwise as :func:`quantise`.

    ``samples``: (n, *input shape without the batch) of the input's dtype, at most 500; ``source`` names the
    model in errors.
    """
    with refusals(source):
        ranges = ranges_of(content, samples, source, isolation, percentile)
        quantised = as_int8(ranges, samples, weight_bits, source, isolation)
    return judged(quantised, source)


def takes_ids_as_other(model: keras.Model) -> bool:
    """Whether a model has an Embedding but no int32 input: it casts its ids, from float32, say."""
    import keras

    embeds = any(isinstance(layer, keras.layers.Embedding) for layer in model._flatten_layers())
    return embeds and bool(model.inputs) and all(each.dtype != "int32" for each in model.inputs)


def keras_float(model: keras.Model, source: str) -> bytes:
    """The float .tflite of a Keras model, with a batch of 1; ``source`` names the model in errors."""
    check_model(model, source)
    return _checked_float(model, source)


def _checked_float(model: keras.Model, source: str) -> bytes:
    with refusals(source, model):
        return recurrent_float(model, source) if is_recurrent(model) else converted(model)


def named(model: keras.Model) -> str:
    """What errors call a model that is from no file."""
    return f"the model {getattr(model, 'name', repr(model)[:80])}"


def keras_windows(model: keras.Model, samples: Samples, source: str | None = None) -> NDArray[Any]:
    """Samples (n, ...) that a model can be calibrated on, float64 as float32; raises as quantise() does.

    Of several inputs one array for each, by name: rows (n,) with a field for each.
    """
    source = source or named(model)
    given = keras_ends.split(model, samples, source)
    for tensor, array in zip(keras_ends.inputs(model), given, strict=True):
        check_calibration(tensor, array, source)
    singles = [each.astype(np.float32) if each.dtype == np.float64 else each for each in given]
    if len(singles) == 1:
        return singles[0]
    return as_rows(dict(zip(keras_ends.input_names(model), singles, strict=True)))


def calibration_windows(windows: NDArray[Any]) -> NDArray[Any]:
    """At most 500 windows, spread evenly over all of ``windows`` (n, ...), n at least 1."""
    return windows[:: -(-len(windows) // CALIBRATION_MAX)]


def quantise_input(samples: NDArray[Any], tensor: Tensor) -> NDArray[Any]:
    """Samples (n, ...) as a model takes them: float32 by its scale to int8; int8 and int32 as they are.

    Ids may be whole numbers of any dtype. Raises ModelError for another dtype, another number of elements,
    a negative id, or NaN.
    """
    if samples.ndim == 0 or (len(samples) and samples[0].size != tensor.size):
        raise ModelError(
            f"the samples have the shape {samples.shape}, the model takes "
            f"{windows_of(window_shape(tensor))}: give windows that its own pipeline cuts."
        )
    if tensor.dtype == "int32":
        return _ids(samples)
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


def _ids(samples: NDArray[Any]) -> NDArray[np.int32]:
    """Whole numbers of any dtype as int32."""
    if samples.dtype.kind not in "iuf":
        raise ModelError(f"the samples are {samples.dtype}, the model takes int32; convert them.")
    if np.any(samples < 0):
        raise ModelError("the samples hold negative ids; ids count from 0, the embedding's first row.")
    if not np.all((samples <= np.iinfo(np.int32).max) & (samples == np.trunc(samples))):
        raise ModelError(
            f"the samples are {samples.dtype} and hold what is no int32; give ids, whole numbers from 0."
        )
    return samples.astype(np.int32)


def real_values(codes: NDArray[Any], tensor: Tensor) -> NDArray[Any]:
    """What a tensor's int8 codes stand for, float64; values without a scale (indices) as they are."""
    if not tensor.scale.size:
        return codes
    real: NDArray[Any] = (codes.astype(np.float64) - tensor.zero_point) * tensor.scale
    return real


def check_calibration(taken: Any, calibration: NDArray[Any], source: str) -> None:  # noqa: ANN401
    """Raise ModelError unless ``calibration`` is windows (n, *input shape), finite, and n is at least 1.

    ``taken``: the model's input. Raw bytes and samples where it takes floats would make its scales far too
    wide. ``source`` names the model in errors.
    """
    shape = tuple(taken.shape[1:])
    if None in shape:
        raise ModelError(_free_length(shape, np.shape(calibration)[1:], source))
    given = getattr(calibration, "shape", type(calibration).__name__)
    if not isinstance(calibration, np.ndarray) or len(calibration) == 0 or calibration.shape[1:] != shape:
        raise ModelError(f"{source}: calibration needs an array of windows {windows_of(shape)}, got {given}.")
    if np.issubdtype(calibration.dtype, np.floating) and not np.isfinite(calibration).all():
        raise ModelError("the calibration windows hold NaN or infinity; leave those windows out.")
    _check_scale(str(taken.dtype), calibration, source)


def _free_length(shape: tuple[int | None, ...], given: tuple[int, ...], source: str) -> str:
    lengths = suggested(shape, given) or ("N",) * shape.count(None)
    wanted = " ".join(f"--length {length}" for length in lengths)
    return (
        f"{source} takes windows of any length, {shown(shape)}, a board those of one: add {wanted} "
        "(lengths= in Python), or save it with every extent fixed but the batch."
    )


def check_model(model: keras.Model, source: str) -> None:
    """Raise ModelError, which names the layer, for what no samples make an int8 model of.

    Text, other floats, weights that are no numbers, loops that zerotap does not have, states between calls.
    """
    refuse_kinds(model, source)
    _check_weights(model, source)
    refuse_loops(model, source)
    refuse_states(model, source)


def _check_weights(model: keras.Model, source: str) -> None:
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


def _check_scale(taken: str, calibration: NDArray[Any], source: str) -> None:
    if taken.startswith("float") and not np.issubdtype(calibration.dtype, np.floating):
        raise ModelError(
            f"{source} takes {taken}, the calibration windows are {calibration.dtype}: give "
            "them as float32 in the scale that it was trained on, bytes as zerotap.models.model_input gives "
            "them (divided by 255)."
        )
