"""What TensorFlow does between a float .tflite and its int8 one, in its child process."""

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
from zerotap.firmware.oracles.refusals import first_words
from zerotap.firmware.passes.divisors import with_centred_divisors
from zerotap.firmware.passes.simplify import simplify
from zerotap.firmware.passes.weight_bits import INT8_BITS, narrow
from zerotap.firmware.several_ends import in_order
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.firmware.tflite.writer import rewrite_tflite
from zerotap.isolation import Answer, Limits, RefusedError, ask, packed, unpacked
from zerotap.reporting import Progress

from .judgement import judge_first
from .ranges.left_out_places import leaves_places_out, with_all_places
from .ranges.percentiles import WHOLE_RANGE, with_percentiles
from .recurrent.ranges import with_recurrent_ranges
from .refused_layer import refusal
from .unread_outputs import with_unread_as_outputs, without_last_outputs

if TYPE_CHECKING:
    import keras

_BYTE_MAX: Final = 255


def calibrated(
    content: bytes,
    samples: NDArray[Any],
    source: str,
    isolation: Limits | None,
    percentile: float = WHOLE_RANGE,
) -> bytes:
    """A float .tflite with the ranges that ``samples`` (n, ...) give its tensors.

    ``percentile`` as of with_percentiles(). ``source`` names the model in errors. Raises RuntimeError or
    ValueError where TensorFlow refuses it, see :func:`refusals`, and ModelError where TensorFlow dies of it.
    """
    return _ask("calibrate", {"percentile": percentile}, content, samples, source, isolation)


def as_int8(
    content: bytes, samples: NDArray[Any], weight_bits: int, source: str, isolation: Limits | None
) -> bytes:
    """A calibrated .tflite as an int8 one, its input's scale as ``samples`` want it; otherwise as above."""
    values = {"weight_bits": weight_bits, "source": source}
    return _ask("convert", values, content, samples, source, isolation)


def ranges_of(
    content: bytes,
    samples: NDArray[Any],
    source: str,
    isolation: Limits | None,
    percentile: float = WHOLE_RANGE,
) -> bytes:
    """As calibrated(), once the operators of the int8 model are known to be there.

    Raises also NoOperatorError, from a few of many samples.
    """

    def convert(few: NDArray[Any]) -> bytes:
        return as_int8(calibrated(content, few, source, isolation), few, INT8_BITS, source, isolation)

    judge_first(convert, samples, source)
    return calibrated(content, samples, source, isolation, percentile)


def _ask(
    verb: str,
    values: dict[str, Any],
    content: bytes,
    samples: NDArray[Any],
    source: str,
    isolation: Limits | None,
) -> bytes:
    arrays = [packed(bytes(content)), samples]
    try:
        answer = ask(f"{__name__}:{verb}", values, arrays, source=source, isolation=isolation)
    except RefusedError as error:  # as TensorFlow raises it in this process: refusals() finds the layer
        raise RuntimeError(error.reason.partition(": ")[2] or error.reason) from error
    return unpacked(answer.arrays[0])


def calibrate(values: dict[str, Any], arrays: list[NDArray[Any]], _on_progress: Progress) -> Answer:
    """The child's: see :func:`calibrated`."""
    content, samples = arrays
    from tensorflow.lite.python.optimize import calibrator

    model = unpacked(content)
    prepared = calibrator.Calibrator(calibrator.add_intermediate_tensors(model))
    is_stream = bool(read_tflite(model).states)

    def each() -> Iterator[list[NDArray[Any]]]:
        for row in representative(_of_inputs(model, samples))():
            if not is_stream:  # a recurrent layer would go on from the last window
                prepared._calibrator.Prepare([list(window.shape) for window in row])
            yield row

    ranges = bytes(prepared.calibrate(each))
    rows = list(representative(_of_inputs(model, samples))())
    if leaves_places_out(read_tflite(model)):
        ranges = with_all_places(ranges, model, rows, is_stream=is_stream)
    if values["percentile"] < WHOLE_RANGE:
        ranges = with_percentiles(ranges, model, rows, values["percentile"], is_stream=is_stream)
    return Answer(arrays=(packed(ranges),))


