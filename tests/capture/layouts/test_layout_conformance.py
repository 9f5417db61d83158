"""Every layout of the table: its names, its characters typed and read again, and whose table it is."""

import unicodedata
from subprocess import CalledProcessError

import layout_page
import layouts_from_xkb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts_from_xkb import KEY_CODES, VARIANTS, Keyboard, modules

from zerotap.capture import LAYOUTS, layout_named
from zerotap.capture.layouts import TABLE
from zerotap.capture.sources.typist import Typist, fold
from zerotap.errors import CaptureError
from zerotap.features import decode_text, raw_text, typed_text

ALL = [entry.layout for entry in TABLE]
every_layout = pytest.mark.parametrize("layout", ALL, ids=lambda layout: layout.name)
STATES = [
    (shift, altgr, caps) for shift in (False, True) for altgr in (False, True) for caps in (False, True)
]
KEPT = {"µ": "capital mu is Greek", "ſ": "the S that it becomes is another letter's"}
"""Letters that caps lock leaves alone here and not in libxkbcommon."""


def test_names_and_codes_are_each_of_one_layout():
    names = [name for entry in TABLE for name in (entry.layout.name, *entry.aliases)]
    assert sorted(names) == sorted(LAYOUTS)
    assert len(names) == len(set(names))
    assert all(name == name.lower() and name.replace("-", "").isalpha() for name in names)
    assert len({entry.about for entry in TABLE}) == len(TABLE)


def test_codes_of_countries():
    assert {name: layout.name for name, layout in LAYOUTS.items() if name != layout.name} == {
        "de": "german",
        "fr": "french",
        "azerty": "french",
        "es": "spanish",
        "it": "italian",
        "pt": "portuguese",
        "se": "swedish",
        "fi": "finnish",
        "no": "norwegian",
        "dk": "danish",
        "ch": "swiss-german",
        "be": "belgian",
        "us-intl": "us-international",
    }


@pytest.mark.parametrize("name", ["us-intl", "US_Intl", " us intl ", "us-international", "US-International"])
def test_a_layout_is_found_however_its_name_is_written(name):
    assert layout_named(name) is LAYOUTS["us-intl"]


@pytest.mark.parametrize(("name", "meant"), [("frensh", "french"), ("swis-german", "swiss-german")])
def test_an_unknown_layout_is_refused_with_those_there_are_and_the_nearest(name, meant):
    with pytest.raises(CaptureError, match=rf"{name}'; choose one of us, .*\(did you mean {meant}\?\)"):
        layout_named(name)
    with pytest.raises(CaptureError, match=r"unknown layout '日本'; choose one of us, .*, us-intl$"):
        layout_named("日本")


def _reports(layout, text, seed=0):
    typed = Typist(seed, layout).type(text, 0)
    return np.frombuffer(b"".join(report.data for report in typed), np.uint8).reshape(-1, 8)


@every_layout
def test_every_character_of_a_layout_is_typed_and_read_again(layout):
    for character in layout.sequences:
        assert typed_text(_reports(layout, character), layout) == character
        assert fold(character, layout) == (character, 0)
    text = "".join(layout.sequences)
    assert typed_text(_reports(layout, text), layout) == decode_text(_reports(layout, text), layout) == text


@every_layout
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_text_of_a_layouts_characters_is_typed_and_read_again(layout, data):
    text = data.draw(st.text(sorted(layout.sequences), max_size=40))
    reports = _reports(layout, text, data.draw(st.integers(0, 1000)))
    assert typed_text(reports, layout) == decode_text(reports, layout) == text


@every_layout
def test_every_letter_that_unicode_has_with_a_dead_keys_accent_can_be_typed(layout):
    for dead_key in layout.dead_keys:
        for letter in filter(str.isalpha, layout.strokes):
            composed = layout.compose(dead_key, letter)
            assert composed in layout.sequences or len(composed) == 2


@every_layout
def test_the_dead_keys_of_a_layout_are_the_combining_characters_on_its_keys(layout):
    on_keys = {character for levels in layout.keys.values() for character in levels}
    combining = {character for character in on_keys if unicodedata.combining(character)}
    assert combining <= set(layout.dead_keys) <= on_keys
    assert not combining or combining == set(layout.dead_keys)


@every_layout
def test_a_dead_key_alone_writes_its_accent_in_every_notation(layout):
    for dead_key in layout.dead_keys:
        (usage, level) = next(
            (u, levels.index(dead_key)) for u, levels in layout.keys.items() if dead_key in levels
        )
        held = 0x02 * (level & 1) | 0x40 * (level > 1)
        rows = [
            bytes([held, 0, usage, 0, 0, 0, 0, 0]),
            bytes(8),
            bytes([0, 0, 0x2C, 0, 0, 0, 0, 0]),
            bytes(8),
        ]
        alone, before_space = (
            np.frombuffer(b"".join(rows[:count]), np.uint8).reshape(-1, 8) for count in (2, 4)
        )
        accent = layout.uncomposed(dead_key)
        assert typed_text(alone, layout) == decode_text(alone, layout) == raw_text(alone, layout) == accent
        assert typed_text(before_space, layout) == accent
        assert layout.compose(dead_key, " ") == accent
        assert layout.compose(dead_key, dead_key) == 2 * accent


