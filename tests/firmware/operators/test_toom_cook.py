"""Convolutions by Toom-Cook: transforms that are exact, on the board and in C, in the cycles stated."""

import re

import lines
import numpy as np
import pytest
import topped_runs
from hypothesis import given as drawn
from hypothesis import strategies
from on_board import COMPILERS, Case, with_choice
from topped_lines import tiled
from topped_runs import outputs_of

from zerotap.firmware import plan
from zerotap.firmware.operators import conv_pool
from zerotap.firmware.operators.parts.interface import Implementation
from zerotap.firmware.operators.parts.window_positions import Line
from zerotap.firmware.operators.toom_cook.layers import topped as ways_of
from zerotap.firmware.operators.toom_cook.tiles import Tiles
from zerotap.firmware.operators.toom_cook.transforms import Transform

SEEDS = (*range(27), 31, 55)
"""31 has two taps, 55 more positions of many channels than there is room for."""
SKEWS = (1, 2, 3)
KINDS = {"words": "toom_cook", "taps": "toom_cook, taps"}
BOTH = "toom_cook, taps and words"
WORD = 1 << 32
TRANSFORMS = [each for m in range(2, 9) for r in range(2, 15) if (each := Transform(m, r)).is_possible]


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    """The largest tiles of each layer, and some others, with words of weights, with taps, and with both."""
    found = {}
    for seed in SEEDS:
        graph = tiled(seed)
        planned, given = plan(graph), lines.samples(seed, graph.tensors[0].size)
        place = next(at for at, each in enumerate(planned.layers) if not each.alias)
        every = conv_pool.implementations(graph, *graph.operators)
        mixed = [each for each in every if each.kernel == BOTH]
        for way in {seed % len(mixed), len(mixed) - 1} if mixed else ():
            case = with_choice(planned, place, mixed[way])
            found[f"both_{size_of(mixed[way])}_{seed}_{way}"] = Case(case, given, lines.expected(case, given))
        for kind, kernel in KINDS.items():
            ways = {size_of(each): each for each in every if each.kernel == kernel}
            sizes = list(ways)
            for size in {sizes[seed % len(sizes)], sizes[-1]} if ways else ():
                case = with_choice(planned, place, ways[size])
                found[f"{kind}_{size}_{seed}"] = Case(case, given, lines.expected(case, given))
    return found


def size_of(way: Implementation) -> int:
    """Positions of a tile, as the code says that it has."""
    found = re.search(r"those of (\d+) positions", way.emit("layer_0").assembly[0].about)
    assert found
    return int(found[1])


def are_in_batches(case: Case) -> bool:
    return "batch++" in case.planned.running[0].choice.emit("layer_0").body


def test_drawn_layers_have_tiles_of_all_sizes_and_do_not_saturate(cases):
    drawn = {tuple(name.split("_")[:2]) for name in cases}
    assert {(kind, str(size)) for kind in KINDS for size in range(2, 9)} <= drawn
    assert {size for kind, size in drawn if kind == "both"} >= {"2", "7", "8"}
    topped_runs.do_not_saturate(cases)
    found = [
        re.search(r"(\d+) points: of (\d+) two channels", each) for each in topped_runs.constants_of(cases)
    ]
    narrow = [each.groups() for each in found if each]
    assert any(every == halves for every, halves in narrow), "all weights are halves"
    assert len({halves for every, halves in narrow if every != halves}) > 2, "some are words"


def test_weights_are_made_of_every_number_of_taps(cases):
    every = [case.planned.graph for name, case in cases.items() if name.startswith("taps")]
    assert {graph.tensors[1].shape[2] for graph in every} == {2, 3, 4, 5, 6, 7, 8}


@pytest.mark.parametrize("compiler", COMPILERS)
def test_on_the_board_outputs_are_exact_and_cycles_are_as_counted(cases, compiler):
    in_batches = {name for name, case in cases.items() if are_in_batches(case)}
    assert {name.split("_")[0] for name in in_batches} == {"words", "taps", "both"}
    assert len(in_batches) < len(cases)
    topped_runs.are_exact_in_the_cycles_counted(cases, compiler, in_batches)


def test_inputs_that_are_not_aligned_give_the_same(cases):
    topped_runs.are_exact_at_any_address(cases, SKEWS)


def test_its_plain_c_gives_the_same(cases, build_host):
    topped_runs.are_exact_in_plain_c(cases, build_host)


