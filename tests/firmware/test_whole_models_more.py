"""Keras models with branches, padding, other activations and other ends: host C == NumPy == the oracle."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zerotap.errors import ModelError
from zerotap.firmware import generate, plan, read_tflite, verify
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.oracles.board_oracle import BoardOracle, read_model
from zerotap.firmware.oracles.tables import filled

ZIG = BuildOptions(compiler="zig")

layers = keras.layers
ops = keras.ops
SAMPLES = 40
SHAPE = (24, 8)


def residual(source):
    values = layers.Conv1D(8, 3, padding="same", activation="relu")(source)
    values = layers.Conv1D(8, 3, padding="same")(values)
    values = layers.ReLU()(layers.Add()([values, source]))
    difference = layers.Subtract()([values, source])
    return layers.Dense(3)(layers.GlobalAveragePooling1D()(difference))


def branches(source):
    wide = layers.Conv1D(6, 5, padding="same", activation="relu")(source)
    narrow = layers.Conv1D(4, 1, activation="relu")(source)
    joined = layers.Concatenate()([wide, narrow, wide])
    ends = layers.Concatenate(axis=1)([joined[:, :3], joined[:, -4:]])
    return layers.Dense(4, activation="softmax")(layers.Flatten()(ends))


def squeeze_excite(source):
    values = layers.Conv1D(8, 3, activation="relu")(source)
    gate = layers.GlobalAveragePooling1D()(values)
    gate = layers.Dense(8, activation="sigmoid")(layers.Dense(3, activation="relu")(gate))
    values = layers.Multiply()([values, layers.Reshape((1, 8))(gate)])
    return layers.Dense(3)(layers.GlobalAveragePooling1D()(values))


def constants(source):
    scale = np.linspace(-1, 2, 8).astype(np.float32)
    values = source * scale + np.linspace(0, 1, 8)[::-1].astype(np.float32)
    values = layers.Conv1D(5, 3)(values * 0.5 - 0.25)
    return layers.Dense(2)(layers.Flatten()(values * values))


def padded(source):
    values = layers.ZeroPadding1D((2, 3))(source)
    values = layers.Conv1D(6, 4, strides=2)(values)
    values = layers.LeakyReLU(negative_slope=0.1)(values)
    values = layers.Permute((2, 1))(values)
    values = layers.Conv1D(4, 3)(values)
    return layers.Dense(3)(layers.Flatten()(layers.LeakyReLU(negative_slope=0.3)(values)))


def swish(source):
    values = layers.Conv1D(6, 3, activation="hard_swish")(source)
    values = layers.Conv1D(6, 3, activation="relu6")(values)
    return layers.Dense(3, activation="hard_sigmoid")(layers.GlobalMaxPooling1D()(values))


def sums(source):
    totals = ops.sum(layers.Dense(6)(layers.Conv1D(6, 3)(source)), axis=1)
    return layers.Dense(4)(ops.sum(totals[:, None] * 0.5, axis=1))


def decided(source):
    scores = layers.Dense(7)(layers.Flatten()(source))
    return layers.Lambda(lambda values: tf.argmax(values, axis=-1), output_shape=())(scores)


MODELS = {
    each.__name__: each
    for each in (residual, branches, squeeze_excite, constants, padded, swish, sums, decided)
}
# Operators that a model is here for: a converter that no longer writes them would leave them untried.
WANTED = {
    "residual": {"ADD", "SUB"},
    "branches": {"CONCATENATION", "STRIDED_SLICE"},
    "squeeze_excite": {"MUL"},
    "constants": {"ADD", "MUL", "SUB"},
    "padded": {"PAD", "LEAKY_RELU", "TRANSPOSE"},
    "swish": {"HARD_SWISH"},
    "sums": {"SUM"},
    "decided": {"ARG_MAX"},
}


def keras_model(name: str) -> keras.Model:
    keras.utils.set_random_seed(5)
    source = keras.Input(SHAPE)
    return keras.Model(source, MODELS[name](source))


def windows(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (count, *SHAPE)).astype(np.float32)


def codes(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-128, 128, (SAMPLES, *SHAPE)).astype(np.int8)


@pytest.fixture(scope="module")
def contents() -> dict[str, bytes]:
    made = {name: converted(name, tf.int8, tf.int8) for name in MODELS}
    made["bytes"] = converted("residual", tf.uint8, tf.uint8)
    made["floats"] = converted("branches", tf.float32, tf.float32)
    made["mixed"] = converted("squeeze_excite", tf.uint8, tf.float32)
    return made


def converted(name: str, source: tf.DType, target: tf.DType) -> bytes:
    """As TensorFlow converts it with these dtypes at its ends; an ARG_MAX gives its own."""
    model = keras_model(name)
    fixed = keras.Input(batch_shape=(1, *SHAPE))
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(fixed, model(fixed)))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in windows(30, 1))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = source
    if name != "decided":
        converter.inference_output_type = target
    return converter.convert()


@pytest.fixture(scope="module")
def program(contents, build_host):
    return build_host(
        {
            f"{name}_{optimise}": generate(
                read_tflite(content), f"{name}_{optimise}", BuildOptions(optimise=optimise)
            )
            for name, content in contents.items()
            for optimise in ("speed", "size")
        }
    )


NAMES = [*MODELS, "bytes", "floats", "mixed"]


@pytest.mark.parametrize("name", NAMES)
def test_host_c_equals_the_oracle(contents, program, name):
    expected = BoardOracle(contents[name]).invoke(codes(2))
    for optimise in ("speed", "size"):
        assert np.array_equal(program.run(f"{name}_{optimise}", codes(2)), expected), optimise
    assert len(np.unique(expected)) > 3


@pytest.mark.parametrize("name", NAMES)
def test_numpy_reference_equals_the_oracle(contents, name):
    planned = filled(plan(read_tflite(contents[name])))
    for sample, expected in zip(codes(3), BoardOracle(contents[name]).invoke(codes(3)), strict=True):
        values = {planned.graph.input: sample}
        for layer in planned.layers:
            data = [values[source.index] for source in layer.sources]
            values[layer.target.index] = layer.reference(planned.graph, *data)
        assert np.array_equal(values[planned.graph.output].ravel(), expected)


@pytest.mark.parametrize("name", MODELS)
def test_the_models_have_what_they_are_here_for(contents, name):
    assert WANTED[name] <= {operator.name for operator in read_tflite(contents[name]).operators}


@pytest.mark.parametrize(
    "compiler", ["zig", pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]
)
@pytest.mark.parametrize("name", ["squeeze_excite", "padded", "decided", "mixed"])
def test_the_board_takes_the_same_time_for_every_sample(contents, tmp_path, name, compiler):
    path = tmp_path / f"{name}.tflite"
    path.write_bytes(contents[name])
    report = verify(path, codes(4)[:12], BuildOptions(compiler=compiler))
    assert report.mismatches == 0
    assert report.cycles == report.cycles_max


def test_uint8_samples_of_a_uint8_file_are_its_own_codes(contents, tmp_path):
    path = tmp_path / "bytes.tflite"
    path.write_bytes(contents["bytes"])
    unsigned = (codes(6)[:5].astype(np.int16) + 128).astype(np.uint8)
    assert np.array_equal(verify(path, unsigned, ZIG).outputs, verify(path, codes(6)[:5], ZIG).outputs)
    interpreter = tf.lite.Interpreter(model_content=contents["bytes"])
    assert interpreter.get_input_details()[0]["dtype"] == np.uint8


def test_the_header_says_what_became_of_the_ends(contents):
    text = generate(read_tflite(contents["mixed"]), "mixed")["mixed.h"]
    assert "void mixed_invoke(const int8_t *input, mixed_SCORE *output);" in text
    assert "own input is uint8; here it is int8, q - 128 of its code q." in text
    assert "own output is float32; here it is int8, its value quantised." in text
    assert "int64" in generate(read_tflite(contents["decided"]), "decided")["decided.h"]
    assert "own " not in generate(read_tflite(contents["residual"]), "residual")["residual.h"]


def test_an_arg_max_gives_int32(contents):
    header = generate(read_tflite(contents["decided"]), "decided")["decided.h"]
    assert "typedef int32_t decided_SCORE;" in header
    assert "decided_SCORE *output" in header
    graph = read_model(contents["decided"])
    assert graph.tensors[graph.output].dtype == "int32"


def refusal(content: bytes) -> str:
    with pytest.raises(ModelError) as caught:
        plan(read_tflite(content))
    return str(caught.value)


def test_a_float_island_is_refused_with_its_operator_tensor_and_way_out():
    keras.utils.set_random_seed(5)
    source = keras.Input(SHAPE)
    values = ops.cumsum(layers.Conv1D(4, 3)(source), axis=1)
    model = keras.Model(source, layers.Dense(2)(layers.Flatten()(values)))
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in windows(4, 1))
    message = refusal(converter.convert())
    assert "DEQUANTIZE" in message or "CUMSUM" in message
    assert "layer" in message


def test_int16_activations_are_refused():
    converter = tf.lite.TFLiteConverter.from_keras_model(keras_model("padded"))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in windows(4, 1))
    converter.target_spec.supported_ops = [
        tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
    ]
    converter.inference_input_type = converter.inference_output_type = tf.int16
    message = refusal(converter.convert())
    assert "int16" in message
    assert "zerotap quantise" in message


def test_a_free_extent_is_refused():
    source = keras.Input((None, 8))
    model = keras.Model(source, layers.Dense(2)(layers.GlobalAveragePooling1D()(layers.Conv1D(4, 3)(source))))
    content = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    with pytest.raises(ModelError, match="no fixed extent along axis 1"):
        read_tflite(content)


def test_probe_the_reference_kernel_of_sum_still_reads_int8_as_unsigned(tflite_writer):
    """If this fails, TensorFlow has mended it, and the oracle need not run in pieces any more."""
    tensor, model, write = tflite_writer
    tensors = [
        tensor((1, 1), "int8", 0.02, 0),
        tensor((1,), "int32", data=[1]),
        tensor((1,), "int8", 0.04, 0),
    ]
    content = write(model("SUM", tensors, [0, 1], 2, 0, "ReducerOptions"))
    interpreter = tf.lite.Interpreter(
        model_content=content, experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF
    )
    interpreter.allocate_tensors()
    interpreter.set_tensor(0, np.array([[-16]], np.int8))
    interpreter.invoke()
    assert interpreter.get_tensor(2).tolist() == [120]
    assert BoardOracle(content).invoke(np.array([[-16]], np.int8)).tolist() == [[-8]]
