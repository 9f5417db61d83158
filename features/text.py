"""The text path: decoded text -> words -> SuperFastHash -> bucket ids.

Every step is integer arithmetic on ASCII, so that a board can take it too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from .keyboard import decode_text
from .windows import count_windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Recording

PADDING = 0
_WORD = re.compile(r"[a-z0-9']+")
_MASK = 0xFFFFFFFF


def split_words(text: str) -> list[str]:
    """Lower ``text`` and split it into runs of ASCII letters, digits and apostrophes; all else separates."""
    return _WORD.findall(text.lower())


def super_fast_hash(word: bytes) -> int:
    """Hash ``word`` with Paul Hsieh's SuperFastHash: 0 to 2**32 - 1, and 0 for the empty word.

    Source: http://www.azillionmonkeys.com/qed/hash.html. Pairs of bytes are little-endian and unsigned; the
    last byte of a remainder of 1 or 3 is a signed char, as in the original: only bytes above 127 show it.
    """
    if not word:
        return 0
    value = len(word)
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
    """Let every bit reach every other: the six closing steps."""
    for left, right in ((3, 5), (4, 17), (25, 6)):
        value ^= (value << left) & _MASK
        value = (value + (value >> right)) & _MASK
    return value


def word_ids(text: str, buckets: int) -> NDArray[np.int32]:
    """Give each word of ``text`` its bucket, int32 (words,), 1 to ``buckets`` - 1; 0 is kept for padding."""
    ids = [1 + super_fast_hash(word.encode("ascii")) % (buckets - 1) for word in split_words(text)]
    return np.array(ids, np.int32)


def text_windows(
    recording: Recording, length: int, hop: int, minimum_fill: float, buckets: int
) -> NDArray[np.int32]:
    """Decode a keyboard's reports and cut the words' ids into windows, int32 (n, length), padded with 0.

    A text without any word gives one window of padding, so that every recording is scored.
    """
    ids = word_ids(decode_text(recording.reports(8)), buckets)
    return count_windows(ids if len(ids) else np.array([PADDING], np.int32), length, hop, minimum_fill)
