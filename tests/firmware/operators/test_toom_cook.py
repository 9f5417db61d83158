"""Convolutions by Toom-Cook: transforms that are exact, on the board and in C, in the cycles stated."""

import re
from collections.abc import Iterator

import lines
import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import strategies
from on_board import COMPILERS, Case, Linked, plans, with_choice
from topped_lines import tiled

from zerotap.firmware import plan
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.operators.parts.interface import Implementation
from zerotap.firmware.operators.parts.outputs import Outputs
from zerotap.firmware.operators.parts.row_kernels import sum_range
from zerotap.firmware.operators.parts.window_positions import Line
from zerotap.firmware.operators.toom_cook.layers import topped as ways_of
from zerotap.firmware.operators.toom_cook.tiles import Tiles
from zerotap.firmware.operators.toom_cook.transforms import Transform

SEEDS = range(27)
SKEWS = (1, 2, 3)
WORD = 1 << 32
ROOM = 24_000
"""Of a board's RAM, for arenas."""
TRANSFORMS = [each for m in range(2, 9) for r in range(2, 15) if (each := Transform(m, r)).is_possible]


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    """The largest tiles of each layer, and some others, of what fits beside others."""
    found = {}
    for seed in SEEDS:
        graph = tiled(seed)
        planned, given = plan(graph), lines.samples(seed, graph.tensors[0].size)
        place = next(at for at, each in enumerate(planned.layers) if not each.alias)
        every = planned.layers[place].implementations
        ours = [each for each in every if each.kernel == "toom_cook"]
        ways = {size_of(each): each for each in ours}
        sizes = list(ways)
        for size in {sizes[seed % len(sizes)], sizes[-1]} if ways else ():
            case = with_choice(planned, place, ways[size])
            found[f"tiles_of_{size}_{seed}"] = Case(case, given, lines.expected(case, given))
    return found


def size_of(way: Implementation) -> int:
    """Positions of a tile, as the code says that it has."""
    found = re.search(r"those of (\d+) positions", way.emit("layer_0").assembly[0].about)
    assert found
    return int(found[1])


def test_drawn_layers_have_tiles_of_all_sizes_and_do_not_saturate(cases):
    assert {name.rsplit("_", 1)[0] for name in cases} == {f"tiles_of_{size}" for size in range(2, 9)}
    values = {value for each in cases.values() for value in each.expected.ravel().tolist()}
    assert len(values) > 130, "the cases saturate and prove nothing"
    forms = [each.planned.running[0].choice.emit("layer_0").constants for each in cases.values()]
    assert any("zerotap_signed_scale_t" in form for form in forms)
    narrow = [re.findall(r"(\d+) points: of (\d+) two channels", form)[0] for form in forms]
    assert any(every == halves for every, halves in narrow), "all weights are halves"
    assert len({halves for every, halves in narrow if every != halves}) > 2, "some are words"


def on_boards(cases: dict[str, Case], compiler: str) -> Iterator[tuple[str, Case, Linked, dict[str, int]]]:
    """Each with the program that it is in, and bounds of its stack: all are more than a board's RAM."""
    batches, room = [[]], ROOM
    for name, case in cases.items():
        if room < case.planned.arena_bytes:
            batches.append([])
            room = ROOM
        room -= case.planned.arena_bytes
        batches[-1].append(name)
    for batch in batches:
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
def test_tiles_cover_all_positions_and_no_other(positions, size):
    tiles = Tiles(Line(positions + 3, 4, 4, 1, 0, positions), positions, size)
    if not tiles.is_possible:
        assert size > positions
        return
    begins = [min(size * tile, tiles.last) for tile in range(tiles.groups * tiles.together)]
    assert {begin + at for begin in begins for at in range(size)} == set(range(positions))
    assert 1 <= tiles.together <= 5


def outputs_of(weights: np.ndarray) -> Outputs:
    count = len(weights)
    return Outputs(
        np.zeros(count, np.int64), [0.01] * count, *sum_range(weights), False, -128, -128, 127, count
    )


def sizes(line: Line, weights: np.ndarray) -> list[int]:
    return [size_of(each) for each in ways_of(line, weights, outputs_of(weights), line.positions)]


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
    assert sizes(Line(39, 48, 8, 1, 0, 32), weights) == [8]
    assert not sizes(Line(47, 48, 8, 1, 0, 40), weights), "more than 12 KB of words"
    assert not sizes(Line(70, 48, 8, 2, 0, 32), weights)
    assert not sizes(Line(39, 49, 8, 1, 0, 32), np.ones((2, 8 * 49), np.int8))
