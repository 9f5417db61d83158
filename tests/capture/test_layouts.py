import string

import pytest

from zerotap.capture.layouts import CAPS_LOCK, LAYOUTS, US, Stroke

TYPEABLE = set(string.printable) - set("\r\x0b\x0c")


def test_the_us_layout_writes_every_printable_ascii_character():
    assert set(US.strokes) == TYPEABLE
    assert LAYOUTS["us"] is US


@pytest.mark.parametrize("character", sorted(TYPEABLE))
def test_a_stroke_makes_the_character_it_was_looked_up_for(character):
    assert US.character(*US.strokes[character]) == character


@pytest.mark.parametrize(
    ("usage", "shift", "caps_lock", "character"),
    [
        (0x04, False, True, "A"),
        (0x04, True, True, "a"),
        (0x1E, False, True, "1"),
        (0x1E, True, True, "!"),
        (0x28, True, False, "\n"),
        (0x31, True, False, "|"),
        (0x38, True, False, "?"),
        (CAPS_LOCK, False, False, ""),
    ],
)
def test_shift_and_caps_lock(usage, shift, caps_lock, character):
    assert US.character(usage, shift, caps_lock) == character


def test_blanks_need_no_shift():
    assert US.strokes["\n"] == Stroke(0x28, False)
    assert US.strokes[" "] == Stroke(0x2C, False)
