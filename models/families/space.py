"""What a family's space is asked, and what several spaces ask: widths of layers, and windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, TypeAlias, TypeVar

Value: TypeAlias = "int | float | str | bool"
Chosen = TypeVar("Chosen", int, float, str, bool)

_COUNT: Final = "layers"


class Ask(Protocol):
    """Who answers: a search that draws, or parameters that are known. A name is asked for once."""

    def among(self, name: str, options: Sequence[Chosen]) -> Chosen:
        """One of ``options``, which have no order."""

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number, ``least`` to ``most``; drawn evenly on a logarithmic scale."""


def drawn_widths(ask: Ask, most_layers: int, least: int, most: int) -> tuple[int, ...]:
    """One width or more, each between ``least`` and ``most``."""
    layers = ask.among(_COUNT, tuple(range(1, most_layers + 1)))
    return tuple(ask.whole(f"layer_{number}", least, most) for number in range(1, layers + 1))


def as_widths(*widths: int) -> dict[str, Value]:
    """The answers with which ``drawn_widths`` gives ``widths``."""
    each = {f"layer_{number}": width for number, width in enumerate(widths, 1)}
    return {_COUNT: len(widths), **each}


_SHARES: Final = (1.0, 0.5, 0.33, 0.25)


def drawn_windows(ask: Ask, lengths: Sequence[int]) -> tuple[int, int]:
    """Length and hop of windows."""
    length = ask.among("length", lengths)
    share = ask.among("hop", _SHARES)
    return length, max(1, round(length * share))


def as_windows(length: int, share: float) -> dict[str, Value]:
    """The answers with which ``drawn_windows`` gives them; ``share``: 1, .5, .33 or .25 of the length."""
    return {"length": length, "hop": share}
