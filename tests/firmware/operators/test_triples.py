"""The largest of all positions by triples: exact on the board and in C, in the cycles stated."""

import lines
import numpy as np
import pytest
import topped_runs
from on_board import COMPILERS, Case, with_choice
from topped_lines import topped
from topped_runs import outputs_of

from zerotap.firmware import plan
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
    topped_runs.do_not_saturate(cases)
    forms = topped_runs.constants_of(cases)
    assert any(">> 16" in form for form in forms) and any(">> 14" in form for form in forms)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_on_the_board_outputs_are_exact_and_cycles_are_as_counted(cases, compiler):
    topped_runs.are_exact_in_the_cycles_counted(cases, compiler)


def test_inputs_that_are_not_aligned_give_the_same(cases):
    topped_runs.are_exact_at_any_address(cases, SKEWS)


def test_its_plain_c_gives_the_same(cases, build_host):
    topped_runs.are_exact_in_plain_c(cases, build_host)


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


def test_two_weights_of_minus_128_in_a_word_are_refused():
    line, weights = Line(9, 8, 1, 1, 0, 9), np.full((2, 8), -127, np.int8)
    weights[1, 1] = weights[1, 3] = -128
    assert not [*ways_of(line, weights, outputs_of(weights), 9)]
    weights[1, 3] = -127
    assert len([*ways_of(line, weights, outputs_of(weights), 9)]) == 3
