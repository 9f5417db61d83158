"""An estimate of what gcc -O2 makes of a layer's own C: the calls in its body, and the arrays on its stack.

The layers' functions are inlined into NAME_invoke. There a call is BL and an instruction for each argument,
with a literal behind the function where the argument is an address in flash, or of scratch (scratch_NAME), or
a number above 255.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from zerotap.firmware.operators import Implementation

_LABEL: Final = "layer"
_CALL: Final = re.compile(rf"\b(?:zerotap|{_LABEL})_\w+\(([^;]*)\);")
_ARRAYS: Final = re.compile(r"^ *u?int(8|16|32)_t (\w+\[.*);$", re.MULTILINE)
_LOOP: Final = re.compile(
    r"^( *)for \(int32_t (\w+) = (\d+); \2 < (\d+); \2\+\+\) \{\n(.*?)^\1\}", re.MULTILINE | re.DOTALL
)
_STORE: Final = re.compile(r"\bscratch_\w+\[\w+\] = ")
_LITERAL: Final = re.compile(rf"\b(?:{_LABEL}|scratch)_|<<|\b(?:\d{{4,}}|[3-9]\d\d|2[6-9]\d|25[6-9])u?\b")

_CALL_BYTES: Final = 4
_ARGUMENT_BYTES: Final = 2
_LITERAL_BYTES: Final = 4
_MOVING_BYTES: Final = 6  # a pointer that a loop moves on: where it begins, and its step
_LOOP_BYTES: Final = 6
_BRANCH_BYTES: Final = 6
_CHOICE_BYTES: Final = 14  # of an argument that is one of two
_STORE_BYTES: Final = 12  # of a constant to an element of scratch
# A function of a layer's own: what it saves, and as NAME_invoke's loops want, registers above r7.
_FUNCTION_BYTES: Final = 36
_FUNCTION_STACK_BYTES: Final = 100
_PEELED: Final = 2  # loops of so many rounds or fewer are written out


@dataclass(frozen=True, slots=True)
class GeneratedCode:
    """``code_bytes`` of flash for a layer's body, ``array_bytes`` of stack, whether it loops, its calls."""

    code_bytes: int
    array_bytes: int
    has_loop: bool
    calls: int


@lru_cache(maxsize=1024)
def generated_code(implementation: Implementation) -> GeneratedCode:
    """Estimate the body that an implementation emits."""
    emission = implementation.emit(_LABEL)
    own = _generated_body(emission.body)
    functions = [_generated_body(function.body) for function in emission.functions]
    return GeneratedCode(
        own.code_bytes + sum(_FUNCTION_BYTES + function.code_bytes for function in functions),
        own.array_bytes
        + max((_FUNCTION_STACK_BYTES + function.array_bytes for function in functions), default=0),
        own.has_loop,
        own.calls,
    )


def _generated_body(body: str) -> GeneratedCode:
    loops = [_Loop(*match.groups()[1:]) for match in _LOOP.finditer(f"    {body}\n")]
    straight = _LOOP.sub("", f"    {body}\n")
    code_bytes = _calls_bytes(straight, "") + sum(loop.code_bytes for loop in loops)
    return GeneratedCode(code_bytes, _array_bytes(body), bool(loops), len(_CALL.findall(body)))


class _Loop:
    def __init__(self, index: str, start: str, end: str, body: str) -> None:
        self.rounds = int(end) - int(start)
        self._once = _calls_bytes(body, index)

    @property
    def code_bytes(self) -> int:
        return self.rounds * self._once if self.rounds <= _PEELED else self._once + _LOOP_BYTES


def _array_bytes(body: str) -> int:
    declared = ((int(bits) // 8, re.findall(r"\[(\d+)\]", names)) for bits, names in _ARRAYS.findall(body))
    return sum(size * int(count) for size, counts in declared for count in counts)


def _calls_bytes(code: str, index: str) -> int:
    calls = sum(_call_bytes(arguments.split(","), index) for arguments in _CALL.findall(code))
    return calls + _BRANCH_BYTES * code.count("if (") + _STORE_BYTES * len(_STORE.findall(code))


def _call_bytes(arguments: list[str], index: str) -> int:
    literals = sum(bool(_LITERAL.search(argument)) for argument in arguments)
    moving = sum(index != "" and f" {index}" in argument for argument in arguments)
    chosen = sum(" ? " in argument for argument in arguments)
    once = _CALL_BYTES + _ARGUMENT_BYTES * len(arguments) + _LITERAL_BYTES * literals
    return once + _MOVING_BYTES * moving + _CHOICE_BYTES * chosen
