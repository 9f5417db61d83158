"""Rows by dot pairs: which weights are legal, and rows of several calls, on the host and on the board."""

from collections.abc import Iterator

import numpy as np
import pytest
from on_board import COMPILERS, Linked, with_choice

from zerotap.firmware import plan, read_tflite
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.operators.parts import dot_kernels
from zerotap.firmware.operators.parts.row_kernels import row_kernels
from zerotap.firmware.planning.plan import Plan

# One call, one and a bit, two, a loop of them with and without a rest; one and two pieces of the outputs.
SHAPES = [(1, 3, 127), (3, 5, 129), (1, 66, 131), (2, 6, 303), (1, 4, 512), (1, 65, 260)]


def functions(weights) -> list[str]:
    return [kernel.function for kernel in row_kernels(np.array(weights, np.int8))]


def test_only_two_weights_of_minus_128_in_one_word_are_refused():
    weights = np.full((3, 11), 127)
    for first, second in ((0, 2), (1, 3), (4, 6), (5, 7), (8, 9)):
        weights[:] = -127
        weights[1, first] = -128
        assert functions(weights)[0] == "zerotap_sums_dot_16"
        weights[1, second] = -128
        assert functions(weights) == ["zerotap_sums_bytes"]
        weights[1, first] = -127
        weights[2, first] = -128
        assert functions(weights)[0] == "zerotap_sums_dot_16"
    weights[:] = -127
    weights[1, [0, 1, 9, 10]] = -128
    assert functions(weights)[0] == "zerotap_sums_dot_16"


def test_the_bound_is_sharp():
    """The upper half of a word's product is what both inputs add, for the ends of every range."""
    ends = np.array([-128, -127, -1, 0, 1, 127])
    wi, wj, xi, xj = (each.ravel() for each in np.meshgrid(ends, ends, ends, ends))
    product = (xi + (xj << 16)) * (wj + (wi << 16))
    wrapped = (product + (1 << 31)) % (1 << 32) - (1 << 31)
    exact = (wrapped >> 16) + (wrapped >> 15 & 1) == xi * wi + xj * wj
    assert np.array_equal(~exact, (wi == -128) & (wj == -128) & (xi == -128) & (xj == -128))


def test_a_run_is_offered_that_a_row_fits_into_and_the_one_of_the_least_code_always():
    names = {inputs: functions(np.ones((4, inputs))) for inputs in (1, 16, 17, 64, 65, 128, 129, 1000)}
    prefix = "zerotap_sums_dot"
    assert names[16] == names[1] != names[17]
    assert names[17][:3] == [f"{prefix}_64", f"{prefix}_128", prefix]
    for inputs in (65, 128, 129, 1000):
        assert names[inputs][:2] == [f"{prefix}_128", prefix]


@pytest.mark.parametrize("outputs", range(1, 10))
@pytest.mark.parametrize(("inputs", "longest"), [(12, 16), (64, 64), (65, 128)])
def test_functions_without_rests_have_whole_fours_of_outputs_alone(tflite_writer, outputs, inputs, longest):
    (layer,) = plan(dense(tflite_writer, outputs, 1, outputs, inputs)).layers
    kernels = {each.kernel: each.cycles for each in layer.implementations}
    assert (f"scale_dot_{longest}_whole" in kernels) == (outputs % 4 == 0)
    assert kernels.get(f"scale_dot_{longest}_whole", 0) < kernels[f"scale_dot_{longest}"]


@pytest.mark.parametrize("inputs", [1, 5, 128, 129, 300])
def test_the_fastest_comes_first_and_none_is_slower_than_bytes_where_rows_are_long(inputs):
    kernels = [each for each in row_kernels(np.ones((16, inputs), np.int8)) if "nibbles" not in each.function]
    cycles = [each.cycles(inputs, 16, True) for each in kernels]
    assert cycles[0] == min(cycles[:-1])
    if inputs >= 5:
        assert cycles == sorted(cycles)


def dense(writer, seed: int, rows: int, outputs: int, inputs: int):
    tensor, model, write = writer
    rng = np.random.default_rng(seed)
    weights = rng.integers(-127, 128, (outputs, inputs))
    scale = np.float32(1 / (120 * inputs**0.5))
    tensors = [
        tensor((rows, inputs), "int8", 1.0, -128),
        tensor((outputs, inputs), "int8", scale, 0, weights),
        tensor((outputs,), "int32", scale, 0, rng.integers(-9999, 9999, outputs)),
        tensor((rows, outputs), "int8", 1.0, 0),
    ]
    return read_tflite(write(model("FULLY_CONNECTED", tensors, [0, 1, 2], 3, 0, "FullyConnectedOptions")))


def variants(planned: Plan) -> Iterator[Plan]:
    """One for each kernel."""
    (layer,) = planned.layers
    for choice in {each.runtime[0]: each for each in layer.implementations}.values():
        yield with_choice(planned, 0, choice)


@pytest.fixture(scope="module")
def plans(tflite_writer) -> dict[str, Plan]:
    made = [plan(dense(tflite_writer, seed, *shape)) for seed, shape in enumerate(SHAPES)]
    return {
        f"dense_{seed}_{choice}": each
        for seed, planned in enumerate(made)
        for choice, each in enumerate(variants(planned))
        if not each.layers[0].choice.code_bytes  # what is in straight line has tests of its own
    }


def samples(planned: Plan) -> np.ndarray:
    source = planned.graph.tensors[planned.graph.input]
    drawn = np.random.default_rng(1).integers(-128, 128, (4, *source.shape)).astype(np.int8)
    drawn[0], drawn[1] = -128, 127
    return drawn


def expected(planned: Plan) -> np.ndarray:
    (layer,) = planned.layers
    return np.stack([layer.reference(planned.graph, each).ravel() for each in samples(planned)])


def test_every_implementation_of_long_rows_is_exact_on_the_host(plans, build_host):
    program = build_host({name: generate_plan(each, name) for name, each in plans.items()})
    for name, each in plans.items():
        assert np.array_equal(program.run(name, samples(each)), expected(each)), name
    used = {function for each in plans.values() for function in each.layers[0].choice.runtime}
    assert {run.function for run in (dot_kernels.STRAIGHT[-1], dot_kernels.ROLLED)} <= used


@pytest.mark.parametrize("compiler", COMPILERS)
def test_every_implementation_of_long_rows_is_exact_on_the_board_and_takes_what_is_stated(plans, compiler):
    linked = Linked(plans, compiler)
    for name, each in plans.items():
        ran = linked.run(name, samples(each))
        assert np.array_equal(ran.outputs, expected(each)), name
        (taken,) = set(ran.cycles)
        if compiler == "gcc":
            assert taken == pytest.approx(each.cycles, rel=0.03), (name, each.layers[0].choice.kernel)
