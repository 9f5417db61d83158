"""Decoded text -> clean -> fold -> lower -> words, which ``hashing`` turns into bucket ids.

Words are ASCII and at most WORD_MAX bytes: SuperFastHash starts from the length, so a board holds the word in
a buffer of that size, and both cut there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from zerotap.capture import US, Layout
from zerotap.errors import FeatureError

from .keyboard import decode_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WORD_MAX = 40

IN_WORD: Mapping[str, Callable[[str], bool]] = {
    "runs": lambda character: character.isalnum() or character == "'",
    "spaces": lambda character: not character.isspace(),
}
"""How text is split, by name: whether a character belongs to a word.

"runs" are of letters, digits and apostrophes; "spaces" splits at blanks alone, as the ancestor does.
"""

NON_ASCII = ("fold", "drop")

# What a kind of cleaning finds, and its token: a word in itself, however text is split, that nobody types.
CLEANERS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "urls": (re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE), " 'url' "),
    "mentions": (re.compile(r"(?<!\w)@\w+"), " 'mention' "),
    "numbers": (re.compile(r"(?<!\w)\d+(?:[.,:]\d+)*(?!\w)"), " 'number' "),
}

_RUN = re.compile(r"[a-z0-9']+")
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")
# What Unicode does not decompose.
_FOLDED = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
    | {"’": "'", "‘": "'", "ı": "i", "đ": "d", "Đ": "D"}
)


def check_text(text: str) -> None:
    """Raise FeatureError where ``text`` has a NUL or a surrogate, which no keyboard writes."""
    found = _UNUSABLE.search(text)
    if found:
        raise FeatureError(
            f"character {found.start()} of the text is U+{ord(found[0]):04X}, which is no character: "
            "read the text again with its own encoding"
        )


def clean(text: str, kinds: Iterable[str]) -> str:
    """Put tokens in the place of "urls", "mentions" and "numbers", those that ``kinds`` names."""
    for kind in kinds:
        if kind not in CLEANERS:
            raise FeatureError(f"cleaning {kind!r} is unknown: choose among {', '.join(CLEANERS)}")
        pattern, token = CLEANERS[kind]
        text = pattern.sub(token, text)
    return text


def to_ascii(text: str, non_ascii: str = "fold") -> str:
    """Make ``text`` ASCII. "drop" leaves other characters out, as the ancestor does.

    "fold" writes the letter without its accent (é as e, ß as ss); what has none becomes a space.
    """
    if non_ascii not in NON_ASCII:
        raise FeatureError(f"non_ascii {non_ascii!r} is unknown: choose one of {', '.join(NON_ASCII)}")
    if text.isascii():
        return text
    if non_ascii == "drop":
        return text.encode("ascii", "ignore").decode()
    letters = unicodedata.normalize("NFKD", text.translate(_FOLDED))
    return re.sub(r"[^\x00-\x7f]", " ", "".join(c for c in letters if not unicodedata.combining(c)))


def split_words(text: str, split: str = "runs", non_ascii: str = "fold") -> list[str]:
    """Make ``text`` ASCII and lower it, and split it as IN_WORD says; raises FeatureError as the steps do."""
    check_split(split)
    check_text(text)
    text = to_ascii(text, non_ascii).lower()
    return _RUN.findall(text) if split == "runs" else text.split()


def check_split(split: str) -> None:
    """Raise FeatureError for an unknown name."""
    if split not in IN_WORD:
        raise FeatureError(f"split {split!r} is unknown: choose one of {', '.join(IN_WORD)}")


def typed_text_of(reports: NDArray[np.uint8], split: str, layout: Layout = US) -> str:
    """Decode reports uint8 (n, 8) with the current word as ``split`` has it: what is edited is that alone."""
    check_split(split)
    return decode_text(reports, layout, IN_WORD[split])
