"""int8 files whose ends are float32 or uint8: their weights are narrowed like any other's."""

import numpy as np
import pytest

from zerotap.firmware import read_tflite
from zerotap.firmware.passes.weight_bits import wider_than
from zerotap.workflow import quantise_file

SHAPE, OUTPUTS = (1, 8), 3


def dense(writer, dtype: str) -> bytes:
    """QUANTIZE, FULLY_CONNECTED, and DEQUANTIZE or QUANTIZE."""
    tensor, model, write = writer
    rng = np.random.default_rng(5)
    quantised = ((), ()) if dtype == "float32" else (0.02, 128), (0.05, 118)
    ends = quantised if dtype == "uint8" else (((), ()), ((), ()))
    tensors = [
        tensor(SHAPE, dtype, *ends[0]),
        tensor(SHAPE, "int8", 0.02, 0),
        tensor((OUTPUTS, 8), "int8", 0.01, 0, rng.integers(-127, 128, (OUTPUTS, 8))),
        tensor((OUTPUTS,), "int32", 0.0002, 0, rng.integers(-900, 900, OUTPUTS)),
        tensor((1, OUTPUTS), "int8", 0.05, -10),
        tensor((1, OUTPUTS), dtype, *ends[1]),
    ]
    before = [
        model.one("QUANTIZE", [0], 1),
        model.one("FULLY_CONNECTED", [1, 2, 3], 4, "FullyConnectedOptions"),
    ]
    last = "QUANTIZE" if dtype == "uint8" else "DEQUANTIZE"
    return write(model(last, tensors, [4], 5, 0, before=before))


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
@pytest.mark.parametrize("given", [np.float32, np.float64])
def test_weights_become_narrow_and_the_report_is_of_real_outputs(tflite_writer, tmp_path, dtype, given):
    (tmp_path / "m.tflite").write_bytes(dense(tflite_writer, dtype))
    samples = np.random.default_rng(6).uniform(-2, 2, (40, 8)).astype(given)
    report = quantise_file(tmp_path / "m.tflite", tmp_path / "n.tflite", samples=samples, weight_bits=4)
    written = read_tflite(tmp_path / "n.tflite")
    assert wider_than(written, 4) == []
    assert written.tensors[written.input].dtype == dtype
    assert report["source"] == "an int8 .tflite"
    assert 0 < report["max_difference"] < 1.5
