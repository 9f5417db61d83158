"""The functions of runtime/: which files each is made of, and which others it calls."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Final

HEADER: Final = "zerotap_runtime.h"

# Runtime functions that others call.
_CALLS: Final[dict[str, tuple[str, ...]]] = {
    "zerotap_conv_2d": ("zerotap_clamp", "zerotap_requantise"),
    "zerotap_depthwise_conv_2d": ("zerotap_clamp", "zerotap_requantise"),
    "zerotap_fully_connected": ("zerotap_clamp", "zerotap_requantise_once"),
    "zerotap_mean": ("zerotap_clamp", "zerotap_requantise"),
    "zerotap_rescale": ("zerotap_clamp", "zerotap_requantise"),
    "zerotap_reciprocal": ("zerotap_high_product",),
    "zerotap_requantise": ("zerotap_high_product",),
    "zerotap_softmax": ("zerotap_high_product", "zerotap_reciprocal"),
}

# FUNCTION.c alone, or FUNCTION.S for ARMv6-M and FUNCTION_portable.c for everything else.
_SUFFIXES: Final = (".c", ".S", "_portable.c")


def with_calls(functions: Iterable[str]) -> tuple[str, ...]:
    """These functions and all that they call, sorted."""
    found: set[str] = set()
    waiting = list(functions)
    while waiting:
        function = waiting.pop()
        if function not in found:
            found.add(function)
            waiting += _CALLS.get(function, ())
    return tuple(sorted(found))


def runtime_files(functions: Iterable[str]) -> dict[str, str]:
    """File name -> text of the header, these functions and what they call."""
    names = [HEADER]
    for function in with_calls(functions):
        files = [function + suffix for suffix in _SUFFIXES if function + suffix in _all_files()]
        assert files, function
        names += files
    return {name: _text(name) for name in names}


@cache
def _all_files() -> frozenset[str]:
    return frozenset(entry.name for entry in (resources.files(__package__) / "runtime").iterdir())


def _text(name: str) -> str:
    return (resources.files(__package__) / "runtime" / name).read_text(encoding="utf-8")
