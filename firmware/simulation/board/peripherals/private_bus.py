"""The core's own peripherals, on its private bus: SysTick, interrupt controller, system control block.

ARMv6-M Architecture Reference Manual (ARM DDI 0419), chapters B3.2 to B3.4.
"""

from __future__ import annotations

from typing import Final

from zerotap.firmware.simulation.board.exceptions import FIRST_IRQ, PENDSV, SVC, SYSTICK
from zerotap.firmware.simulation.board.faults import RegisterFault
from zerotap.firmware.simulation.board.machine import Slot
from zerotap.firmware.simulation.board.peripheral import Peripheral
from zerotap.firmware.simulation.board.registers import Kind, Register
from zerotap.firmware.simulation.hooks.board_hook import NEVER, Reading

_IRQS: Final = 32
_PRIORITY_BITS: Final = 0xC0
_ENABLE, _TICKINT, _CORE_CLOCK, _COUNTED = 1, 2, 4, 1 << 16
_KEY: Final = 0x05FA


class SysTick(Peripheral):
    """The system timer, which counts the core's cycles: the chip has no other clock for it."""

    REGISTERS = (
        Register("csr", 0x10, 4, reset=_CORE_CLOCK),
        Register("rvr", 0x14, 4),
        Register("cvr", 0x18, 4, Kind.COMMAND),
        Register("calib", 0x1C, 4, Kind.READ_ONLY, 0x8000_0000),
    )

    def __init__(self, slot: Slot) -> None:
        super().__init__(slot)
        self._state, self._started = slot.machine.engine.state, 0
        self._state.tick_next = NEVER

    def get_csr(self) -> int:
        """Control and status; reading clears COUNTFLAG."""
        value = self["csr"]
        self["csr"] = value & ~_COUNTED
        return value

    def on_csr(self, value: int) -> None:
        """Start or stop."""
        self["csr"] = value & (_ENABLE | _TICKINT) | _CORE_CLOCK
        runs = self._state.tick_next != NEVER
        if value & _ENABLE and not runs:
            self._start()
        elif not value & _ENABLE and runs:
            self["cvr"] = max(self._state.tick_next - self._state.cycles, 0)
            self._halt()

    def on_rvr(self, value: int) -> None:
        """Take a new value to count from, at the next reload."""
        self["rvr"] = value & 0xFF_FFFF

    def on_cvr(self, _: int) -> None:
        """Any write clears the counter, which reloads."""
        self["cvr"] = 0
        self["csr"] &= ~_COUNTED
        if self["csr"] & _ENABLE:
            self._start()

    def _start(self) -> None:
        self._started += 1
        self.read_as("cvr", Reading.TICKS)
        self._count_from(self._state.cycles + (1 if self["cvr"] == 0 else self["cvr"] - self["rvr"]))

    def _count_from(self, cycle: int) -> None:
        """Count down from the reload value, from a cycle on; without one the timer stands."""
        if self["rvr"] == 0:
            self._halt()
            return
        started = self._started
        self._state.tick_reload = self["rvr"]
        self._state.tick_next = cycle + self["rvr"]
        self.slot.machine.timeline.at(self._state.tick_next, lambda: self._reached_zero(started))

    def _halt(self) -> None:
        self._started += 1
        self._state.tick_next = NEVER
        self.read_as("cvr", Reading.STORED)

    def _reached_zero(self, started: int) -> None:
        if started != self._started:
            return
        self["csr"] |= _COUNTED
        if self["csr"] & _TICKINT:
            self.slot.machine.exceptions.pend(SYSTICK)
        self._count_from(self._state.tick_next + 1)


