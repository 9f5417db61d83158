"""Weights of 4 to 8 bits inside a legal int8 .tflite: ranges, rounding, biases, and what it costs."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from zerotap.cli import cli
from zerotap.firmware import Oracle, quantise, quantise_input, read_tflite
from zerotap.firmware.passes.weight_bits import narrow
from zerotap.firmware.tflite.writer import rewrite_tflite
from zerotap.workflow import quantise_file

BITS = (4, 5, 6, 7)
WEIGHTED = ("FULLY_CONNECTED", "CONV_2D", "DEPTHWISE_CONV_2D")


@pytest.fixture(scope="module")
def model():
    import keras

    keras.utils.set_random_seed(21)
    source = keras.Input((24, 8))
    x = keras.layers.Conv1D(8, 3, activation="relu", bias_initializer="normal")(source)
    x = keras.layers.MaxPooling1D(2)(keras.layers.DepthwiseConv1D(3, bias_initializer="normal")(x))
    return keras.Model(source, keras.layers.Dense(5, bias_initializer="normal")(keras.layers.Flatten()(x)))


@pytest.fixture(scope="module")
def windows() -> np.ndarray:
    return np.random.default_rng(22).normal(size=(80, 24, 8)).astype(np.float32)


@pytest.fixture(scope="module")
def contents(model, windows) -> dict[int, bytes]:
    return {bits: quantise(model, windows, bits) for bits in (*BITS, 8)}


def layers(content: bytes):
    """(weights, bias or None, input) of each layer with weights."""
    graph = read_tflite(content)
    for operator in graph.operators:
        if operator.name in WEIGHTED:
            bias = graph.tensors[operator.inputs[2]] if len(operator.inputs) > 2 else None
            yield graph.tensors[operator.inputs[1]], bias, graph.tensors[operator.inputs[0]]


def along(values: np.ndarray, weights) -> np.ndarray:
    shape = [1] * len(weights.shape)
    if values.size > 1:
        shape[weights.channel_axis] = -1
    return values.reshape(shape)


def dequantised(content: bytes, samples: np.ndarray) -> np.ndarray:
    graph = read_tflite(content)
    target = graph.tensors[graph.output]
    integers = Oracle(content).invoke(quantise_input(samples, graph.tensors[graph.input]))
    return (integers - target.zero_point) * target.scale


@pytest.mark.parametrize("bits", BITS)
def test_every_channel_uses_the_whole_range_and_no_more(bits, contents):
    limit, count = 2 ** (bits - 1) - 1, 0
    for weights, _, _ in layers(contents[bits]):
        axes = tuple(axis for axis in range(weights.data.ndim) if axis != weights.channel_axis)
        largest = np.max(np.abs(weights.data.astype(int)), axis=axes if weights.scale.size > 1 else None)
        assert np.all(largest == limit)
        count += 1
    assert count == 3


@pytest.mark.parametrize("bits", BITS)
def test_weights_are_rounded_from_the_floats_and_not_twice(bits, model, contents):
    """Dense: Keras holds (inputs, units), the file (units, inputs)."""
    kernel = model.layers[-1].get_weights()[0].T.astype(np.float64)
    weights = [weights for weights, _, _ in layers(contents[bits])][-1]
    scale = along(weights.scale, weights)
    assert np.array_equal(weights.data, np.rint(kernel / scale))


@pytest.mark.parametrize("bits", BITS)
def test_a_bias_keeps_its_value_at_the_new_scale(bits, contents):
    for (weights, bias, source), (_, before, _) in zip(
        layers(contents[bits]), layers(contents[8]), strict=True
    ):
        scale = (source.scale.astype(np.float32) * weights.scale.astype(np.float32)).astype(np.float64)
        assert np.array_equal(bias.scale, scale)
        assert bias.dtype == "int32"
        assert np.all(np.abs(bias.data * bias.scale - before.data * before.scale) <= bias.scale / 2)


def test_only_weights_and_biases_change(contents):
    before, after = read_tflite(contents[8]), read_tflite(contents[4])
    assert [operator.name for operator in before.operators] == [operator.name for operator in after.operators]
    for old, new in zip(before.operators, after.operators, strict=True):
        one, other = before.tensors[old.outputs[0]], after.tensors[new.outputs[0]]
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        assert np.array_equal(one.scale, other.scale)
        assert old.options == new.options


def test_fewer_bits_differ_more(model, windows, contents):
    floats = model.predict(windows, verbose=0)
    gaps = [np.mean(np.abs(dequantised(contents[bits], windows) - floats)) for bits in (8, 6, 4)]
    assert gaps[0] < gaps[1] < gaps[2] < 0.25 * np.max(np.abs(floats))


def test_the_floats_are_worth_having(model, windows, contents):
    """Rounding from the floats is never further from them than rounding the int8 weights again."""
    kernel = model.layers[-1].get_weights()[0].T.astype(np.float64)
    graph = read_tflite(contents[8])
    again = rewrite_tflite(contents[8], graph, narrow(graph, 6))
    errors = []
    for content in (contents[6], again):
        weights = [weights for weights, _, _ in layers(content)][-1]
        errors.append(np.sum((weights.data * along(weights.scale, weights) - kernel) ** 2))
    assert errors[0] < errors[1]


def test_an_int8_file_is_narrowed_from_its_int8_weights(contents, windows, tmp_path):
    (tmp_path / "x.tflite").write_bytes(contents[8])
    np.save(tmp_path / "x.npy", windows)
    arguments = ["quantise", "x.tflite", "--samples", "x.npy", "--weight-bits", "5", "--json"]
    arguments[1], arguments[3] = str(tmp_path / "x.tflite"), str(tmp_path / "x.npy")
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    report, content = json.loads(result.stdout), (tmp_path / "x-int8.tflite").read_bytes()
    assert (report["source"], report["weight_bits"]) == ("an int8 .tflite", 5)
    assert all(np.max(np.abs(weights.data)) == 15 for weights, _, _ in layers(content))
    gap = np.abs(dequantised(content, windows) - dequantised(contents[8], windows))
    assert report["max_difference"] == pytest.approx(np.max(gap))


def test_bits_out_of_range_are_a_usage_error(tmp_path):
    for bits in ("3", "9"):
        arguments = ["quantise", str(tmp_path), "--samples", "x.npy", "--weight-bits", bits]
        assert CliRunner().invoke(cli, arguments).exit_code == 2


def narrowed_text_model(tmp_path: Path, pool: str):
    """(report, table, tensor of its rows) of a 4-bit embedding whose rows are averaged, or are not."""
    import keras

    source = keras.Input((9,), dtype="int32")
    x = keras.layers.Embedding(40, 8, name="words")(source)
    model = keras.Model(source, keras.layers.Dense(3)(getattr(keras.layers, pool)()(x)))
    model.save(tmp_path / "text.keras")
    ids = np.random.default_rng(23).integers(0, 40, (50, 9)).astype(np.int32)
    report = quantise_file(tmp_path / "text.keras", tmp_path / "y.tflite", samples=ids, weight_bits=4)
    graph = read_tflite(tmp_path / "y.tflite")
    gather = next(operator for operator in graph.operators if operator.name == "GATHER")
    assert Oracle((tmp_path / "y.tflite").read_bytes()).invoke(ids).shape == (50, 3)
    return report, graph.tensors[gather.inputs[0]], graph.tensors[gather.outputs[0]]


def test_an_embedding_that_is_averaged_is_narrowed_with_its_rows(tmp_path: Path):
    report, table, rows = narrowed_text_model(tmp_path, "GlobalAveragePooling1D")
    assert "wider" not in report
    assert np.max(np.abs(table.data.astype(int))) == 7
    assert np.array_equal(table.scale, rows.scale)
    assert not np.any(table.zero_point) and not np.any(rows.zero_point)


def test_another_embedding_keeps_eight_bits_and_the_report_says_so(tmp_path: Path):
    report, table, rows = narrowed_text_model(tmp_path, "Flatten")
    assert "words" in report["wider"]
    assert np.max(np.abs(table.data.astype(int))) > 100
    assert np.array_equal(table.scale, rows.scale)


def test_a_layer_of_zeros_keeps_its_scale(tflite_writer):
    tensor, single, write = tflite_writer
    tensors = [
        tensor((1, 4), "int8", 0.5, 0),
        tensor((2, 4), "int8", [0.25, 0.125], 0, [[0] * 4, [127, -127, 64, 1]]),
        tensor((1, 2), "int8", 1.0, 0),
        tensor((2,), "int32", [0.125, 0.0625], 0, [40, (1 << 31) - 1]),
    ]
    graph = read_tflite(write(single("FULLY_CONNECTED", tensors, [0, 1, 3], 2, 0, "FullyConnectedOptions")))
    narrowed = narrow(graph, 4)
    assert narrowed.tensors[1].data.tolist() == [[0] * 4, [7, -7, 4, 0]]
    assert narrowed.tensors[1].scale[0] == 0.25
    assert narrowed.tensors[3].data[0] == 40
    assert abs(narrowed.tensors[3].data[1] - ((1 << 31) - 1) * 7 / 127) < 200
