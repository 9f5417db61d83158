"""Layers that run while a window arrives give the bits of NAME_invoke on the whole window, item by item."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from pushed_on_host import build_push
from streamed import Case, Local, expected_of, graph_of

from zerotap.firmware.generation.push_code import generate_streaming
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.planning.streaming.stream_plan import StreamPlan, plan_stream
from zerotap.firmware.simulation.toolchain import find_compiler
from zerotap.firmware.simulation.transform_board import BoardChain

COMPILERS = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc")), "zig"]
HEADS = ("flatten", "mean", "max")
PADDINGS = ("zero", "edge", "drop")
CONV = Local("conv", 3, 1, 4)
CASES = {
    "hop is a multiple of the strides": Case(
        24, 6, 4, (CONV, Local("max", 2, 2), Local("conv", 4, 1, 8)), "max"
    ),
    "hop is none": Case(23, 5, 4, (CONV, Local("max", 2, 2), Local("depthwise", 2, 2)), "mean"),
    "hop 1": Case(16, 1, 3, (CONV, Local("average", 2, 2), Local("conv", 2, 1, 5)), "flatten"),
    "windows do not overlap": Case(20, 20, 4, (Local("conv", 3, 2, 8), Local("max", 3, 3)), "mean"),
    "more streams than windows under way": Case(
        30, 29, 4, (Local("conv", 4, 4, 4), Local("max", 3, 2)), "max"
    ),
    "edges": Case(18, 7, 8, (CONV, Local("tanh"), Local("doubled")), "flatten", 0.3, "edge"),
    "dropped": Case(18, 4, 8, (Local("conv", 3, 1, 4, 2),), "flatten", 0.3, "drop"),
    "tables": Case(18, 5, 4, (CONV, Local("tanh"), Local("tanh"), Local("conv", 2, 1, 4))),
    "odd rows": Case(15, 3, 3, (Local("conv", 2, 1, 3), Local("max", 2, 1), Local("conv", 2, 1, 5)), "max"),
}

# One of each way that a push goes; the host runs all.
ON_BOARD = ["hop is none", "more streams than windows under way", "edges"]


def recordings_of(case: Case, seed: int) -> list[np.ndarray]:
    """None, one, a window's and one more or fewer, and those of several windows; zeros among them."""
    rng = np.random.default_rng(seed)
    sizes = [
        0,
        1,
        case.length - 1,
        case.length,
        case.length + 1,
        *rng.integers(1, 4 * case.length, 4).tolist(),
    ]
    found = [rng.integers(0, 256, (size, case.channels)).astype(np.uint8) for size in sizes]
    found[-1][len(found[-1]) // 2 :] = 0
    return found


def expected(case: Case, graph, recordings: list[np.ndarray]) -> np.ndarray:
    windows = [window for items in recordings if len(items) for window in case.pipeline.apply(items)]
    return expected_of(graph, windows)


def planned(case: Case, graph) -> StreamPlan:
    found = plan_stream(graph, case.pipeline, BuildOptions())
    assert isinstance(found, StreamPlan), found
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_push_on_the_host_gives_what_the_window_gives(name, host_command, tmp_path):
    case = CASES[name]
    graph, recordings = graph_of(case), recordings_of(case, 1)
    wanted = expected(case, graph, recordings)
    assert len(np.unique(wanted)) > 10, "the case saturates and proves nothing"
    stream = planned(case, graph)
    program = build_push(
        host_command, tmp_path, generate_streaming(graph, case.pipeline, "model", None, stream)
    )
    (tmp_path / "whole").mkdir()
    whole = build_push(host_command, tmp_path / "whole", generate_streaming(graph, case.pipeline, "model"))
    for steps in (False, True):
        results, given = program.run(recordings, steps=steps)
        assert np.array_equal(results, wanted)
        assert given == whole.run(recordings, steps=False)[1], "with the same items"


@st.composite
def cases(draw: st.DrawFn) -> Case:
    layers = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(("conv", "depthwise", "max", "average", "doubled")))
        kernel, stride = draw(st.integers(1, 4)), draw(st.integers(1, 3))
        dilation = draw(st.integers(1, 2)) if kind in ("conv", "depthwise") else 1
        layers.append(Local(kind, kernel, stride, draw(st.integers(1, 6)), dilation))
    if draw(st.booleans()):
        layers.append(Local("tanh"))
    length = draw(st.integers(4, 40))
    hop = draw(st.integers(1, length))
    fill, padding = draw(st.sampled_from((0.0, 0.3, 0.5, 1.0))), draw(st.sampled_from(PADDINGS))
    channels, head = draw(st.integers(1, 5)), draw(st.sampled_from(HEADS))
    return Case(length, hop, channels, tuple(layers), head, fill, padding)


def rows_of(case: Case) -> int:
    """How many rows the last layer has."""
    rows = case.length
    for layer in case.layers:
        if layer.kind not in ("tanh", "doubled"):
            rows = (rows - (layer.kernel - 1) * layer.dilation - 1) // layer.stride + 1
    return rows


def compiled_examples(count: int) -> settings:
    """Every example is compiled: none is shrunk."""
    phases = (Phase.explicit, Phase.generate)
    return settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck), phases=phases)


@given(case=cases(), seed=st.integers(0, 1000))
@compiled_examples(6)
def test_every_window_of_drawn_models_is_the_same(case, seed, host_command):
    assert_every_window_is_the_same(case, seed, host_command)


@pytest.mark.thorough
@given(case=cases(), seed=st.integers(0, 1000))
@compiled_examples(25)
def test_every_window_of_more_drawn_models_is_the_same(case, seed, host_command):
    assert_every_window_is_the_same(case, seed, host_command)


def assert_every_window_is_the_same(case: Case, seed: int, host_command: list[str]) -> None:
    assume(rows_of(case) >= 1)
    graph, recordings = graph_of(case, seed), recordings_of(case, seed)
    stream = plan_stream(graph, case.pipeline, BuildOptions())
    if isinstance(stream, str):
        return
    with tempfile.TemporaryDirectory() as folder:
        chain = generate_streaming(graph, case.pipeline, "model", None, stream)
        program = build_push(host_command, Path(folder), chain)
        assert np.array_equal(program.run(recordings, steps=True)[0], expected(case, graph, recordings))


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize(
    "name", [name if name in ON_BOARD else pytest.param(name, marks=pytest.mark.thorough) for name in CASES]
)
def test_the_simulated_board_gives_what_the_window_gives(name, compiler):
    case = CASES[name]
    graph, recordings = graph_of(case), recordings_of(case, 2)
    stream = planned(case, graph)
    chain = generate_streaming(graph, case.pipeline, "model", None, stream)
    board = BoardChain("model", chain, find_compiler(compiler))
    runs = [board.run(items) for items in recordings]
    results = [result for run in runs for given in run.results for result in given]
    assert np.array_equal(np.array(results), expected(case, graph, recordings))