class InterruptController(Peripheral):
    """The NVIC: 32 lines of four priorities."""

    REGISTERS = (
        Register("iser", 0x000, 4, Kind.COMMAND),
        Register("icer", 0x080, 4, Kind.COMMAND),
        Register("ispr", 0x100, 4, Kind.COMMAND),
        Register("icpr", 0x180, 4, Kind.COMMAND),
        Register("ipr", 0x300, _IRQS),
    )

    def __init__(self, slot: Slot) -> None:
        self._exceptions = slot.machine.exceptions
        super().__init__(slot)

    def get_iser(self) -> int:
        """Which are enabled."""
        return self._exceptions.enabled

    get_icer = get_iser

    def get_ispr(self) -> int:
        """Which are pending."""
        return sum(1 << number - FIRST_IRQ for number in self._exceptions.pending if number >= FIRST_IRQ)

    get_icpr = get_ispr

    def on_iser(self, value: int) -> None:
        """Enable some."""
        self._exceptions.enabled |= value
        self._exceptions.look()

    def on_icer(self, value: int) -> None:
        """Disable some."""
        self._exceptions.enabled &= ~value

    def on_ispr(self, value: int) -> None:
        """Make some pending."""
        for irq in _set_bits(value):
            self._exceptions.pend(FIRST_IRQ + irq)

    def on_icpr(self, value: int) -> None:
        """Make some no longer pending."""
        for irq in _set_bits(value):
            self._exceptions.clear(FIRST_IRQ + irq)

    def on_ipr(self, value: int) -> None:
        """Set priorities, a byte each."""
        bytes_ = [byte & _PRIORITY_BITS for byte in value.to_bytes(_IRQS, "little")]
        self["ipr"] = int.from_bytes(bytes(bytes_), "little")
        self._exceptions.priorities.update({FIRST_IRQ + irq: byte for irq, byte in enumerate(bytes_)})
        self._exceptions.look()


class SystemControl(Peripheral):
    """The system control block of a Cortex-M0+ r0p1."""

    REGISTERS = (
        Register("cpuid", 0x00, 4, Kind.READ_ONLY, 0x410C_C601),
        Register("icsr", 0x04, 4, Kind.COMMAND),
        Register("vtor", 0x08, 4),
        Register("aircr", 0x0C, 4, Kind.COMMAND, 0xFA05_0000),
        Register("scr", 0x10, 4),
        Register("ccr", 0x14, 4, Kind.READ_ONLY, 0x208),
        Register("shpr2", 0x1C, 4),
        Register("shpr3", 0x20, 4),
        Register("mpu_type", 0x90, 4, Kind.READ_ONLY),
        Register("dhcsr", 0xF0, 4, Kind.READ_ONLY),
    )

    def __init__(self, slot: Slot) -> None:
        super().__init__(slot)
        self._exceptions = slot.machine.exceptions
        self["vtor"] = self._exceptions.vectors
        self._exceptions.on_change = self._show

    def _show(self) -> None:
        """ICSR as it is now: a sketch that reads the time polls it."""
        pending, active = self._exceptions.pending, self._exceptions.active
        irqs = any(number >= FIRST_IRQ for number in pending)
        self["icsr"] = (
            (active[-1] if active else 0)
            | min(pending, default=0) << 12
            | irqs << 22
            | (SYSTICK in pending) << 26
            | (PENDSV in pending) << 28
        )

    def on_icsr(self, value: int) -> None:
        """Make SysTick or PendSV pending, or no longer."""
        for number, bit in ((SYSTICK, 26), (PENDSV, 28)):
            if value >> bit & 1:
                self._exceptions.pend(number)
            elif value >> bit - 1 & 1:
                self._exceptions.clear(number)
        if value >> 31 & 1:
            raise RegisterFault("it makes an NMI pending, which is not modelled")

    def on_vtor(self, value: int) -> None:
        """Move the vector table."""
        self["vtor"] = self._exceptions.vectors = value & ~0x7F

    def on_aircr(self, value: int) -> None:
        """Reset the board."""
        if value >> 16 == _KEY and value & 4:
            self.slot.machine.engine.reset()

    def on_shpr2(self, value: int) -> None:
        """Set the priority of SVC."""
        self._exceptions.priorities[SVC] = value >> 24 & _PRIORITY_BITS

    def on_shpr3(self, value: int) -> None:
        """Set the priorities of PendSV and SysTick."""
        self._exceptions.priorities[PENDSV] = value >> 16 & _PRIORITY_BITS
        self._exceptions.priorities[SYSTICK] = value >> 24 & _PRIORITY_BITS


def _set_bits(value: int) -> list[int]:
    return [bit for bit in range(_IRQS) if value >> bit & 1]
