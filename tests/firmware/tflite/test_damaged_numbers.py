"""Numbers that are none, as scales and as options, of every operator: a ModelError."""

import numpy as np
import pytest
from all_makers import MAKERS, make
from damage import edited

from zerotap.errors import ModelError
from zerotap.firmware import generate, read_tflite
from zerotap.firmware.graph import ASSIGN

pytestmark = pytest.mark.drawn


def scaled(content: bytes) -> list[int]:
    """The file's tensors with scales; those of variables are what is read from them and assigned to them."""
    graph = read_tflite(content)
    made = {state.tensor for state in graph.states if state.is_resource}
    made |= {each.outputs[0] for each in graph.operators if each.name == ASSIGN}
    return [at for at, tensor in enumerate(graph.tensors) if tensor.scale.size and at not in made]


def with_scale(content: bytes, at: int, value: float) -> bytes:
    def edit(model, graph) -> None:
        quantisation = graph.tensors[at].quantization
        quantisation.scale = np.full(len(quantisation.scale), value, np.float32)

    return edited(content, edit)


def with_option(content: bytes, name: str, value: float) -> bytes:
    first, *more = name.split("_")
    field = first + "".join(word.capitalize() for word in more)

    def edit(model, graph) -> None:
        assert hasattr(graph.operators[-1].builtinOptions, field)
        setattr(graph.operators[-1].builtinOptions, field, value)

    return edited(content, edit)


def real_options(content: bytes) -> list[str]:
    return [
        name for name, value in read_tflite(content).operators[-1].options.items() if isinstance(value, float)
    ]


@pytest.mark.parametrize("operator", sorted(MAKERS))
def test_a_scale_that_is_no_positive_number_is_refused(tflite_writer, operator):
    content, _, _ = make(tflite_writer, operator, 0)
    for at in scaled(content):
        for value in (np.nan, np.inf, -np.inf, 0.0, -1.0):
            with pytest.raises(ModelError):
                generate(read_tflite(with_scale(content, at, value)), "model")


@pytest.mark.parametrize("operator", ["LEAKY_RELU", "SOFTMAX", "UNIDIRECTIONAL_SEQUENCE_LSTM"])
def test_an_option_that_is_no_number_is_refused(tflite_writer, operator):
    """Found by drawing: a SOFTMAX whose scale, beta, is NaN was a ValueError."""
    content, _, _ = make(tflite_writer, operator, 0)
    for option in real_options(content):
        for value in (np.nan, np.inf, -np.inf):
            with pytest.raises(ModelError):
                generate(read_tflite(with_option(content, option, value)), "model")


def test_no_other_operator_has_an_option_that_is_a_real_number(tflite_writer):
    having = {name for name in MAKERS if real_options(make(tflite_writer, name, 0)[0])}
    assert having == {"LEAKY_RELU", "SOFTMAX", "UNIDIRECTIONAL_SEQUENCE_LSTM"}