def by_toom_cook(transform: Transform, taps: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """Outputs (outputs, m) modulo 2^32 of taps (outputs, taps, channels) and inputs (inputs, channels)."""
    factors = np.array(transform.factors(), object)[:, None]
    words = np.array(transform.rows(), object) @ inputs.astype(object) * factors % WORD
    products = (transform.values(taps).astype(object) * words).sum(axis=2) % WORD
    return products @ np.array(transform.columns(), object) % WORD


@drawn(strategies.data())
def test_transforms_give_the_sums_of_a_convolution_and_zeros_below(data):
    transform = data.draw(strategies.sampled_from(TRANSFORMS))
    channels, seed = data.draw(strategies.integers(1, 40)), data.draw(strategies.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    extremes = data.draw(strategies.booleans())
    given = rng.choice([-128, 127], (2, 1)) if extremes else rng.integers(-128, 128, (transform.inputs, 1))
    inputs = np.resize(given, (transform.inputs, channels))
    least = data.draw(strategies.sampled_from([-128, 127, 0]))
    taps = rng.integers(min(least, 0) or -127, max(least, 0) + 1, (2, transform.taps, channels)).astype(
        np.int8
    )
    windows = np.lib.stride_tricks.sliding_window_view(inputs, transform.taps, axis=0)
    expected = np.einsum("okc,jck->oj", taps.astype(np.int64), windows)
    found = by_toom_cook(transform, taps, inputs)
    assert np.array_equal(found, (expected << transform.lost_bits) % WORD)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_factors_are_the_same_for_both_signs_of_a_point(transform):
    factors = transform.factors()
    assert factors[1::2] == factors[2::2]


@pytest.mark.parametrize("value", [-128, -127, 127])
def test_the_largest_weights_and_inputs_of_the_demo_fit_where_the_bound_says(value):
    taps, count = np.full((1, 8, 32), value, np.int8), 8 * 32
    for transform in (Transform(4, 8), Transform(6, 8), Transform(8, 8)):
        inputs = np.full((transform.inputs, 32), -128)
        found = by_toom_cook(transform, taps, inputs)[0].tolist()
        signed = [(each + WORD // 2) % WORD - WORD // 2 for each in found]
        assert [each >> transform.lost_bits for each in signed] == [-128 * value * count] * transform.outputs


def test_tiles_of_other_transforms_have_no_words():
    assert not Transform(3, 8).is_possible, "ten points are no pairs beside 0"
    assert not Transform(2, 1).is_possible and not Transform(1, 4).is_possible
    assert not Transform(8, 10).is_possible, "17 points"


@pytest.mark.parametrize("positions", range(2, 60))
@pytest.mark.parametrize("size", [2, 4, 8])
@pytest.mark.parametrize("most", [1, 2, 7])
def test_tiles_cover_all_positions_and_no_other(positions, size, most):
    tiles = Tiles(Line(positions + 3, 4, 4, 1, 0, positions), positions, size, most)
    if not tiles.is_possible:
        assert size > positions
        return
    begins = [min(size * tile, tiles.last) for tile in range(tiles.batches * tiles.groups * tiles.together)]
    assert {begin + at for begin in begins for at in range(size)} == set(range(positions))
    assert 1 <= tiles.together <= 5 and tiles.groups <= most
    assert (tiles.batches - 1) * tiles.groups * tiles.together < -(-positions // size), "no batch is in vain"


def sizes(line: Line, weights: np.ndarray, kind: str = "words") -> list[int]:
    every = ways_of(line, weights, outputs_of(weights), line.positions)
    return [size_of(each) for each in every if each.kernel == KINDS[kind]]


def test_sums_that_what_is_lost_leaves_no_room_for_are_refused():
    """2^31 / 2^8 is 128 * 65536, which -2^23 reaches and 2^23 does not."""
    line = Line(20, 48, 14, 1, 0, 7)
    weights = np.zeros((2, 14 * 48), np.int8)
    weights[1, :516], weights[1, 516] = 127, 4
    assert weights.sum(dtype=np.int64) == 65536
    assert 2 in sizes(line, weights)
    assert 2 not in sizes(line, -weights)


def test_strides_and_channels_beyond_reach_are_refused():
    weights = np.ones((2, 8 * 48), np.int8)
    assert sizes(Line(39, 48, 8, 1, 0, 32), weights) == [8, 6, 4, 2]
    assert sizes(Line(47, 48, 8, 1, 0, 40), weights) == [6, 4, 2], "more than 12 KB of words for eight"
    assert not sizes(Line(70, 48, 8, 2, 0, 32), weights)
    assert not sizes(Line(39, 49, 8, 1, 0, 32), np.ones((2, 8 * 49), np.int8))


def test_weights_are_not_made_of_more_taps_than_registers_hold_or_beside_too_many_words():
    nine, eight = np.ones((2, 9 * 4), np.int8), np.ones((2, 8 * 48), np.int8)
    assert sizes(Line(15, 4, 9, 1, 0, 7), nine) and not sizes(Line(15, 4, 9, 1, 0, 7), nine, "taps")
    assert 8 in sizes(Line(31, 48, 8, 1, 0, 24), eight, "taps")
    line = Line(39, 48, 8, 1, 0, 32)
    assert 8 in sizes(line, eight)
    assert sizes(line, eight, "taps") == [6, 4, 2], "more than 12 KB of words with those of an output"
