import numpy as np
import pytest

from zerotap.features import decode_text, is_keyboard, press_events, raw_text

ROLLOVER = bytes.fromhex("0000010101010101")


def _reports(*rows):
    return np.frombuffer(
        b"".join(bytes.fromhex(r) if isinstance(r, str) else r for r in rows), np.uint8
    ).reshape(-1, 8)


def _strokes(*strokes):
    """Each stroke is (modifiers, usage): down, then all up."""
    return _reports(*(row for m, u in strokes for row in (bytes([m, 0, u, 0, 0, 0, 0, 0]), bytes(8))))


def test_a_key_counts_when_it_enters_the_report_and_not_while_it_stays():
    reports = _reports(
        "0000040000000000", "0000040500000000", "0000050000000000", bytes(8), "0000050000000000"
    )
    events = press_events(reports)
    assert events.usages.tolist() == [4, 5, 5]
    assert events.reports.tolist() == [0, 1, 4]
    assert raw_text(reports) == "abb"


def test_keys_of_one_report_count_in_its_order():
    assert raw_text(_reports("0000060504000000")) == "cba"


def test_a_rollover_error_adds_nothing_and_forgets_nothing():
    reports = _reports("0000040000000000", ROLLOVER, "0000040500000000", ROLLOVER, bytes(8))
    assert raw_text(reports) == "ab"
    assert is_keyboard(reports)


def test_no_reports_spell_nothing():
    empty = np.empty((0, 8), np.uint8)
    assert raw_text(empty) == decode_text(empty) == ""
    assert len(press_events(empty)) == 0
    assert not is_keyboard(empty)


def test_only_rollover_errors_spell_nothing():
    assert raw_text(_reports(ROLLOVER)) == ""
    assert not is_keyboard(_reports(ROLLOVER))


@pytest.mark.parametrize(
    ("strokes", "raw", "plain"),
    [
        ([(0x02, 0x04), (0x20, 0x1E), (0x22, 0x2D)], "A!_", "A!_"),
        ([(0, 0x39), (0, 0x04), (2, 0x04), (0, 0x1E), (0, 0x39), (0, 0x04)], "Aa1a", "Aa1a"),
        ([(0, 0x28), (2, 0x28), (0, 0x2B), (0, 0x2C)], "\n\n\t ", "\n\n\t "),
        ([(0x01, 0x06), (0x03, 0x06), (0x04, 0x2B)], "<M01:c><M03:c><M04:\t>", ""),
        ([(0x01, 0x4C)], "<M01:DEL>", ""),
        ([(0, 0x29), (0, 0x4C), (0, 0x4A), (0, 0x4D)], "<ESC><DEL><HOME><END>", ""),
        ([(0, 0x50), (0, 0x4F), (0, 0x52), (0, 0x51)], "<LEFT><RIGHT><UP><DOWN>", ""),
        ([(0, 0x4E), (0, 0x3A)], "<4e><3a>", ""),
        ([(0, 0x04), (0, 0x05), (0, 0x2A), (0, 0x06)], "ab<BS>c", "ac"),
        ([(0, 0x2A), (0, 0x04), (0, 0x2C), (0, 0x2A), (0, 0x05)], "<BS>a <BS>b", "a b"),
    ],
)
def test_notation(strokes, raw, plain):
    reports = _strokes(*strokes)
    assert raw_text(reports) == raw
    assert decode_text(reports) == plain


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
