"""A simulated board with a SAMD21G18A, such as the MKR Zero: boots the very image that the real one gets.

Modelled: the core with SysTick, interrupts and their priorities; SERCOM as a UART, timed both ways; PORT
and EIC; the ADC, whose inputs are played; the clocks; the flash's controller (erasing rows); USB at
register level, as a device whose serial port a computer opens, and as a host with a keyboard that is typed
on.

Not modelled: the flash's wait states (cycles are those of zero waits) and what the bus makes accesses of
peripherals take; another clock than the board's own once a UART, the ADC or USB is on; the watchdog, timers
(TC, TCC, RTC), DMA, the event system, the comparators, SPI, I2C and I2S; writing to flash; the process
stack; sleep modes beyond WFI; bus protection; the bootloader, before and after a sketch; PMUX, but for the
EIC's pins. Time advances where a straight run of instructions begins. A register that is not modelled is a
fault that names it.
"""

from zerotap.firmware.images import ImageError

from .board import Board
from .faults import BoardFault, Location

SimulatedBoard = Board
"""What the rest of the project calls it: a board of ``zerotap.firmware`` is a row of figures."""

__all__ = ["Board", "BoardFault", "ImageError", "Location", "SimulatedBoard"]
