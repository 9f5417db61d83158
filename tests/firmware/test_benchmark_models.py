"""The models that benchmarks/engine measures: the right shapes, and equal to the oracle on the host."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from zerotap.firmware import Oracle, generate, plan, read_tflite

MODELS = Path(__file__).parents[2] / "benchmarks" / "engine" / "models.py"
# M6, the bidirectional LSTM, takes long to convert: the tests of its operator build it.
NAMES = ["M1", "M2", "M3", "M4", "M5"]
OPTIMISE = ["speed", "size"]


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("engine_models", MODELS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def contents(benchmark):
    return {name: benchmark.MODELS[name]() for name in NAMES}


@pytest.fixture(scope="module")
def program(contents, build_host):
    return build_host(
        {
            f"{name}_{optimise}": generate(read_tflite(content), f"{name}_{optimise}", optimise)
            for name, content in contents.items()
            for optimise in OPTIMISE
        }
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_model_has_the_multiply_accumulates_that_the_table_states(benchmark, contents, name):
    assert plan(read_tflite(contents[name])).macs == benchmark.MACS[name]


@pytest.mark.parametrize("optimise", OPTIMISE)
@pytest.mark.parametrize("name", NAMES)
def test_host_c_equals_the_oracle(benchmark, contents, program, name, optimise):
    samples = benchmark.inputs(name, 60)
    expected = Oracle(contents[name]).invoke(samples)
    assert np.array_equal(program.run(f"{name}_{optimise}", samples), expected)
    assert min(len(np.unique(column)) for column in expected.T) > 8


def test_the_same_model_comes_out_every_time(benchmark, contents):
    assert benchmark.MODELS["M5"]() == contents["M5"]
