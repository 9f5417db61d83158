"""A refusal names the layer as analyse counts it, operator, shapes, cause, and a way out that works."""

import re

import numpy as np
import pytest

from zerotap.errors import ModelError, NoOperatorError
from zerotap.firmware import plan, read_tflite
from zerotap.firmware.operators.parts.interface import require
from zerotap.firmware.oracles.refusals import refused_place
from zerotap.firmware.planning.analysis import analyse
from zerotap.firmware.quantising.conversion import open_source


@pytest.fixture
def parted(tflite_writer) -> bytes:
    """Float ends and a SPLIT of three before a dense layer: the file's operator 2 is analyse's layer 3."""
    tensor, model, write = tflite_writer
    weights = np.arange(12).reshape(6, 2)
    tensors = [
        tensor((1, 6), "float32"),
        tensor((1, 6), "int8", 0.5, 0),
        tensor((), "int32", data=1),
        *(tensor((1, 2), "int8", 0.5, 0) for _ in range(3)),
        tensor((6, 2), "int8", 0.1, 0, weights),
        tensor((6,), "int32", 0.05, 0, np.arange(6)),
        tensor((1, 6), "int8", 0.5, 0),
        tensor((1, 6), "float32"),
    ]
    before = [
        model.one("QUANTIZE", [0], 1),
        model.one("SPLIT", [2, 1], [3, 4, 5], "SplitOptions", {"numSplits": 3}),
        model.one("FULLY_CONNECTED", [5, 6, 7], 8, "FullyConnectedOptions"),
    ]
    return write(model("DEQUANTIZE", tensors, [8], 9, 0, before=before))


def test_what_tensorflow_says_of_an_operator_is_counted_as_analyse_does(parted):
    graph = read_tflite(parted)
    (shown,) = [each for each in analyse(plan(graph))["layers"] if each["operator"] == "FULLY_CONNECTED"]
    place = refused_place(graph, "Something failed. Node number 2 (FULLY_CONNECTED) failed to invoke.")
    assert place.startswith(f"layer {shown['index']} FULLY_CONNECTED, (1, 2)")
    assert shown["index"] == 3


def test_a_fault_without_a_way_out_gets_one():
    with pytest.raises(ModelError, match=r"^here: is odd; convert the model again\.$"):
        require(False, "here", "is odd")
    with pytest.raises(ModelError, match=r"^here: is odd; make it even\.$"):
        require(False, "here", "is odd; make it even")


def test_log_softmax_has_a_way_out_of_its_own(tflite_writer):
    tensor, model, write = tflite_writer
    tensors = [tensor((1, 6), "int8", 0.1, 0), tensor((1, 6), "int8", 1 / 16, 127)]
    content = write(model("LOG_SOFTMAX", tensors, [0], 1, 0, "LogSoftmaxOptions"))
    with pytest.raises(
        NoOperatorError, match=r"layer 0 LOG_SOFTMAX .*; end the model with a Softmax, or before it"
    ):
        plan(read_tflite(content))


def test_quantise_and_analyse_do_not_send_to_each_other(tflite_writer, tmp_path):
    """An int8 file that analyse refuses is not said to be ready for export."""
    tensor, model, write = tflite_writer
    tensors = [tensor((1, 6), "int8", 0.1, 0), tensor((), "int32", data=[1]), tensor((1, 6), "int8", 0.1, 0)]
    path = tmp_path / "m.tflite"
    path.write_bytes(write(model("CUMSUM", tensors, [0, 1], 2, 0, "CumsumOptions")))
    with pytest.raises(NoOperatorError) as refused:
        plan(read_tflite(path))
    source = open_source(path)
    with pytest.raises(NoOperatorError, match=re.escape(str(refused.value))):
        source.convert(np.zeros((1, 1, 6), np.int8), 8)
