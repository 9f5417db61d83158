"""The largest of all positions by triples: exact on the board and in C, in the cycles stated."""

from collections.abc import Iterator

import lines
import numpy as np
import pytest
from on_board import COMPILERS, Case, Linked, plans, with_choice
from topped_lines import topped

from zerotap.firmware import plan
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.operators.parts.outputs import Outputs
from zerotap.firmware.operators.parts.row_kernels import sum_range
from zerotap.firmware.operators.parts.window_positions import Line
from zerotap.firmware.operators.triples.lanes import Lanes
from zerotap.firmware.operators.triples.layers import topped as ways_of

SEEDS = range(27)
SKEWS = (1, 2)


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    """With bytes, with words, and with both."""
    found = {}
    for seed in SEEDS:
        planned, given = plan(topped(seed)), lines.samples(seed, topped(seed).tensors[0].size)
        place = next(at for at, each in enumerate(planned.layers) if not each.alias)
        every = planned.layers[place].implementations
        ways = [each for each in every if each.kernel.startswith("line_triples")]
        for way in (ways[0], ways[len(ways) // 2], ways[-1]) if ways else ():
            case = with_choice(planned, place, way)
            found[f"triples_{seed}_{ways.index(way)}"] = Case(case, given, lines.expected(case, given))
    return found


def test_drawn_layers_have_all_ways_and_do_not_saturate(cases):
    assert len(cases) > 2 * len(SEEDS)
    values = {value for each in cases.values() for value in each.expected.ravel().tolist()}
    assert len(values) > 130, "the cases saturate and prove nothing"
    forms = [each.planned.running[0].choice.emit("layer_0").constants for each in cases.values()]
    assert any("zerotap_signed_scale_t" in form for form in forms)
    assert any(">> 16" in form for form in forms) and any(">> 14" in form for form in forms)


def on_boards(cases: dict[str, Case], compiler: str) -> Iterator[tuple[str, Case, Linked, dict[str, int]]]:
    """Each with the program that it is in, and bounds of its stack: all are more than a board's RAM."""
    names = sorted(cases, key=lambda name: cases[name].planned.arena_bytes)
    for batch in (names[place::2] for place in range(2)):
        linked = Linked(plans({name: cases[name] for name in batch}), compiler)
        bounds = linked.stack_bounds()
        yield from ((name, cases[name], linked, bounds) for name in batch)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_on_the_board_outputs_are_exact_and_cycles_are_as_counted(cases, compiler):
    beyond = {}
    for name, case, linked, bounds in on_boards(cases, compiler):
        ran = linked.run(name, case.samples)
        assert np.array_equal(ran.outputs, case.expected), name
        assert len(set(ran.cycles)) == 1, name
        assert ran.stack_bytes <= bounds[name] <= case.planned.stack_bytes, name
        beyond[name] = case.planned.cycles - ran.cycles[0]
    # What is around the assembly is the same in all of them.
    assert max(beyond.values()) - min(beyond.values()) <= 2, beyond
    assert 0 <= min(beyond.values()) <= max(beyond.values()) <= 10, beyond


def test_inputs_that_are_not_aligned_give_the_same(cases):
    for name, case, linked, _ in on_boards(cases, "zig"):
        for skew in SKEWS:
            ran = linked.run(name, case.samples[:3], skew)
            assert np.array_equal(ran.outputs, case.expected[:3]), (name, skew)
            assert len(set(ran.cycles)) == 1, (name, skew)


def test_its_plain_c_gives_the_same(cases, build_host):
    program = build_host({name: generate_plan(case.planned, name) for name, case in cases.items()})
    for name, case in cases.items():
        assert np.array_equal(program.run(name, case.samples), case.expected), name


@pytest.mark.parametrize("positions", range(3, 50))
def test_three_lanes_cover_all_positions_and_no_other(positions):
    lanes = Lanes(Line(positions, 4, 1, 1, 0, positions), positions)
    taken = {turn + lane * lanes.apart for turn in range(lanes.turns) for lane in range(3)}
    assert taken == set(range(positions))
    assert 3 * lanes.turns <= positions + 4


def test_windows_that_do_not_begin_at_whole_words_or_are_too_long_have_none():
    assert Lanes(Line(9, 6, 2, 2, 0, 4), 4).is_possible
    assert not Lanes(Line(9, 6, 2, 1, 0, 8), 8).is_possible, "the second begins at input 6"
    assert not Lanes(Line(9, 4, 1, 1, 0, 2), 2).is_possible, "two positions are a pair"
    assert Lanes(Line(70, 8, 60, 1, 0, 11), 11).is_possible
    assert not Lanes(Line(70, 8, 61, 1, 0, 10), 10).is_possible, "its words are beyond the reach of SP"


def outputs_of(weights: np.ndarray) -> Outputs:
    count = len(weights)
    return Outputs(
        np.zeros(count, np.int64), [0.01] * count, *sum_range(weights), False, -128, -128, 127, count
    )


def test_two_weights_of_minus_128_in_a_word_are_refused():
    line, weights = Line(9, 8, 1, 1, 0, 9), np.full((2, 8), -127, np.int8)
    weights[1, 1] = weights[1, 3] = -128
    assert not [*ways_of(line, weights, outputs_of(weights), 9)]
    weights[1, 3] = -127
    assert len([*ways_of(line, weights, outputs_of(weights), 9)]) == 3
