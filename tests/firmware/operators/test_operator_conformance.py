"""Every operator of the registry: NumPy reference == TensorFlow's reference kernels == generated C."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from all_makers import MAKERS, SAMPLES, make
from references import references

from zerotap.firmware import Oracle, generate, plan
from zerotap.firmware.arithmetic.fixed_point import (
    exact_multiplier,
    quantise_multiplier,
    requantise,
    requantise_real,
)
from zerotap.firmware.operators import OPERATORS
from zerotap.firmware.oracles.tables import filled

# How many cases of each operator: `make test-thorough` tries all.
CASES = [10, pytest.param(40, marks=pytest.mark.thorough)]
COMPILED = [3, pytest.param(8, marks=pytest.mark.thorough)]


def test_every_operator_of_the_registry_is_tried():
    assert set(MAKERS) == set(OPERATORS)


@pytest.mark.parametrize("count", CASES)
@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_numpy_reference_equals_the_oracle(tflite_writer, operator, count):
    distinct = set()
    for seed in range(count):
        content, graph, samples = make(tflite_writer, operator, seed)
        expected = Oracle(content).invoke(samples)
        planned = filled(plan(graph))
        got = references(planned, samples)
        assert np.array_equal(got, expected), (
            operator,
            seed,
            got[got != expected],
            expected[got != expected],
        )
        distinct.update(expected.ravel().tolist())
    assert len(distinct) > 20, "the cases saturate and prove nothing"


@dataclass(frozen=True)
class Compiled:
    """One program with the first ``count`` cases of each operator."""

    program: Any
    count: int


@pytest.fixture(scope="module", params=COMPILED)
def compiled(request, tflite_writer, build_host):
    models = {}
    for operator in sorted(OPERATORS):
        for seed in range(request.param):
            _, graph, _ = make(tflite_writer, operator, seed)
            name = f"{operator.lower()}_{seed}"
            models[name] = generate(graph, name)
    return Compiled(build_host(models), request.param)


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_host_c_equals_the_oracle(tflite_writer, compiled, operator):
    for seed in range(compiled.count):
        content, _, samples = make(tflite_writer, operator, seed)
        expected = Oracle(content).invoke(samples)
        assert np.array_equal(compiled.program.run(f"{operator.lower()}_{seed}", samples), expected), (
            operator,
            seed,
        )


def test_an_id_outside_of_the_table_takes_row_zero(tflite_writer, compiled):
    _, graph, samples = make(tflite_writer, "GATHER", 0)
    for wild in (-1, 1 << 20, -(1 << 31), (1 << 31) - 1):
        ids = np.full_like(samples, wild)
        expected = OPERATORS["GATHER"].reference(graph, graph.operators[0], np.zeros_like(samples[0])).ravel()
        assert np.array_equal(compiled.program.run("gather_0", ids), np.tile(expected, (SAMPLES, 1)))
        got = OPERATORS["GATHER"].reference(graph, graph.operators[0], ids[0]).ravel()
        assert np.array_equal(got, expected)


def scaled_by_an_eighth(
    writer, operator: str, options_type: str, shape: tuple[int, ...], scales
) -> list[int]:
    """What TensorFlow makes of the sums -12, -4, 4, 12 times 1/8: halves all."""
    tensor, model, write = writer
    channels = len(scales)
    rank = len(shape)
    tensors = [
        tensor((*shape, 1), "int8", 1.0, 0),
        tensor((channels, *shape[1:], 1), "int8", scales, 0, np.ones((channels, *shape[1:], 1))),
        tensor((*shape, channels), "int8", 8.0, 0),
        tensor((channels,), "int32", scales, 0, np.zeros(channels)),
    ]
    strides = {"strideH": 1, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 1} if rank == 3 else {}
    content = write(model(operator, tensors, [0, 1, 3], 2, 0, options_type, strides))
    sums = np.array([-12, -4, 4, 12], np.int8).reshape(4, *shape, 1)
    return Oracle(content).invoke(sums)[:, 0].tolist()


@pytest.mark.parametrize("scales", [[1.0], [1.0, 1.0]], ids=["per tensor", "per channel"])
def test_probe_tensorflow_still_rounds_a_half_away_from_zero(tflite_writer, scales):
    """If this fails, TensorFlow's rounding changed: every kernel has to be looked at again."""
    assert scaled_by_an_eighth(tflite_writer, "FULLY_CONNECTED", "FullyConnectedOptions", (1,), scales) == [
        -2,
        -1,
        1,
        2,
    ]
    assert scaled_by_an_eighth(tflite_writer, "CONV_2D", "Conv2DOptions", (1, 1, 1), [1.0]) == [-2, -1, 1, 2]


def near_tie(writer, operator: str, bias: int, scale: float) -> int:
    """What TensorFlow makes of one sum, given as the bias, times a scale."""
    tensor, model, write = writer
    shape = (1, 1) if operator == "FULLY_CONNECTED" else (1, 1, 1, 1)
    tensors = [
        tensor(shape, "int8", 1.0, 0),
        tensor(shape, "int8", scale, 0, np.ones(shape)),
        tensor(shape, "int8", 1.0, 0),
        tensor((1,), "int32", scale, 0, [bias]),
    ]
    kind = "FullyConnectedOptions" if operator == "FULLY_CONNECTED" else "Conv2DOptions"
    strides = (
        {} if len(shape) == 2 else {"strideH": 1, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 1}
    )
    content = write(model(operator, tensors, [0, 1, 3], 2, 0, kind, strides))
    return int(Oracle(content).invoke(np.zeros((1, *shape), np.int8))[0, 0])


def test_probe_fully_connected_rounds_once_and_convolution_twice(tflite_writer):
    """Sums whose real value is just below a half: only two roundings lift them to the next integer."""
    scale, sums = float(np.float32(0.01)), []
    for value in range(1, 12000):
        twice = int(requantise(np.array(value), *quantise_multiplier(scale)))
        once = int(requantise_real(np.array(value), scale))
        if twice != once:
            sums.append((value, once, twice))
    assert sums, "no sum tells the two rules apart"
    for value, once, twice in sums[:20]:
        assert near_tie(tflite_writer, "FULLY_CONNECTED", value, scale) == once
        assert near_tie(tflite_writer, "CONV_2D", value, scale) == twice


@pytest.mark.parametrize("seed", range(30))
def test_exact_multiplier_equals_double_precision_for_every_sum(seed):
    rng = np.random.default_rng(seed)
    scale = float(2.0 ** rng.integers(-12, 2)) if seed % 3 == 0 else float(10 ** rng.uniform(-5, 0.5))
    bound = int(rng.integers(1, 1 << int(rng.integers(1, 21))))
    scaled = exact_multiplier(scale, bound, 256)
    assert scaled is not None
    multiplier, shift = scaled
    assert 0 <= multiplier < 1 << 31
    sums = np.arange(-bound, bound + 1)
    got = (sums * multiplier + (1 << (30 - shift))) >> (31 - shift)
    assert np.array_equal(np.clip(got, -256, 256), np.clip(requantise_real(sums, scale), -256, 256))
