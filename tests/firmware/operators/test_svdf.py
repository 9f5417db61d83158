"""SVDF beyond what the conformance suites draw: states of int8, streams, sums that wrap, refusals."""

import re
from dataclasses import replace

import numpy as np
import pytest
from makers_core import Maker
from makers_recurrent import lstm, svdf
from references import references

from zerotap.errors import ModelError
from zerotap.firmware import BuildOptions, Oracle, generate, plan, read_tflite, verify
from zerotap.firmware.graph import OracleKind, State
from zerotap.firmware.operators.recurrent.svdf_parameters import svdf as numbers
from zerotap.firmware.planning.streams import check_stream

COMPILERS = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc")), "zig"]
CASES = 25
STEPS = 40


def drawn(writer, seed: int, dtype: str = "int16"):
    """(ModelSpec, function that writes it, samples)."""
    maker = Maker(writer, "SVDF", seed)
    spec = svdf(maker, dtype)
    samples = maker.rng.integers(-128, 128, (STEPS, *spec.tensors[0].shape)).astype(np.int8)
    samples[0], samples[1] = -128, 127
    return spec, maker.write, samples


@pytest.fixture
def spec_and_write(tflite_writer):
    spec, write, _ = drawn(tflite_writer, 1)
    return spec, write


# Good in every command, also in `zerotap quantise`, which has no --oracle.
MICRO = "analyse, verify and export the file with --oracle tflm"


def refuse(content: bytes, message: str, oracle: OracleKind = "tflite") -> None:
    with pytest.raises(ModelError, match=re.escape(message)):
        plan(read_tflite(content, oracle))


def test_states_of_int8_have_the_bits_of_tensorflow_lite_micro(tflite_writer, build_host):
    pytest.importorskip("tflite_micro", reason="needs the package tflite-micro")
    models, outputs = {}, {}
    for seed in range(CASES):
        spec, write, samples = drawn(tflite_writer, seed, "int8")
        content = write(spec)
        graph = read_tflite(content, "tflm")
        outputs[f"svdf_{seed}"] = samples, Oracle(content, "tflm").invoke(samples)
        assert np.array_equal(references(plan(graph), samples), outputs[f"svdf_{seed}"][1]), seed
        models[f"svdf_{seed}"] = generate(graph, f"svdf_{seed}")
    program = build_host(models)
    for name, (samples, expected) in outputs.items():
        assert np.array_equal(program.run(name, samples), expected), name
    assert len(np.unique(np.concatenate([expected.ravel() for _, expected in outputs.values()]))) > 50


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize(("dtype", "oracle"), [("int16", "tflite"), ("int8", "tflm")])
def test_on_the_board_in_the_stated_time(tflite_writer, compiler, dtype, oracle):
    if oracle == "tflm":
        pytest.importorskip("tflite_micro", reason="needs the package tflite-micro")
    spec, write, samples = drawn(tflite_writer, 5, dtype)
    verified = verify(write(spec), samples, BuildOptions(compiler=compiler, oracle=oracle))
    assert verified.mismatches == 0
    assert verified.constant_time
    assert verified.stream
    if compiler == "gcc":
        planned = plan(read_tflite(write(spec), oracle), BuildOptions(oracle=oracle))
        assert planned.cycles == pytest.approx(verified.cycles, rel=0.1)
        assert verified.stack_bound_bytes <= planned.stack_bytes


def test_an_answer_depends_on_as_many_steps_as_the_memory_has(tflite_writer):
    spec, write, samples = drawn(tflite_writer, 1)
    memory = spec.tensors[2].shape[1]
    assert memory > 2
    content = write(spec)
    whole, late = Oracle(content).invoke(samples), references(plan(read_tflite(content)), samples[9:])
    assert not np.array_equal(late[: memory - 1], whole[9 : 9 + memory - 1])
    assert np.array_equal(late[memory:], whole[9 + memory :])


def wide_sums(spec) -> None:
    """Weights and states at int16's ends, so that sums leave int32."""
    source, features, time, bias, state, target = spec.tensors
    features.data = np.full(features.shape, 127)
    time.data = np.full(time.shape, (1 << 15) - 1)
    most = 255 * 127 * source.shape[1]
    state.scale = float(np.float32(source.scale * features.scale * most / (1 << 16)))
    time.scale = float(np.float32(target.scale / state.scale * 2.0**-25))
    bias.scale = state.scale * time.scale


