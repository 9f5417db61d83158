import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture.layouts import (
    CAPS_LOCK,
    DVORAK,
    GERMAN,
    KEY_NAMES,
    LAYOUTS,
    NOTHING,
    UK,
    US,
    Stroke,
)

TYPEABLE = set(string.printable) - set("\r\x0b\x0c")


@pytest.mark.parametrize("layout", [US, DVORAK], ids=lambda layout: layout.name)
def test_american_layouts_write_every_printable_ascii_character_and_no_other(layout):
    assert set(layout.strokes) == TYPEABLE
    assert not layout.has_altgr


def test_european_layouts_write_ascii_too_and_their_own_characters():
    assert set(UK.strokes) == TYPEABLE | set("£¬¦€áéíóúÁÉÍÓÚ")
    assert set(GERMAN.strokes) == TYPEABLE - set("^`") | set("äöüÄÖÜß§°²³µ€")
    assert GERMAN.dead_keys == "^´`"


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_a_stroke_makes_the_character_it_was_looked_up_for(layout):
    for character, stroke in layout.strokes.items():
        assert layout.character(*stroke) == character


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_character_of_every_key_can_be_looked_up(layout):
    characters = {character for levels in layout.keys.values() for character in levels}
    assert characters - {NOTHING} == set(layout.strokes) | set(layout.dead_keys)


@pytest.mark.parametrize(
    ("layout", "usage", "levels"),
    [
        (UK, 0x1F, '2"'),
        (UK, 0x32, "#~"),
        (UK, 0x31, "#~"),  # some ISO keyboards send the ANSI usage
        (UK, 0x64, "\\|"),
        (UK, 0x35, "`¬¦"),
        (GERMAN, 0x1C, "zZ"),
        (GERMAN, 0x1D, "yY"),
        (GERMAN, 0x14, "qQ@"),
        (GERMAN, 0x24, "7/{"),
        (GERMAN, 0x2D, "ß?\\"),
        (GERMAN, 0x64, "<>|"),
        (GERMAN, 0x32, "#'"),
        (GERMAN, 0x2E, "´`"),
        (DVORAK, 0x04, "aA"),
        (DVORAK, 0x1D, ";:"),
        (DVORAK, 0x38, "zZ"),
        (DVORAK, 0x2D, "[{"),
        (US, 0x31, "\\|"),
    ],
)
def test_keys_that_tell_layouts_apart(layout, usage, levels):
    assert layout.keys[usage] == levels


def test_the_keys_that_only_iso_keyboards_have_write_the_backslash_in_american_layouts():
    for layout in (US, DVORAK):
        assert [layout.keys[usage] for usage in (0x31, 0x32, 0x64)] == ["\\|"] * 3
        assert layout.strokes["\\"] == Stroke(0x31, False)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_keypad_writes_digits_but_none_is_looked_up_there(layout):
    digits = "".join(layout.character(usage) for usage in range(0x54, 0x64))
    assert digits[:-1] == "/*-+\n1234567890"
    comma = {"german", "swedish", "finnish", "norwegian", "danish"}
    assert digits[-1] == ("," if layout.name in comma else ".")
    assert [layout.character(usage, shift=True) for usage in (0x54, 0x59, 0x63)] == ["/", "", ""]
    assert {stroke.usage for stroke in layout.strokes.values()}.isdisjoint(range(0x54, 0x64))


@pytest.mark.parametrize(
    ("layout", "usage", "shift", "altgr", "caps_lock", "character"),
    [
        (US, 0x04, False, False, True, "A"),
        (US, 0x04, True, False, True, "a"),
        (US, 0x1E, False, False, True, "1"),
        (US, 0x1E, True, False, True, "!"),
        (US, 0x28, True, False, False, "\n"),
        (US, 0x38, True, False, False, "?"),
        (US, 0x04, False, True, False, ""),
        (US, CAPS_LOCK, False, False, False, ""),
        (UK, 0x04, False, True, True, "Á"),
        (UK, 0x04, True, True, False, "Á"),
        (GERMAN, 0x33, False, False, True, "Ö"),
        (GERMAN, 0x2D, False, False, True, "ß"),
        (GERMAN, 0x10, False, True, True, "µ"),
        (GERMAN, 0x14, True, True, False, ""),
    ],
)
def test_levels_and_caps_lock(layout, usage, shift, altgr, caps_lock, character):
    assert layout.character(usage, shift, altgr, caps_lock) == character


def test_blanks_need_no_shift():
    assert US.strokes["\n"] == Stroke(0x28, False)
    assert US.strokes[" "] == Stroke(0x2C, False)


@pytest.mark.parametrize(
    ("accent", "character", "written"),
    [("´", "e", "é"), ("`", "A", "À"), ("^", "o", "ô"), ("^", " ", "^"), ("´", "x", "´x"), ("^", "^", "^^")],
)
def test_dead_keys(accent, character, written):
    assert GERMAN.compose(accent, character) == written


@given(st.sampled_from("^´`"), st.characters(categories=["L", "N", "P", "S"]))
def test_a_dead_key_loses_neither_accent_nor_character(accent, character):
    written = GERMAN.compose(accent, character)
    if len(written) == 1:
        assert unicodedata.normalize("NFD", written).startswith(unicodedata.normalize("NFD", character)[0])
        assert written != character
    else:
        assert written == accent + character


def test_no_two_keys_share_a_name():
    assert len(set(KEY_NAMES.values())) == len(KEY_NAMES)
