"""The other oracle, TensorFlow Lite Micro: its rules, NumPy reference == its interpreter == generated C."""

import json
import math
import sys
from dataclasses import replace

import numpy as np
import pytest
from all_makers import make
from click.testing import CliRunner
from references import references

from zerotap.cli import cli
from zerotap.errors import ModelError
from zerotap.firmware import Oracle, generate, plan, read_tflite, verify
from zerotap.firmware.arithmetic.fixed_point import quantise_multiplier, requantise, requantise_real
from zerotap.firmware.operators import OPERATORS
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.oracles.tables import filled

pytest.importorskip("tflite_micro", reason="needs the package tflite-micro: pip install 'zerotap[tflm]'")

CASES = 25
FIRST_CASES = 5
COMPILED = 3
EVERY_INPUT = np.arange(-128, 128, dtype=np.int8).reshape(1, 1, 256)

# Operators that its interpreter does not have.
MISSING = {"RELU_N1_TO_1", "TILE"}
PRESENT = sorted(set(OPERATORS) - MISSING)
# The only operators whose bits may differ from those of TensorFlow's reference kernels.
DIFFERENT = {
    *("FULLY_CONNECTED", "LEAKY_RELU", "LOGISTIC", "MUL", "PRELU", "RELU", "RELU6", "SUM", "TANH"),
    "UNIDIRECTIONAL_SEQUENCE_LSTM",
}


def make_tflm(writer, operator: str, seed: int):
    content, graph, samples = make(writer, operator, seed)
    return content, replace(graph, oracle="tflm"), samples


def cases(writer, operator: str, count: int):
    """(seed, content, plan, samples) of what TensorFlow Lite Micro runs: its ARG_MAX gives int32 alone."""
    refused = []
    for seed in range(count):
        content, graph, samples = make_tflm(writer, operator, seed)
        if graph.tensors[graph.output].dtype == "int64":
            continue
        try:
            yield seed, content, filled(plan(graph)), samples
        except ModelError as error:  # rare scales that no multiplier is exact for
            assert "calibrate again" in str(error), seed
            refused.append(seed)
    assert len(refused) <= count // 10, refused


