"""Keras 3's Embedding without its handling of negative ids: the same bits for every id of the table."""

import numpy as np
import pytest

from zerotap.errors import ModelError
from zerotap.firmware import Oracle, generate, plan, quantise, quantise_input, read_tflite
from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.passes.simplify import simplify

ROWS, WORDS = 50, 9
EXTRA = {"LESS", "ADD", "SELECT", "SELECT_V2"}


@pytest.fixture(scope="module")
def original() -> bytes:
    """The converter's own int8 file, with everything in it."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(11)
    source = keras.Input(batch_shape=(1, WORDS), dtype="int32")
    x = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(ROWS, 8)(source))
    model = keras.Model(source, keras.layers.Dense(3)(x))
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    rng = np.random.default_rng(12)
    converter.representative_dataset = lambda: (
        [rng.integers(0, ROWS, (1, WORDS)).astype(np.int32)] for _ in range(30)
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_output_type = tf.int8
    return converter.convert()


@pytest.fixture(scope="module")
def ids() -> np.ndarray:
    drawn = np.random.default_rng(13).integers(0, ROWS, (100, WORDS))
    drawn[0], drawn[1] = 0, ROWS - 1
    return drawn.astype(np.int32)


def names(graph: Graph) -> list[str]:
    return [operator.name for operator in graph.operators]


def reference(graph: Graph, sample: np.ndarray) -> np.ndarray:
    planned = plan(graph)
    values = {planned.graph.input: sample}
    for layer in planned.layers:
        sources = (values[tensor.index] for tensor in layer.sources)
        values[layer.target.index] = layer.reference(planned.graph, *sources)
    return values[planned.graph.output].ravel()


def test_the_extra_operators_are_there_and_go(original):
    graph = read_tflite(original)
    assert len(EXTRA.intersection(names(graph))) == 3
    assert names(simplify(graph)) == ["GATHER", "MEAN", "FULLY_CONNECTED"]
    assert simplify(graph).tensors is graph.tensors


def test_the_same_bits_as_the_original_file(original, ids):
    expected = Oracle(original).invoke(ids)
    graph = read_tflite(original)
    outputs = np.stack([reference(graph, sample[np.newaxis]) for sample in ids])
    assert np.array_equal(outputs, expected)
    assert len(np.unique(expected, axis=0)) > 20


def test_the_original_file_can_be_generated(original):
    files = generate(read_tflite(original), "text")
    assert "const int32_t *input" in files["text.h"]


def test_quantise_writes_a_file_without_them(ids):
    import keras

    source = keras.Input((WORDS,), dtype="int32")
    x = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(ROWS, 8)(source))
    graph = read_tflite(quantise(keras.Model(source, keras.layers.Dense(3)(x)), ids))
    assert names(graph) == ["GATHER", "MEAN", "FULLY_CONNECTED"]
    assert all(tensor.dtype in ("int8", "int32") for tensor in graph.tensors)


def test_negative_ids_are_refused_before_they_mean_two_things(original, ids):
    graph = read_tflite(original)
    with pytest.raises(ModelError, match="negative ids"):
        quantise_input(np.where(ids == 3, -1, ids), graph.tensors[graph.input])
    # What the refusal is for: the file itself counts them from the end.
    wrapped = Oracle(original).invoke(np.full((1, WORDS), -1, np.int32))
    assert np.array_equal(wrapped, Oracle(original).invoke(np.full((1, WORDS), ROWS - 1, np.int32)))


def tensor(index: int, dtype: str = "int32", shape: tuple[int, ...] = (1, 4), data=None) -> Tensor:
    constant = None if data is None else np.full(shape, data, dtype)
    return Tensor(index, f"t{index}", shape, dtype, np.zeros(0), np.zeros(0, np.int64), constant)


def wrap(zero: int = 0, swapped: bool = False, ids: int = 0) -> Graph:
    """LESS, ADD, SELECT around the ids, then GATHER."""
    tensors = (
        *(tensor(0), tensor(1, shape=(), data=zero), tensor(2, shape=(), data=9)),
        *(
            tensor(3, "bool"),
            tensor(4),
            tensor(5),
            tensor(6, "int8", (9, 2), 1),
            tensor(7, "int8", (1, 4, 2)),
        ),
        tensor(8),
    )
    operators = (
        Operator("LESS", (1, ids) if swapped else (ids, 1), (3,)),
        Operator("ADD", (ids, 2), (4,)),
        Operator("SELECT", (3, 4, ids), (5,)),
        Operator("GATHER", (6, 5), (7,)),
    )
    return Graph(tensors, operators, 0, 7)


def test_only_the_exact_pattern_goes():
    assert names(simplify(wrap())) == ["GATHER"]
    for other in (wrap(zero=1), wrap(swapped=True)):
        assert simplify(other) is other


def test_computed_ids_keep_it():
    """Ids that the model makes itself may be negative."""
    inner = wrap(ids=8)
    graph = Graph(inner.tensors, (Operator("NEG", (0,), (8,)), *inner.operators), 0, 7)
    assert simplify(graph) is graph


@pytest.mark.parametrize(("reader", "kept"), [("GATHER", False), ("ADD", True)])
def test_a_cast_to_int64_goes_before_a_gather_only(reader, kept):
    tensors = (tensor(0), tensor(1, "int64"), tensor(2, "int8", (9, 2), 1), tensor(3, "int8", (1, 4, 2)))
    operators = (Operator("CAST", (0,), (1,)), Operator(reader, (2, 1), (3,)))
    assert ("CAST" in names(simplify(Graph(tensors, operators, 0, 3)))) == kept


@pytest.mark.parametrize("name", ["CAST", "SELECT", "SELECT_V2", "LESS", "ADD"])
@pytest.mark.parametrize("inputs", [(), (-1,), (-1, -1, -1), (-1, 0, 0)])
def test_operators_without_their_tensors_pass_by(name, inputs):
    graph = Graph(wrap().tensors, (Operator(name, inputs, (5,)), Operator(name, inputs, ())), 0, 5)
    assert simplify(graph) is graph
