"""What a simulated board is connected to, in the test's hands: its serial line, pins, channels and USB."""

from __future__ import annotations

from dataclasses import dataclass, field

from .channels import Channels
from .pins import Pins
from .serial_line import SerialLine
from .usb_port import UsbPort

__all__ = ["Channels", "Outside", "Pins", "SerialLine", "UsbPort"]


@dataclass(frozen=True)
class Outside:
    """All of it; it stays as it is when the board is reset. ``lines``: by SERCOM."""

    channels: Channels
    pins: Pins = field(default_factory=Pins)
    usb: UsbPort = field(default_factory=UsbPort)
    lines: dict[str, SerialLine] = field(default_factory=dict)

    def line(self, sercom: str) -> SerialLine:
        """The line at a SERCOM."""
        return self.lines.setdefault(sercom, SerialLine())
