"""A simulated board with a SAMD21G18A, such as the MKR Zero: boots the very image that the real one gets.

Modelled: the core with SysTick, interrupts and their priorities; SERCOM as a UART, timed both ways; PORT; the
clocks; the flash's controller (erasing rows).

Not modelled: the flash's wait states (cycles are those of zero waits); another clock than the board's own
while a UART is open; bus protection, sleep modes' power, the watchdog, timers (TC, TCC, RTC), DMA, the
event system, SPI, I2C and I2S; the bootloader, before and after a sketch; PMUX: which peripheral drives a
pin. A register that is not modelled is a fault that names it.
"""

from .board import Board
from .faults import BoardFault, ImageError, Location

SimulatedBoard = Board
"""What the rest of the project calls it: a board of ``zerotap.firmware`` is a row of figures."""

__all__ = ["Board", "BoardFault", "ImageError", "Location", "SimulatedBoard"]
