"""Damaged .tflite files: a ModelError, or C that is still right; never a crash, a hang or a huge allocation.

By default a third of the bytes is damaged, another third by `make test-random`; ``ZEROTAP_FUZZ=all`` flips
every bit of each (see benchmarks/fuzz).
"""

import os
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
from damage import VOCABULARY, Sweep, accepted, edited, samples_for, sweep, time_limit
from edits import EDITS, pick
from hypothesis import given, settings
from hypothesis import strategies as st
from seeds import FIRST_SEED
from tensorflow.lite.python import schema_py_generated as schema

from zerotap.errors import ModelError
from zerotap.firmware import generate, quantise, read_tflite

pytestmark = [pytest.mark.drawn, pytest.mark.thorough]

layers = keras.layers
BYTES_MAX = 1 << 26
ALL = os.environ.get("ZEROTAP_FUZZ") == "all"
FILES = ("bag", "conv", "dense")


@keras.saving.register_keras_serializable("damaged")
class Table(layers.Layer):
    def build(self, shape):
        self.table = self.add_weight(shape=(VOCABULARY, 3), initializer="uniform", name="table")

    def call(self, ids):
        return tf.gather(self.table, ids)


def small_file(name: str) -> bytes:
    """The same bytes in each run."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    rng = np.random.default_rng(1)
    if name == "dense":
        model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(2)])
        return quantise(model, rng.uniform(-1, 1, (8, 4)).astype(np.float32))
    if name == "bag":
        mean = layers.GlobalAveragePooling1D()
        model = keras.Sequential(
            [keras.Input((5,), dtype="int32"), Table(), mean, layers.Dense(2, activation="tanh")]
        )
        return quantise(model, rng.integers(0, VOCABULARY, (8, 5)).astype(np.int32))
    chain = [
        layers.Conv1D(3, 3, strides=2, padding="same", activation="relu"),
        layers.MaxPooling1D(2),
        layers.Flatten(),
        layers.Dense(2, activation="softmax"),
    ]
    return quantise(
        keras.Sequential([keras.Input((8, 2)), *chain]), rng.uniform(-1, 1, (8, 8, 2)).astype("f4")
    )


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return {name: small_file(name) for name in FILES}


def flipped(content: bytes) -> Iterator[tuple[str, bytes]]:
    """A third of the bytes, inverted and with one bit flipped; for ZEROTAP_FUZZ=all every byte and bit."""
    rng = np.random.default_rng(FIRST_SEED)
    for position in range(len(content)):
        bits = range(8) if ALL else [int(rng.integers(8))]
        if ALL or rng.random() < 1 / 3:
            for mask in (0xFF, *(1 << bit for bit in bits)):
                damaged = bytearray(content)
                damaged[position] ^= mask
                yield f"byte {position} ^ {mask:#x}", bytes(damaged)


@pytest.fixture(scope="module")
def flips(files) -> dict[str, Sweep]:
    return {name: sweep(files[name], flipped(files[name])) for name in FILES}


@pytest.mark.parametrize("name", FILES)
def test_every_flipped_byte_is_refused_or_harmless(files, flips, name):
    assert not flips[name].faults, flips[name].faults
    assert flips[name].run > flips[name].accepted // 3 > 50


@pytest.mark.parametrize("name", FILES)
def test_c_from_files_with_damaged_numbers_equals_the_oracle(files, flips, name, build_host):
    """Some of the flipped bytes that change what the model computes."""
    changed = flips[name].changed
    chosen = {f"model_{at}": changed[at] for at in range(0, len(changed), len(changed) // 12 or 1)}
    program = build_host({at: generate(read_tflite(content), at) for at, (content, _) in chosen.items()})
    assert len(chosen) > 5
    samples = samples_for(read_tflite(files[name]))
    for at, (_, answer) in chosen.items():
        assert np.array_equal(program.run(at, samples), answer), at


@pytest.mark.parametrize("name", FILES)
def test_every_truncation_is_refused_or_harmless(files, name):
    content = files[name]
    lengths = range(0, len(content), 1 if ALL else 3)
    result = sweep(content, ((f"cut at {length}", content[:length]) for length in lengths))
    assert not result.faults, result.faults
    assert result.accepted < len(lengths) // 2


@settings(max_examples=150, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("name", FILES)
def test_several_damaged_bytes_never_crash_the_reader(files, name, data):
    damaged = bytearray(files[name])
    for _ in range(data.draw(st.integers(2, 12))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    accepted(bytes(damaged))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("name", FILES)
def test_damaged_words_never_crash_the_reader(files, name, data):
    """Words of 4 bytes that are offsets, lengths and floats at their ends."""
    damaged = bytearray(files[name])
    ends = [0, 1, 4, 0x7F, 0xFFFF, 1 << 24, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 0x7FC00000, 0xFF800000]
    for _ in range(data.draw(st.integers(1, 3))):
        place = 4 * data.draw(st.integers(0, len(damaged) // 4 - 1))
        damaged[place : place + 4] = data.draw(st.sampled_from(ends)).to_bytes(4, "little")
    accepted(bytes(damaged))


def set_field(path: str, value: object) -> Callable:
    """An edit: ``path`` from the subgraph, as "operators.1.inputs.0"; "model" leads to the model."""

    def edit(model, graph) -> None:
        *way, last = path.split(".")
        place = model if way and way[0] == "model" else graph
        for step in way[way[:1] == ["model"] :]:
            place = place[int(step)] if step.isdigit() else getattr(place, step)
        if last.isdigit():
            place[int(last)] = value
        else:
            setattr(place, last, value)

    return edit


def scale(tensor: int, value: float) -> Callable:
    def edit(model, graph) -> None:
        quantisation = graph.tensors[tensor].quantization
        quantisation.scale = np.full(len(quantisation.scale), value, np.float32)

    return edit


def repeat(name: str) -> Callable:
    def edit(model, graph) -> None:
        owner = model if hasattr(model, name) else graph
        setattr(owner, name, [*getattr(owner, name)] * 2)

    return edit


# The conv file: RESHAPE, CONV_2D, MAX_POOL_2D, RESHAPE, FULLY_CONNECTED, SOFTMAX.
CONV, POOL = 1, 2
WEIGHTS, BIAS, SUMS = 5, 4, 7
OPERATOR = f"operators.{CONV}"
FAULTS = {
    "tensor beyond the last": set_field(f"{OPERATOR}.inputs.0", 99),
    "weights are absent": set_field(f"{OPERATOR}.inputs.1", -1),
    "tensor -2": set_field(f"{OPERATOR}.outputs.0", -2),
    "reads what it writes": set_field(f"{OPERATOR}.inputs.0", SUMS),
    "two operators in a circle": set_field(f"{OPERATOR}.inputs.0", SUMS + 1),
    "writes a constant": set_field(f"{OPERATOR}.outputs.0", WEIGHTS),
    "writes the input": set_field(f"{OPERATOR}.outputs.0", 0),
    "operators in reverse": lambda model, graph: graph.operators.reverse(),
    "operators twice": repeat("operators"),
    "no operators": set_field("operators", []),
    "no inputs": set_field(f"{OPERATOR}.inputs", []),
    "no weights": set_field(f"{OPERATOR}.inputs", [6]),
    "four inputs": set_field(f"{OPERATOR}.inputs", [6, WEIGHTS, BIAS, BIAS]),
    "no outputs": set_field(f"{OPERATOR}.outputs", []),
    "two outputs": set_field(f"{OPERATOR}.outputs", [SUMS, SUMS]),
    "no options": set_field(f"{OPERATOR}.builtinOptions", None),
    "another operator's options": set_field(
        f"{OPERATOR}.builtinOptionsType", schema.BuiltinOptions.Pool2DOptions
    ),
    "options of no type": set_field(f"{OPERATOR}.builtinOptionsType", 0),
    "stride 0": set_field(f"{OPERATOR}.builtinOptions.strideW", 0),
    "stride -1": set_field(f"{OPERATOR}.builtinOptions.strideW", -1),
    "dilation 0": set_field(f"{OPERATOR}.builtinOptions.dilationWFactor", 0),
    "dilation 2**24": set_field(f"{OPERATOR}.builtinOptions.dilationWFactor", 1 << 24),
    "padding 7": set_field(f"{OPERATOR}.builtinOptions.padding", 7),
    "activation 77": set_field(f"{OPERATOR}.builtinOptions.fusedActivationFunction", 77),
    "pool of stride 0": set_field(f"operators.{POOL}.builtinOptions.strideH", 0),
    "pool of no width": set_field(f"operators.{POOL}.builtinOptions.filterWidth", 0),
    "opcode beyond the last": set_field(f"{OPERATOR}.opcodeIndex", 99),
    "no operator codes": set_field("model.operatorCodes", []),
    "weights are float32": set_field(f"tensors.{WEIGHTS}.type", schema.TensorType.FLOAT32),
    "weights are uint8": set_field(f"tensors.{WEIGHTS}.type", schema.TensorType.UINT8),
    "bias is int8": set_field(f"tensors.{BIAS}.type", schema.TensorType.INT8),
    "sums are int16": set_field(f"tensors.{SUMS}.type", schema.TensorType.INT16),
    "type 100": set_field(f"tensors.{SUMS}.type", 100),
    "output is float32": set_field("tensors.11.type", schema.TensorType.FLOAT32),
    "weights without data": set_field(f"tensors.{WEIGHTS}.buffer", 0),
    "buffer beyond the last": set_field(f"tensors.{WEIGHTS}.buffer", 999),
    "bias is too short": lambda model, graph: (
        set_field(f"tensors.{BIAS}.shape", [2])(model, graph),
        set_field(f"model.buffers.{graph.tensors[BIAS].buffer}.data", np.zeros(8, np.uint8))(model, graph),
    ),
    "bias loses a byte": lambda model, graph: set_field(
        f"model.buffers.{graph.tensors[BIAS].buffer}.data", np.zeros(11, np.uint8)
    )(model, graph),
    "shape of 2**31 elements": set_field(f"tensors.{SUMS}.shape", [1, 1 << 15, 1 << 15, 2]),
    "shape with an extent of 0": set_field(f"tensors.{SUMS}.shape", [1, 1, 0, 3]),
    "shape with a free extent": set_field(f"tensors.{SUMS}.shape", [1, 1, -1, 3]),
    "shape of 100 dimensions": set_field(f"tensors.{SUMS}.shape", [1] * 100),
    "no shape": set_field(f"tensors.{SUMS}.shape", None),
    "sums of another length": set_field(f"tensors.{SUMS}.shape", [1, 1, 5, 3]),
    "input of 2**25 elements": set_field("tensors.0.shape", [1, 1 << 24, 2]),
    "scale 0": scale(SUMS, 0.0),
    "scale -1": scale(SUMS, -1.0),
    "scale NaN": scale(SUMS, np.nan),
    "scale infinity": scale(SUMS, np.inf),
    "subnormal scale": scale(SUMS, 1e-44),
    "smallest normal scale": scale(SUMS, 1.2e-38),
    "largest scale": scale(SUMS, 3.4e38),
    "subnormal scales of weights": scale(WEIGHTS, 1e-44),
    "input scale 0": scale(0, 0.0),
    "two scales of sums": set_field(f"tensors.{SUMS}.quantization.scale", [0.1, 0.1]),
    "no scale of sums": set_field(f"tensors.{SUMS}.quantization", None),
    "scales along no axis": set_field(f"tensors.{WEIGHTS}.quantization.quantizedDimension", 9),
    "scales along axis -1": set_field(f"tensors.{WEIGHTS}.quantization.quantizedDimension", -1),
    "zero point 128": set_field(f"tensors.{SUMS}.quantization.zeroPoint", [128]),
    "zero point -129": set_field(f"tensors.{SUMS}.quantization.zeroPoint", [-129]),
    "zero point 2**40": set_field(f"tensors.{SUMS}.quantization.zeroPoint", [1 << 40]),
    "zero points of weights": set_field(f"tensors.{WEIGHTS}.quantization.zeroPoint", [1, 0, 0]),
    "softmax of NaN": set_field("operators.5.builtinOptions.beta", np.nan),
    "softmax of infinity": set_field("operators.5.builtinOptions.beta", np.inf),
    "two subgraphs": repeat("subgraphs"),
    "no subgraphs": set_field("model.subgraphs", []),
    "two inputs": repeat("inputs"),
    "no outputs of the model": set_field("outputs", []),
    "input beyond the last": set_field("inputs", [99]),
    "output -1": set_field("outputs", [-1]),
    "a constant is the output": set_field("outputs", [WEIGHTS]),
    "a constant is the input": set_field("inputs", [WEIGHTS]),
    "another schema": set_field("model.version", 2),
    "a state": set_field(f"tensors.{SUMS}.isVariable", True),
}


def test_the_conv_file_is_what_the_faults_assume(files):
    graph = read_tflite(files["conv"])
    names = ["RESHAPE", "CONV_2D", "MAX_POOL_2D", "RESHAPE", "FULLY_CONNECTED", "SOFTMAX"]
    assert [operator.name for operator in graph.operators] == names
    assert graph.operators[CONV].inputs[1:] == (WEIGHTS, BIAS)
    assert graph.operators[CONV].outputs == (SUMS,)
    assert accepted(edited(files["conv"], lambda model, graph: None)) is not None


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_tables_is_a_model_error(files, fault):
    content = edited(files["conv"], FAULTS[fault])
    tracemalloc.start()
    try:
        with time_limit(), pytest.raises(ModelError):
            generate(read_tflite(content), "model")
        assert tracemalloc.get_traced_memory()[1] < BYTES_MAX
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", FILES)
def test_random_faults_in_the_tables_are_refused_or_harmless(files, name):
    def damages() -> Iterator[tuple[str, bytes]]:
        for seed in range(FIRST_SEED, FIRST_SEED + (20_000 if ALL else 400)):
            rng = np.random.default_rng(seed)
            yield f"seed {seed}", edited(files[name], partial(pick(rng, EDITS), rng))

    result = sweep(files[name], damages())
    assert not result.faults, result.faults
    assert result.run > 20
