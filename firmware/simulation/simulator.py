"""A simulated Cortex-M0+ with the board's memories: runs a linked program and counts cycles and stack.

The core is Unicorn's CORTEX_M0 in plain Thumb mode (UC_MODE_MCLASS would silently be a Cortex-M33): it faults
on unaligned and unmapped access as the board does. Cycles are those of ``cortex_m0plus``: zero wait states.
What the board waits for its flash is counted beside them where that is asked for: ``hooks.flash_hook``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zerotap.errors import ToolchainError
from zerotap.firmware.board import Board

from .core_registers import CoreRegisters
from .cortex_m0plus import Block, IllegalInstructionError, decode_block
from .hooks.block_hook import HOOKS
from .hooks.flash_hook import FLASH_HOOKS, Reads
from .program import Program

_PAGE = 4096  # what Unicorn maps memory in
SECONDS_MAX = 60  # on the board: a call that takes longer does not return
# What r4 to r11 hold before a call, which gives them back: values that no program has by chance.
_KEPT = tuple(0xA5C3_0F04 + i for i in range(8))
# QEMU's exception numbers, as Unicorn's interrupt hook passes them.
_EXCEPTIONS = {
    1: "an undefined instruction",
    2: "an SVC",
    3: "a fetch it cannot make",
    4: "an unaligned access",
    7: "a BKPT",
}


class SimulationError(ToolchainError):
    """The program did what stops a board: a bad access, a foreign instruction, an endless loop."""


@dataclass(frozen=True, slots=True)
class Run:
    """One call: cycles from its first instruction to its return, and the stack that it used.

    ``cycles`` are those of zero wait states. ``waits`` are added on the board, where they were counted;
    ``waits_most`` is what they are at most for any input that takes the same way through the code.
    """

    cycles: int
    stack_bytes: int
    waits: int = 0
    waits_most: int = 0

    @classmethod
    def of(cls, calls: Sequence[Run]) -> Run:
        """Several calls, one after the other."""
        return cls(
            sum(call.cycles for call in calls),
            max(call.stack_bytes for call in calls),
            sum(call.waits for call in calls),
            sum(call.waits_most for call in calls),
        )

    @property
    def board_cycles(self) -> int:
        """Cycles of the board: with its waits."""
        return self.cycles + self.waits

    @property
    def board_cycles_most(self) -> int:
        """Cycles of the board at most."""
        return self.cycles + self.waits_most


class Simulator:
    """The program's board after reset and the start-up of ``program``, which has run its main() once.

    A call that takes more than ``cycle_limit`` cycles, by default a minute on the board, is a fault.
    ``counting``: "c" (the compiled hook), "python" (the same figures, slowly) or "none" (all figures 0);
    ``with_waits`` counts the board's waits too, which takes longer; each call begins with an empty cache.
    Raises SimulationError where the program faults, HookError where the compiled hook cannot be had.
    """

    def __init__(
        self,
        program: Program,
        counting: str = "c",
        cycle_limit: int | None = None,
        *,
        with_waits: bool = False,
    ) -> None:
        import unicorn
        from unicorn import arm_const

        board = program.board
        limit = board.cycles(SECONDS_MAX) if cycle_limit is None else cycle_limit
        self._program = program
        self._stack_top = board.ram_origin + board.ram_bytes
        self._fault, self._returned = "", 0
        self._core: Any = unicorn.unicorn_py3.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB)
        self._core.ctl_set_cpu_model(arm_const.UC_CPU_ARM_CORTEX_M0)
        _load(self._core, program, board)
        kept = [arm_const.UC_ARM_REG_SP, *(arm_const.UC_ARM_REG_R4 + i for i in range(len(_KEPT)))]
        arguments = [arm_const.UC_ARM_REG_R0 + i for i in range(4)]
        self._before = CoreRegisters(self._core, [*kept, arm_const.UC_ARM_REG_LR, *arguments])
        self._after = CoreRegisters(self._core, [arm_const.UC_ARM_REG_PC, arm_const.UC_ARM_REG_R0, *kept])
        # Hooks come before the first instruction: added later they may not fire in blocks already translated.
        self._core.hook_add(unicorn.UC_HOOK_INTR, self._on_exception)
        self._core.hook_add(unicorn.UC_HOOK_MEM_INVALID, self._on_bad_access)
        self._hook = None if counting == "none" else HOOKS[counting](self._core, self._decode, board, limit)
        self._flash = FLASH_HOOKS[counting](self._core, board) if with_waits else None
        self._wait_states = board.flash_cache.wait_states
        self.call("Reset_Handler")

    def call(self, function: str, *arguments: int) -> Run:
        """Call a function with words, four in registers and more on the stack, and run it to its return.

        Raises SimulationError also where it returns with another stack pointer, or other r4 to r11.
        """
        from unicorn.unicorn_py3 import UcError

        self._fault = ""
        halt, kept = self._program.symbols["halt"], [self._push(arguments[4:]), *_KEPT]
        self._before.write([*kept, halt | 1, *arguments[:4]])
        if self._hook is not None:
            self._hook.start(self._stack_top)
        if self._flash is not None:
            self._flash.start()
        try:
            self._core.emu_start(self._program.symbols[function] | 1, halt)
        except UcError as error:
            self._fault = self._fault or str(error)
        pc, self._returned, *found = self._after.read()
        self._check(function, pc, halt)
        if found != kept:
            raise SimulationError(f"{function}() returned with another stack pointer, or other r4 to r11")
        if self._hook is None:
            return Run(0, 0)
        return Run(self._hook.cycles, self._stack_top - self._hook.lowest_sp, *self._waits())

    def _waits(self) -> tuple[int, int]:
        """Of the last call, and the most for any input."""
        if self._flash is None:
            return 0, 0
        every, steady, dependent = self._flash.misses
        return every * self._wait_states, (steady + 2 * dependent) * self._wait_states

    def flash_reads(self) -> dict[int, Reads]:
        """Which instructions read flash, and where, since this was last asked: where waits are counted."""
        return {} if self._flash is None else self._flash.take_reads()

    def depend(self, places: Iterable[int]) -> None:
        """Take what the instructions at ``places`` read from now on for dependent on the input."""
        if self._flash is not None:
            self._flash.depend(places)

    def uncounted(self) -> Simulator:
        """The same board with the same variables, whose calls are no longer counted."""
        board, made = self._program.board, Simulator(self._program, "none")
        made.write(board.ram_origin, self.read(board.ram_origin, board.ram_bytes))
        return made

    @property
    def returned(self) -> int:
        """What the last call returned in r0, 0 to 2^32 - 1; meaningless after one that returns nothing."""
        return self._returned

    def read(self, address: int, size: int) -> bytes:
        """Memory as the program sees it."""
        return bytes(self._core.mem_read(address, size))

    def write(self, address: int, data: bytes) -> None:
        """Put bytes into memory."""
        self._core.mem_write(address, data)

    def _push(self, words: tuple[int, ...]) -> int:
        """Put words on the empty stack, whose pointer is a multiple of 8 at every call."""
        sp = self._stack_top - -(-len(words) // 2) * 8
        if words:
            self.write(sp, np.array(words, "<u4").tobytes())
        return sp

    def _check(self, function: str, pc: int, halt: int) -> None:
        if not self._fault and pc == halt:
            return
        where = f"at {pc:#x} in {self._program.function_at(pc)}()"
        raise SimulationError(
            f"{function}() stopped the simulated board {where}: {self._fault or 'it does not return'}"
        )

    def _decode(self, address: int, size: int) -> Block | None:
        try:
            return decode_block(self.read(address, size), address)
        except IllegalInstructionError as error:
            self._fault = str(error)
            return None

    def _on_exception(self, core: Any, number: int, _: object) -> None:  # noqa: ANN401
        self._fault = self._fault or _EXCEPTIONS.get(number, f"exception {number}")
        core.emu_stop()

    def _on_bad_access(self, _: Any, access: int, address: int, size: int, *__: object) -> bool:  # noqa: ANN401
        self._fault = f"an access of {size} B at {address:#x}, where the board has no such memory"
        return False


def _load(core: Any, program: Program, board: Board) -> None:  # noqa: ANN401
    import unicorn

    first = board.flash_origin // _PAGE * _PAGE
    flash_bytes = -(-(board.flash_origin + board.flash_bytes - first) // _PAGE) * _PAGE
    core.mem_map(first, flash_bytes, unicorn.UC_PROT_READ | unicorn.UC_PROT_EXEC)
    # Only a program that has code in RAM may run there: any other's jump to it is a fault to be told.
    may_run = unicorn.UC_PROT_EXEC if program.has_code_in_ram else 0
    core.mem_map(board.ram_origin, board.ram_bytes, unicorn.UC_PROT_READ | unicorn.UC_PROT_WRITE | may_run)
    for address, data in program.segments:
        core.mem_write(address, data)