def test_sums_that_leave_int32_wrap_as_tensorflows_do(tflite_writer, build_host):
    spec, write, samples = drawn(tflite_writer, 1)
    wide_sums(spec)
    content = write(spec)
    graph = read_tflite(content)
    assert numbers(graph, graph.operators[0]).low.min() == -(1 << 31)
    expected = Oracle(content).invoke(samples)
    assert len(np.unique(expected)) > 10
    assert np.array_equal(references(plan(graph), samples), expected)
    assert np.array_equal(build_host({"wide": generate(graph, "wide")}).run("wide", samples), expected)


def test_the_header_says_that_a_state_is_carried_on(spec_and_write):
    spec, write = spec_and_write
    files = generate(read_tflite(write(spec)), "net")
    assert "void net_reset(void);" in files["net.h"]
    assert f"#define net_STATE_BYTES {-(-2 * spec.tensors[4].shape[1] // 4) * 4}" in files["net.h"]


def test_states_of_int8_and_other_activations_are_tensorflow_lite_micros_alone(tflite_writer):
    spec, write, _ = drawn(tflite_writer, 1, "int8")
    refuse(write(spec), f"takes states of int16 alone, this one is int8; {MICRO}")
    assert plan(read_tflite(write(spec), "tflm")).macs > 0
    spec, write, _ = drawn(tflite_writer, 1)
    spec.options["fusedActivationFunction"] = 0
    refuse(write(spec), f"takes the activation RELU alone, not 0; {MICRO}")
    assert plan(read_tflite(write(spec), "tflm")).macs > 0


def test_a_bias_that_tensorflow_lite_micro_cannot_read(spec_and_write):
    spec, write = spec_and_write
    spec.tensors[3].scale = 0.5
    refuse(write(spec), "use --oracle tflite", "tflm")
    assert plan(read_tflite(write(spec))).macs > 0
    spec.inputs[3] = -1
    refuse(write(spec), "reads a bias in any case", "tflm")
    assert plan(read_tflite(write(spec))).macs > 0


@pytest.mark.parametrize(
    ("number", "field", "value", "message"),
    [
        (4, "variable", False, "before any layer has written it"),
        (4, "dtype", "int32", "has a state that is int32"),
        (4, "zero_point", 3, "has the zero point 3, not 0"),
        (1, "zero_point", 3, "zero points [3]"),
        (5, "shape", (1, 99), "do not lead from"),
        (4, "scale", 1e-12, "overflows int32"),
        (5, "scale", 1e-16, "overflows int32"),
    ],
)
def test_what_no_kernel_takes(spec_and_write, number, field, value, message):
    spec, write = spec_and_write
    spec.tensors[number] = replace(spec.tensors[number], **{field: value})
    refuse(write(spec), message)


def test_a_state_far_beyond_its_ends(spec_and_write):
    spec, write = spec_and_write
    source, features, _, _, state, _ = spec.tensors
    state.scale = float(np.float32(source.scale * features.scale / 2.0**13))
    refuse(write(spec), "before it is clamped")


def test_a_rank_that_does_not_divide_the_filters(spec_and_write):
    spec, write = spec_and_write
    spec.options["rank"] = spec.tensors[1].shape[0] + 1
    refuse(write(spec), "do not lead from")


def test_a_state_of_two(spec_and_write):
    spec, write = spec_and_write
    spec.before = [spec.one("SVDF", list(spec.inputs), len(spec.tensors), "SVDFOptions", dict(spec.options))]
    spec.tensors.append(replace(spec.tensors[5]))
    refuse(write(spec), "is a variable that is not the state of one LSTM or SVDF")


@pytest.mark.parametrize("oracle", ["tflite", "tflm"])
def test_an_lstm_cannot_begin_anew_beside_it(tflite_writer, oracle):
    maker = Maker(tflite_writer, "UNIDIRECTIONAL_SEQUENCE_LSTM", 1)
    graph = read_tflite(maker.write(lstm(maker)), oracle)
    check_stream(graph)
    other = State(graph.input, np.zeros(graph.tensors[graph.input].shape, np.int8), is_resource=False)
    with pytest.raises(ModelError, match="cannot do beside an SVDF's state"):
        check_stream(replace(graph, states=(other,)))
