"""Models of any length, for one length; and of masks, which are named."""

import numpy as np
import pytest

from zerotap.errors import ModelError
from zerotap.firmware import read_tflite
from zerotap.firmware.quantising.lengths import fixed_shape, shown, suggested
from zerotap.workflow import quantise_file

X = np.random.default_rng(0).normal(size=(4, 20, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    import keras
    from keras import layers

    window = keras.Input((None, 3))
    x = layers.Conv1D(4, 3, activation="relu")(window)
    return keras.Model(window, layers.Dense(2)(layers.GlobalAveragePooling1D()(x)))


def test_free_extents_take_the_lengths_in_order():
    assert fixed_shape((None, 3, None), (20, 5), "m") == (20, 3, 5)
    assert suggested((None, 3), (20, 3)) == (20,)
    assert suggested((None, 3), (20, 4)) == ()
    assert shown((None, 3)) == "(n, None, 3)"


@pytest.mark.parametrize(
    ("shape", "lengths", "message"),
    [
        ((None, 3), (), r"m: takes windows of any length, \(n, None, 3\), .*; add --length N \(lengths="),
        ((None, None), (5,), r"add --length N --length N, not 5"),
        ((8, 3), (8,), r"m: takes windows \(n, 8, 3\), which have no free length; leave out --length"),
        ((None, 3), (0,), "a length is from 1 to 65535, not 0"),
    ],
)
def test_other_lengths_are_refused(shape, lengths, message):
    with pytest.raises(ModelError, match=message):
        fixed_shape(shape, lengths, "m")


def test_every_kind_of_file_is_quantised_for_a_length(model, tmp_path):
    import tensorflow as tf

    model.save(tmp_path / "m.keras")
    model.export(tmp_path / "saved", verbose=False)
    (tmp_path / "m.tflite").write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    for name in ("m.keras", "saved", "m.tflite"):
        out = tmp_path / f"{name}.int8.tflite"
        report = quantise_file(tmp_path / name, out, samples=X, lengths=(20,), trust=True)
        graph = read_tflite(out)
        assert graph.tensors[graph.input].shape == (1, 20, 3)
        assert report["max_difference"] < 0.05
        with pytest.raises(ModelError, match="--length"):
            quantise_file(tmp_path / name, tmp_path / "none.tflite", samples=X, trust=True)
    with pytest.raises(ModelError, match="add --length 20 "):
        quantise_file(tmp_path / "m.keras", tmp_path / "none.tflite", samples=X)


def test_a_mask_is_named(tmp_path):
    import keras
    from keras import layers

    ids = keras.Input((8,))
    x = layers.GlobalAveragePooling1D()(layers.Embedding(10, 4, mask_zero=True)(ids))
    keras.Model(ids, layers.Dense(2)(x)).save(tmp_path / "m.keras")
    with pytest.raises(ModelError, match=r"layer 0 Embedding \(\w+\), \(8,\) -> \(8, 4\), .*mask_zero=True"):
        quantise_file(tmp_path / "m.keras", samples=np.ones((4, 8), np.float32))
