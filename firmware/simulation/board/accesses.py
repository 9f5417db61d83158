"""Which instruction of a block accesses an address: loads and stores, by what their registers hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zerotap.firmware.simulation.cortex_m0plus import disassembler


def accessing(code: bytes, begin: int, accessed: int, value_of: Callable[[str], int]) -> int | None:
    """Address of the first load or store in ``code``, from ``begin`` on, that accesses ``accessed``.

    ``value_of(register)`` is what a register holds when it does; None where no instruction fits.
    """
    for instruction in disassembler().disasm(code, begin):
        if _target(instruction, value_of) == accessed:
            return int(instruction.address)
    return None


def _target(instruction: Any, value_of: Callable[[str], int]) -> int | None:  # noqa: ANN401
    from capstone.arm import ARM_OP_MEM

    for operand in instruction.operands:
        if operand.type == ARM_OP_MEM:
            numbers = filter(None, (operand.mem.base, operand.mem.index))
            names = [instruction.reg_name(number) for number in numbers]
            if "pc" not in names:
                return sum(map(value_of, names), int(operand.mem.disp)) & 0xFFFF_FFFF
    return None
