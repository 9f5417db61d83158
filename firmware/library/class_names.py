"""Names of classes as C: identifiers for an enum, strings for a display."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Final

_LONGEST: Final = 40


def identifiers(names: Sequence[str]) -> list[str]:
    """An identifier for each name, in capitals, each unlike all others: "to do" is TO_DO.

    Letters lose their accents; of a name that has none of the alphabet's letters or digits it is the number,
    which also follows where two names would be the same.
    """
    plain = [_plain(name) for name in names]
    counted = Counter(plain)
    taken = {word for word in plain if word and counted[word] == 1}
    made = []
    for number, word in enumerate(plain):
        made.append(word if word in taken else _free(word, number, taken))
    return made


def _plain(name: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z0-9]+", "_", ascii_only.upper())[:_LONGEST].strip("_")


def _free(word: str, number: int, taken: set[str]) -> str:
    """The word with its number, which no other has."""
    found = f"{word}_{number}" if word else str(number)
    while found in taken:
        found += "_"
    taken.add(found)
    return found
