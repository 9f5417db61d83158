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

_TO_RAM: Final = r'.section .data.\1, "aw"'
_INCLUDE: Final = re.compile(r'^#include "(zerotap_\w+)\.h"', re.MULTILINE)
_CALL: Final = re.compile(r"^\s+(?:bl|b)\s+(zerotap_\w+|__\w+)", re.MULTILINE)  # labels have other names


def can_move(function: str) -> bool:
    """Whether a function of runtime/ may run from RAM."""
    return function in _movable()


def stands_alone(text: str) -> bool:
    """Whether assembly calls no function elsewhere, so that it may run from RAM."""
    return not _CALL.search(text)


def moved(files: Mapping[str, str], names: Collection[str], model: str = "") -> dict[str, str]:
    """The files with ``names`` in RAM: functions of runtime/, or how names of the ``model``'s own begin."""
    result = dict(files)
    for name in sorted(names):
        unit, own = f"{name}.S", f"{model}_layers.S"
        if unit not in files:
            result[own] = _section(rf"{model}_{name}_\w+").sub(_TO_RAM, result[own])
            continue
        result[unit] = _in_ram(files[unit])
        for included in _INCLUDE.findall(files[unit]):
            text = files[f"{included}.h"]
            if _SECTION.search(text) is not None:
                result[unit] = result[unit].replace(f'"{included}.h"', f'"{included}_ram.h"')
                result[f"{included}_ram.h"] = _in_ram(text)
    return result


def _in_ram(text: str) -> str:
    return _SECTION.sub(_TO_RAM, text)


def _section(name: str) -> re.Pattern[str]:
    return re.compile(rf'\.section \.text\.({name}), "ax"')


_SECTION: Final = _section(r"\w+")


@cache
def _movable() -> frozenset[str]:
    texts = assembly_texts()
    calls = {name: set(_CALL.findall(text)) - {name} for name, text in texts.items()}
    called: set[str] = set().union(*calls.values())
    return frozenset(name for name in texts if not calls[name] and name not in called)
