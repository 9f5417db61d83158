"""Whether the first line of a stream is whole, though nobody saw how it began.

What lost its beginning lost it from its first number, or lost whole numbers, and then has fewer than the
others. So the evidence is that the first number goes on as those after it do, and that none that it could
have been, with a digit or a minus sign before it, would.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from .line_fields import numbers_in_line

LEAST_AFTER: Final = 8
MOST_AFTER: Final = 64


def is_plainly_whole(lines: Sequence[bytes]) -> bool:
    """Whether the first of ``lines``, without spaces around them, is whole by those that follow it.

    They are of numbers alone, LEAST_AFTER or more after the first; what follows MOST_AFTER is not looked at.
    """
    if len(lines) <= LEAST_AFTER:
        return False
    first, *others = (numbers_in_line(line) for line in lines[: 1 + MOST_AFTER])
    if not first or any(len(row) != len(first) for row in others):
        return False
    number, starts = first[0], [row[0] for row in others]
    if _form(number) not in set(map(_form, starts)):
        return False
    values = list(map(float, starts))
    step = max(abs(after - before) for before, after in pairwise(values))
    return abs(float(number) - values[0]) <= step and not any(
        abs(longer - values[0]) <= step for longer in _longer(number)
    )


def _form(number: str) -> tuple[bool, int, bool]:
    """What one sketch writes alike: a digit before the point, the digits after it, an exponent."""
    mantissa, exponent, _ = number.lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    return whole[-1:].isdigit(), len(decimals), bool(exponent)


def _longer(number: str) -> Iterator[float]:
    """What the number may have been before its beginning was lost; a sign is a beginning."""
    if number[0] in "+-":
        return
    for digit in ("", *"123456789"):
        for sign in ("", "-"):
            longer = float(sign + digit + number)
            if longer != float(number):
                yield longer
