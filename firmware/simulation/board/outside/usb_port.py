"""The board's USB port: a computer is at it where the sketch is a device, a keyboard where it is a host."""

from __future__ import annotations

from .usb_keyboard import UsbKeyboard
from .usb_link import DeviceLink
from .usb_serial import UsbSerial


class UsbPort:
    """``serial``: a computer's side of a serial port over USB; ``keyboard``: what is plugged into a host."""

    def __init__(self) -> None:
        self.serial = UsbSerial()
        self.keyboard = UsbKeyboard()

    def attach(self, link: DeviceLink) -> None:
        """A device has come to the bus."""
        self.serial.attach(link)

    def detach(self) -> None:
        """It has left."""
        self.serial.detach()

    def poke(self) -> None:
        """It may have something, or room."""
        self.serial.poke()
