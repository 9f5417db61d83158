"""The 40 drawn networks of benchmarks/engine/sweep: the same every time, judged by what they cost before."""

import importlib
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from zerotap.firmware import plan

FOLDER = Path(__file__).parents[2] / "benchmarks" / "engine" / "sweep"


@pytest.fixture(scope="module")
def sweep():
    """measure.py, with networks.py beside it; their names are free again afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        module = importlib.import_module("measure")
    for name in ("measure", "networks"):
        del sys.modules[name]
    return module


@pytest.mark.parametrize("family", ["dense", "conv", "separable", "bag"])
def test_a_network_is_the_same_every_time_and_its_outputs_vary(sweep, family):
    one, two = (sweep.draw(f"{family}_1", 12) for _ in range(2))
    assert all(
        np.array_equal(a.data, b.data) for a, b in zip(one.graph.tensors, two.graph.tensors, strict=True)
    )
    assert np.array_equal(one.samples, two.samples)
    outputs = sweep.references(plan(one.graph), one.samples)
    assert np.array_equal(outputs, sweep.references(plan(two.graph), two.samples))
    assert min(len(np.unique(column)) for column in outputs.T) > 5


def test_every_network_has_its_figures_of_before(sweep):
    assert set(sweep.read_before()) == set(sweep.NAMES) and len(sweep.NAMES) == 40


def test_what_falls_short_is_named(sweep):
    before = sweep.read_before()
    fast = {name: replace(cost, cycles=cost.cycles // 2) for name, cost in before.items()}
    rows = [sweep.Row(name, fast[name], replace(fast[name]), ()) for name in sweep.NAMES]
    assert sweep.missed(rows, before) == []
    slow = replace(before["conv_0"], cycles=before["conv_0"].cycles + 1)
    rows[10] = replace(rows[10], small=slow, faults=("1 of 6 samples are not the reference's",))
    assert sweep.missed(rows, before) == [
        "conv_0: 1 of 6 samples are not the reference's",
        "conv_0: 0.0% slower than before, today's flash",
    ]
    same = [sweep.Row(name, before[name], before[name], ()) for name in sweep.NAMES]
    assert sweep.missed(same, before) == [
        "median gain 0.0%, default: to reach 30%",
        "median gain 0.0%, today's flash: to reach 10%",
    ]
