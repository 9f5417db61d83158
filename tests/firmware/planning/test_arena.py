"""The arena's layout against every order of placing, an integer program, and the bound from below."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from zerotap.firmware.planning.arena import Buffer, place
from zerotap.firmware.planning.skyline import lower

SIZES = st.integers(1, 40)


@st.composite
def few_buffers(draw):
    count = draw(st.integers(0, 6))
    return [buffer(draw(SIZES), *sorted(draw(st.tuples(*[st.integers(0, 5)] * 2)))) for _ in range(count)]


@st.composite
def many_buffers(draw):
    count = draw(st.integers(8, 25))
    lives = [sorted(draw(st.tuples(*[st.integers(0, 20)] * 2))) for _ in range(count)]
    return [buffer(draw(SIZES), *life) for life in lives]


@st.composite
def networks(draw):
    """A chain, each layer with scratch perhaps, and perhaps a skip over it."""
    chain = [
        buffer(size, at, at + 1) for at, size in enumerate(draw(st.lists(SIZES, min_size=2, max_size=12)))
    ]
    scratch = [buffer(draw(SIZES), at, at) for at in draw(st.sets(st.integers(0, 11), max_size=4))]
    skips = draw(st.lists(st.tuples(SIZES, st.integers(0, 8), st.integers(2, 4)), max_size=2))
    return [*chain, *scratch, *(buffer(size, at, at + length) for size, at, length in skips)]


def buffer(size: int, first: int, last: int) -> Buffer:
    return Buffer([], size, first, last)


def aligned(size: int) -> int:
    return (size + 3) // 4 * 4


def meets(one: Buffer, other: Buffer) -> bool:
    return one.first <= other.last and other.first <= one.last


def bound(buffers: list[Buffer]) -> int:
    """What is alive at the worst moment."""
    moments = [sum(aligned(b.size_bytes) for b in buffers if b.first <= t <= b.last) for t in range(40)]
    return max(moments)


def optimum(buffers: list[Buffer]) -> int:
    """By trying every order, each buffer at every offset where it can rest on others."""
    best = sum(aligned(b.size_bytes) for b in buffers)
    for order in itertools.permutations(buffers):
        placed: list[tuple[Buffer, int]] = []
        for one in order:
            living = [
                (start, start + aligned(other.size_bytes)) for other, start in placed if meets(one, other)
            ]
            tops = sorted([0, *(end for _, end in living)])
            placed.append((one, next(t for t in tops if free(t, aligned(one.size_bytes), living))))
        best = min(best, max((start + aligned(b.size_bytes) for b, start in placed), default=0))
    return best


def free(start: int, size: int, taken: list[tuple[int, int]]) -> bool:
    return all(start + size <= low or high <= start for low, high in taken)


def check_legal(buffers: list[Buffer], size_bytes: int) -> None:
    for one, other in itertools.combinations(buffers, 2):
        apart = one.offset + one.size_bytes <= other.offset or other.offset + other.size_bytes <= one.offset
        assert apart or not meets(one, other), (one, other)
    for one in buffers:
        assert one.offset % 4 == 0
        assert 0 <= one.offset <= one.offset + one.size_bytes <= size_bytes


@given(few_buffers())
@settings(max_examples=150, deadline=None)
def test_few_buffers_are_placed_as_well_as_any_order_can(buffers: list[Buffer]) -> None:
    size_bytes = place(buffers)
    check_legal(buffers, size_bytes)
    assert size_bytes == optimum(buffers)


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=60))
@settings(max_examples=100, deadline=None)
def test_a_chain_takes_what_its_widest_layer_holds(sizes: list[int]) -> None:
    buffers = [buffer(size, at, at + 1) for at, size in enumerate(sizes)]
    size_bytes = place(buffers)
    check_legal(buffers, size_bytes)
    padded = [0, *map(aligned, sizes)]
    assert size_bytes == max(map(sum, itertools.pairwise(padded)))


# Orders of placing stopped at 48 bytes of the first and 100 of the second.
CHAIN_AND_SKIP = [
    *[(17, 0, 1), (1, 1, 2), (21, 2, 3), (9, 3, 4), (9, 4, 5), (21, 5, 6), (5, 6, 7)],
    *[(13, 10, 10), (1, 2, 2), (13, 8, 11)],
]
LONG_CHAIN = [
    *[(24, 0, 1), (6, 1, 2), (29, 2, 3), (33, 3, 4), (7, 4, 5), (11, 5, 6), (34, 6, 7), (26, 7, 8)],
    *[(24, 8, 9), (32, 9, 10), (2, 10, 11), (31, 11, 12), (11, 6, 8)],
]
ABOVE_THE_BOUND = [
    *[(31, 0, 1), (10, 1, 2), (1, 2, 3), (35, 3, 4), (13, 4, 5), (12, 5, 6), (33, 6, 7), (36, 7, 8)],
    *[(16, 8, 9), (37, 9, 10), (13, 10, 11), (14, 2, 2), (32, 3, 3), (17, 4, 6), (4, 7, 11)],
]


@pytest.mark.parametrize(
    ("lives", "alive", "smallest"),
    [(CHAIN_AND_SKIP, 36, 36), (LONG_CHAIN, 76, 76), (ABOVE_THE_BOUND, 76, 84)],
)
def test_what_orders_of_placing_do_not_find_is_found(lives, alive: int, smallest: int) -> None:
    buffers = [buffer(*life) for life in lives]
    size_bytes = place(buffers)
    check_legal(buffers, size_bytes)
    assert (bound(buffers), size_bytes) == (alive, smallest)
    assert not fits(buffers, smallest - 4)


def fits(buffers: list[Buffer], limit: int) -> bool:
    """Whether an integer program finds a layout that is no higher than ``limit``.

    Two buffers that meet get a binary variable: which of them lies above the other.
    """
    sizes = np.array([aligned(one.size_bytes) for one in buffers])
    pairs = [
        (low, high)
        for low, high in itertools.combinations(range(len(buffers)), 2)
        if meets(buffers[low], buffers[high])
    ]
    rows, least = np.zeros((2 * len(pairs), len(buffers) + len(pairs))), []
    for number, (one, other) in enumerate(pairs):
        rows[2 * number, [other, one, len(buffers) + number]] = 1, -1, limit
        rows[2 * number + 1, [one, other, len(buffers) + number]] = 1, -1, -limit
        least += [sizes[one], sizes[other] - limit]
    if sizes.max(initial=0) > limit:
        return False
    highest = np.concatenate([limit - sizes, np.ones(len(pairs))])
    within = LinearConstraint(rows, lb=np.array(least)) if pairs else ()
    return milp(np.zeros(rows.shape[1]), bounds=Bounds(0, highest), integrality=1, constraints=within).success


def check_best(buffers: list[Buffer]) -> None:
    """Nothing smaller exists, or the search gave up.

    An optimum may lie above the bound: what is alive at each moment need not fit together at all of them.
    """
    size_bytes = place(buffers)
    check_legal(buffers, size_bytes)
    sizes, lives = [aligned(one.size_bytes) for one in buffers], [(one.first, one.last) for one in buffers]
    below = lower(sizes, lives, size_bytes, bound(buffers))
    assert below.offsets is None
    assert size_bytes == bound(buffers) or not below.is_optimum or not fits(buffers, size_bytes - 4)


@given(networks())
@settings(max_examples=100, deadline=None)
def test_nothing_smaller_holds_a_network_with_scratch_and_skips(buffers: list[Buffer]) -> None:
    check_best(buffers)


@given(many_buffers())
@settings(max_examples=40, deadline=None)
def test_nothing_smaller_holds_any_set_and_the_layout_is_always_the_same(buffers: list[Buffer]) -> None:
    check_best(buffers)
    offsets = [one.offset for one in buffers]
    size_bytes = place(buffers)
    assert (place(buffers), [one.offset for one in buffers]) == (size_bytes, offsets)
