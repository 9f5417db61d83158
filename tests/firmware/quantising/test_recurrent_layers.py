"""Keras 3's recurrent layers: quantised, and their C equal to the oracle; or refused by name."""

import contextlib
import io
from dataclasses import replace

import numpy as np
import pytest

from zerotap.errors import ModelError
from zerotap.firmware import Oracle, generate, plan, quantise, read_tflite
from zerotap.firmware.linking import build
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.passes.loops import with_loops
from zerotap.firmware.passes.rewriting import with_tensors
from zerotap.firmware.passes.simplify import simplify
from zerotap.firmware.simulation.running import run_samples
from zerotap.firmware.verification import verify
from zerotap.foreign import quantise_file

pytestmark = pytest.mark.thorough

SHAPE = (6, 3)
COMPILERS = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc")), "zig"]


def windows(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1.5, (count, *SHAPE)).astype(np.float32)


def ids(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 20, (count, SHAPE[0])).astype(np.int32)


def built(*layers, dtype: str = "float32", units: int = 3):
    import keras

    source = keras.Input(SHAPE if dtype == "float32" else SHAPE[:1], dtype=dtype)
    values = source
    for layer in layers:
        values = layer(values)
    if len(values.shape) == 3:
        values = keras.layers.Flatten()(values)
    model = keras.Model(source, keras.layers.Dense(units)(values))
    rng = np.random.default_rng(4)
    # Fresh biases are 0; wide weights let gates open and close.
    model.set_weights([value + rng.uniform(-0.4, 0.4, value.shape) for value in model.get_weights()])
    return model


def states():
    """Cells that an LSTM hands on, and a GRU that begins with them."""
    import keras

    source = keras.Input(SHAPE)
    _, hidden, cells = keras.layers.LSTM(3, return_state=True)(source)
    values = keras.layers.GRU(3)(source, initial_state=cells)
    model = keras.Model(source, keras.layers.Dense(3)(keras.layers.Concatenate()([hidden, values])))
    rng = np.random.default_rng(4)
    model.set_weights([value + rng.uniform(-0.4, 0.4, value.shape) for value in model.get_weights()])
    return model


def models() -> dict:
    import keras
    from keras.layers import GRU, LSTM, Bidirectional, Embedding, SimpleRNN

    keras.utils.set_random_seed(3)
    return {
        "lstm": built(
            LSTM(4, go_backwards=True, return_sequences=True),
            Bidirectional(LSTM(3, return_sequences=True)),
            LSTM(3, use_bias=False),
        ),
        "gru": built(
            Bidirectional(GRU(3, return_sequences=True)),
            GRU(3, reset_after=False, unroll=True, recurrent_dropout=0.2),
        ),
        "states": states(),
        "words": built(Embedding(20, 4), SimpleRNN(5, activation="relu"), dtype="int32", units=2),
    }


NAMES = ("lstm", "gru", "states", "words")


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    with contextlib.redirect_stdout(io.StringIO()):
        return {
            name: quantise(model, ids(40, 1) if name == "words" else windows(40, 1), isolation=None)
            for name, model in models().items()
        }


@pytest.fixture(scope="module")
def program(files, build_host):
    return build_host({name: generate(read_tflite(content), name) for name, content in files.items()})


@pytest.mark.parametrize("name", NAMES)
def test_host_c_and_numpy_equal_the_oracle(files, program, name):
    graph = read_tflite(files[name])
    shape = graph.tensors[graph.input].shape[1:]
    samples = np.random.default_rng(2).integers(-128, 128, (64, *shape)).astype(np.int8)
    if name == "words":
        samples = ids(64, 2)
    expected = Oracle(files[name], isolation=None).invoke(samples)
    assert np.array_equal(program.run(name, samples), expected)
    assert len(np.unique(expected)) > 12
    planned = plan(graph)
    for sample, wanted in zip(samples[:3], expected, strict=False):
        values = {planned.graph.input: sample}
        for layer in planned.layers:
            data = [values[source.index] for source in layer.sources]
            values[layer.target.index] = layer.reference(planned.graph, *data)
        assert np.array_equal(values[planned.graph.output].ravel(), wanted)


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_the_other_oracle_has_its_own_bits(files, name):
    pytest.importorskip("tflite_micro", reason="needs the package tflite-micro")
    samples = np.random.default_rng(2).integers(-128, 128, (64, *SHAPE)).astype(np.int8)
    verified = verify(files[name], samples, BuildOptions(oracle="tflm"))
    assert verified.mismatches == 0
    assert verified.constant_time
    assert np.any(verified.outputs != Oracle(files[name], isolation=None).invoke(samples))