@pytest.mark.parametrize("count", [FIRST_CASES, pytest.param(CASES, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("operator", PRESENT)
def test_numpy_reference_equals_the_oracle(tflite_writer, operator, count):
    for seed, content, planned, samples in cases(tflite_writer, operator, count):
        expected = Oracle(content, "tflm").invoke(samples)
        got = references(planned, samples)
        apart = got != expected
        assert not np.any(apart), (operator, seed, got[apart], expected[apart])


@pytest.fixture(scope="module")
def compiled(tflite_writer, build_host):
    models = {}
    for operator in PRESENT:
        for seed, _, planned, _ in cases(tflite_writer, operator, COMPILED):
            name = f"{operator.lower()}_{seed}"
            models[name] = generate(planned.graph, name)
    return build_host(models)


@pytest.mark.parametrize("operator", PRESENT)
def test_host_c_equals_the_oracle(tflite_writer, compiled, operator):
    for seed, content, _, samples in cases(tflite_writer, operator, COMPILED):
        expected = Oracle(content, "tflm").invoke(samples)
        assert np.array_equal(compiled.run(f"{operator.lower()}_{seed}", samples), expected), (operator, seed)


@pytest.mark.thorough
@pytest.mark.parametrize("operator", sorted(set(PRESENT) - DIFFERENT))
def test_most_operators_have_one_answer(tflite_writer, operator):
    """If this fails, one of the two changed its rule: see which of the other tests fails with it."""
    for seed, content, _, samples in cases(tflite_writer, operator, CASES):
        assert np.array_equal(Oracle(content).invoke(samples), Oracle(content, "tflm").invoke(samples)), seed


@pytest.mark.parametrize("operator", sorted(MISSING))
def test_an_operator_that_it_lacks_is_refused_by_both(tflite_writer, operator):
    content, graph, _ = make_tflm(tflite_writer, operator, 0)
    with pytest.raises(ModelError, match=f"from op code {operator}"):
        Oracle(content, "tflm")
    with pytest.raises(ModelError, match="TensorFlow Lite Micro does not have this operator"):
        plan(graph)


def test_a_recurrent_layer_begins_every_sample_anew(tflite_writer):
    content, _, samples = make_tflm(tflite_writer, "UNIDIRECTIONAL_SEQUENCE_LSTM", 0)
    oracle = Oracle(content, "tflm")
    both_ways = oracle.invoke(samples), oracle.invoke(samples[::-1])[::-1]
    assert np.array_equal(*both_ways), "it kept its state from one sample to the next"


def fully_connected(writer, scales, target_scale: float, bias: int) -> bytes:
    """One product of an input 0, so that the sum is the bias."""
    tensor, model, write = writer
    channels = len(scales)
    tensors = [
        tensor((1, 1), "int8", 1.0, 0),
        tensor((channels, 1), "int8", scales, 0, np.ones(channels)),
        tensor((1, channels), "int8", target_scale, 0),
        tensor((channels,), "int32", scales, 0, np.full(channels, bias)),
    ]
    return write(model("FULLY_CONNECTED", tensors, [0, 1, 3], 2, 0, "FullyConnectedOptions", {}))


@pytest.mark.parametrize("channels", [1, 2], ids=["per tensor", "per channel"])
def test_probe_fully_connected_rounds_twice(tflite_writer, channels):
    """Sums whose real value is just below a half: two roundings lift them to the next integer."""
    scale = float(np.float32(0.01))
    sums = np.arange(1, 12000)
    twice, once = requantise(sums, *quantise_multiplier(scale)), requantise_real(sums, scale)
    apart = np.flatnonzero(twice != once)[:20]
    assert apart.size, "no sum tells the two rules apart"
    for index in apart:
        content = fully_connected(tflite_writer, [scale] * channels, 1.0, sums[index])
        nought = np.zeros((1, 1, 1), np.int8)
        assert Oracle(content).invoke(nought)[0, 0] == once[index]
        assert Oracle(content, "tflm").invoke(nought)[0, 0] == twice[index]


def test_probe_the_factor_of_a_sum_is_a_double(tflite_writer):
    """Sums that another float32 product of the scales would round otherwise."""
    rng = np.random.default_rng(3)
    sums, tried = np.arange(1, 1 << 20), 0
    while tried < 20:
        scale = np.float32(10 ** rng.uniform(-3, -1))
        target = float(np.float32(scale * 10 ** rng.uniform(3.6, 3.9)))
        double = requantise(sums, *quantise_multiplier(float(scale) / target))
        single = requantise(sums, *quantise_multiplier(float(np.float32(scale / np.float32(target)))))
        for index in np.flatnonzero((double != single) & (double < 127))[:2]:
            content = fully_connected(tflite_writer, [float(scale)], target, sums[index])
            got = Oracle(content, "tflm").invoke(np.zeros((1, 1, 1), np.int8))[0, 0]
            assert got == double[index]
            tried += 1


def activation(writer, operator: str, scale: float, zero_point: int) -> bytes:
    tensor, model, write = writer
    output = {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0)}.get(operator, (0.02, -128))
    tensors = [tensor((1, 256), "int8", scale, zero_point), tensor((1, 256), "int8", *output)]
    return write(model(operator, tensors, [0], 1, 0))


@pytest.mark.thorough
@pytest.mark.parametrize("operator", ["LOGISTIC", "TANH", "RELU6"])
def test_every_input_of_an_activation_at_many_scales(tflite_writer, operator):
    rng = np.random.default_rng(2)
    apart = 0
    for case in range(300):
        power_of_two = case % 3 == 0
        scale = 2.0 ** rng.integers(-20, 6) if power_of_two else 10 ** rng.uniform(-6, 2)
        content = activation(tflite_writer, operator, scale, int(rng.integers(-128, 128)))
        expected = Oracle(content, "tflm").invoke(EVERY_INPUT)
        got = references(plan(read_tflite(content, "tflm")), EVERY_INPUT)[0]
        assert np.array_equal(got, expected[0]), (operator, scale)
        apart += not np.array_equal(expected, Oracle(content).invoke(EVERY_INPUT))
    assert apart > 20, "the two oracles are never apart: the cases prove nothing"


def rescaling(writer, operator: str, rng) -> bytes:
    """The quotient of the scales, or the slope, is a fraction whose multiples are often ties."""
    tensor, model, write = writer
    fraction = np.float32((2 * rng.integers(1, 12) + 1) / (2 * rng.integers(1, 12)))
    target = np.float32(10 ** rng.uniform(-3, 0))
    scales = [float(np.float32(target * fraction)), float(target)]
    tensors = [tensor((1, 256), "int8", scale, int(rng.integers(-128, 128))) for scale in scales]
    kind, options = "NONE", {}
    if operator == "LEAKY_RELU":
        kind, options = "LeakyReluOptions", {"alpha": float(fraction)}
    return write(model(operator, tensors, [0], 1, 0, kind, options))


@pytest.mark.thorough
@pytest.mark.parametrize("operator", ["HARD_SWISH", "LEAKY_RELU", "QUANTIZE", "RELU", "RELU6"])
def test_every_input_of_a_rescaling_near_ties(tflite_writer, operator):
    rng = np.random.default_rng(5)
    apart = 0
    for case in range(100):
        content = rescaling(tflite_writer, operator, rng)
        expected = {kind: Oracle(content, kind).invoke(EVERY_INPUT)[0] for kind in ("tflite", "tflm")}
        for kind, outputs in expected.items():
            got = references(plan(read_tflite(content, kind)), EVERY_INPUT)[0]
            assert np.array_equal(got, outputs), (operator, kind, case)
        apart += not np.array_equal(expected["tflite"], expected["tflm"])
    assert (apart > 10) == (operator in DIFFERENT)


@pytest.mark.parametrize("operator", ["LOGISTIC", "TANH"])
def test_an_activation_with_a_scale_below_fixed_point_is_refused(tflite_writer, operator):
    content = activation(tflite_writer, operator, math.ldexp(1, -29), 0)
    with pytest.raises(ModelError, match="scale is too small"):
        plan(read_tflite(content, "tflm"))
    plan(read_tflite(content))


@pytest.fixture(scope="module")
def whole(dense_file):
    """(file, int8 samples) of a model on which the two oracles are apart."""
    samples = np.random.default_rng(4).integers(-128, 128, (2000, 8)).astype(np.int8)
    assert np.any(Oracle(dense_file).invoke(samples) != Oracle(dense_file, "tflm").invoke(samples))
    return dense_file, samples


def test_a_whole_model_in_host_c_has_the_bits_of_its_oracle(whole, build_host):
    path, samples = whole
    kinds = ("tflite", "tflm")
    program = build_host({kind: generate(read_tflite(path, kind), kind) for kind in kinds})
    for kind in kinds:
        assert np.array_equal(program.run(kind, samples), Oracle(path, kind).invoke(samples)), kind


def test_a_whole_model_on_the_simulated_board(whole):
    path, samples = whole
    expected = {kind: Oracle(path, kind).invoke(samples) for kind in ("tflite", "tflm")}
    apart = np.any(expected["tflite"] != expected["tflm"], axis=1)
    verification = verify(path, np.concatenate([samples[apart], samples[:20]]), BuildOptions(oracle="tflm"))
    assert verification.mismatches == 0
    assert verification.oracle.startswith("tflite-micro 0.dev")


def test_the_commands_take_the_oracle(whole, tmp_path):
    path, samples = whole
    inputs = tmp_path / "samples.npy"
    np.save(inputs, samples[:3])
    arguments = ["verify", str(path), "--samples", str(inputs), "--oracle", "tflm", "--json"]
    done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["oracle"].startswith("tflite-micro ")
    out = tmp_path / "out"
    arguments = ["export", str(path), "--out", str(out), "--name", "mood", "--oracle", "tflm"]
    done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    for file in ("mood.h", "mood.c"):
        assert "the bits of TensorFlow Lite Micro" in (out / "src" / file).read_text()
    assert "answers of tflite-micro " in (out / "examples" / "SelfTest" / "vectors.h").read_text()


def test_the_graph_and_so_the_c_say_whose_bits(whole):
    path, _ = whole
    assert "the bits of TensorFlow's reference kernels" in generate(read_tflite(path), "net")["net.h"]
    assert "the bits of TensorFlow Lite Micro" in generate(read_tflite(path, "tflm"), "net")["net.h"]


def test_an_interpreter_that_dies_is_an_error_and_the_next_one_lives(tflite_writer, whole):
    tensor, model, write = tflite_writer
    shape = (1, 600)  # classes that share the maximum: TensorFlow Lite Micro aborts from 512 on
    tensors = [tensor(shape, "int8", 0.1, 0), tensor(shape, "int8", 1 / 256, -128)]
    content = write(model("SOFTMAX", tensors, [0], 1, 0, "SoftmaxOptions", {"beta": 1.0}))
    with pytest.raises(ModelError, match=r"cannot run this model \(its process ended with -6\)"):
        Oracle(content, "tflm").invoke(np.zeros((1, *shape), np.int8))
    path, samples = whole
    assert Oracle(path, "tflm").invoke(samples[:2]).shape == (2, 2)


def test_a_damaged_file_is_an_error(whole):
    content = whole[0].read_bytes()
    for damaged in (b"", content[:200], b"\0" * 400):
        with pytest.raises(ModelError, match="TensorFlow Lite Micro cannot run this model"):
            Oracle(damaged, "tflm")


def test_samples_of_another_type_or_size_are_refused(whole):
    path, samples = whole
    oracle = Oracle(path, "tflm")
    for wrong in (samples.astype(np.int32), samples[:, :7]):
        with pytest.raises(ModelError, match="quantise them first"):
            oracle.invoke(wrong)
    assert oracle.invoke(samples[:0]).shape == (0, 2)


def test_without_the_package_the_error_names_what_to_install(whole, monkeypatch):
    monkeypatch.setitem(sys.modules, "tflite_micro", None)  # what Python takes for "not installed"
    with pytest.raises(ModelError, match=r"pip install 'zerotap\[tflm\]'"):
        Oracle(whole[0], "tflm")
