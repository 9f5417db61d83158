"""SuperFastHash against its steps, stated here on NumPy's own wrapping 32-bit numbers."""

import struct

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from zerotap.errors import FeatureError
from zerotap.features import super_fast_hash
from zerotap.features.text.hashing import (
    bucket_ids,
    check_buckets,
    hash_byte_words,
    hash_words,
    super_fast_hashes,
)
from zerotap.features.text.words import split_words
from zerotap.features.transforms.whole_text import TypedText


def stated(data: bytes, begin: int | None = None) -> int:
    """Paul Hsieh's steps in the order of his page: arrays of one uint32 wrap as C's unsigned does.

    ``begin`` stands in the place of the length.
    """
    u32 = lambda number: np.array([number & 0xFFFFFFFF], np.uint32)  # noqa: E731
    if not data and begin is None:
        return 0
    h = u32(len(data) if begin is None else begin)
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


@pytest.mark.parametrize("step", [1, 37, 101, 255])
def test_golden_words_of_0_to_40_bytes(step):
    """Every remainder, with last bytes on both sides of 127."""
    words = [bytes((97 + step * place) % 256 for place in range(length)) for length in range(41)]
    golden = [stated(word) for word in words]
    assert [super_fast_hash(word) for word in words] == golden
    lengths = np.arange(41)
    buffer = np.frombuffer(b"".join(words), np.uint8)
    assert super_fast_hashes(buffer, np.cumsum(lengths) - lengths, lengths).tolist() == golden


@given(st.binary(max_size=200), st.data())
def test_words_anywhere_in_a_buffer_hash_as_they_do_alone(data, draw):
    spans = draw.draw(st.lists(st.tuples(st.integers(0, len(data)), st.integers(0, len(data))), max_size=40))
    starts = np.array([min(span) for span in spans], np.int64)
    lengths = np.array([abs(span[0] - span[1]) for span in spans], np.int64)
    hashes = super_fast_hashes(np.frombuffer(data, np.uint8), starts, lengths)
    assert hashes.dtype == np.uint32
    assert hashes.tolist() == [
        super_fast_hash(data[start : start + length]) for start, length in zip(starts, lengths, strict=True)
    ]


@given(st.lists(st.tuples(st.binary(max_size=13), st.integers(0, 2**32 - 1)), max_size=30))
def test_a_seed_changes_what_the_hash_begins_with(seeded):
    words, seeds = [word for word, _ in seeded], [seed for _, seed in seeded]
    expected = [stated(word, len(word) + seed * 0x9E3779B9) for word, seed in seeded]
    assert [super_fast_hash(word, seed) for word, seed in seeded] == expected
    lengths = np.array([len(word) for word in words], np.int64)
    buffer = np.frombuffer(b"".join(words), np.uint8)
    hashes = super_fast_hashes(buffer, np.cumsum(lengths) - lengths, lengths, np.array(seeds, np.int64))
    assert hashes.tolist() == expected
    assert hash_byte_words(words, 7).tolist() == [super_fast_hash(word, 7) for word in words]


def test_more_words_than_are_taken_at_a_time_and_longer_than_16_bits_tell():
    words = ["ab", "abc", "y"] * 30_000
    words[7] = words[-7] = "x" * 70_000
    hashes = {word: super_fast_hash(word.encode()) for word in set(words)}
    assert hash_words(words, 1 << 20).tolist() == [hashes[word] for word in words]


@given(st.lists(st.text(st.characters(codec="ascii"))), st.integers(1, 5))
def test_words_are_cut(words, word_max):
    expected = [super_fast_hash(word[:word_max].encode()) for word in words]
    assert hash_words(words, word_max).tolist() == expected


@pytest.mark.parametrize(("start", "length"), [(-1, 1), (0, 6), (5, 1), (2, -1)])
def test_a_word_outside_of_the_buffer_is_refused(start, length):
    with pytest.raises(FeatureError, match="outside of its buffer of 5 bytes"):
        super_fast_hashes(np.zeros(5, np.uint8), np.array([start]), np.array([length]))


@pytest.mark.parametrize("buckets", [-1, 0, 65_537, 1 << 40])
def test_bucket_counts_that_cannot_be_had_are_refused(buckets):
    with pytest.raises(FeatureError, match="choose 1 to 65536"):
        bucket_ids(np.array([1], np.uint32), buckets)


def test_a_mask_wants_a_power_of_two():
    check_buckets(1 << 16, "mask")
    with pytest.raises(FeatureError, match="power of two"):
        check_buckets(100, "mask")
    with pytest.raises(FeatureError, match="modulo, mask"):
        check_buckets(100, "xor")


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1), st.integers(1, 1 << 16))
def test_buckets_are_the_remainder_and_the_highest_bit_is_the_sign(hashes, buckets):
    values = np.array(hashes, np.uint32)
    plain, signed = bucket_ids(values, buckets), bucket_ids(values, buckets, signed=True)
    assert plain.tolist() == [1 + value % buckets for value in hashes]
    assert signed.tolist() == [(-1 if value >= 2**31 else 1) * (1 + value % buckets) for value in hashes]
    assert plain.dtype == signed.dtype == np.int32


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)


@given(TEXTS, st.integers(2, 5000))
def test_ids_are_never_padding_and_always_in_the_table(text, buckets):
    ids = TypedText(buckets - 1).ids(text)
    assert ids.dtype == np.int32
    assert len(ids) == len(split_words(text))
    assert ((ids >= 1) & (ids < buckets)).all()


def test_words_are_lower_case_runs_of_letters_digits_and_apostrophes():
    assert split_words("Don't STOP,now-2 times_\n\tok!") == ["don't", "stop", "now", "2", "times", "ok"]


@given(st.text("abc '", max_size=30))
def test_the_same_word_has_the_same_id_whatever_its_case(text):
    assert np.array_equal(TypedText(999).ids(text), TypedText(999).ids(text.upper()))
