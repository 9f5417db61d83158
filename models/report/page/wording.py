"""How the page writes names and numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from zerotap.reporting import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING: Final = "–"
"""In a table's cell that has no number."""
TEXT_MOST: Final = 280
"""Characters of a typed text, or of a name, that the page shows."""
_DIGITS: Final = 3


def cleaned(value: Any) -> Any:  # noqa: ANN401
    """A JSON value whose strings, keys too, hold nothing that is not seen: NUL and RTL marks are escapes."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Mapping):
        return {visible(key): cleaned(one) for key, one in value.items()}
    return [cleaned(one) for one in value] if isinstance(value, list | tuple) else value


def short(text: str, most: int) -> str:
    """At most so many characters of a name; an ellipsis is where its middle was."""
    if len(text) <= most:
        return text
    head = most // 2
    return f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"


def clipped(text: str) -> str:
    """The beginning of a long text, and how long it is."""
    if len(text) <= TEXT_MOST:
        return text
    return f"{text[:TEXT_MOST]}… ({len(text):,} characters)"


def share(value: float) -> str:
    """A score of 0 to 1."""
    return f"{value:.3f}"


def interval(ends: Sequence[float] | None) -> str:
    """The ends of an interval, nothing where there is none."""
    return "" if ends is None else f"{ends[0]:.3f}–{ends[1]:.3f}"


def signed(value: float) -> str:
    """A difference with its sign."""
    return f"{value:+z.3f}".replace("-", "−")


def signed_interval(ends: Sequence[float]) -> str:
    """The ends of an interval of a difference."""
    return f"{signed(ends[0])} to {signed(ends[1])}"


def count(value: float) -> str:
    """A whole number with its thousands apart."""
    return f"{round(value):,}"


def rounded(value: float) -> str:
    """A number on a scale: thousands are k, millions M."""
    for bound, unit in ((1e6, "M"), (1e3, "k")):
        if value >= bound:
            return f"{value / bound:g}{unit}"
    return f"{value:g}"


def milliseconds(value: float) -> str:
    """To three digits, as they matter to someone who waits."""
    if value <= 0:
        return "0"
    places = max(0, _DIGITS - 1 - math.floor(math.log10(value)))
    return f"{value:,.{min(places, 4)}f}"
