"""Assembly that runs from RAM: in a section .data, which start-up code copies there with the variables.

A linker reaches it from flash by a veneer of its own (BL spans 16 MB), which may change r12 and takes some
stack. So a function can move that calls nothing, and that C alone calls.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Final

from .runtime_library import assembly_texts

_SECTION: Final = re.compile(r'\.section \.text\.(\w+), "ax"')
_INCLUDE: Final = re.compile(r'^#include "(zerotap_\w+)\.inc"', re.MULTILINE)
_CALL: Final = re.compile(r"^\s+(?:bl|b)\s+(zerotap_\w+|__\w+)", re.MULTILINE)


def can_move(function: str) -> bool:
    """Whether a function of runtime/ may run from RAM."""
    return function in _movable()


def moved(files: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    """The files with the functions ``names`` in RAM: FILE.S of each, or all of a FILE.S that is named so."""
    result = dict(files)
    for name in sorted(names):
        unit = f"{name}.S"
        result[unit] = _in_ram(files[unit])
        for included in _INCLUDE.findall(files[unit]):
            text = files[f"{included}.inc"]
            if _SECTION.search(text):
                result[unit] = result[unit].replace(f'"{included}.inc"', f'"{included}_ram.inc"')
                result[f"{included}_ram.inc"] = _in_ram(text)
    return result


def _in_ram(text: str) -> str:
    return _SECTION.sub(r'.section .data.\1, "aw"', text)


@cache
def _movable() -> frozenset[str]:
    texts = assembly_texts()
    calls = {name: set(_CALL.findall(text)) - {name} for name, text in texts.items()}
    called: set[str] = set().union(*calls.values())
    return frozenset(name for name in texts if not calls[name] and name not in called)
