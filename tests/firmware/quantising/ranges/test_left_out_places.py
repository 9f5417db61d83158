"""A filter of its input's size, with places beside it: calibrated on all of them, whatever memory held."""

import keras
import numpy as np
import pytest
from tensorflow.lite.tools import flatbuffer_utils

from zerotap.firmware import Oracle, quantise, read_tflite
from zerotap.firmware.quantising.quantise import keras_float
from zerotap.firmware.quantising.ranges.left_out_places import leaves_places_out, with_all_places
from zerotap.firmware.quantising.tensorflow_steps import calibrated

WINDOWS = np.random.default_rng(0).uniform(0.5, 1, (40, 2, 3)).astype(np.float32)


def with_large_second_place() -> keras.Model:
    """Two taps on two places: the second output, of the last place alone, is the larger."""
    layers = [keras.Input((2, 3)), keras.layers.Conv1D(1, 2, padding="same"), keras.layers.Flatten()]
    model = keras.Sequential([*layers, keras.layers.Dense(2)])
    model.layers[0].set_weights([np.array([[[4.0]] * 3, [[-3.9]] * 3]).reshape(2, 3, 1), np.zeros(1)])
    model.layers[2].set_weights([np.eye(2), np.zeros(2)])
    return model


def conv(length: int, taps: int, padding: str) -> keras.Model:
    return keras.Sequential([keras.Input((length, 3)), keras.layers.Conv1D(2, taps, padding=padding)])


@pytest.mark.parametrize("percentile", [100.0, 99.0])
def test_the_range_is_of_all_places(percentile):
    model = with_large_second_place()
    content = quantise(model, WINDOWS, isolation=None, percentile=percentile)
    graph = read_tflite(content)
    target = graph.tensors[graph.output]
    expected = model.predict(WINDOWS, verbose=0)
    low, high = ((code - int(target.zero_point[0])) * float(target.scale[0]) for code in (-128, 127))
    step = float(target.scale[0])
    assert low == pytest.approx(min(0, expected.min()), abs=step)
    assert high == pytest.approx(expected.max(), abs=step)
    source = graph.tensors[graph.input]
    codes = np.rint(WINDOWS / source.scale[0] + source.zero_point[0]).clip(-128, 127).astype(np.int8)
    got = (Oracle(content).invoke(codes).astype(float) - target.zero_point) * target.scale
    if percentile == 100:
        assert np.abs(got.reshape(expected.shape) - expected).max() < 0.03 * np.abs(expected).max()


def output_range(content: bytes) -> list[float] | None:
    graph = flatbuffer_utils.convert_bytearray_to_object(bytearray(content)).subgraphs[0]
    window = graph.tensors[graph.outputs[0]].quantization
    return None if window is None or window.min is None else [*window.min, *window.max]


def without_output_range(content: bytes) -> bytes:
    """As TensorFlow leaves it where the memory of the places left out held an infinity."""
    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
    graph = model.subgraphs[0]
    graph.tensors[graph.outputs[0]].quantization = None
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def test_a_layer_that_calibration_gave_no_range_gets_one():
    content = keras_float(with_large_second_place(), "the model")
    whole = calibrated(content, WINDOWS, "the model", None)
    bare = without_output_range(whole)
    assert output_range(bare) is None
    mended = with_all_places(bare, content, [[window[np.newaxis]] for window in WINDOWS], is_stream=False)
    assert output_range(mended) == output_range(whole)


@pytest.mark.parametrize(
    ("length", "taps", "padding", "expected"),
    [(2, 2, "same", True), (2, 2, "valid", False), (3, 2, "same", False), (1, 1, "same", False)],
)
def test_which_convolutions_it_is(length, taps, padding, expected):
    content = keras_float(conv(length, taps, padding), "the model")
    assert leaves_places_out(read_tflite(content)) is expected
