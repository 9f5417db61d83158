"""The models that benchmarks/engine measures: their shapes, the oracle's outputs, and what they may cost."""

import importlib
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from zerotap.firmware import Oracle, find_compiler, generate, plan, read_tflite
from zerotap.firmware.options import BuildOptions

FOLDER = Path(__file__).parents[2] / "benchmarks" / "engine"
MODULES = ("models", "targets", "programs", "tables", "emlearn_network", "measure", "streaming")
# M6, the bidirectional LSTM, takes long to convert: the tests of its operator build it.
NAMES = ["M1", "M2", "M3", "M4", "M5"]
OPTIMISE = ["speed", "size"]


@pytest.fixture(scope="module")
def benchmark():
    """measure.py, with the files beside it that it imports; their names are free again afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        module = importlib.import_module("measure")
        module.streaming = importlib.import_module("streaming")
    for name in MODULES:
        del sys.modules[name]
    return module


@pytest.fixture(scope="module")
def contents(benchmark):
    return {name: benchmark.models.MODELS[name]() for name in NAMES}


@pytest.fixture(scope="module")
def program(contents, build_host):
    return build_host(
        {
            f"{name}_{optimise}": generate(
                read_tflite(content), f"{name}_{optimise}", BuildOptions(optimise=optimise)
            )
            for name, content in contents.items()
            for optimise in OPTIMISE
        }
    )


@pytest.mark.thorough
@pytest.mark.parametrize("name", NAMES)
def test_a_model_has_the_multiply_accumulates_that_the_table_states(benchmark, contents, name):
    assert plan(read_tflite(contents[name])).macs == benchmark.models.MACS[name]


@pytest.mark.thorough
@pytest.mark.parametrize("optimise", OPTIMISE)
@pytest.mark.parametrize("name", NAMES)
def test_host_c_equals_the_oracle(benchmark, contents, program, name, optimise):
    samples = benchmark.models.inputs(name, 60)
    expected = Oracle(contents[name]).invoke(samples)
    assert np.array_equal(program.run(f"{name}_{optimise}", samples), expected)
    assert min(len(np.unique(column)) for column in expected.T) > 8


@pytest.mark.thorough
def test_the_same_model_comes_out_every_time(benchmark, contents):
    assert benchmark.models.MODELS["M5"]() == contents["M5"]


@pytest.mark.system("arm-none-eabi-gcc")
@pytest.mark.parametrize("name", NAMES)
def test_no_model_is_slower_than_before_nor_larger_where_size_is_asked_for(benchmark, name):
    variants = (benchmark.SPEED, benchmark.SIZE)
    results = benchmark.measure_all([name], variants, [find_compiler("gcc")])
    assert benchmark.missed([name], results) == []
    assert [result.mismatches for result in results] == [0, 0]


def test_what_falls_short_is_named(benchmark):
    good = benchmark.Result("M1", "zerotap", "gcc -O2", 2000, 2000, 1500, 40, 100, 0)
    slow_os = replace(good, engine="zerotap -Os", cycles=2300, cycles_max=2300)
    assert benchmark.missed(["M1"], [good]) == []
    assert benchmark.missed(["M1", "M2"], [good]) == ["M2: was not measured"]
    bad = replace(good, cycles_max=2500, mismatches=2)
    faults = benchmark.missed(["M1"], [bad, replace(good, engine="zerotap, size", flash=981)])
    assert [fault.partition(": ")[2] for fault in faults] == [
        "2 of 60 samples are not the oracle's",
        "cycles from 2,000 to 2,500: not constant",
        "cycles 2,500, to reach 2,025",
        "flash with optimise size 981, to reach 980",
    ]
    assert benchmark.missed(["M1"], [good, slow_os]) == ["M1: cycles with -Os 2,300, to reach 2,200"]


def test_what_falls_short_of_either_column_is_named(benchmark):
    good = benchmark.Result("M1", "zerotap", "gcc -O2", 1200, 1200, 2888, 40, 100, 0)
    within = replace(good, engine=benchmark.WITHIN.engine)
    small = replace(good, engine=benchmark.SMALL.engine, cycles=1800, cycles_max=1800, flash=1800)
    assert benchmark.missed(["M1"], [good, within, small]) == []
    late = replace(within, cycles=1281, cycles_max=1281)
    assert benchmark.missed(["M1"], [good, late, replace(small, flash=1801)]) == [
        "M1: cycles within 64k or 96k 1,281, to reach 1,280",
        "M1: flash at the small flash 1,801, to reach 1,800",
    ]


def test_what_a_stream_falls_short_of_is_named(benchmark):
    streaming = benchmark.streaming
    good = streaming.Row(48, "streamed", 20_000, 50_000, 50_000, 960_000, 1.3, 31_000, 3_000, 400, 5, 0)
    often = replace(good, hop=1, window=20_000)
    assert streaming.missed([good, often]) == []
    late = replace(good, longest=50_001, end=50_002, window=1_010_001, mismatches=1)
    assert streaming.missed([late]) == [
        "hop 48, streamed: 1 of 5 results are not the oracle's",
        "hop 48: longest push 50,001, to reach 50,000",
        "hop 48: longest flush step 50,002, to reach 50,000",
        "hop 48: cycles of a window 1,010,001, to reach 1,010,000",
        "hop 1: no window is computed while it arrives",
    ]
    cells = [cell.strip() for cell in streaming.table([good]).splitlines()[2].split("|")[1:-1]]
    assert cells[:6] == ["48", "streamed", "20,000", "50,000", "50,000", "960,000"]
    assert cells[6:] == ["1.300", "31,000", "3,000", "400", "0 of 5"]


def test_the_tables_have_both_columns_and_the_curve(benchmark):
    good = benchmark.Result("M1", "zerotap", "gcc -O2", 1200, 1200, 2888, 40, 100, 0)
    table = benchmark.tables(["M1"], [good]).splitlines()
    cells = [cell.strip() for cell in table[2].split("|")[1:-1]]
    assert cells[2:7] == ["2,025 · 1,652 · 24", "1,200 · 2,888 · 40", "-", "1,280 · 65,536", "-"]
    point = {"flash_bytes": 980, "ram_total_bytes": 160, "cycles": 4107, "board_cycles": 5000}
    curve = benchmark.curve_table({"M1": [{**point, "milliseconds": 0.104167}]})
    assert curve.splitlines()[-1] == "| M1 | 980 | 160 | 4,107 | 5,000 | 0.104 |"
