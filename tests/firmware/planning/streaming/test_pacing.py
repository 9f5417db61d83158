"""Every row of every window comes once, with the item that makes it computable, in the window's stream."""

from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st
from streamed import Case, Local, graph_of

from zerotap.firmware.planning.plan import prepared, single_layers
from zerotap.firmware.planning.streaming.levels import Level, needed, streamable
from zerotap.firmware.planning.streaming.pacing import Pace, paces


def levels_of(case: Case) -> tuple[Level, ...]:
    graph = prepared(graph_of(case))
    found = streamable(graph, single_layers(graph), case.length)
    assert not isinstance(found, str), found
    return needed(found.levels)


def due(pace: Pace, hop: int, items: int) -> list[tuple[int, int]]:
    """(item, stream) of every row, as zerotap_row_due gives them."""
    until, follows, tracks, found = pace.first, 0, [[0, 0] for _ in range(pace.streams)], []
    for item in range(items):
        until -= 1
        if until == 0:
            tracks[follows], until = [1, pace.rows], hop
            follows = (follows + 1) % pace.streams
        rows = []
        for stream, track in enumerate(tracks):
            if track[1] > 0:
                track[0] -= 1
                if track[0] == 0:
                    track[0], track[1] = pace.step, track[1] - 1
                    rows.append(stream)
        assert len(rows) < 2, "no two streams have a row with the same item"
        found += [(item, stream) for stream in rows]
    return found


shapes = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=3)


@given(shapes=shapes, length=st.integers(4, 60), data=st.data())
def test_rows_come_when_the_last_item_that_they_need_does(shapes, length, data):
    hop = data.draw(st.integers(1, length))
    layers = tuple(Local("max", kernel, stride) for kernel, stride in shapes)
    rows = length
    for kernel, stride in shapes:
        rows = (rows - kernel) // stride + 1
        assume(rows >= 2)
    levels = levels_of(Case(length, hop, 4, layers))
    windows = range(12)
    items = length + hop * (len(windows) - 1)
    pairs = list(zip(levels, paces(levels, length, hop), strict=True))[1:]
    for level, pace in pairs:
        wanted = {
            (window * hop + level.span - 1 + level.step * row, window % pace.streams)
            for window in windows
            for row in range(level.rows)
        }
        given_rows = [each for each in due(pace, hop, items) if each[0] < windows[-1] * hop]
        assert len(given_rows) == len(set(given_rows))
        assert set(given_rows) == {each for each in wanted if each[0] < windows[-1] * hop}
    for (_, below), (_, above) in pairwise(pairs):
        assert above.streams % below.streams == 0


def test_windows_that_overlap_share_rows_where_the_hop_allows():
    layers = (Local("conv", 4, 1, 32), Local("max", 2, 2), Local("conv", 8, 1, 48))
    for hop, streams in ((48, (1, 1, 1)), (1, (1, 2, 2)), (47, (1, 2, 2)), (96, (1, 1, 1))):
        levels = levels_of(Case(96, hop, 8, layers, "max"))
        assert tuple(pace.streams for pace in paces(levels, 96, hop))[1:] == streams
        assert [level.held for level in levels] == [4, 2, 8, 1]
        assert [level.rows for level in levels] == [95, 92, 46, 39]
