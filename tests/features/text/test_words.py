"""Text to words to ids: every step, the ancestor's way, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.errors import FeatureError
from zerotap.features import super_fast_hash
from zerotap.features.text.words import WORD_MAX, clean, split_words, to_ascii
from zerotap.features.transforms.whole_text import TypedText

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("see http://a.b/c?d now", "see url now"),
        ("WWW.Shop.example!", "url"),
        ("@you and me@home.org", "mention and me@home.org"),
        ("call 0800 123, at 12:30 for 4.50", "call number number , at number for number"),
        ("b2b 4u", "b2b 4u"),
    ],
)
def test_cleaning_puts_tokens_in(text, cleaned):
    tokens = clean(text, ("urls", "mentions", "numbers"))
    assert " ".join(tokens.replace("'", "").split()) == cleaned


def test_cleaning_does_what_it_is_asked_and_no_more():
    text = "@a 1 www.b"
    assert clean(text, ()) == text
    assert split_words(clean(text, ("numbers",))) == ["a", "'number'", "www", "b"]
    assert split_words(clean(text, ("urls",)), "spaces") == ["@a", "1", "'url'"]
    with pytest.raises(FeatureError, match="urls, mentions, numbers"):
        clean(text, ("emoji",))


def test_other_letters_are_folded_or_dropped():
    text = "Café Straße don’t ÆON x—y 日本"
    assert split_words(text) == ["cafe", "strasse", "don't", "aeon", "x", "y"]
    assert split_words(text, "spaces", "drop") == ["caf", "strae", "dont", "on", "xy"]
    with pytest.raises(FeatureError, match="fold, drop"):
        to_ascii(text, "keep")


@given(TEXTS)
def test_words_are_ascii_lower_case_and_never_empty(text):
    for split in ("runs", "spaces"):
        for non_ascii in ("fold", "drop"):
            for word in split_words(text, split, non_ascii):
                assert word and word.isascii() and word == word.lower() and not word.isspace()


@given(TEXTS)
def test_the_ancestors_ids(text):
    """Its Python: lower, ASCII only, split at spaces, the hash masked to the table, one added."""
    words = "".join(letter for letter in text if ord(letter) < 128).lower().split()
    ids = [1 + (super_fast_hash(word.encode()) & 8191) for word in words if len(word) <= WORD_MAX]
    if all(len(word) <= WORD_MAX for word in words):
        assert TypedText(8192, split="spaces", non_ascii="drop").ids(text).tolist() == ids


@pytest.mark.parametrize(("text", "code"), [("a\0b", "U+0000"), ("ab\ud800", "U+D800"), ("\udfff", "U+DFFF")])
def test_nul_and_surrogates_are_refused_with_their_place(text, code):
    for take in (split_words, TypedText().ids):
        with pytest.raises(FeatureError, match=rf"character \d of the text is {code.replace('+', '[+]')}"):
            take(text)


@pytest.mark.parametrize("buckets", [0, 1, (1 << 16) + 2])
def test_tables_that_cannot_be_had_are_refused(buckets):
    with pytest.raises(FeatureError, match="choose 1 to 65536"):
        TypedText(buckets - 1)


def test_long_words_are_cut():
    word = "x" * WORD_MAX
    ids = TypedText(59_999).ids(f"{word}y {word}z")
    assert ids.tolist() == [1 + super_fast_hash(word.encode()) % 59_999] * 2


def test_an_unknown_split_lists_the_known():
    with pytest.raises(FeatureError, match="runs, spaces"):
        split_words("a", "lines")


def plain_ids(features, buckets):
    return [1 + super_fast_hash(feature) % buckets for feature in features]


def test_pairs_and_parts_of_words_follow_the_word_that_ends_them():
    text = TypedText(1000, bigrams=True, grams=(3, 5)).ids("To be?")
    features = [b"to", b"#<to", b"#to>", b"be", b"to be", b"#<be", b"#be>"]
    assert text.tolist() == plain_ids(features, 1000)
    assert TypedText(1000, grams=(5,)).ids("that").tolist() == plain_ids(
        [b"that", b"#<that", b"#that>"], 1000
    )


def test_signed_ids_differ_in_sign_alone():
    text = " ".join(f"word{number}" for number in range(200))
    plain, signed = TypedText(512, "mask").ids(text), TypedText(512, "mask", signed=True).ids(text)
    assert np.array_equal(np.abs(signed), plain)
    assert 60 < np.count_nonzero(signed < 0) < 140


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"buckets": 0}, "choose 1 to 65536"),
        ({"buckets": 100, "reduction": "mask"}, "power of two"),
        ({"word_max": 0}, "choose 1 to 255"),
        ({"split": "lines"}, "runs, spaces"),
        ({"non_ascii": "keep"}, "fold, drop"),
        ({"layout": "klingon"}, "us, uk"),
        ({"grams": (2,)}, "3, 4, 5"),
        ({"cleaning": ("emoji",)}, "urls, mentions, numbers"),
    ],
)
def test_impossible_parameters_are_refused(parameters, says):
    with pytest.raises(FeatureError, match=says):
        TypedText(**parameters)
