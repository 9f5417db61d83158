"""Names and numbers as the page writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.models.report.page import wording


@given(
    st.recursive(
        st.text() | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_cleaned_values_hold_nothing_that_is_not_seen(value):
    flat = str(wording.cleaned({"value": value}))
    assert not any(character in flat for character in "\0\x1b\x85\u202e\u2066\u2028\ufeff")


def test_cleaned_keeps_what_is_seen():
    assert wording.cleaned({"a": ["héllo", "עברית", 1, None, 0.5]}) == {"a": ["héllo", "עברית", 1, None, 0.5]}
    assert wording.cleaned("a\0b\u202ec\n") == "a\\x00b\\u202ec\\n"


@given(st.text(max_size=60), st.integers(4, 30))
def test_short_names_keep_both_ends(text, most):
    short = wording.short(text, most)
    assert len(short) <= most
    assert short == text if len(text) <= most else short.startswith(text[: most // 2])
    if len(text) > most:
        assert text.endswith(short.partition("…")[2]) or "…" in text


def test_long_texts_say_how_long_they_are():
    assert wording.clipped("x" * 280) == "x" * 280
    assert wording.clipped("x" * 10_000) == "x" * 280 + "… (10,000 characters)"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (0.0123456, "0.0123"),
        (0.00001, "0.0000"),
        (3.5625, "3.56"),
        (57.04, "57.0"),
        (1163.2, "1,163"),
    ],
)
def test_milliseconds_have_three_digits(value, said):
    assert wording.milliseconds(value) == said


def test_numbers():
    assert wording.signed(-0.0684) == "−0.068"
    assert wording.signed_interval((-0.01, 0.02)) == "−0.010 to +0.020"
    assert wording.interval(None) == ""
    assert wording.interval((0.5, 1)) == "0.500–1.000"
    assert [wording.rounded(value) for value in (0.5, 200, 2000, 2_500_000)] == ["0.5", "200", "2k", "2.5M"]
