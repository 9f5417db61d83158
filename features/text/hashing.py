"""SuperFastHash, one word at a time and many at once, and the buckets that hashes fall into."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from zerotap.errors import FeatureError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_BUCKETS = 1 << 16
REDUCTIONS = ("modulo", "mask")

_MASK = 0xFFFFFFFF
_OF_SEED = 0x9E3779B9  # the golden ratio of 2^32: seeds that follow each other begin far apart
# Left shift, right shift of the three closing steps.
_AVALANCHE = ((3, 5), (4, 17), (25, 6))
_CHUNK = 1 << 16  # words at a time: what is in work stays in the processor's cache


def seed_offset(seed: int) -> int:
    """What a seed adds to the length that SuperFastHash begins with: 0 to 2**32 - 1, 0 for seed 0."""
    return seed * _OF_SEED & _MASK


def super_fast_hash(word: bytes, seed: int = 0) -> int:
    """Hash ``word`` with Paul Hsieh's SuperFastHash: 0 to 2**32 - 1; seed 0 gives 0 for the empty word.

    Source: http://www.azillionmonkeys.com/qed/hash.html. Pairs of bytes are little-endian and unsigned; the
    last byte of a remainder of 1 or 3 is a signed char, as in the original: only bytes above 127 show it.
    The original begins with the word's length, and so does seed 0; others add ``seed_offset`` to it.
    """
    value = (len(word) + seed_offset(seed)) & _MASK
    whole = len(word) & ~3
    for at in range(0, whole, 4):
        value = (value + _pair(word, at)) & _MASK
        value = ((value << 16) ^ (_pair(word, at + 2) << 11) ^ value) & _MASK
        value = (value + (value >> 11)) & _MASK
    return _avalanche(_mix_remainder(value, word[whole:]))


def _pair(data: bytes, at: int) -> int:
    return data[at] | data[at + 1] << 8


def _signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte


def _mix_remainder(value: int, rest: bytes) -> int:
    if len(rest) == 3:
        value = (value + _pair(rest, 0)) & _MASK
        value ^= (value << 16) & _MASK
        value ^= (_signed(rest[2]) << 18) & _MASK
        return (value + (value >> 11)) & _MASK
    if len(rest) == 2:
        value = (value + _pair(rest, 0)) & _MASK
        value ^= (value << 11) & _MASK
        return (value + (value >> 17)) & _MASK
    if len(rest) == 1:
        value = (value + _signed(rest[0])) & _MASK
        value ^= (value << 10) & _MASK
        return (value + (value >> 1)) & _MASK
    return value


def _avalanche(value: int) -> int:
    """Let every bit reach every other."""
    for left, right in _AVALANCHE:
        value ^= (value << left) & _MASK
        value = (value + (value >> right)) & _MASK
    return value


def super_fast_hashes(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    seeds: int | NDArray[np.int64] = 0,
) -> NDArray[np.uint32]:
    """Hash many words of one byte buffer: word i is ``data[starts[i] : starts[i] + lengths[i]]``.

    ``seeds``: of each word or of all. Returns uint32 (words,), equal to ``super_fast_hash`` of each. Words
    may overlap and stand in any order. Raises FeatureError where one lies outside of the buffer.
    """
    if len(starts) and (np.min(starts) < 0 or np.min(lengths) < 0 or np.max(starts + lengths) > len(data)):
        raise FeatureError(
            f"a word lies outside of its buffer of {len(data)} bytes: check its start and length"
        )
    # Four bytes from any place on, little-endian: the buffer seen with a stride of one byte.
    fours = np.ndarray((len(data) + 1,), "<u4", np.concatenate([data, np.zeros(4, np.uint8)]), strides=(1,))
    begins = lengths.astype(np.uint32) + np.atleast_1d(seeds).astype(np.uint32) * np.uint32(_OF_SEED)
    hashes = np.empty(len(starts), np.uint32)
    for first in range(0, len(starts), _CHUNK):
        part = slice(first, first + _CHUNK)
        _hash_chunk(fours, starts[part], lengths[part], begins[part], hashes[part])
    return hashes


def _hash_chunk(
    fours: NDArray[np.uint32],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    begins: NDArray[np.uint32],
    hashes: NDArray[np.uint32],
) -> None:
    """Hash the longest first: those that a step is left for are then the first ones, without a condition."""
    # NumPy sorts 16 bits by radix.
    order = np.argsort(lengths.astype(np.uint16) if np.max(lengths) < 1 << 16 else lengths, kind="stable")
    order = order[::-1]
    lengths, starts = lengths[order], starts[order]
    value = begins[order]
    ascending = lengths[::-1]
    for at in range(0, int(lengths[0]) & ~3, 4):
        longer = len(lengths) - int(np.searchsorted(ascending, at + 4))
        _mix_four(value[:longer], fours[starts[:longer] + at])
    rests = lengths & 3
    for rest in (1, 2, 3):
        which = np.flatnonzero(rests == rest)
        last = fours[starts[which] + lengths[which] - rest]
        value[which] = _mix_remainders(value[which], last, rest)
    for left, right in _AVALANCHE:
        value ^= value << left
        value += value >> right
    hashes[order] = value


def _mix_four(value: NDArray[np.uint32], word: NDArray[np.uint32]) -> None:
    value += word & 0xFFFF
    value ^= (value << 16) ^ ((word >> 16) << 11)
    value += value >> 11


def _mix_remainders(value: NDArray[np.uint32], word: NDArray[np.uint32], rest: int) -> NDArray[np.uint32]:
    """Mix the last ``rest`` (1 to 3) bytes in, which are the low ones of ``word``; the last is signed."""
    if rest == 1:
        value += (word & 0xFF).astype(np.uint8).view(np.int8).astype(np.int32).view(np.uint32)
        value ^= value << 10
        return value + (value >> 1)
    value += word & 0xFFFF
    if rest == 2:
        value ^= value << 11
        return value + (value >> 17)
    value ^= value << 16
    # A signed char shifted by 18: bit 23 of the word, and those that it extends to.
    value ^= ((word << 8).view(np.int32) >> 24).view(np.uint32) << 18
    return value + (value >> 11)


def hash_words(words: Collection[str], word_max: int) -> NDArray[np.uint32]:
    """Hash ASCII words, each cut to ``word_max`` bytes: uint32 (words,)."""
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    starts = np.cumsum(lengths) - lengths
    data = np.frombuffer("".join(words).encode("ascii"), np.uint8)
    return super_fast_hashes(data, starts, np.minimum(lengths, word_max))


def hash_byte_words(words: Sequence[bytes], seed: int = 0) -> NDArray[np.uint32]:
    """Hash words of any bytes: uint32 (words,)."""
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    data = np.frombuffer(b"".join(words), np.uint8)
    return super_fast_hashes(data, np.cumsum(lengths) - lengths, lengths, seed)


def check_buckets(buckets: int, reduction: str = "modulo") -> None:
    """Raise FeatureError unless 1 <= buckets <= 2**16, and a power of two for "mask"."""
    if reduction not in REDUCTIONS:
        raise FeatureError(f"reduction {reduction!r} is unknown: choose one of {', '.join(REDUCTIONS)}")
    if not 1 <= buckets <= MOST_BUCKETS:
        raise FeatureError(f"{buckets} buckets cannot be had: choose 1 to {MOST_BUCKETS}")
    if reduction == "mask" and buckets & (buckets - 1):
        raise FeatureError(f"{buckets} buckets have no mask: choose a power of two, or reduction modulo")


def bucket_ids(hashes: NDArray[np.uint32], buckets: int, signed: bool = False) -> NDArray[np.int32]:
    """Give each hash its id, int32 (n,), 1 to ``buckets``; 0 is kept for padding.

    The bucket is hash modulo ``buckets``, which for a power of two masks the low bits. ``signed`` negates the
    ids of hashes whose highest bit is set, so that in a sum over a bucket words that collide cancel on
    average.
    """
    check_buckets(buckets)
    ids = (hashes % np.uint32(buckets)).astype(np.int32) + np.int32(1)
    return np.where(hashes >> 31, -ids, ids).astype(np.int32) if signed else ids
