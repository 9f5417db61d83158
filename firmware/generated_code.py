"""An estimate of what gcc -O2 makes of a layer's own C: the calls in its body, and the arrays on its stack.

The layers' functions are inlined into NAME_invoke. There a call is BL and an instruction for each argument,
with a literal behind the function where the argument is an address in flash or a number above 255.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from .operators import Implementation

_LABEL: Final = "layer"
_CALL: Final = re.compile(r"\bzerotap_\w+\(([^;]*)\);")
_ARRAY: Final = re.compile(r"\bu?int(8|16|32)_t \w+\[(\d+)\]")
_LOOP: Final = re.compile(r"\bfor \(")
_LARGE: Final = re.compile(rf"\b{_LABEL}_|<<|\b(?:\d{{4,}}|[3-9]\d\d|2[6-9]\d|25[6-9])u?\b")

_CALL_BYTES: Final = 4
_ARGUMENT_BYTES: Final = 2
_LITERAL_BYTES: Final = 4
_LOOP_BYTES: Final = 14


@dataclass(frozen=True, slots=True)
class GeneratedCode:
    """``code_bytes`` of flash for a layer's body; ``array_bytes`` of stack for its arrays."""

    code_bytes: int
    array_bytes: int


@lru_cache(maxsize=512)
def generated_code(implementation: Implementation) -> GeneratedCode:
    """Estimate the body that an implementation emits."""
    body = implementation.emit(_LABEL).body
    arrays = sum(int(bits) // 8 * int(count) for bits, count in _ARRAY.findall(body))
    calls = sum(_call_bytes(arguments) for arguments in _CALL.findall(body))
    return GeneratedCode(calls + _LOOP_BYTES * len(_LOOP.findall(body)), arrays)


def _call_bytes(arguments: str) -> int:
    each = arguments.split(",")
    literals = sum(bool(_LARGE.search(argument)) for argument in each)
    return _CALL_BYTES + _ARGUMENT_BYTES * len(each) + _LITERAL_BYTES * literals
