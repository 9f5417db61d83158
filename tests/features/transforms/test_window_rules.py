"""Windows over recordings: gaps, time, and that full windows are views."""

from dataclasses import replace

import numpy as np
import pytest

from zerotap.capture import Event, Packet, Recording
from zerotap.errors import FeatureError
from zerotap.features.segments import segments
from zerotap.features.transforms.count_window import CountWindows
from zerotap.features.transforms.cutting import window_parts
from zerotap.features.transforms.item_times import timed
from zerotap.features.transforms.time_window import TimeWindows

MS = 1_000_000


def recording(times_ms: list[int], **changes) -> Recording:
    """One report a time; its first byte is its number."""
    packets = [Packet(1_000 * MS + t * MS, 0x81, bytes([n, *[0] * 7])) for n, t in enumerate(times_ms)]
    return replace(Recording.from_packets(packets), **changes)


def event(at_ms: int, kind: str) -> Event:
    return Event(1_000 * MS + at_ms * MS, kind)


def cut(times_ms: list[int], rule: TimeWindows) -> list[list[int]]:
    """The numbers of the items in each window; -1 for filling."""
    rows = np.arange(1, len(times_ms) + 1, dtype=np.int16)[:, None]
    return (rule.batch(timed(np.array(times_ms) * MS, rows))[:, :, 0] - 1).tolist()


def test_a_recording_is_cut_at_gaps_and_unplugs_but_not_at_failed_transfers():
    events = (event(25, "gap"), event(35, "failed"), event(40, "unplug"), event(90, "gap"))
    pieces = segments(recording([0, 10, 20, 30, 40, 50], events=events))
    assert [piece.reports(8)[:, 0].tolist() for piece in pieces] == [[0, 1, 2], [3], [4, 5]]
    assert len(segments(recording([0, 10]))) == 1
    assert segments(recording([])) == []


def test_full_windows_share_the_recording_s_memory():
    packets = recording(list(range(50)))
    full, filled = window_parts(segments(packets)[0].reports(8), 8, 3)
    assert np.shares_memory(full, packets.payload)
    assert len(full) == 15
    assert len(filled) == 0
    assert np.shares_memory(CountWindows(8, 3).batch(packets.reports(8)), packets.payload)


@pytest.mark.parametrize(
    ("padding", "last"), [("zero", [8, 9, 0, 0]), ("edge", [8, 9, 9, 9]), ("drop", [4, 5, 6, 7])]
)
def test_the_last_window_is_filled_as_the_padding_says(padding, last):
    windows = CountWindows(4, 4, 0.5, padding).batch(np.arange(10, dtype=np.int32))
    assert windows[-1].tolist() == last


def test_windows_by_time_hold_what_came_within_it():
    assert cut([0, 10, 20, 30, 40, 100], TimeWindows(4, 30, 30)) == [
        [0, 1, 2, -1],
        [3, 4, -1, -1],
        [5, -1, -1, -1],
    ]


def test_windows_by_time_overlap_by_the_hop_and_keep_their_latest_items():
    assert cut([0, 10, 20, 30], TimeWindows(2, 30, 10)) == [[1, 2], [2, 3]]


def test_after_a_pause_windows_begin_anew_with_the_item_that_ends_it():
    assert cut([0, 5, 1_007, 1_016, 1_017], TimeWindows(2, 10, 10)) == [[0, 1], [2, 3], [4, -1]]


def test_windows_by_time_with_too_few_items_are_left_out():
    assert cut([0, 10, 30, 60, 61], TimeWindows(3, 30, 30, minimum_fill=0.6)) == [[0, 1, -1], [3, 4, -1]]
    assert cut([0, 10, 30, 31, 32], TimeWindows(3, 30, 30, padding="drop")) == [[2, 3, 4]]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: CountWindows(0, 1),
        lambda: CountWindows(4, 5),
        lambda: CountWindows(4, 4, 1.5),
        lambda: CountWindows(4, 4, 0.5, "wrap"),
        lambda: CountWindows(1 << 16, 1),
        lambda: TimeWindows(0, 10, 10),
        lambda: TimeWindows(4, 10, 11),
        lambda: TimeWindows(4, 1 << 31, 10),
        lambda: TimeWindows(4, 10, 10, float("nan")),
    ],
)
def test_impossible_windows_are_refused(wrong):
    with pytest.raises(FeatureError, match="choose"):
        wrong()
