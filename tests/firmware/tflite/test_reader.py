"""Damaged, foreign and missing files: a ModelError that names the file, never another exception."""

import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zerotap.errors import ModelError
from zerotap.firmware import generate, read_tflite


@pytest.fixture(scope="module")
def content(tflite_writer) -> bytes:
    tensor, model, write = tflite_writer
    rng = np.random.default_rng(0)
    weights = rng.integers(-127, 128, (4, 1, 3, 2))
    tensors = [
        tensor((1, 1, 9, 2), "int8", 1 / 255, -128),
        tensor((4, 1, 3, 2), "int8", [0.01, 0.02, 0.03, 0.04], 0, weights),
        tensor((1, 1, 7, 4), "int8", 0.05, 3),
        tensor((4,), "int32", [0.01, 0.02, 0.03, 0.04], 0, [1, 2, 3, 4]),
    ]
    options = {"padding": 1, "strideH": 1, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 1}
    return write(model("CONV_2D", tensors, [0, 1, 3], 2, 0, "Conv2DOptions", options))


def survives(damaged: bytes) -> bool:
    """Read and generate; whether the file was accepted. Only a ModelError may come out, and soon."""
    start_s = time.process_time()
    try:
        generate(read_tflite(damaged), "model")
    except ModelError:
        return False
    finally:
        assert time.process_time() - start_s < 2
    return True


def test_every_byte_may_be_damaged(content):
    accepted = 0
    for position in range(len(content)):
        for flip in (0xFF, 0x01, 0x80):
            damaged = bytearray(content)
            damaged[position] ^= flip
            accepted += survives(bytes(damaged))
    assert 0 < accepted < 3 * len(content)


def test_every_truncation_is_refused_or_read(content):
    assert survives(content)
    refused = sum(not survives(content[:length]) for length in range(len(content)))
    assert refused > len(content) // 2


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_several_damages_at_once(content, data):
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    survives(bytes(damaged))


@given(st.binary(max_size=200))
def test_random_bytes(noise):
    survives(b"\x1c\x00\x00\x00TFL3" + noise)


def test_the_error_names_the_file(tmp_path, content):
    path = tmp_path / "model.tflite"
    with pytest.raises(ModelError, match=r"model\.tflite: cannot be read"):
        read_tflite(path)
    path.write_bytes(b"")
    with pytest.raises(ModelError, match=r"model\.tflite: not a \.tflite"):
        read_tflite(path)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError, match=r"model\.tflite: "):
        read_tflite(path)
    path.write_bytes(content)
    assert read_tflite(str(path)).source == str(path)


def test_sums_that_may_leave_int32_are_refused(tflite_writer):
    tensor, model, write = tflite_writer
    tensors = [
        tensor((1, 4), "int8", 1.0, 0),
        tensor((1, 4), "int8", 1.0, 0, np.full((1, 4), 127)),
        tensor((1, 1), "int8", 1e6, 0),
        tensor((1,), "int32", 1.0, 0, [(1 << 31) - 1]),
    ]
    content = write(model("FULLY_CONNECTED", tensors, [0, 1, 3], 2, 0, "FullyConnectedOptions"))
    with pytest.raises(ModelError, match="overflows int32"):
        generate(read_tflite(content), "model")


@pytest.mark.parametrize("beta", [np.nan, np.inf])
def test_a_softmax_whose_beta_is_no_number_is_refused(tflite_writer, beta):
    tensor, model, write = tflite_writer
    tensors = [tensor((1, 4), "int8", 0.1, 0), tensor((1, 4), "int8", 1 / 256, -128)]
    content = write(model("SOFTMAX", tensors, [0], 1, 0, "SoftmaxOptions", {"beta": beta}))
    with pytest.raises(ModelError, match=r"layer 0 SOFTMAX has the option beta"):
        read_tflite(content)


@pytest.mark.parametrize("scale", [np.nan, np.inf, 0.0, -0.1])
def test_a_scale_that_is_no_positive_number_is_refused(tflite_writer, scale):
    tensor, model, write = tflite_writer
    tensors = [tensor((1, 4), "int8", scale, 0), tensor((1, 4), "int8", 1 / 256, -128)]
    content = write(model("SOFTMAX", tensors, [0], 1, 0, "SoftmaxOptions", {"beta": 1.0}))
    with pytest.raises(ModelError, match="no positive number"):
        read_tflite(content)
