"""What a block of instructions costs on a Cortex-M0+, and whether it is ARMv6-M at all.

Timings: Cortex-M0+ Technical Reference Manual (ARM DDI 0484C), table 3-1, with the boards' single-cycle
multiplier and zero wait states. Legality: ARMv6-M Architecture Reference Manual (ARM DDI 0419), chapter A6.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from zerotap.errors import ToolchainError

_CONDITIONS = ("eq", "ne", "hs", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "cs", "cc")
CONDITIONAL = frozenset(f"b{condition}" for condition in _CONDITIONS)
_TRANSFERS = frozenset(("ldm", "stm", "push", "pop"))

# Cycles by mnemonic; transfers of several registers, and writes to PC, are computed.
_ALU = (
    "adc adcs add adds adr and ands asr asrs bic bics bkpt cmn cmp cpsid cpsie eor eors lsl lsls lsr lsrs "
    "mov movs mul muls mvn mvns neg negs nop orr orrs rev rev16 revsh ror rors rsb rsbs sbc sbcs sev sub "
    "subs svc sxtb sxth tst udf uxtb uxth yield"
)
_LOAD_STORE = "ldr ldrb ldrh ldrsb ldrsh str strb strh"
_CYCLES = (
    dict.fromkeys(_ALU.split(), 1)
    | dict.fromkeys(_LOAD_STORE.split(), 2)
    | dict.fromkeys(("b", "bx", "blx", "wfe", "wfi"), 2)
    | dict.fromkeys(("bl", "dmb", "dsb", "isb", "mrs", "msr"), 3)
    | dict.fromkeys(CONDITIONAL, 1)
    | dict.fromkeys(_TRANSFERS, 1)
)
_WIDE = frozenset(("bl", "dmb", "dsb", "isb", "mrs", "msr"))


class IllegalInstructionError(ToolchainError):
    """The program holds an instruction that a Cortex-M0+ does not have."""


@dataclass(frozen=True, slots=True)
class Block:
    """Cost of a straight run of instructions.

    ``cycles`` with a conditional branch at its end not taken (taken: one more); ``depth`` bytes by which SP
    falls below its value at the start; ``moves_sp``: SP is set from a register: only the next block shows it,
    where it is not moved by ``sp_change`` bytes.
    """

    cycles: int
    conditional: bool
    depth: int
    moves_sp: bool
    sp_change: int


@dataclass(frozen=True, slots=True)
class _Cost:
    """Of one instruction: ``step`` is by how many bytes SP moves, None where a register decides."""

    cycles: int
    conditional: bool
    step: int | None


# By the instruction's bytes: programs have few that differ, and capstone's Python takes long for each.
_costs: dict[bytes, _Cost] = {}


def decode_block(code: bytes, address: int) -> Block:
    """Cost of the instructions in ``code``, which begins at ``address``.

    Raises IllegalInstructionError for anything that is not ARMv6-M: Unicorn executes CBZ and IT on any core.
    """
    cycles = offset = depth = place = 0
    conditional = moves_sp = False
    while place < len(code):
        one = code[place : place + _size(code[place + 1])]
        cost = _costs.get(one) or _cost(one, code[place : place + 4], address + place)
        cycles += cost.cycles
        conditional = cost.conditional
        moves_sp |= cost.step is None
        offset += cost.step or 0
        depth = max(depth, -offset)
        place += len(one)
    return Block(cycles, conditional, depth, moves_sp, offset)


def _size(second: int) -> int:
    """Bytes of the instruction whose second byte, the upper one of its first half, is given."""
    return 4 if second >> 3 in (0b11101, 0b11110, 0b11111) else 2


def _cost(code: bytes, shown: bytes, address: int) -> _Cost:
    instruction = next(disassembler().disasm(code, address), None)
    if instruction is None or instruction.size != len(code):
        raise IllegalInstructionError(f"the bytes {shown.hex()} at {address:#x} are no ARMv6-M instruction")
    conditional = instruction.mnemonic.split(".")[0] in CONDITIONAL
    _costs[code] = cost = _Cost(_cycles(instruction), conditional, stack_step(instruction))
    return cost


class Operand(NamedTuple):
    """Of an instruction: a ``register``, or a ``number``; of memory the register that it is counted from.

    ``is_plain``: a register that is taken as it is.
    """

    register: str | None
    number: int | None
    is_plain: bool


class Instruction(NamedTuple):
    """One instruction, wherever it stands: ``mnemonic`` without its width, ``registers`` among its operands.

    ``step``: by how many bytes SP moves, None where a register decides. Where a branch goes is a number,
    counted from the instruction itself.
    """

    mnemonic: str
    registers: tuple[str, ...]
    operands: tuple[Operand, ...]
    size: int
    step: int | None
    writes_pc: bool

    def target(self, address: int) -> int:
        """Where a branch at ``address`` goes."""
        return (address + (self.operands[0].number or 0)) & 0xFFFF_FFFF


_known: dict[bytes, Instruction] = {}


def decoded(code: bytes) -> Instruction | None:
    """The instruction that ``code``, four bytes, begins with; None where there is none."""
    one = code[: _size(code[1])]
    return _known.get(one) or _decoded(one)


def _decoded(code: bytes) -> Instruction | None:
    found = next(disassembler().disasm(code, 0, 1), None)
    if found is None:
        return None
    _known[code] = instruction = Instruction(
        found.mnemonic.removesuffix(".w").removesuffix(".n"),
        tuple(registers_of(found)),
        tuple(_operand(found, each) for each in found.operands),
        found.size,
        stack_step(found),
        writes_pc(found),
    )
    return instruction


def _operand(instruction: Any, operand: Any) -> Operand:  # noqa: ANN401
    from capstone.arm import ARM_OP_IMM, ARM_OP_MEM, ARM_OP_REG

    if operand.type == ARM_OP_MEM:
        return Operand(instruction.reg_name(operand.mem.base), int(operand.mem.disp), is_plain=False)
    if operand.type == ARM_OP_REG:
        return Operand(instruction.reg_name(operand.reg), None, is_plain=not operand.shift.value)
    return Operand(None, int(operand.imm) if operand.type == ARM_OP_IMM else None, is_plain=False)


@cache
def disassembler() -> Any:  # noqa: ANN401 - capstone is not typed
    """Capstone for this core, with operands."""
    import capstone

    disassembler = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)
    disassembler.detail = True
    return disassembler


def _cycles(instruction: Any) -> int:  # noqa: ANN401
    mnemonic = instruction.mnemonic.removesuffix(".w").removesuffix(".n")
    cycles = _CYCLES.get(mnemonic)
    if cycles is None or (instruction.size == 4) != (mnemonic in _WIDE):
        raise IllegalInstructionError(
            f"`{instruction.mnemonic} {instruction.op_str}` at {instruction.address:#x} is not an ARMv6-M "
            "instruction: compile for cortex-m0plus"
        )
    if mnemonic in _TRANSFERS:
        registers = len(registers_of(instruction)) - (mnemonic in ("ldm", "stm"))
        return 1 + registers + (2 if writes_pc(instruction) else 0)
    return 2 if cycles == 1 and mnemonic not in CONDITIONAL and writes_pc(instruction) else cycles


def registers_of(instruction: Any) -> list[str]:  # noqa: ANN401
    """Names of the registers among an instruction's operands, in order."""
    from capstone.arm import ARM_OP_REG

    return [
        instruction.reg_name(operand.reg) for operand in instruction.operands if operand.type == ARM_OP_REG
    ]


def writes_pc(instruction: Any) -> bool:  # noqa: ANN401
    """Whether a POP, ADD or MOV loads the program counter."""
    registers = registers_of(instruction)
    if instruction.mnemonic == "pop":
        return "pc" in registers
    return instruction.mnemonic in ("add", "mov") and registers[:1] == ["pc"]


def stack_step(instruction: Any) -> int | None:  # noqa: ANN401
    """By how many bytes SP moves; None where a register decides."""
    registers = registers_of(instruction)
    mnemonic = instruction.mnemonic
    if mnemonic in ("push", "pop"):
        return 4 * len(registers) * (1 if mnemonic == "pop" else -1)
    if mnemonic not in ("add", "sub", "mov") or registers[:1] != ["sp"]:
        return 0
    last = instruction.operands[-1]
    if mnemonic == "mov" or (
        instruction.reg_name(last.reg) is not None and len(registers) == len(instruction.operands)
    ):
        return None
    return int(last.imm) * (1 if mnemonic == "add" else -1)
