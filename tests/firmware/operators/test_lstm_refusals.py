"""LSTM files that zerotap cannot compute exactly: an error that says so, and never C."""

import re

import numpy as np
import pytest
from makers_core import Maker
from makers_recurrent import lstm, reverse_v2

from zerotap.errors import ModelError
from zerotap.firmware import plan, read_tflite
from zerotap.firmware.graph import OracleKind
from zerotap.firmware.operators.recurrent.lstm_parameters import lstm as lstm_numbers


@pytest.fixture
def drawn(tflite_writer):
    """(ModelSpec of an LSTM, function that writes it)."""
    maker = Maker(tflite_writer, "UNIDIRECTIONAL_SEQUENCE_LSTM", 1)
    return lstm(maker), maker.write


def refuse(content: bytes, message: str, oracle: OracleKind = "tflite") -> None:
    with pytest.raises(ModelError, match=re.escape(message)):
        plan(read_tflite(content, oracle))


def test_what_the_maker_draws_is_taken(drawn):
    spec, write = drawn
    assert plan(read_tflite(write(spec))).macs > 0


@pytest.mark.parametrize("position", [1, 5, 12])
def test_gates_that_are_missing(drawn, position):
    spec, write = drawn
    spec.inputs[position] = -1
    refuse(write(spec), "coupled gates")


@pytest.mark.parametrize("position", [9, 16, 20])
def test_peepholes_projection_and_normalisation(drawn, position):
    spec, write = drawn
    spec.inputs[position] = spec.inputs[12]
    refuse(write(spec), "has peepholes, a projection")


def test_another_activation(drawn):
    spec, write = drawn
    spec.options["fusedActivationFunction"] = 1
    refuse(write(spec), "another activation than tanh")


@pytest.mark.parametrize("scale", [2.0**-10, 3 * 2.0**-15])
def test_cells_that_are_too_wide_or_no_power_of_two(drawn, scale):
    spec, write = drawn
    spec.tensors[2].scale = scale
    refuse(write(spec), "not int16 with a power of two")


def test_weights_with_a_scale_for_each_cell(drawn):
    spec, write = drawn
    weights = spec.tensors[spec.inputs[1]]
    weights.scale, weights.zero_point = [weights.scale] * weights.shape[0], [0] * weights.shape[0]
    assert weights.shape[0] > 1
    refuse(write(spec), f"{weights.shape[0]} scales")


def test_a_hidden_scale_that_is_missing(drawn):
    spec, write = drawn
    spec.tensors[spec.intermediates[4]].shape = (1,)
    spec.intermediates = spec.intermediates[:4]
    refuse(write(spec), "lacks the scale of its hidden values")


@pytest.mark.parametrize("scale", [1e-12, 1e3])
def test_a_hidden_scale_that_no_activation_has(drawn, scale):
    spec, write = drawn
    spec.tensors[spec.intermediates[4]].scale = scale
    refuse(write(spec), "scale of its hidden values")


def test_hidden_values_have_the_states_scale_with_the_other_oracle(drawn):
    spec, write = drawn
    spec.tensors[spec.intermediates[4]].scale = 1e-12
    assert plan(read_tflite(write(spec), "tflm")).macs > 0
    spec.tensors[1].scale = spec.tensors[3].scale = 1e-12
    refuse(write(spec), "scale of its hidden values", "tflm")


def test_a_state_of_another_shape_with_the_other_oracle(drawn):
    """TensorFlow Lite Micro reads the second extent."""
    spec, write = drawn
    for tensor in spec.tensors[1:3]:
        tensor.shape = tensor.shape[1:]
    assert plan(read_tflite(write(spec))).macs > 0
    refuse(write(spec), "has a state of", "tflm")


def test_a_clip_of_less_than_a_step_is_a_limit_with_the_other_oracle(drawn):
    spec, write = drawn
    spec.options["cellClip"] = 1e-9
    limits = []
    for oracle in ("tflite", "tflm"):
        graph = read_tflite(write(spec), oracle)
        limits.append(lstm_numbers(graph, graph.operators[0]).cell_range)
    assert limits == [(-(1 << 15), (1 << 15) - 1), (0, 0)]


def test_states_of_another_size(drawn):
    spec, write = drawn
    spec.tensors[1].shape = (1, spec.tensors[1].shape[1] + 1)
    refuse(write(spec), "states that are not its own")


def test_a_state_that_is_no_variable(drawn):
    spec, write = drawn
    spec.tensors[1].variable = False
    refuse(write(spec), "before any layer has written it")


def test_a_batch(drawn):
    spec, write = drawn
    for tensor in (spec.tensors[0], spec.tensors[3]):
        tensor.shape = tuple(2 * extent for extent in tensor.shape[:2]) + tensor.shape[2:]
    refuse(write(spec), "with a batch of 1")


def test_a_bias_whose_sums_leave_int32(drawn):
    spec, write = drawn
    bias = spec.tensors[spec.inputs[12]]
    bias.data = np.full(bias.shape, (1 << 31) - 1)
    refuse(write(spec), "overflows int32")


def test_a_variable_of_another_operator(tflite_writer):
    maker = Maker(tflite_writer, "REVERSE_V2", 1)
    spec = reverse_v2(maker)
    spec.tensors[1].variable = True
    refuse(maker.write(spec), "is a variable that is not the state of one LSTM")


def test_axes_to_reverse_that_are_no_neighbours(tflite_writer):
    """TensorFlow's kernels refuse them."""
    maker = Maker(tflite_writer, "REVERSE_V2", 1)
    spec = reverse_v2(maker)
    spec.tensors[0].shape = spec.tensors[2].shape = (1, 2, 3)
    spec.tensors[1].shape, spec.tensors[1].data = (2,), [0, 2]
    refuse(maker.write(spec), "only one axis or neighbours")
