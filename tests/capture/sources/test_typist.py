import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.capture import is_keyboard
from zerotap.capture.layouts import SHIFT, US
from zerotap.capture.sources.typist import Typist, fold
from zerotap.features import decode_text

TEXTS = st.text(st.sampled_from(sorted(US.strokes)), min_size=1, max_size=60)
PANGRAM = "The quick brown Fox, jumps over 13 LAZY dogs (twice)!\n" * 8


def _array(reports):
    return np.frombuffer(b"".join(report.data for report in reports), np.uint8).reshape(-1, 8)


@given(TEXTS, st.integers(0, 2**32), st.integers(0, 10_000))
@settings(max_examples=200, deadline=None)
def test_what_is_typed_decodes_to_the_same_text(text, seed, message_index):
    reports = _array(Typist(seed).type(text, message_index))
    assert decode_text(reports) == text
    assert is_keyboard(reports)


@given(TEXTS, st.integers(0, 100))
@settings(max_examples=100, deadline=None)
def test_time_moves_on_and_every_key_comes_up(text, seed):
    reports = Typist(seed).type(text, 0)
    times_ns = np.array([report.offset_ns for report in reports])
    assert (np.diff(times_ns) > 0).all()
    assert reports[-1].data == bytes(8)
    assert all(len(report.data) == 8 for report in reports)


def test_the_same_seed_and_message_type_the_same_and_others_do_not():
    assert Typist(1).type("hello there", 5) == Typist(1).type("hello there", 5)
    assert Typist(1).type("hello there", 5) != Typist(2).type("hello there", 5)
    assert Typist(1).type("hello there", 5) != Typist(1).type("hello there", 6)


def test_keys_roll_over_at_times_and_never_three_at_once():
    down = (_array(Typist(0).type(PANGRAM, 0))[:, 2:] > 0).sum(axis=1)
    assert down.max() == 2
    assert 0.01 < (down == 2).mean() < 0.3


def test_shift_goes_down_before_its_key_and_up_after_it():
    reports = _array(Typist(0).type("aBc", 0))
    shifted = np.flatnonzero(reports[:, 0] & SHIFT)
    b_down = np.flatnonzero((reports[:, 2:] == US.strokes["b"].usage).any(axis=1))
    assert shifted[0] < b_down[0]
    assert shifted[-1] == b_down[-1] + 1
    assert not reports[shifted[0], 3:].any()


def test_shift_of_the_other_hand_and_held_through_a_word():
    assert _array(Typist(0).type("Q", 0))[0, 0] == 0x20
    assert _array(Typist(0).type("P", 0))[0, 0] == 0x02
    modifiers = _array(Typist(0).type("HELLO", 0))[:, 0]
    assert (np.diff(modifiers.astype(int)) != 0).sum() == 1, "one shift for the whole word"


def test_dwell_times_are_human():
    reports = Typist(3).type("ab" * 400, 0)
    times_ms = np.array([report.offset_ns for report in reports]) / 1e6
    held = _array(reports)[:, 2:] == US.strokes["a"].usage
    edges = np.diff(held.any(axis=1).astype(int), prepend=0)
    dwell_ms = times_ms[edges == -1] - times_ms[edges == 1]
    assert 75 < np.median(dwell_ms) < 105
    assert dwell_ms.min() >= 30


@pytest.mark.parametrize(
    ("text", "folded", "dropped"),
    [
        ("plain ~ text\t\n", "plain ~ text\t\n", 0),
        ("Zürich café", "Zurich cafe", 0),
        ("e\u0301", "e", 0),
        ("don’t “wait” – now…", 'don\'t "wait" - now...', 0),
        ("ﬁne ２ ½", "fine 2 1/2", 0),
        ("one\r\ntwo\rthree", "one\ntwo\nthree", 0),
        ("5€ 😀", "5 ", 2),
        ("日本", "", 2),
        ("", "", 0),
    ],
)
def test_fold(text, folded, dropped):
    assert fold(text) == (folded, dropped)


def test_what_the_us_keyboard_types_stays_as_it_was_byte_for_byte(tmp_path):
    """Of the version that knew no other layout: times and reports of one seed."""
    typed = Typist(5).type("Hello, World! 2+2=4\t~\n", 3)
    data = b"".join(report.offset_ns.to_bytes(8, "little") + report.data for report in typed)
    assert (
        hashlib.sha256(data).hexdigest() == "ed15660fb53ba4d22b198584062fa7500624095b877eb28f58ac0212ba173890"
    )
