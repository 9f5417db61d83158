"""SuperFastHash against its steps, stated here on NumPy's own wrapping 32-bit numbers."""

import struct

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from zerotap.features import super_fast_hash
from zerotap.features.text import split_words, word_ids


def stated(data: bytes) -> int:
    """Paul Hsieh's steps in the order of his page: arrays of one uint32 wrap as C's unsigned does."""
    u32 = lambda number: np.array([number & 0xFFFFFFFF], np.uint32)  # noqa: E731
    if not data:
        return 0
    h = u32(len(data))
    body, rest = data[: len(data) // 4 * 4], data[len(data) // 4 * 4 :]
    for low, high in struct.iter_unpack("<HH", body):
        h = h + u32(low)
        mixed = (u32(high) << 11) ^ h
        h = (h << 16) ^ mixed
        h = h + (h >> 11)
    if len(rest) == 3:
        low, last = struct.unpack("<Hb", rest)
        h = h + u32(low)
        h = h ^ (h << 16)
        h = h ^ u32(last << 18)
        h = h + (h >> 11)
    elif len(rest) == 2:
        h = h + u32(struct.unpack("<H", rest)[0])
        h = h ^ (h << 11)
        h = h + (h >> 17)
    elif len(rest) == 1:
        h = h + u32(struct.unpack("<b", rest)[0])
        h = h ^ (h << 10)
        h = h + (h >> 1)
    h = h ^ (h << 3)
    h = h + (h >> 5)
    h = h ^ (h << 4)
    h = h + (h >> 17)
    h = h ^ (h << 25)
    h = h + (h >> 6)
    return int(h[0])


@given(st.binary(max_size=40))
@example(b"\xff")
@example(b"ab\xff")
@example(b"\x80\x80\x80")
@example(b"\xff" * 7)
def test_the_hash_follows_the_stated_steps(word):
    assert super_fast_hash(word) == stated(word)


def test_the_empty_word_is_zero():
    assert super_fast_hash(b"") == 0


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)


@given(TEXTS, st.integers(2, 5000))
def test_ids_are_never_padding_and_always_in_the_table(text, buckets):
    ids = word_ids(text, buckets)
    assert ids.dtype == np.int32
    assert len(ids) == len(split_words(text))
    assert ((ids >= 1) & (ids < buckets)).all()


def test_words_are_lower_case_runs_of_letters_digits_and_apostrophes():
    assert split_words("Don't STOP,now-2 times_\n\tok!") == ["don't", "stop", "now", "2", "times", "ok"]


@given(st.text("abc '", max_size=30))
def test_the_same_word_has_the_same_id_whatever_its_case(text):
    assert np.array_equal(word_ids(text, 1000), word_ids(text.upper(), 1000))
