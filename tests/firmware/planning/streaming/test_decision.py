"""Which layers run while a window arrives, why others do not, and that either way costs what is stated."""

from dataclasses import replace

import numpy as np
import pytest
from streamed import Case, Local, graph_of

from zerotap.features import Pipeline
from zerotap.features.transforms import CountWindows, Statistics, TimeWindows
from zerotap.firmware.generation.push_code import generate_streaming
from zerotap.firmware.options import Budget, BuildOptions
from zerotap.firmware.planning.streaming.decision import Decision, against, decide
from zerotap.firmware.planning.streaming.way_costs import WayCost
from zerotap.firmware.simulation.toolchain import find_compiler
from zerotap.firmware.simulation.transform_board import BoardChain

CONV = Local("conv", 4, 1, 16)
DEMO = Case(48, 24, 8, (CONV, Local("max", 2, 2), Local("conv", 6, 1, 16)), "max")
OPTIONS = BuildOptions()


def decided(case: Case, options: BuildOptions = OPTIONS) -> Decision:
    return decide(graph_of(case), case.pipeline, options)


def test_local_layers_run_while_the_window_arrives_and_the_rest_says_why_not():
    found = decided(DEMO)
    assert found.planned is not None and found.streamed is not None and found.whole is not None
    report = found.to_json(OPTIONS)
    assert report["layers"] == ["CONV_2D+MAX_POOL_2D", "CONV_2D"]
    assert report["because"] == "FULLY_CONNECTED needs the whole window"
    assert report["streamed"]["cycles_max"] < report["whole"]["cycles_max"] / 10
    assert report["streamed"]["cycles_mean"] < 0.9 * report["whole"]["cycles_mean"]
    for way in ("streamed", "whole"):
        assert report[way]["pause_ms"] == OPTIONS.board.milliseconds(report[way]["board_cycles_max"])
        assert report[way]["board_cycles_max"] > report[way]["cycles_max"]


def test_a_layer_that_pads_time_and_what_follows_run_whole():
    padded = Local("conv", 3, 1, 8, same=True)
    found = decided(replace(DEMO, layers=(CONV, padded, CONV)))
    assert found.planned is not None
    assert len(found.planned.levels) == 2
    assert found.because == "CONV_2D pads time (SAME): its edges belong to one window alone"
    first = decided(replace(DEMO, layers=(padded, CONV)))
    assert first.planned is None and "pads time" in first.because


@pytest.mark.parametrize(
    ("stages", "source", "reason"),
    [
        ((TimeWindows(4, 9, 9),), "timed_reports", "cuts no windows by count"),
        ((CountWindows(8, 4), Statistics(("mean",))), "samples", "statistics needs the whole window"),
    ],
)
def test_other_windows_run_whole_and_say_why(stages, source, reason):
    found = decide(graph_of(DEMO), Pipeline("other", stages, source, 8), OPTIONS)
    assert found.planned is None
    assert reason in found.because


def test_what_does_not_fit_or_is_to_be_small_runs_whole():
    whole, streamed = decided(DEMO).whole, decided(DEMO).streamed
    assert whole is not None and streamed is not None
    several = replace(DEMO, hop=1, layers=(*DEMO.layers, Local("max", 4, 4)), head="flatten")
    tight = Budget(7_000, 1 << 15)  # less than straight line takes, which whole windows pay for in RAM
    wide = decided(several, BuildOptions(budget=tight))
    assert wide.streamed is not None and wide.whole is not None
    assert wide.streamed.ram_bytes > wide.whole.ram_bytes
    narrow = Budget(tight.flash_bytes, wide.streamed.ram_bytes - 1)
    refused = decided(several, BuildOptions(budget=narrow))
    assert refused.planned is None and "of RAM" in refused.because
    small = decided(replace(DEMO, layers=(CONV,), head="flatten"), BuildOptions(optimise="size"))
    assert small.planned is None and small.because == "whole windows take less flash"


EVERY_PUSH = [(hop, head) for head in ("max", "mean", "flatten") for hop in (24, 1, 7)]
# Each hop and each head once; the others are the same parts together otherwise.
PUSHES = [(24, "max"), (1, "mean"), (7, "flatten")]


@pytest.mark.parametrize(
    ("hop", "head"),
    [one if one in PUSHES else pytest.param(*one, marks=pytest.mark.thorough) for one in EVERY_PUSH],
)
def test_a_push_costs_what_is_stated(hop, head):
    case = replace(DEMO, hop=hop, head=head)
    found, graph = decided(case), graph_of(case)
    assert found.planned is not None and found.streamed is not None
    chain = generate_streaming(graph, case.pipeline, "model", None, found.planned)
    board = BoardChain("model", chain, find_compiler(), with_waits=True)
    items = np.random.default_rng(1).integers(0, 256, (48 + 3 * 24, 8)).astype(np.uint8)
    run = board.run(items)
    steady = run.cycles[48:-1]
    assert found.streamed.cycles_max == pytest.approx(max(run.cycles[:-1]), rel=0.1)
    assert found.streamed.cycles_mean == pytest.approx(np.mean(steady), rel=0.1)
    assert found.streamed.board_cycles_max == pytest.approx(max(run.board_cycles[:-1]), rel=0.1)
    assert board.longest_call(items[:60]) >= max(run.cycles[:60])
    short = board.run(items[:1])
    assert len(short.step_cycles) > 40, "a step an item that fills up"
    assert max(short.step_cycles) <= max(run.cycles[:-1]) + 100
    assert chain.ram_bytes == pytest.approx(board.program.ram_bytes - 8 - 4, abs=64)


@pytest.mark.parametrize(
    ("mean", "longest", "ram", "is_streamed"),
    [
        (1499, 100, 800, True),
        (1501, 100, 800, False),
        (1499, 101, 800, False),
        (1499, 100, 801, False),
        (1049, 500, 801, True),
    ],
)
def test_a_far_shorter_pause_in_no_more_memory_is_worth_half_as_many_cycles_again(
    mean, longest, ram, is_streamed
):
    whole = WayCost(1000, 1000, 1200, 9000, 800)
    assert (against(WayCost(mean, longest, longest, 9000, ram), whole, OPTIONS) == "") is is_streamed
