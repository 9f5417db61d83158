"""The bus: which peripheral an access of a register belongs to."""

from __future__ import annotations

from typing import Final

from .engine import Engine
from .faults import RegisterFault
from .peripheral import Peripheral
from .registers import Cells

_GRANULE_BITS: Final = 7
WINDOWS: Final = (
    (0x4000_0000, 0x10000),  # bridge A
    (0x4100_0000, 0x10000),  # bridge B
    (0x4200_0000, 0x10000),  # bridge C
    (0x6000_0000, 0x1000),  # PORT at the core's own bus
    (0xE000_E000, 0x1000),  # the core's own
)
"""Where registers can be: origin and bytes."""


class Bus:
    """Passes accesses on; what a peripheral raises stops the core."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._cells = [Cells(origin, size) for origin, size in WINDOWS]
        self._owners: dict[int, Peripheral] = {}
        for cells in self._cells:
            engine.hook.map_registers(cells.origin, cells.stored, cells.kinds, self._read, self._write)

    def cells(self, address: int) -> Cells:
        """The part of the address space that an address is in."""
        return next(each for each in self._cells if 0 <= address - each.origin < len(each.stored))

    def add(self, peripheral: Peripheral, size: int) -> None:
        """Have a peripheral answer for ``size`` bytes from its base on, whole granules of 128 B."""
        first, end = peripheral.base >> _GRANULE_BITS, (peripheral.base + size) >> _GRANULE_BITS
        self._owners.update(dict.fromkeys(range(first, end), peripheral))

    def _read(self, address: int, size: int) -> int:
        try:
            owner = self._owner(address)
            return owner.read(address - owner.base, size)
        except BaseException as error:
            self._engine.fail(error, address)  # nothing may be raised through Unicorn
            return 0

    def _write(self, address: int, size: int, value: int) -> None:
        try:
            owner = self._owner(address)
            owner.write(address - owner.base, size, value)
        except BaseException as error:
            self._engine.fail(error, address)

    def _owner(self, address: int) -> Peripheral:
        owner = self._owners.get(address >> _GRANULE_BITS)
        if owner is None:
            raise RegisterFault(f"it uses a register at {address:#x}, where no peripheral is modelled")
        return owner
