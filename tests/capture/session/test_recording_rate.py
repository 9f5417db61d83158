"""Two seconds of what benchmarks/recording measures for sixty: nothing may be lost, at under one core."""

import importlib.util
from pathlib import Path

import pytest

MEASURE = Path(__file__).parents[3] / "benchmarks" / "recording" / "measure.py"


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("recording_measure", MEASURE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.alone
@pytest.mark.parametrize("name", ["REPORTS", "SENSOR"])
def test_recording_keeps_up(benchmark, name):
    result = benchmark.measure(getattr(benchmark, name), 2)
    assert benchmark.missed(result) == []
    assert result["seconds"] > 1.8


def test_a_loss_is_noticed(benchmark):
    result = {"source": benchmark.REPORTS, "as_sent": False, "gaps": 0, "bytes_a_second": 1e6, "cores": 1.2}
    assert [said.partition(": ")[2] for said in benchmark.missed(result)] == [
        "packets were lost",
        "it took 1.20 cores",
    ]
