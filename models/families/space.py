"""What a search may draw of a family: its size and the pipeline in front of it, and where it begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from zerotap.features import Pipeline

    from .family import Family

Value: TypeAlias = "int | float | str | bool"
Chosen = TypeVar("Chosen", int, float, str, bool)

WEIGHT_BITS: Final = (8, 6, 5, 4)
"""Of a network's weights."""
_COUNT: Final = "layers"


class Ask(Protocol):
    """Who answers: a search that draws, or parameters that are known. A name is asked for once."""

    def among(self, name: str, options: Sequence[Chosen]) -> Chosen:
        """One of ``options``, which have no order."""

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number, ``least`` to ``most``; drawn evenly on a logarithmic scale."""


@dataclass(frozen=True, slots=True)
class Space:
    """What a search draws of a family.

    ``size(ask)`` gives it in some size; ``pipeline(ask)`` is what stands in front of it on the data that its
    own pipeline is for: windows of a sensor are drawn by the search itself, for every family alike.
    ``starts``: what the family is as it is, "default", and in each preset, as answers. ``weight_bits``: which
    a network can have, none where ``size`` asks for them, or there is no choice.
    What one asks may depend on what another answer was.
    """

    size: Callable[[Ask], Family]
    pipeline: Callable[[Ask], Pipeline]
    starts: Mapping[str, Mapping[str, Value]]
    weight_bits: tuple[int, ...] = WEIGHT_BITS


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
