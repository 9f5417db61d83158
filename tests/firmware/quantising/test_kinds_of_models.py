"""Kinds of models and of ids: taken, or refused before TensorFlow converts anything, with a way out."""

import numpy as np
import pytest

from zerotap.errors import ModelError
from zerotap.firmware import quantise_input
from zerotap.firmware.graph import Tensor
from zerotap.firmware.quantising.conversion import keras_source
from zerotap.firmware.quantising.quantise import quantise
from zerotap.foreign import quantise_keras

SAMPLES = np.random.default_rng(0).normal(0, 1, (8, 6)).astype(np.float32)


def dense(*, policy: str | None = None):
    import keras

    layers = [keras.layers.Dense(4, dtype=policy), keras.layers.Dense(2, dtype="float32")]
    return keras.Sequential([keras.Input((6,)), *layers])


def quantised_by_keras():
    model = dense()
    model.quantize("int8")
    return model


def stateful():
    import keras

    source = keras.Input(batch_shape=(1, 4, 2))
    return keras.Model(source, keras.layers.LSTM(2, stateful=True)(source))


def text():
    import keras

    source = keras.Input((1,), dtype="string")
    return keras.Model(source, keras.layers.StringLookup(vocabulary=["a", "b"])(source))


def passed_on():
    import keras

    source = keras.Input((6,))
    return keras.Model(source, [keras.layers.Dense(2)(source), source])


def twice():
    import keras

    source = keras.Input((6,))
    target = keras.layers.Dense(2)(source)
    return keras.Model(source, [target, target])


def unknown_input():
    import keras

    return keras.Sequential([keras.layers.Dense(2)])


REFUSED = {
    "half": (
        lambda: dense(policy="mixed_float16"),
        r"layer 0 Dense \(\w+\), \(6,\) -> \(4,\), computes in float16 .*mixed_float16.*set_weights",
    ),
    "bfloat16": (lambda: dense(policy="mixed_bfloat16"), r".* computes in bfloat16 .*set_dtype_policy"),
    "double": (lambda: dense(policy="float64"), r".* computes in float64 .*'float32'"),
    "quantised": (quantised_by_keras, r"layer 0 .* quantised by Keras \(int8\).*before model\.quantize"),
    "stateful": (stateful, r"layer 0 LSTM .* keeps its state .*stateful=False"),
    "text": (text, r"its input .* is text, .* int32 ids"),
    "passed on": (passed_on, r"its input .* is an output too; leave that output out"),
    "twice": (twice, r"has one tensor twice among its outputs; leave one of them out"),
    "unknown input": (unknown_input, r"does not know its input; begin it with keras\.Input"),
}


@pytest.mark.filterwarnings("ignore:Layer InputLayer does not have")
@pytest.mark.parametrize("kind", REFUSED)
def test_what_no_int8_model_is_made_of_is_refused_at_once(kind):
    make, message = REFUSED[kind]
    with pytest.raises(ModelError, match=rf"^m\.keras: {message}"):
        keras_source(make(), "m.keras")


def test_ids_in_float_are_refused_for_half_floats_too():
    import keras

    source = keras.Input((6,))
    words = keras.layers.Embedding(9, 2, dtype="mixed_float16")(source)
    model = keras.Model(source, keras.layers.Dense(2)(keras.layers.Flatten()(words)))
    with pytest.raises(ModelError, match=r"layer 0 Embedding .* computes in float16"):
        quantise_keras(model, SAMPLES)


def test_the_way_out_of_half_floats_is_one():
    half, whole = dense(policy="mixed_float16"), dense()
    whole.set_weights(half.get_weights())
    assert np.allclose(half(SAMPLES), whole(SAMPLES), atol=0.02)
    keras_source(whole, "m.keras")


def test_integers_that_a_model_casts_are_named():
    import keras

    source = keras.Input((6,), dtype="uint8")
    model = keras.Model(source, keras.layers.Dense(2)(keras.layers.Rescaling(1 / 255)(source)))
    opened = keras_source(model, "m.keras")
    with pytest.raises(
        ModelError, match=r"m\.keras: its input .* is uint8, .*keras\.Input\(shape\) in float32"
    ):
        opened.convert(opened.prepare(np.arange(48, dtype=np.uint8).reshape(8, 6)), 8)


def test_the_file_is_named_in_what_its_int8_form_is_refused_for():
    import keras

    source = keras.Input((6,))
    model = keras.Model(source, keras.layers.Dense(2)(source + np.float32(-1e38) * np.eye(6, dtype="f")[:1]))
    with pytest.raises(
        ModelError, match=r"^m\.keras: tensor \d+ .* scale .*; make a model without .* a mask"
    ):
        quantise(model, SAMPLES, source="m.keras", isolation=None)


def tensor(shape: tuple[int, ...], dtype: str) -> Tensor:
    return Tensor(0, "x", shape, dtype, np.full(1, 0.5), np.zeros(1, np.int64), None, 0)


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "uint64", "float32", "float64"])
def test_ids_are_whole_numbers_of_any_dtype(dtype):
    ids = np.array([[0, 3, 200]]).astype(dtype)
    taken = quantise_input(ids, tensor((1, 3), "int32"))
    assert taken.dtype == np.int32
    assert taken.tolist() == [[0, 3, 200]]


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([[0.5, 1, 2]], "float64 and hold what is no int32"),
        ([[np.nan, 1, 2]], "hold what is no int32"),
        ([[1 << 40, 1, 2]], "int64 and hold what is no int32"),
        ([[-1, 1, 2]], "negative ids"),
        ([[True, False, True]], "are bool, the model takes int32"),
    ],
)
def test_what_is_no_id(ids, message):
    with pytest.raises(ModelError, match=message):
        quantise_input(np.array(ids), tensor((1, 3), "int32"))


def test_a_batch_is_part_of_the_shape_that_is_wanted():
    with pytest.raises(ModelError, match=r"shape \(8, 6\), the model takes \(n, 4, 6\)"):
        quantise_input(SAMPLES, tensor((4, 6), "int8"))
