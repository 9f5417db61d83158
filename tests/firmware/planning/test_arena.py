"""The arena's layout against every order of placing, and against the bound from below."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.firmware.planning.arena import Buffer, place

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


@given(networks())
@settings(max_examples=100, deadline=None)
def test_networks_with_scratch_and_skips_are_within_a_seventh_of_the_bound(buffers: list[Buffer]) -> None:
    size_bytes = place(buffers)
    check_legal(buffers, size_bytes)
    assert size_bytes <= bound(buffers) * 8 / 7


@given(many_buffers())
@settings(max_examples=40, deadline=None)
def test_any_set_is_within_a_third_of_the_bound_and_always_the_same(buffers: list[Buffer]) -> None:
    size_bytes = place(buffers)
    check_legal(buffers, size_bytes)
    assert size_bytes <= bound(buffers) * 4 / 3
    offsets = [one.offset for one in buffers]
    assert (place(buffers), [one.offset for one in buffers]) == (size_bytes, offsets)
