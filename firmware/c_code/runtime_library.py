"""The functions of runtime/: which files each is made of, and which others it calls."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Final

HEADER: Final = "zerotap_runtime.h"

# Runtime functions that others call.
_CALLS: Final[dict[str, tuple[str, ...]]] = {
    "zerotap_depthwise_words": ("zerotap_depthwise_sums",),
    "zerotap_add_in_steps": ("zerotap_clamp", "zerotap_requantise"),
    "zerotap_moving_max": ("zerotap_line_max",),
    "zerotap_multiply_in_steps": ("zerotap_clamp", "zerotap_requantise"),
    "zerotap_rescale": ("zerotap_clamp", "zerotap_requantise"),
    "zerotap_squared_difference": ("zerotap_clamp", "zerotap_requantise"),
    "zerotap_average_pool_words": ("zerotap_window_means",),
    "zerotap_pack_blocks": ("zerotap_pack_pairs",),
    "zerotap_pack_pairs": ("zerotap_pair_sums", "zerotap_scaled_byte"),
    "zerotap_prelu": ("zerotap_clamp", "zerotap_requantise"),
    "zerotap_mean": ("zerotap_clamp", "zerotap_requantise"),
    "zerotap_lstm_activation": ("zerotap_lstm_activation_plain",),
    "zerotap_lstm_activation_small": ("zerotap_lstm_activation_plain",),
    "zerotap_lstm_gates": ("zerotap_lstm_gates_plain",),
    "zerotap_lstm_gates_pairs": ("zerotap_lstm_gates_plain",),
    "zerotap_lstm_gates_each": ("zerotap_lstm_gates_wide_each",),
    "zerotap_lstm_gates_saturated": ("zerotap_lstm_gates_plain",),
    "zerotap_lstm_gates_wide": ("zerotap_requantise",),
    "zerotap_lstm_gates_wide_each": ("zerotap_requantise",),
    "zerotap_lstm_state": ("zerotap_high_product",),
    "zerotap_max_pool_words": ("zerotap_line_max",),
    "zerotap_reciprocal": ("zerotap_high_product",),
    "zerotap_requantise": ("zerotap_high_product",),
    "zerotap_round_sums_once": ("zerotap_clamp",),
    "zerotap_round_sums_twice": ("zerotap_clamp", "zerotap_high_product"),
    "zerotap_round_sums": ("zerotap_clamp", "zerotap_requantise", "zerotap_requantise_once"),
    "zerotap_scale_dot_16": ("zerotap_scale_dot_plain",),
    "zerotap_scale_dot_16_whole": ("zerotap_scale_dot_plain",),
    "zerotap_scale_dot_64": ("zerotap_scale_dot_plain",),
    "zerotap_scale_dot_64_whole": ("zerotap_scale_dot_plain",),
    "zerotap_scale_dot_128": ("zerotap_scale_dot_plain",),
    "zerotap_scale_dot_128_whole": ("zerotap_scale_dot_plain",),
    "zerotap_scale_dot_plain": ("zerotap_sums_dot_plain",),
    "zerotap_scale_sums": ("zerotap_scaled_sum",),
    "zerotap_scale_sums_signed": ("zerotap_scaled_sum",),
    "zerotap_scale_sums_wide": ("zerotap_scaled_sum",),
    "zerotap_scale_sums_wide_signed": ("zerotap_scaled_sum",),
    "zerotap_scale_uniform": ("zerotap_scaled_sum",),
    "zerotap_scale_fours_2": ("zerotap_scale_fours_plain",),
    "zerotap_scale_fours_4": ("zerotap_scale_fours_plain",),
    "zerotap_scale_fours_8": ("zerotap_scale_fours_plain",),
    "zerotap_scale_fours_plain": ("zerotap_scale_words_plain",),
    "zerotap_scale_words_2": ("zerotap_scale_words_plain",),
    "zerotap_scale_words_2_pool": ("zerotap_scale_words_plain",),
    "zerotap_scale_words_4": ("zerotap_scale_words_plain",),
    "zerotap_scale_words_4_pool": ("zerotap_scale_words_plain",),
    "zerotap_scale_words_8": ("zerotap_scale_words_plain",),
    "zerotap_scale_words_8_pool": ("zerotap_scale_words_plain",),
    "zerotap_sums_dot": ("zerotap_sums_dot_plain",),
    "zerotap_sums_dot_16": ("zerotap_sums_dot_plain",),
    "zerotap_sums_dot_64": ("zerotap_sums_dot_plain",),
    "zerotap_sums_dot_128": ("zerotap_sums_dot_plain",),
    "zerotap_svdf_bytes": ("zerotap_requantise",),
    "zerotap_svdf_words": ("zerotap_requantise",),
    "zerotap_scaled_byte": ("zerotap_scaled_sum",),
    "zerotap_softmax": ("zerotap_high_product", "zerotap_reciprocal"),
}

# Families' headers, and text that several assembly files include.
_GUARD: Final = re.compile(r"^#ifndef ZEROTAP_\w+_H$", re.MULTILINE)
_INCLUDED: Final = re.compile(r'^#include "([^"]+)"', re.MULTILINE)

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


def is_assembly(function: str) -> bool:
    """Whether a function is written in ARMv6-M assembly for the board."""
    return f"{function}.S" in _all_files()


def assembly_texts() -> dict[str, str]:
    """Each function that is written in assembly -> its text, with what that includes."""
    units = sorted(name for name in _all_files() if name.endswith(".S"))
    return {
        unit.removesuffix(".S"): "".join(map(_text, [unit, *sorted(_included([unit]))])) for unit in units
    }


def whole_runtime() -> dict[str, str]:
    """File name -> text of everything in runtime/."""
    return {name: _text(name) for name in sorted(_all_files())}


def runtime_files(functions: Iterable[str]) -> dict[str, str]:
    """File name -> text of these functions and what they call, with the headers that they include."""
    names = [HEADER]
    for function in with_calls(functions):
        files = [function + suffix for suffix in _SUFFIXES if function + suffix in _all_files()]
        assert files, function
        names += files
    names += sorted(_included(names) - set(names))
    return {name: _text(name) for name in names}


def headers(functions: Iterable[str]) -> list[str]:
    """What C that calls these functions includes."""
    files = (function + suffix for function in functions for suffix in _SUFFIXES)
    units = [name for name in files if name in _all_files()]
    return [HEADER, *sorted(set(filter(_declares, _included(units))) - {HEADER})]


def _declares(name: str) -> bool:
    """Whether a file is a header of declarations; others are bodies, which each unit includes anew."""
    return bool(_GUARD.search(_text(name)))


def included_files(text: str) -> dict[str, str]:
    """File name -> text of what generated ``text`` includes of runtime/, and what that includes itself."""
    direct = set(_INCLUDED.findall(text)) & _all_files()
    return {name: _text(name) for name in sorted(direct | _included(direct))}


def _included(names: Iterable[str]) -> set[str]:
    """The texts that these include, and those that they include themselves."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        inner = set(_INCLUDED.findall(_text(waiting.pop()))) - found
        found |= inner
        waiting += inner
    return found


@cache
def _all_files() -> frozenset[str]:
    return frozenset(entry.name for entry in (resources.files("zerotap.firmware") / "runtime").iterdir())


def _text(name: str) -> str:
    return (resources.files("zerotap.firmware") / "runtime" / name).read_text(encoding="utf-8")