def convert(values: dict[str, Any], arrays: list[NDArray[Any]], _on_progress: Progress) -> Answer:
    """The child's: see :func:`as_int8`."""
    content, samples = arrays
    made = _to_int8(unpacked(content), samples, values["weight_bits"], values["source"])
    return Answer(arrays=(packed(made),))


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
                raise refusal(model, error, source) from error
            raise ModelError(
                f"TensorFlow cannot convert {source} to int8 ({first_words(error)}); "
                "docs/keras-layers.md says which layers it takes."
            ) from error


def representative(samples: Sequence[NDArray[Any]]) -> Callable[[], Iterator[list[NDArray[Any]]]]:
    """The samples of each input one by one, with a batch of 1, as TensorFlow's calibration asks for them."""

    def each() -> Iterator[list[NDArray[Any]]]:
        for row in zip(*samples, strict=True):
            yield [sample[np.newaxis] for sample in row]

    return each


def _of_inputs(content: bytes, samples: NDArray[Any]) -> list[NDArray[Any]]:
    """The samples of each input of a .tflite, in its order."""
    if samples.dtype.names is None:
        return [samples]
    arrays = in_order(samples, read_tflite(content).end_names[0], "the model")
    return [np.ascontiguousarray(array) for array in arrays]


def _to_int8(content: bytes, samples: NDArray[Any], weight_bits: int, source: str) -> bytes:
    """The converter's second step, between its first and which bytes get their range."""
    import tensorflow as tf
    from tensorflow.lite.python.convert import mlir_quantize

    content = with_recurrent_ranges(content, source)
    inputs = _of_inputs(content, samples)
    takes_reals = any(np.issubdtype(each.dtype, np.floating) for each in inputs)
    readable, unread = with_unread_as_outputs(_with_byte_range(content, [_is_bytes(each) for each in inputs]))
    quantised: bytes = mlir_quantize(
        readable,
        input_data_type=tf.int8 if takes_reals else tf.float32,
        output_data_type=tf.int8,
        enable_variable_quantization=bool(read_tflite(content).states),
    )
    quantised = without_last_outputs(quantised, unread)
    before = read_tflite(quantised, source=source)
    after = with_centred_divisors(simplify(before))
    if weight_bits < INT8_BITS:
        floats = [tensor.data for tensor in read_tflite(content).tensors if tensor.data is not None]
        after = narrow(after, weight_bits, floats)
    return quantised if after is before else rewrite_tflite(quantised, before, after)


def _is_bytes(samples: NDArray[Any]) -> bool:
    if not np.issubdtype(samples.dtype, np.floating):
        return False
    scaled = samples.astype(np.float64) * _BYTE_MAX
    in_range = np.min(scaled) >= 0 and np.max(scaled) <= _BYTE_MAX + 1e-4
    return bool(in_range and np.max(np.abs(scaled - np.rint(scaled))) < 1e-4)


def _with_byte_range(content: bytes, of_bytes: Sequence[bool]) -> bytes:
    """A calibrated model with the range of the inputs that are ``of_bytes`` set to [0, 1].

    The windows seldom hold both 0 and 255. Neither public way gives the range: a fake quantisation at the
    input leaves the first layer's bias at another scale than its sums, and a window of extreme bytes widens
    the inner layers' ranges.
    """
    from tensorflow.lite.tools import flatbuffer_utils

    if not any(of_bytes):
        return content
    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
    graph = model.subgraphs[0]
    for index, is_bytes in zip(graph.inputs, of_bytes, strict=True):
        if is_bytes:
            window = graph.tensors[index].quantization
            window.min, window.max = [0.0], [1.0]
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))
