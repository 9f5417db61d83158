"""What a packet costs is measured with items of the pipeline's own input."""

import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from zerotap.features import Pipeline
from zerotap.features.inputs.registry import INPUTS
from zerotap.features.transforms.count_window import CountWindows
from zerotap.features.transforms.interface import Signal
from zerotap.firmware.generation.transform_chain import Chain
from zerotap.firmware.simulation import packet_cost
from zerotap.firmware.simulation.transform_board import BoardRun

EXAMPLE = Path(__file__).parents[2] / "data" / "zerotap-0.1" / "motion.toml"


@pytest.fixture
def pushed(monkeypatch) -> list[np.ndarray]:
    """What is pushed into a board that answers every push with a window."""
    given: list[np.ndarray] = []

    class Board:
        program = SimpleNamespace(ram_bytes=0, flash_bytes=0)

        def __init__(self, *_: object, with_waits: bool = False) -> None:
            pass

        def run(self, items: np.ndarray) -> BoardRun:
            given.append(items)
            steps = len(items) + 1
            return BoardRun([[0]] * steps, [7] * steps, [9] * steps, 0)

        def longest_call(self, items: np.ndarray) -> int:
            return 9

    monkeypatch.setattr(packet_cost, "BoardChain", Board)
    return given


def measured(pipeline: Pipeline, at_end: bool = False) -> packet_cost.StreamingCost:
    chain = Chain({}, pipeline.signals[0], Signal((2,), "int8"), 0, "x_push.h", at_end)
    return packet_cost.measure_streaming("x", chain, pipeline, None)


def test_the_example_for_a_sensor_is_measured_with_samples_over_the_whole_range(pushed):
    assert measured(Pipeline.read(EXAMPLE)).cycles_mean == 7
    (items,) = pushed
    assert items.dtype == np.int16
    assert items.shape == (packet_cost.PACKETS, 3)
    assert np.ptp(items.astype(int), axis=0).min() > 60_000


@pytest.mark.parametrize(("at_end", "tried"), [(True, 1), (False, 6)])
def test_a_result_at_a_recording_s_end_counts_where_there_is_no_other(pushed, monkeypatch, at_end, tried):
    """As of a table, which is known to; or of pad_ids, which is seen after many packets."""
    runs = []

    def run(_, items):
        runs.append(len(items))
        cycles, on_board = [7] * len(items) + [900], [9] * len(items) + [1100]
        return BoardRun([[] for _ in items] + [[0]], cycles, on_board, 0)

    monkeypatch.setattr(packet_cost.BoardChain, "run", run)
    cost = measured(Pipeline.read(EXAMPLE), at_end=at_end)
    assert len(runs) == tried and cost.packets == runs[-1]
    assert (cost.inferences, cost.cycles_max) == (1, 900)
    assert cost.cycles_mean == math.ceil((7 * cost.packets + 900) / cost.packets)
    assert cost.board_cycles_mean == math.ceil((9 * cost.packets + 1100) / cost.packets)
    assert cost.to_json()["ms_max"] == cost.board_cycles_max / 48_000 == 1100 / 48_000
    assert cost.rate_max_hz == 48_000_000 / cost.board_cycles_mean


@pytest.mark.parametrize("name", INPUTS)
def test_every_input_is_measured_with_its_own_items(pushed, name):
    decimals = (0,) if name.endswith("numbers") else ()
    pipeline = Pipeline("x", (CountWindows(4, 4),), name, 12, decimals)
    measured(pipeline)
    assert Signal(pushed[0].shape[1:], pushed[0].dtype.name) == pipeline.signals[0]