@pytest.mark.parametrize(
    ("name", "typed", "written"),
    [
        ("fr", [(0, 0x2F), (0, 0x08)], "ê"),
        ("fr", [(2, 0x2F), (2, 0x0C)], "Ï"),
        ("fr", [(0, 0x2F), (0, 0x05)], "^b"),
        ("fr", [(0x40, 0x27), (0x40, 0x26), (0, 0x08)], "@^e"),  # AltGr's circumflex is no dead key
        ("es", [(0, 0x34), (0, 0x04), (2, 0x34), (0, 0x18), (0, 0x33)], "áüñ"),
        ("pt", [(0, 0x32), (0, 0x04), (0, 0x33)], "ãç"),
        ("it", [(0, 0x2F), (2, 0x2F), (0x40, 0x33)], "èé@"),
        ("se", [(0, 0x2F), (0, 0x34), (0, 0x33), (0x40, 0x1F)], "åäö@"),
        ("no", [(0, 0x33), (0, 0x34), (0, 0x2F)], "øæå"),
        ("dk", [(0, 0x33), (0, 0x34), (0, 0x2F)], "æøå"),
        ("fi", [(0x40, 0x35), (0, 0x12), (0x40, 0x0F), (0, 0x07)], "øđ"),  # dead_stroke
        ("ch", [(0, 0x2F), (2, 0x2F), (0, 0x1C), (0, 0x2E), (0, 0x12)], "üèzô"),
        ("be", [(0, 0x1F), (0, 0x22), (0x40, 0x1F), (0, 0x38)], "é(@="),
        ("us-intl", [(0, 0x34), (0, 0x08), (0, 0x34), (0, 0x2C), (0, 0x34), (0, 0x17)], "é''t"),
        ("us-intl", [(2, 0x34), (0, 0x18), (2, 0x35), (0, 0x11), (2, 0x34), (0, 0x2C)], 'üñ"'),
    ],
)
def test_words_of_each_language(name, typed, written):
    rows = [row for held, usage in typed for row in (bytes([held, 0, usage, 0, 0, 0, 0, 0]), bytes(8))]
    reports = np.frombuffer(b"".join(rows), np.uint8).reshape(-1, 8)
    assert typed_text(reports, LAYOUTS[name]) == written


@pytest.mark.parametrize(
    ("name", "usage", "shift", "character"),
    [("fr", 0x1F, False, "É"), ("fr", 0x1F, True, "2"), ("ch", 0x2F, False, "Ü"), ("ch", 0x2F, True, "È")],
)
def test_caps_lock_is_for_letters_that_have_their_upper_case_on_no_key(name, usage, shift, character):
    assert LAYOUTS[name].character(usage, shift, caps_lock=True) == character


def test_every_layout_that_is_not_by_hand_is_made_by_the_script():
    origins = {layout.name: layout.origin for layout in ALL if layout.origin}
    assert origins == {name: str(variant) for name, variant in VARIANTS.items()}


def test_the_page_has_every_layout():
    assert layout_page.PAGE.read_text(encoding="utf-8") == layout_page.page(), (
        "python docs/making/layout_page.py"
    )


@pytest.fixture(scope="module")
def xkb():
    """What the library and its data are; skips where they are missing or not those of the tables."""
    path = layouts_from_xkb.FOLDER / "french.py"
    try:
        versions = layouts_from_xkb.versions()
        Keyboard(VARIANTS["french"])
    except (OSError, ValueError, CalledProcessError):
        pytest.skip("libxkbcommon is not there: apt install libxkbcommon0 xkb-data")
    if versions not in path.read_text(encoding="utf-8"):
        pytest.skip(f"the tables are made from other versions than {versions}")


@pytest.mark.parametrize("name", VARIANTS)
def test_a_layout_writes_what_libxkbcommon_says_in_every_state(xkb, name):
    keyboard, layout = Keyboard(VARIANTS[name]), LAYOUTS[name]
    differing = {}
    for usage in KEY_CODES:
        for state in STATES:
            ours, theirs = layout.character(usage, *state), keyboard.character(usage, *state)
            if ours != theirs and not (state[2] and ours in KEPT):
                differing[usage, state] = (ours, theirs)
    # There shift and caps lock together leave the key of ç and Ç at Ç; everywhere else the two cancel.
    known = {(0x36, (True, True, True)): ("ç", "Ç"), (0x16, (False, True, True)): ("ß", "")}
    assert keyboard.character(layouts_from_xkb.DECIMAL) == layout.decimal
    assert differing == (known if name == "us-international" else {})


def test_the_modules_are_what_the_script_writes(xkb):
    for path, source in modules():
        assert path.read_text(encoding="utf-8") == source, "python docs/making/layouts_from_xkb.py"
