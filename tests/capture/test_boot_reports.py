"""Boot reports: what is a keyboard, and keys as they go down and up."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from zerotap.capture import KeyEventStream, is_keyboard, key_events, press_events

USAGES = st.sampled_from([0, 0, 1, 2, 4, 5, 6, 0xE1])
ROLLOVER = bytes.fromhex("0000010101010101")


def _reports(*rows):
    return np.frombuffer(
        b"".join(bytes.fromhex(r) if isinstance(r, str) else r for r in rows), np.uint8
    ).reshape(-1, 8)


@pytest.mark.parametrize(
    "row",
    [
        "0001040000000000",  # the reserved byte is used
        "0000ff000000ffff",  # no such usage: a mouse that moves
        "0000e10000000000",  # a modifier among the keys
        "0000040400000000",  # the same key twice
        "0000020000000000",  # an error code alone
    ],
)
def test_one_impossible_report_tells_that_it_is_no_keyboard(row):
    assert is_keyboard(_reports("0000040000000000", bytes(8)))
    assert not is_keyboard(_reports("0000040000000000", bytes(8), row))


def test_a_stream_in_which_no_key_goes_down_is_no_keyboard():
    assert not is_keyboard(_reports("0200000000000000", bytes(8)))


@pytest.mark.parametrize(
    "rows",
    [
        ["0000c74b5d390000", "0000b54b5d390000"],  # unusual keys
        ["00000b0c0d0e0000", "00000b0c0d0f0000"],  # several at once, and none ever comes up
        ["00000b0000000000", "00000b0c00000000", "00000b0c0d000000", "00000b0c0d0e0000"],  # more and more
        ["0000c70000000000", bytes(8)],
        ["0000b50000000000", bytes(8), "0000040000000000", bytes(8)],
    ],
)
def test_what_no_hand_types_is_no_keyboard(rows):
    assert not is_keyboard(_reports(*rows))


@pytest.mark.parametrize(
    "rows",
    [
        ["0000040000000000"],  # the capture ends before the key comes up
        ["0000040000000000", "0000050000000000"],
        ["0000040000000000", "0000040500000000", "0000050000000000"],
        ["00000b0c0d0e0000", bytes(8)],
        [bytes(8), "0000040000000000"],
    ],
)
def test_a_capture_may_lack_releases(rows):
    assert is_keyboard(_reports(*rows))


def test_events_tell_keys_and_modifiers_down_and_up():
    reports = _reports(
        "0000040000000000", "0000040000000000", "0200050400000000", ROLLOVER, "0100050000000000"
    )
    events = key_events(reports)
    assert list(
        zip(events.reports.tolist(), events.usages.tolist(), events.pressed.tolist(), strict=True)
    ) == [
        (0, 0x04, True),
        (2, 0xE1, True),
        (2, 0x05, True),
        (4, 0x04, False),
        (4, 0xE1, False),
        (4, 0xE0, True),
    ]


def test_wide_reports_take_no_more_memory_than_they_have():
    """A vendor's 64 bytes: every byte used, and another one each time."""
    reports = np.zeros((20_000, 64), np.uint8)
    reports[np.arange(20_000), 2 + np.arange(20_000) % 62] = 4 + np.arange(20_000) % 62
    tracemalloc.start()
    events = key_events(reports)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert events.presses().usages.tolist() == (4 + np.arange(20_000) % 62).tolist()
    assert peak_bytes < 48 * reports.nbytes  # 62 * 62 pairs a report at once were 60 times


keys_down = st.lists(st.integers(4, 0xDD), max_size=6, unique=True)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 255), keys_down)))
def test_events_replayed_give_the_keys_of_every_report(states):
    """Down and up are the whole truth: they rebuild what every report said, and no event is idle."""
    reports = _reports(*(bytes([m, 0, *keys]).ljust(8, b"\0") for m, keys in states))
    events = key_events(reports)
    down: set[int] = set()
    position = 0
    for number, (modifiers, keys) in enumerate(states):
        while position < len(events) and events.reports[position] == number:
            usage = int(events.usages[position])
            assert (usage not in down) == events.pressed[position]
            (down.add if events.pressed[position] else down.remove)(usage)
            position += 1
        assert down == set(keys) | {0xE0 + bit for bit in range(8) if modifiers >> bit & 1}
    assert position == len(events)


@settings(deadline=None)
@given(st.lists(st.one_of(st.tuples(st.integers(0, 255), keys_down), st.none()), max_size=20))
def test_one_report_at_a_time_gives_the_same_events(states):
    """None is a report of rollover errors."""
    rows = [ROLLOVER if one is None else bytes([one[0], 0, *one[1]]).ljust(8, b"\0") for one in states]
    reports, stream = _reports(*rows), KeyEventStream()
    events, given_by_report = key_events(reports), [stream.push(report) for report in reports]
    assert [len(one) for one in given_by_report] == np.bincount(events.reports, minlength=len(rows)).tolist()
    for field in ("modifiers", "usages", "pressed"):
        streamed = [value for one in given_by_report for value in getattr(one, field).tolist()]
        assert streamed == getattr(events, field).tolist()


@given(
    arrays(
        np.uint8,
        st.tuples(st.integers(0, 12), st.just(8)),
        elements=USAGES,
    )
)
def test_press_events_are_the_presses_of_all_events(reports):
    found, expected = press_events(reports), key_events(reports).presses()
    for column in ("reports", "modifiers", "usages", "pressed"):
        a, b = getattr(found, column), getattr(expected, column)
        assert a.dtype == b.dtype and np.array_equal(a, b)
