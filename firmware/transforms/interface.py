"""What the C twin of a transform consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from zerotap.features.transforms.interface import Signal


@dataclass(frozen=True, slots=True)
class Stage:
    """One transform in generated C.

    ``definitions`` declares its constants and its static state, every name beginning with the stage's prefix;
    ``push`` is a C expression with ``in`` and ``out`` as the item's and the result's pointers: 1 where it has
    written a result, else 0. ``more`` and ``flush`` are such expressions without ``in``: a further result of
    the item pushed last, and what is left at a recording's end (one result, given once, or where it
    ``flushes_many`` one each time, until 0); "0" for none.
    ``reset`` is a statement that begins a new recording (empty without state). ``in`` and ``out`` are aligned
    to their elements and do not overlap. ``out`` is the same array at every call, which only the stage writes
    to until it has given a result there: a result may gather in it. ``runtime`` names the files of
    ``firmware/runtime/`` that it needs, the headers too, with whatever they call; ``ram_bytes`` its state.
    """

    definitions: str
    push: str
    reset: str
    runtime: tuple[str, ...]
    ram_bytes: int
    more: str = "0"
    flush: str = "0"
    flushes_many: bool = False


class Twin(Protocol):
    """A module of ``firmware/transforms/``."""

    def emit(self, transform: Any, source: Signal, prefix: str) -> Stage:  # noqa: ANN401
        """Generate ``transform`` for items like ``source``."""
