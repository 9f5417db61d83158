"""What every peripheral is: named registers, with methods for those that do something.

A register that a peripheral does not name is not modelled: an access of it is a RegisterFault, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from zerotap.firmware.simulation.hooks.board_hook import Reading

from .faults import RegisterFault
from .machine import Slot
from .registers import Kind, Register

_Writer = Callable[[int], None]
_Reader = Callable[[], int]


class Peripheral:
    """A block of registers in its ``slot``.

    Its class names them in REGISTERS; of a register NAME, ``on_name(value)`` is called after a write and
    ``get_name()`` gives what is read, where there are such methods; of one with an index they are
    ``on_name(index, value)`` and ``get_name(index)``. A write of a part of a register keeps the rest of
    what is stored, and is zeros elsewhere for a command.
    """

    REGISTERS: ClassVar[tuple[Register, ...]] = ()

    def __init__(self, slot: Slot) -> None:
        self.slot = slot
        self.name, self.base, self._cells = slot.name, slot.base, slot.cells
        self._at: dict[int, tuple[Register, _Writer | None, _Reader | None]] = {}
        self._by_name = {register.key: register for register in self.registers()}
        self._stored: dict[str, memoryview] = {}
        for register in self._by_name.values():
            self._enter(register)

    def registers(self) -> tuple[Register, ...]:
        """The registers that are modelled."""
        return self.REGISTERS

    def _enter(self, register: Register) -> None:
        writer, reader = (getattr(self, f"{verb}_{register.name}", None) for verb in ("on", "get"))
        if register.index is not None:
            writer, reader = (each and partial(each, register.index) for each in (writer, reader))
        entry = (register, writer, reader)
        self._at.update(dict.fromkeys(range(register.offset, register.offset + register.size), entry))
        self._stored[register.key] = self._cells.view(self.base + register.offset, register.size)
        self[register.key] = register.reset
        if reader is None:
            self._cells.read_as(self.base + register.offset, register.size, Reading.STORED)

    def __getitem__(self, name: str) -> int:
        """What is stored of a register."""
        return int.from_bytes(self._stored[name], "little")

    def __setitem__(self, name: str, value: int) -> None:
        stored = self._stored[name]
        stored[:] = (value & (1 << 8 * len(stored)) - 1).to_bytes(len(stored), "little")

    def read_as(self, name: str, reading: Reading) -> None:
        """How a register is read from now on."""
        register = self._by_name[name]
        self._cells.read_as(self.base + register.offset, register.size, reading)

    def reset_registers(self) -> None:
        """Put every register back to its first value."""
        for register in self._by_name.values():
            self[register.key] = register.reset

    def read(self, offset: int, size: int) -> int:
        """What an access that is asked for reads."""
        register, _, reader = self._register(offset, size, "reads")
        value = self[register.key] if reader is None else reader()
        return value >> 8 * (offset - register.offset) & (1 << 8 * size) - 1

    def write(self, offset: int, size: int, value: int) -> None:
        """Write to one register, or to several that lie side by side."""
        while size > 0:
            register = self._register(offset, size, "writes")[0]
            taken = min(size, register.offset + register.size - offset)
            self._write(register, offset - register.offset, taken, value & (1 << 8 * taken) - 1)
            offset, size, value = offset + taken, size - taken, value >> 8 * taken

    def _write(self, register: Register, skipped: int, size: int, value: int) -> None:
        shift, mask = 8 * skipped, ((1 << 8 * size) - 1) << 8 * skipped
        value <<= shift
        if register.kind is Kind.STORED:
            value |= self[register.key] & ~mask
            self[register.key] = value
        writer = self._at[register.offset][1]
        if register.kind is not Kind.READ_ONLY and writer is not None:
            writer(value)

    def _register(self, offset: int, size: int, verb: str) -> tuple[Register, _Writer | None, _Reader | None]:
        found = self._at.get(offset)
        if found is None:
            raise RegisterFault(
                f"it {verb} {size} B at {self.base + offset:#x}, "
                f"a register of {self.name} that is not modelled"
            )
        return found
