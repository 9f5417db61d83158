"""Keras's normalisations and attention: quantised, linked, and equal to the oracle for drawn inputs."""

import keras
import numpy as np
import pytest
from keras import layers

from zerotap.firmware import (
    BuildOptions,
    Oracle,
    generate,
    plan,
    quantise,
    random_inputs,
    read_tflite,
    verify,
)

SHAPE = (5, 4, 6)
COUNT = 40


def attention(source):
    return layers.MultiHeadAttention(2, 4)(source, source)


# name -> (layer, the operators that it must bring, what to allow of the outputs' range)
BLOCKS = {
    "layer": (layers.LayerNormalization(), {"SQUARED_DIFFERENCE", "MEAN"}, 0.15),
    "group": (layers.GroupNormalization(groups=3), {"MEAN"}, 0.15),
    "rms": (layers.RMSNormalization(), {"MEAN"}, 0.15),
    "unit": (layers.UnitNormalization(), {"SUM"}, 0.15),
    "heads": (attention, {"BATCH_MATMUL", "SOFTMAX", "TRANSPOSE"}, 0.3),
    "itself": (lambda source: layers.Attention()([source, source]), {"BATCH_MATMUL"}, 0.3),
}


@pytest.fixture(scope="module")
def models() -> dict[str, tuple[keras.Model, np.ndarray, bytes]]:
    keras.utils.set_random_seed(2)
    rng, made = np.random.default_rng(2), {}
    for name, (block, _, _) in BLOCKS.items():
        shape = SHAPE if name == "group" else SHAPE[1:]
        source = keras.Input(shape)
        model = keras.Model(source, block(source))
        samples = rng.normal(size=(COUNT, *shape)).astype(np.float32)
        made[name] = model, samples, quantise(model, samples)
    return made


@pytest.mark.parametrize("name", BLOCKS)
def test_it_quantises_with_the_operators_that_are_meant(models, name):
    model, samples, content = models[name]
    graph, (_, operators, allowed) = read_tflite(content), BLOCKS[name]
    assert operators <= {operator.name for operator in graph.operators}
    source, target = graph.tensors[graph.input], graph.tensors[graph.output]
    codes = np.clip(np.rint(samples / source.scale[0]) + source.zero_point[0], -128, 127).astype(np.int8)
    reals = (Oracle(content).invoke(codes) - target.zero_point[0].astype(float)) * target.scale[0]
    floats = model.predict(samples, verbose=0).reshape(COUNT, -1)
    assert np.max(np.abs(reals - floats)) < allowed * np.ptp(floats)


def test_host_c_equals_the_oracle(models, build_host):
    program = build_host(
        {name: generate(read_tflite(content), name) for name, (_, _, content) in models.items()}
    )
    for name, (_, _, content) in models.items():
        inputs = random_inputs(read_tflite(content), 60, seed=3)
        assert np.array_equal(program.run(name, inputs), Oracle(content).invoke(inputs)), name


@pytest.mark.parametrize("name", ["layer", "group", "heads"])
def test_the_board_takes_the_cycles_that_analyse_says(models, name):
    content = models[name][2]
    graph = read_tflite(content)
    measured = verify(content, random_inputs(graph, 6, seed=1), BuildOptions(compiler="zig"))
    assert measured.mismatches == 0 and measured.constant_time
    linked = verify(content, random_inputs(graph, 2, seed=1), BuildOptions(compiler="gcc"))
    assert abs(linked.cycles - plan(graph).cycles) < 0.05 * linked.cycles
