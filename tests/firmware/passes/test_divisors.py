"""Divisors by another zero point, so that TensorFlow takes them all but zero itself."""

import numpy as np
import pytest

from zerotap.errors import ModelError
from zerotap.firmware import Oracle, read_tflite
from zerotap.firmware.passes.divisors import with_centred_divisors
from zerotap.firmware.tflite.writer import rewrite_tflite

CODES = np.arange(-128, 128, dtype=np.int8).reshape(256, 1)


def test_a_divisor_is_taken_at_every_code_and_gives_nearly_the_same(tflite_writer):
    tensor, model, write = tflite_writer
    shape = (1, 1)
    tensors = [
        tensor(shape, "int8", 0.02, 0),
        tensor(shape, "int8", 0.02, -128, [[-78]]),
        tensor(shape, "int8", 8 / 255, -100),
        tensor(shape, "int8", 1 / 64, 0),
        tensor(shape, "int8", 3 / 255, -128),
    ]
    before = [
        model.one("ABS", [0], 4),
        model.one("ADD", [4, 1], 2, "AddOptions"),
    ]
    content = write(model("DIV", tensors, [0, 2], 3, 0, "DivOptions", before=before))
    with pytest.raises(ModelError, match=r"refuses sample \d+ \(layer 0 DIV.*its kernel says"):
        Oracle(content).invoke(CODES)
    graph = read_tflite(content)
    rewritten = rewrite_tflite(content, graph, with_centred_divisors(graph))
    got = Oracle(rewritten).invoke(CODES).ravel() / 64
    real = CODES.ravel() * 0.02
    assert np.max(np.abs(got - real / (1 + np.abs(real)))) < 0.08


def test_a_divisor_that_something_else_reads_stays(tflite_writer):
    tensor, model, write = tflite_writer
    tensors = [tensor((1, 1), "int8", 0.02, -128) for _ in range(4)]
    before = [model.one("ADD", [0, 0], 1, "AddOptions"), model.one("DIV", [0, 1], 2, "DivOptions")]
    graph = read_tflite(write(model("MUL", tensors, [1, 2], 3, 0, "MulOptions", before=before)))
    assert with_centred_divisors(graph) is graph