@pytest.mark.parametrize("name", NAMES)
def test_the_integers_are_near_the_floats(files, name):
    model = models()[name]
    values = ids(40, 1) if name == "words" else windows(40, 1)
    floats = np.asarray(model(values))
    graph = read_tflite(files[name])
    source, target = graph.tensors[graph.input], graph.tensors[graph.output]
    codes = values
    if name != "words":
        codes = np.clip(np.rint(values / source.scale) + source.zero_point, -128, 127).astype(np.int8)
    integers = Oracle(files[name], isolation=None).invoke(codes)
    reals = (integers.astype(float) - target.zero_point) * target.scale
    assert np.mean(np.abs(reals - floats)) < 0.02 * np.ptp(floats)


def test_every_step_of_a_loop_has_the_same_scales(files):
    graph = read_tflite(files["gru"])
    scales: dict[str, set[float]] = {}
    for operator in graph.operators:
        target = graph.tensors[operator.outputs[0]]
        if operator.name == "TANH":
            scales.setdefault(target.name[:6], set()).add(float(graph.tensors[operator.inputs[0]].scale[0]))
    assert set(map(len, scales.values())) == {1}
    assert set(scales) == {"loop_0", "loop_1", "loop_2"}


def test_steps_that_are_alike_are_one_loop(files):
    """Its flash does not grow with the steps; the sequence of one loop is what the next one reads."""
    planned = plan(read_tflite(files["gru"]), BuildOptions(optimise="size"))
    assert [layer.name for layer in planned.layers].count("LOOP") == 3
    assert planned.flash_bytes < 12_000
    header = generate(read_tflite(files["gru"]), "net")["net.h"]
    assert "recurrent layers begin each inference from zero" in header
    assert [layer.name for layer in plan(read_tflite(files["words"])).layers].count("LOOP") == 1


@pytest.mark.parametrize("compiler", COMPILERS)
def test_loops_on_the_board_equal_the_oracle_in_the_stated_time(files, compiler):
    graph = read_tflite(files["gru"])
    linked = build(graph, BuildOptions(compiler=compiler))
    samples = np.random.default_rng(2).integers(-128, 128, (6, *SHAPE)).astype(np.int8)
    expected = Oracle(files["gru"], isolation=None).invoke(samples)
    outputs, runs = run_samples(linked.program, samples, expected.shape[1])
    assert np.array_equal(outputs, expected)
    assert len({run.cycles for run in runs}) == 1
    if compiler == "gcc":
        assert runs[0].cycles == pytest.approx(linked.planned.cycles, rel=0.1)
        assert linked.sizes.flash_bytes <= linked.planned.flash_bytes * 1.1


def test_steps_that_differ_stay_as_they_are(files):
    """A scale, a weight or the order of rows: what is not the same in all steps is not computed as if."""
    graph = simplify(read_tflite(files["gru"]))
    loops = [each for each in with_loops(graph).operators if each.name == "LOOP"]
    assert len(loops) == 3
    for name, change in (
        ("TANH", lambda tensor: replace(tensor, scale=tensor.scale * 2)),
        ("LOGISTIC", lambda tensor: replace(tensor, zero_point=tensor.zero_point + 1)),
    ):
        at = next(
            each.inputs[0]
            for each in graph.operators
            if each.name == name and "loop_2_step_3/" in graph.tensors[each.outputs[0]].name
        )
        changed = with_tensors(graph, {at: change(graph.tensors[at])})
        assert len([each for each in with_loops(changed).operators if each.name == "LOOP"]) == 2


