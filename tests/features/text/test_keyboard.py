import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import GERMAN, LAYOUTS, UK, US, is_keyboard, press_events
from zerotap.features import decode_text, raw_text, typed_text

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
    ("strokes", "text"),
    [
        ([(0x01, 0x06), (0x10, 0x06), (0x03, 0x06)], "<Ctrl+c><Ctrl+c><Ctrl+Shift+c>"),
        ([(0x04, 0x2B), (0x40, 0x04), (0x08, 0x15)], "<Alt+TAB><Alt+a><GUI+r>"),
        ([(0x05, 0x4C), (0x02, 0x50), (0, 0x29)], "<Ctrl+Alt+DEL><Shift+LEFT><ESC>"),
        ([(0, 0x04), (0, 0x2A), (0, 0x4E), (0, 0x59), (0, 0x87)], "a<BS><PAGE DOWN>1<87>"),
        ([(0x01, 0x2C), (0x01, 0x28), (0, 0x28)], "<Ctrl+SPACE><Ctrl+RETURN>\n"),
    ],
)
def test_text_for_a_reader_spells_keys_with_their_modifiers(strokes, text):
    assert typed_text(_strokes(*strokes)) == text


KEYPAD = [*range(0x54, 0x64), 0x67]


def test_the_keypad_writes_digits_with_num_lock_on_and_shift_takes_it_back():
    keypad = _strokes(*((0, usage) for usage in KEYPAD))
    assert typed_text(keypad) == raw_text(keypad) == decode_text(keypad) == "/*-+\n1234567890.="
    assert decode_text(keypad, GERMAN) == "/*-+\n1234567890,="
    shifted = _strokes((0x02, 0x5A), (0x20, 0x57), (0x01, 0x5A))
    assert typed_text(shifted) == "<Shift+KP 2>+<Ctrl+KP 2>"


def test_without_num_lock_the_keypad_has_cursor_keys():
    keypad = _strokes((0, 0x04), *((0, usage) for usage in KEYPAD), (0, 0x05))
    assert decode_text(keypad, num_lock=False) == "a/*-+\n=b"
    digits = "".join(f"<KP {key}>" for key in "1234567890.")
    assert typed_text(keypad, num_lock=False) == f"a/*-+\n{digits}=b"
    assert raw_text(_strokes((0, 0x59)), num_lock=False) == "<59>"


def test_right_alt_is_altgr_where_the_layout_has_it():
    q = _strokes((0x40, 0x14), (0x42, 0x14), (0x41, 0x14))
    assert typed_text(q, GERMAN) == decode_text(q, GERMAN) + "<Shift+AltGr+q><Ctrl+AltGr+q>"
    assert decode_text(q, GERMAN) == "@"
    assert raw_text(q, GERMAN) == "@<M42:q><M41:q>"
    assert typed_text(q, US) == "<Alt+q><Shift+Alt+q><Ctrl+Alt+q>"


def test_dead_keys_join_the_next_character_and_stand_alone_before_a_key_that_writes_nothing():
    circumflex, e, backspace, space = (0, 0x35), (0, 0x08), (0, 0x2A), (0, 0x2C)
    reports = _strokes(circumflex, e, circumflex, space, circumflex, backspace, circumflex, circumflex, e)
    assert typed_text(reports, GERMAN) == "ê^^<BS>^^e"
    assert decode_text(reports, GERMAN) == "ê^^^e"
    assert raw_text(reports, GERMAN) == "^e^ ^<BS>^^e"
    assert typed_text(_strokes(e, circumflex), GERMAN) == "e^"


def _typed(layout, text):
    return _strokes(
        *(
            (0x02 * stroke.shift | 0x40 * stroke.altgr, stroke.usage)
            for stroke in (layout.strokes[character] for character in text)
        )
    )


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@given(data=st.data())
def test_text_typed_on_a_layout_reads_back(layout, data):
    text = data.draw(st.text(sorted(layout.strokes)))
    reports = _typed(layout, text)
    assert typed_text(reports, layout) == decode_text(reports, layout) == raw_text(reports, layout) == text


def test_every_accented_letter_of_german_dead_keys_reads_back():
    for usage, shift, accent in ((0x35, 0, "^"), (0x2E, 0, "´"), (0x2E, 2, "`")):
        for letter in "aeiouAEIOU":
            stroke = GERMAN.strokes[letter]
            reports = _strokes((shift, usage), (0x02 * stroke.shift, stroke.usage))
            assert typed_text(reports, GERMAN) == GERMAN.compose(accent, letter) != accent + letter


def test_the_same_keys_on_another_layout_are_other_characters():
    reports = _strokes((0x02, 0x1F), (0x02, 0x34), (0, 0x32))
    assert [typed_text(reports, layout) for layout in (US, UK, GERMAN)] == ['@"\\', '"@#', '"Ä#']
