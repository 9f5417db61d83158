"""What a choice of kernels costs, without a compiler: flash, stack and cycles as gcc -O2 would make them.

Constants are exact. Code is the runtime functions' measured size, each counted once however many layers share
it, plus an estimate of the generated C: one call a layer. Cycles are what the operators' formulas say.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from zerotap.firmware.c_code.runtime_library import is_assembly
from zerotap.firmware.operators import Implementation

from .generated_code import generated_code
from .runtime_costs import HELPERS, RUNTIME, Code

# NAME_invoke beside its layers: saved registers, and the arena's address. Fitted to linked programs.
INVOKE_BYTES: Final = 16
INVOKE_CYCLES: Final = 14
INVOKE_STACK_BYTES: Final = 32
# Two pointers are then needed from the first call to the last: at worst r8 to r11 are saved for them, too.
SEVERAL_ENDS_STACK_BYTES: Final = 4 * 4
# Calls of a layer's own functions, with four arguments each, keep addresses in registers above r7 and beside.
OWN_FUNCTIONS_STACK_BYTES: Final = 48
# So many calls of a layer one behind the other, and clang keeps addresses beside the registers it saves.
SEVERAL_CALLS: Final = 4
SEVERAL_CALLS_STACK_BYTES: Final = 16
# Loops want more registers: those above r7 are saved through others.
LOOP_BYTES: Final = 28
LOOP_STACK_BYTES: Final = 100

# How near the cycles are where the hot loops are assembly, and where they are left to a compiler.
ASSEMBLY_WITHIN: Final = 0.03
COMPILED_WITHIN: Final = 0.1

_UNMEASURED: Final = Code(0, 0)


def code_parts(implementation: Implementation) -> frozenset[str]:
    """The runtime functions, compiler's helpers and shared constants that an implementation brings along."""
    constants = (f"{name}:{size}" for name, size in implementation.shared)
    return _parts(implementation.runtime).union(constants)


@cache
def _parts(functions: tuple[str, ...]) -> frozenset[str]:
    # Not runtime_library's calls: those are also of the portable C, where assembly may call nothing.
    called = (_parts(_code(function).calls) for function in functions)
    return frozenset(functions).union(*called)


def part_bytes(part: str) -> int:
    """Flash of a runtime function or a compiler's helper, as measured; of constants, NAME:BYTES, exact."""
    if ":" in part:
        return int(part.rpartition(":")[2])
    return _code(part).code_bytes if part.startswith("zerotap_") else HELPERS.get(part, 0)


def shared_bytes(implementations: Iterable[Implementation]) -> int:
    """Flash of the runtime functions, each counted once."""
    parts = frozenset().union(*map(code_parts, implementations))
    return sum(map(part_bytes, parts))


def own_bytes(implementation: Implementation) -> int:
    """Flash that a layer does not share: constants and assembly, exact, and an estimate of its C."""
    exact = implementation.constant_bytes + implementation.code_bytes
    return exact + generated_code(implementation).code_bytes


def flash_bytes(implementations: Iterable[Implementation]) -> int:
    """Flash that a model adds to a program: an estimate."""
    chosen = list(implementations)
    invoke = INVOKE_BYTES + (LOOP_BYTES if _loops(chosen) else 0)
    return invoke + shared_bytes(chosen) + sum(map(own_bytes, chosen))


def stack_bytes(implementations: Iterable[Implementation], *, several_ends: bool) -> int:
    """Stack of NAME_invoke: an estimate, on the safe side, from arrays and the runtime functions' stack."""
    chosen = list(implementations)
    invoke = INVOKE_STACK_BYTES + (LOOP_STACK_BYTES if _loops(chosen) else 0)
    invoke += SEVERAL_ENDS_STACK_BYTES if several_ends else 0
    invoke += OWN_FUNCTIONS_STACK_BYTES if _calls_own_functions(chosen) else 0
    return invoke + max(map(layer_stack_bytes, chosen), default=0)


def _calls_own_functions(implementations: list[Implementation]) -> bool:
    """Whether any has functions of its own; a single call needs nothing that outlives it."""
    if not any(each.code_bytes for each in implementations):
        return False
    calls = sum(generated_code(each).calls for each in implementations)
    return calls > 1 or _loops(implementations)


def _loops(implementations: list[Implementation]) -> bool:
    return any(map(has_loop, implementations))


def has_loop(implementation: Implementation) -> bool:
    """Whether a layer's C loops: a model with any such layer pays LOOP_BYTES, and the stack of it."""
    return generated_code(implementation).has_loop


def layer_stack_bytes(implementation: Implementation) -> int:
    """Stack of a layer: its arrays and the deepest of what it calls."""
    called = (_code(function).stack_bytes for function in implementation.runtime)
    deepest, own = max(implementation.stack_bytes, *called, 0), generated_code(implementation)
    kept = SEVERAL_CALLS_STACK_BYTES if own.calls >= SEVERAL_CALLS and not own.has_loop else 0
    return own.array_bytes + deepest + kept


def cycles(implementations: Iterable[Implementation]) -> int:
    """Cycles of one inference by the operators' formulas: gcc -O2, zero wait states."""
    return INVOKE_CYCLES + sum(implementation.cycles for implementation in implementations)


def cycles_within(implementation: Implementation) -> float:
    """How far the cycles may be from those of the linked program, as a part of them."""
    return ASSEMBLY_WITHIN if all(map(is_assembly, implementation.runtime)) else COMPILED_WITHIN


def _code(function: str) -> Code:
    return RUNTIME.get(function, _UNMEASURED)
