"""What is known of registers at a place of a program: an abstract value for each, or nothing.

A value is a number, or a place of the stack: a number of bytes from where SP was when the function began.
Compilers build frame sizes and frame pointers from constants, literals and SP; every instruction that
computes from known values alone gives a known one, and whatever else writes a register makes it unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from .cortex_m0plus import Instruction, Operand


class Value(NamedTuple):
    """``number``: unsigned 32-bit, or where ``on_stack`` signed, from the function's own SP at its start."""

    number: int
    on_stack: bool = False


Values = Mapping[str, Value]
"""The known registers."""

_MASK: Final = 0xFFFF_FFFF
# What a called function may change (the procedure call standard).
_SCRATCH: Final = ("r0", "r1", "r2", "r3", "ip", "lr")
# No register is their destination, though their first operand is one.
_NO_RESULT: Final = ("str", "push", "cmp", "cmn", "tst", "b", "nop", "cps", "dmb", "dsb", "isb", "msr")
_SEVERAL: Final = ("pop", "ldm", "stm")

_OF_TWO: Final[dict[str, Callable[[int, int], int]]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "and": lambda a, b: a & b,
    "orr": lambda a, b: a | b,
    "eor": lambda a, b: a ^ b,
    "bic": lambda a, b: a & ~b,
    "mul": lambda a, b: a * b,
    "lsl": lambda a, b: a << b if b < 32 else 0,
    "lsr": lambda a, b: a >> b if b < 32 else 0,
    "asr": lambda a, b: _signed(a) >> min(b, 31),
    "rsb": lambda a, b: b - a,
}
_OF_ONE: Final[dict[str, Callable[[int], int]]] = {
    "mov": lambda a: a,
    "mvn": lambda a: ~a,
    "neg": lambda a: -a,
    "uxtb": lambda a: a & 0xFF,
    "uxth": lambda a: a & 0xFFFF,
    "sxtb": lambda a: (a & 0x7F) - (a & 0x80),
    "sxth": lambda a: (a & 0x7FFF) - (a & 0x8000),
}


def joined(one: Values, other: Values) -> Values:
    """What is known where two ways meet: the registers that hold the same on both."""
    return {name: value for name, value in one.items() if other.get(name) == value}


def after(instruction: Instruction, address: int, values: Values, word: Callable[[int], int]) -> Values:
    """What is known behind an instruction at ``address``; ``word`` reads the program at an address."""
    name, registers = instruction.mnemonic, instruction.registers
    if name in ("bl", "blx", "svc"):
        return _without(values, _SCRATCH)
    if name in _SEVERAL:
        return _without(values, registers)
    if not registers or (name.startswith(_NO_RESULT) and name not in ("bic", "bics")):
        return values
    result = result_of(instruction, address, values, word)
    others = _without(values, registers[:1])
    return others if result is None else {**others, registers[0]: result}


def result_of(
    instruction: Instruction, address: int, values: Values, word: Callable[[int], int]
) -> Value | None:
    """What an instruction puts into its first register, where it is known."""
    name, operands = instruction.mnemonic, instruction.operands
    if name == "ldr":
        return _literal(operands[-1], address, word)
    name = name if name in _OF_TWO else name.removesuffix("s")
    # Of two the destination is the first source too.
    sources = operands if name in _OF_TWO and len(operands) == 2 else operands[1:]
    read: list[Value] = []
    for operand in sources:
        value = _value(operand, values)
        if value is None:
            return None
        read.append(value)
    return _computed(name, read)


def _computed(name: str, read: list[Value]) -> Value | None:
    if any(each.on_stack for each in read):
        return _place(name, read)
    numbers = [each.number for each in read]
    if name in _OF_TWO and len(numbers) == 2:
        return Value(_OF_TWO[name](numbers[0], numbers[1]) & _MASK)
    if name in _OF_ONE and len(numbers) == 1:
        return Value(_OF_ONE[name](numbers[0]) & _MASK)
    return None


def _place(name: str, read: list[Value]) -> Value | None:
    """A place of the stack, or one so many bytes from it."""
    if name == "mov":
        return read[0]
    if name not in ("add", "sub") or len(read) != 2 or read[1].on_stack:
        read = read[::-1] if name == "add" else []
    if not read or read[1].on_stack:
        return None
    by = _signed(read[1].number)
    return Value(read[0].number + (by if name == "add" else -by), on_stack=True)


def _signed(number: int) -> int:
    return number - ((number & 0x8000_0000) << 1)


def _without(values: Values, names: Sequence[str]) -> Values:
    if values.keys().isdisjoint(names):
        return values
    return {name: value for name, value in values.items() if name not in names}


def _value(operand: Operand, values: Values) -> Value | None:
    if operand.register is None:
        return None if operand.number is None else Value(operand.number & _MASK)
    return values.get(operand.register) if operand.is_plain else None


def _literal(memory: Operand, address: int, word: Callable[[int], int]) -> Value | None:
    if memory.register != "pc" or memory.number is None:
        return None
    return Value(word((address + 4 & ~3) + memory.number))
