"""What TensorFlow cannot convert is named by layer, kind and shapes."""

import numpy as np
import pytest

from zerotap.errors import ModelError
from zerotap.firmware import keras_source
from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.oracles.refusals import first_words, refused_place
from zerotap.firmware.quantising.quantise import quantise


def ends(make):
    import keras

    source = keras.Input((12, 8))
    return keras.Model(source, keras.layers.Dense(3)(keras.layers.Flatten()(make(source))))


def windows(dtype: str = "float32") -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 1, (5, 12, 8)).astype(dtype)


def test_the_layer_is_named():
    import keras

    model = ends(lambda x: keras.ops.erf(keras.layers.Dense(4)(x)))
    with pytest.raises(ModelError, match=r"layer 1 Erf \(\w+\), \(12, 4\) -> \(12, 4\), .*tf\.Erf") as caught:
        quantise(model, windows())
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "bool"])
def test_integers_for_a_float_model_are_refused(dtype):
    with pytest.raises(ModelError, match=rf"takes float32, .* are {dtype}: .*divided by 255"):
        quantise(ends(lambda x: x), windows(dtype))


def test_what_is_no_model_or_no_array_is_refused():
    import keras

    with pytest.raises(ModelError, match=r"array of windows \(n, 12, 8\), got list"):
        quantise(ends(lambda x: x), windows().tolist())
    with pytest.raises(ModelError, match=r"got \(5, 12, 8, 1\)"):
        quantise(ends(lambda x: x), windows()[..., np.newaxis])
    for nothing in ("model.keras", None, keras.Sequential([keras.layers.Dense(2)])):
        with pytest.raises(ModelError, match=r"no Keras model that knows its input: .*keras\.Input"):
            quantise(nothing, windows())


@pytest.mark.parametrize("shape", [(5, 4), (5, 8, 3), (5, 8, 3, 1)])
def test_a_free_length_is_the_fault_that_is_named(shape):
    import keras

    source = keras.Input((None, 3))
    model = keras.Model(source, keras.layers.Conv1D(2, 3)(source))
    with pytest.raises(ModelError, match=r"windows of any length, \(n, None, 3\)"):
        quantise(model, np.zeros(shape, np.float32))


def test_ids_beyond_the_table_are_the_fault_that_is_named():
    import keras

    source = keras.Input((4,), dtype="int32")
    model = keras.Model(source, keras.layers.Flatten()(keras.layers.Embedding(8, 2)(source)))
    ids = np.full((3, 4), 99, np.int32)
    with pytest.raises(ModelError, match="check the ids' range"):
        quantise(model, ids)
    source = keras_source(model, "a.keras")  # the command's way, which asks the float model first
    with pytest.raises(ModelError, match=r"\(indices\[0,0\] = 99 is not in \[0, 8\)\); check the ids' range"):
        source.outputs(source.prepare(ids))


def test_one_value_is_no_array_of_windows():
    with pytest.raises(ModelError, match=r"one value, 3\.0: give an array of windows"):
        keras_source(ends(lambda x: x), "a.keras").prepare(np.float32(3))


def test_extended_precision_is_taken_as_float64():
    source = keras_source(ends(lambda x: x), "a.keras")
    assert source.prepare(windows("longdouble")).dtype == np.float32


def test_tensorflow_s_advice_is_for_us_alone(caplog):
    import keras

    keras.layers.StringLookup(vocabulary=["a"])  # its table is in every graph of TensorFlow's from here on
    quantise(ends(lambda x: x), windows())
    assert not caplog.records


def test_a_node_of_tensorflow_s_becomes_a_layer():
    none = np.zeros(0), np.zeros(0, np.int64)
    tensors = (Tensor(0, "a", (1, 4), "int8", *none), Tensor(1, "b", (1, 2), "int8", *none))
    graph = Graph(tensors, (Operator("SOFTMAX", (0,), (1,)),), 0, 1)
    said = "a/kernel.cc:3 x != y (1 != 2)\nNode number 0 (SOFTMAX) failed to prepare."
    assert refused_place(graph, said) == "layer 0 SOFTMAX, (1, 4) -> (1, 2)"
    assert refused_place(graph, "Node number 7 (X)") == "Node number 7 (X)"
    assert len(first_words("x" * 999)) < 130


def test_a_mask_that_leaves_no_range_is_refused_with_the_way_out() -> None:
    import keras

    window = keras.Input((4, 4))
    attended = keras.layers.MultiHeadAttention(1, 2)(window, window, use_causal_mask=True)
    said = r"^gpt.keras: tensor \d+ \(.*multi_head.*\) has a scale .* as the -1e38 of a mask"
    with pytest.raises(ModelError, match=said):
        quantise(
            keras.Model(window, attended), np.ones((4, 4, 4), np.float32), isolation=None, source="gpt.keras"
        )


def test_adaptive_pooling_is_refused_with_the_way_out() -> None:
    import keras

    model = ends(keras.layers.AdaptiveMaxPooling1D(5))
    said = (
        r"layer \d+ GATHER \(.*\), \(1, \d+, 8\) -> \(1, 5, 8\): picks rows of what is computed, .*slice it"
    )
    with pytest.raises(ModelError, match=said):
        quantise(model, windows(), isolation=None)
