"""NVMCTRL, the flash's controller: erases rows, at once; writing pages is not modelled.

Data sheet, chapter 22.
"""

from __future__ import annotations

from typing import Final

from zerotap.firmware.simulation.board.faults import RegisterFault
from zerotap.firmware.simulation.board.peripheral import Peripheral
from zerotap.firmware.simulation.board.registers import Kind, Register

_PAGES, _PAGE_SIZE_CODE = 4096, 3  # of 64 bytes
_ROW_BYTES: Final = 256
_KEY, _ERASE_ROW = 0xA5, 0x02
_NOTHING: Final = (0x42, 0x43, 0x44, 0x46)  # power reduction, page buffer, cache: nothing that shows


class FlashController(Peripheral):
    """Always ready."""

    REGISTERS = (
        Register("ctrla", 0x00, 2, Kind.COMMAND),
        Register("ctrlb", 0x04, 4),
        Register("param", 0x08, 4, Kind.READ_ONLY, _PAGE_SIZE_CODE << 16 | _PAGES),
        Register("intenclr", 0x0C, 1),
        Register("intenset", 0x10, 1),
        Register("intflag", 0x14, 1, Kind.COMMAND, 1),
        Register("status", 0x18, 2, Kind.COMMAND),
        Register("addr", 0x1C, 4),
        Register("lock", 0x20, 2, Kind.READ_ONLY, 0xFFFF),
    )

    def on_ctrla(self, value: int) -> None:
        """Do a command."""
        command = value & 0x7F
        if value >> 8 != _KEY:
            raise RegisterFault("it gives NVMCTRL a command without its key 0xA5")
        if command == _ERASE_ROW:
            self._erase(self["addr"] * 2 // _ROW_BYTES * _ROW_BYTES)
        elif command not in _NOTHING:
            raise RegisterFault(f"it gives NVMCTRL the command {command:#x}, which is not modelled")

    def _erase(self, address: int) -> None:
        machine = self.slot.machine
        end = machine.board.flash_origin + machine.board.flash_bytes
        if not machine.board.flash_origin <= address < end:
            raise RegisterFault(f"it erases the row at {address:#x}, outside of its own flash")
        machine.engine.write(address, b"\xff" * _ROW_BYTES)
