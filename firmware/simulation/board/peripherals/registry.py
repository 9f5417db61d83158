"""Which peripheral is at which address: the one table of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from zerotap.firmware.simulation.board.bus import Bus
from zerotap.firmware.simulation.board.machine import Machine, Slot
from zerotap.firmware.simulation.board.peripheral import Peripheral

from .adc import Adc
from .clocks import GenericClocks, PowerManager, SystemClocks
from .eic import ExternalInterrupts
from .nvm import FlashController
from .port import PinGroup, PinGroupAtCore
from .private_bus import InterruptController, SystemControl, SysTick
from .sercom import Sercom
from .stored import AccessController, Dac, ServiceUnit
from .usb import Usb
from .usb_device import DeviceMode
from .usb_host import HostMode


@dataclass(frozen=True, slots=True)
class Place:
    """A peripheral: where its registers are, how many bytes they have room for, its interrupt."""

    name: str
    base: int
    make: Callable[[Slot], Peripheral]
    size: int = 0x400
    irq: int | None = None


# A peripheral may use those above it.
PERIPHERALS: Final[tuple[Place, ...]] = (
    Place("SysTick", 0xE000_E000, SysTick, 0x100),
    Place("NVIC", 0xE000_E100, InterruptController),
    Place("SCB", 0xE000_ED00, SystemControl, 0x100),
    Place("PAC0", 0x4000_0000, AccessController),
    Place("NVMCTRL", 0x4100_4000, FlashController),
    Place("PM", 0x4000_0400, PowerManager),
    Place("SYSCTRL", 0x4000_0800, SystemClocks),
    Place("GCLK", 0x4000_0C00, GenericClocks),
    Place("PAC1", 0x4100_0000, AccessController),
    Place("DSU", 0x4100_2000, ServiceUnit),
    Place("PORTA", 0x4100_4400, PinGroup, 0x80),
    Place("PORTB", 0x4100_4480, PinGroup, 0x80),
    Place("PORTA_IOBUS", 0x6000_0000, PinGroupAtCore, 0x80),
    Place("PORTB_IOBUS", 0x6000_0080, PinGroupAtCore, 0x80),
    Place("USB", 0x4100_5000, partial(Usb, device=DeviceMode, host=HostMode), irq=7),
    Place("EIC", 0x4000_1800, ExternalInterrupts, irq=4),
    Place("PAC2", 0x4200_0000, AccessController),
    *(Place(f"SERCOM{i}", 0x4200_0800 + 0x400 * i, Sercom, irq=9 + i) for i in range(6)),
    Place("ADC", 0x4200_4000, Adc, irq=23),
    Place("DAC", 0x4200_4800, Dac),
)


def attach_peripherals(machine: Machine, bus: Bus) -> None:
    """Make every peripheral of PERIPHERALS and put it on the bus."""
    for place in PERIPHERALS:
        slot = Slot(place.name, place.base, place.irq, bus.cells(place.base), machine)
        made = machine.peripherals[place.name] = place.make(slot)
        bus.add(made, place.size)
    machine.outside.pins.listen([group.refresh for group in machine.all_of(PinGroup)])
