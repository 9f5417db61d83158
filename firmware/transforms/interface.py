"""What the C twin of a transform consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from zerotap.features.transform import Signal


@dataclass(frozen=True, slots=True)
class Stage:
    """One transform in generated C.

    ``definitions`` declares its constants and its static state, every name beginning with the stage's prefix;
    ``push`` is a C expression with ``in`` and ``out`` as the item's and the result's pointers: 1 where it has
    written a result, else 0. ``reset`` is a statement that begins a new recording (empty without state).
    ``runtime`` names the files of ``firmware/runtime/`` that it calls, ``ram_bytes`` its state.
    """

    definitions: str
    push: str
    reset: str
    runtime: tuple[str, ...]
    ram_bytes: int


class Twin(Protocol):
    """A module of ``firmware/transforms/``."""

    def emit(self, transform: Any, source: Signal, prefix: str) -> Stage:  # noqa: ANN401
        """Generate ``transform`` for items like ``source``."""
