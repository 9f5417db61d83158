"""Peripherals that sketches set up but whose effects are not modelled: their registers keep what is written.

PAC (write protection), DSU (the chip's identity), and DAC, which is not heard by anything here.
"""

from __future__ import annotations

from zerotap.firmware.simulation.board.peripheral import Peripheral
from zerotap.firmware.simulation.board.registers import Kind, Register


class AccessController(Peripheral):
    """PAC: nothing is protected."""

    REGISTERS = (Register("wpclr", 0x0, 4), Register("wpset", 0x4, 4))


class ServiceUnit(Peripheral):
    """DSU: says which chip it is."""

    REGISTERS = (
        Register("statusb", 0x02, 1, Kind.READ_ONLY),
        Register("did", 0x18, 4, Kind.READ_ONLY, 0x1001_0305),
    )


class Dac(Peripheral):
    """DAC: takes values at once."""

    REGISTERS = (
        Register("ctrla", 0x0, 1),
        Register("ctrlb", 0x1, 1),
        Register("evctrl", 0x2, 1),
        Register("intflag", 0x6, 1, Kind.COMMAND, 1),
        Register("status", 0x7, 1, Kind.READ_ONLY),
        Register("data", 0x8, 2),
        Register("databuf", 0xC, 2),
    )
