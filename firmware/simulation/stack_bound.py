"""How deep a function's stack can get, whatever the input: read from the linked program's call graph.

Follows every branch from the function's first instruction on, and every BL into what it calls. A program with
recursion, a call through a pointer or a computed jump has no such bound: that is an error, not a guess. But a
function of the runtime may jump into a straight run of its own, FUNCTION_run, which ends before the jump and
leaves SP alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from zerotap.errors import ToolchainError

from .cortex_m0plus import CONDITIONAL, Instruction, decoded
from .program import Program
from .register_values import Value, Values, after, joined, result_of
from .veneers import veneer_at

_DEEPEST: Final = 1 << 16  # more than the board's RAM: a loop that pushes
_JUMP_TABLE: Final = "__gnu_thumb1_case"  # libgcc's switch: the table follows the call, where code should be


class StackBoundError(ToolchainError):
    """The stack of a function cannot be bounded from its code."""


def stack_bound(program: Program, function: str) -> int:
    """Bytes of stack that a call of ``function`` can use at most, with all that it calls.

    Raises StackBoundError for recursion, indirect calls, computed jumps, and SP set from a register.
    """
    return stack_bounds(program, [function])[0]


def stack_bounds(program: Program, functions: Iterable[str]) -> list[int]:
    """The bound of each of ``functions``, as stack_bound() has it; what several call is walked once."""
    bounds = _Bounds(program)
    return [bounds.of(program.symbols[each]) for each in functions]


class _Bounds:
    """Bounds by address, each function walked once."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[int, int] = {}
        self._active: list[int] = []

    def of(self, address: int) -> int:
        if address in self._active:
            names = " -> ".join(map(self._program.function_at, [*self._active, address]))
            raise StackBoundError(f"the stack has no bound: {names} is recursion")
        if address not in self._known:
            self._active.append(address)
            walk = _Walk(self._program, address)
            deepest = max((depth + self.of(target) for target, depth in walk.calls.items()), default=0)
            self._known[address] = max(walk.deepest, deepest)
            self._active.pop()
        return self._known[address]


class _Walk:
    """Every instruction that a function can reach, with the depth of the stack and what registers hold there.

    ``calls``: what it calls by BL -> the depth there; ``deepest``: its own, what it calls not counted. A jump
    to another function (a tail call) is followed as if it were this one's. Where ways join, the depth is the
    deeper one and a register holds what it does on all of them: an instruction is looked at again until
    neither changes.
    """

    def __init__(self, program: Program, entry: int) -> None:
        self._program = program
        self._name = program.function_at(entry)
        self._waiting: list[tuple[int, int, Values, frozenset[str]]] = [(entry, 0, {}, frozenset())]
        self._seen: dict[int, tuple[int, Values, frozenset[str]]] = {}
        self.calls: dict[int, int] = {}
        self.deepest = 0
        while self._waiting:
            self._follow(*self._waiting.pop())

    def _follow(self, address: int, depth: int, values: Values, popped: frozenset[str]) -> None:
        """Straight on from ``address`` until a return, a jump, or where nothing is new."""
        while (state := self._joined(address, depth, values, popped)) is not None:
            depth, values, popped = state
            instruction = self._decode(address)
            if "sp" in instruction.registers or instruction.step != 0:
                values = {**values, "sp": Value(-depth, on_stack=True)}
                depth = self._depth_after(instruction, address, depth, values)
            values = after(instruction, address, values, self._word)
            if instruction.mnemonic == "pop":
                popped = popped.union(instruction.registers)
            self._branch(instruction, address, depth, values, popped)
            if self._ends(instruction, address, popped):
                return
            address += instruction.size

    def _joined(
        self, address: int, depth: int, values: Values, popped: frozenset[str]
    ) -> tuple[int, Values, frozenset[str]] | None:
        """The state before an instruction, joined with those of other ways; None if it was all known."""
        state = (depth, values, popped)
        before = self._seen.get(address)
        if before is not None:
            state = (max(before[0], depth), joined(before[1], values), before[2] & popped)
            if state == before:
                return None
        self._seen[address] = state
        return state

    def _word(self, address: int) -> int:
        return int.from_bytes(self._read(address, 4), "little")

    def _decode(self, address: int) -> Instruction:
        code = self._read(address, 4)
        instruction = decoded(code)
        if instruction is None:
            raise self._error(address, f"no instruction ({code.hex()})")
        return instruction

    def _read(self, address: int, size: int) -> bytes:
        code = self._program.code(address, size)
        if code is None:
            raise self._error(address, "outside of the program")
        return code

    def _depth_after(self, instruction: Instruction, address: int, depth: int, values: Values) -> int:
        step = instruction.step
        if step is None:
            # Large frames: a size that was built or loaded, or SP from a frame pointer.
            place = result_of(instruction, address, values, self._word)
            if place is None or not place.on_stack:
                raise self._error(address, "SP is set from a register")
            step = place.number + depth
        depth -= step
        if depth > _DEEPEST:
            raise self._error(address, "the stack grows in a loop")
        self.deepest = max(self.deepest, depth)
        return depth

    def _branch(
        self, instruction: Instruction, address: int, depth: int, values: Values, popped: frozenset[str]
    ) -> None:
        mnemonic = instruction.mnemonic
        if mnemonic == "b" or mnemonic in CONDITIONAL:
            self._waiting.append((instruction.target(address), depth, values, popped))
        elif mnemonic == "bl":
            target = instruction.target(address)
            if self._program.function_at(target).startswith(_JUMP_TABLE):
                raise self._error(address, "a switch through a jump table")
            if (veneer := veneer_at(self._program, target)) is not None:
                self.deepest = max(self.deepest, depth + veneer.stack_bytes)
                target = veneer.target
            self.calls[target] = max(self.calls.get(target, 0), depth)
        elif mnemonic in ("add", "mov") and instruction.writes_pc:
            self._waiting.append((self._run_before(address), depth, values, popped))

    def _ends(self, instruction: Instruction, address: int, popped: frozenset[str]) -> bool:
        mnemonic = instruction.mnemonic
        if mnemonic in ("bx", "blx"):
            if mnemonic == "bx" and instruction.registers[0] in {"lr", *popped}:
                return True
            raise self._error(address, "a call through a pointer")
        return mnemonic == "b" or instruction.writes_pc

    def _run_before(self, jump: int) -> int:
        """Where the run begins that a computed jump goes into: between there and the jump SP stays."""
        begin = address = self._program.symbols.get(f"{self._name}_run", jump)
        while address < jump:
            instruction = self._decode(address)
            address = jump + 1 if instruction.step != 0 else address + instruction.size
        if begin >= jump or address != jump:
            raise self._error(jump, "a computed jump")
        return begin

    def _error(self, address: int, reason: str) -> StackBoundError:
        name = self._program.function_at(address)
        return StackBoundError(f"the stack has no bound: {reason} at {address:#x} in {name}()")