def test_a_saved_model_gives_what_the_keras_file_does(files, tmp_path):
    model = models()["lstm"]
    with contextlib.redirect_stdout(io.StringIO()):
        model.export(str(tmp_path / "saved"), verbose=False)
    done = quantise_file(tmp_path / "saved", samples=windows(40, 1), trust=True, isolation=None)
    codes = np.random.default_rng(2).integers(-128, 128, (20, *SHAPE)).astype(np.int8)
    theirs, ours = (Oracle(each, isolation=None).invoke(codes) for each in (done.content, files["lstm"]))
    assert np.array_equal(theirs, ours)


def test_cells_that_stay_small_get_a_scale_that_the_kernels_have():
    """Of 2**-19, as they would be, TensorFlow's kernels compute nothing."""
    import keras

    model = built(keras.layers.LSTM(3))
    content = quantise(model, windows(8, 0) * np.float32(1e-3), isolation=None)
    graph = read_tflite(content)
    (cells,) = (tensor for tensor in graph.tensors if tensor.dtype == "int16" and tensor.variable)
    assert cells.scale[0] >= 2.0**-15
    plan(graph, BuildOptions(optimise="size"))


def _conv_lstm():
    import keras

    source = keras.Input((2, *SHAPE))
    values = keras.layers.Flatten()(keras.layers.ConvLSTM1D(2, 3)(source))
    return keras.Model(source, keras.layers.Dense(2)(values)), np.ones((4, 2, *SHAPE), np.float32)


def _stateful():
    import keras

    source = keras.Input(batch_shape=(1, *SHAPE))
    values = keras.layers.Bidirectional(keras.layers.GRU(2, stateful=True))(source)
    return keras.Model(source, keras.layers.Dense(2)(values)), windows(4, 0)


def _masked():
    import keras

    layers = keras.layers
    return built(layers.Embedding(20, 2, mask_zero=True), layers.LSTM(2), dtype="int32"), ids(4, 0)


def _masking():
    import keras

    return built(keras.layers.Masking(), keras.layers.SimpleRNN(2)), windows(4, 0)


def _many_cells():
    import keras

    source = keras.Input((17, 3))
    cells = keras.layers.LSTM(2, return_state=True)(source)[2]
    return keras.Model(source, keras.layers.Dense(2)(cells)), np.ones((4, 17, 3), np.float32)


REFUSED = {
    _many_cells: r"the LSTM .* gives its cells to other layers .*return_state=True.* 17 steps.*its output",
    _conv_lstm: r"layer 0 ConvLSTM1D \(conv_lstm1d\w*\), \(2, 6, 3\) -> \(4, 2\), convolves.*Conv1D.*LSTM",
    _stateful: r"layer 0 Bidirectional .* keeps its state between windows \(stateful=True\).*stateful=False",
    _masked: r"layer 2 LSTM .* skips steps by the mask of Embedding .*without mask_zero=True",
    _masking: r"layer 3 SimpleRNN .* skips steps by the mask of Masking .*without Masking",
}


@pytest.mark.parametrize("make", REFUSED)
def test_what_cannot_be_computed_is_refused_with_what_can(make):
    model, samples = make()
    with pytest.raises(ModelError, match=REFUSED[make]):
        quantise(model, samples, isolation=None)


def test_a_file_with_a_loop_is_refused_with_where_to_turn():
    import keras
    import tensorflow as tf

    source = keras.Input(batch_shape=(1, *SHAPE))
    model = keras.Model(source, keras.layers.GRU(2)(source))
    with contextlib.redirect_stdout(io.StringIO()):
        content = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    with pytest.raises(
        ModelError, match=r"subgraphs; .*its WHILE is a recurrent layer.*quantise the \.keras file"
    ):
        read_tflite(content)


def test_a_mask_beside_a_recurrent_layer_is_none_of_its():
    import keras
    from keras import layers

    signal, words = keras.Input(SHAPE, name="signal"), keras.Input(SHAPE[:1], dtype="int32", name="words")
    rows = layers.Flatten()(layers.Embedding(20, 2, mask_zero=True)(words))
    joined = layers.Concatenate()([layers.SimpleRNN(2)(signal), rows])
    model = keras.Model([signal, words], layers.Dense(2)(joined))
    content = quantise(model, {"signal": windows(8, 0), "words": ids(8, 0)}, isolation=None)
    assert read_tflite(content).end_names[0] == ("signal", "words")
