"""narrow in C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.interface import Signal
    from zerotap.features.transforms.narrow import Narrow


def emit(transform: Narrow, source: Signal, prefix: str) -> Stage:
    """Generate the call; there is no table and no state."""
    push = f"zerotap_narrow(in, {source.size}, {transform.shift}, out)"
    return Stage("", push, "", ("zerotap_windows.h", "zerotap_narrow.c"), 0)
