"""What passes between a USB host and a device, one transaction at a time."""

from __future__ import annotations

import struct
from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple, Protocol


class Handshake(Enum):
    """A device's answer: it has taken the packet, has nothing or no room yet, refuses; or nobody answers."""

    ACK = auto()
    NAK = auto()
    STALL = auto()
    NONE = auto()


class Request(NamedTuple):
    """A control request (USB 2.0, table 9-2); ``data`` goes to the device."""

    kind: int
    number: int
    value: int = 0
    where: int = 0
    length: int = 0
    data: bytes = b""

    @property
    def packet(self) -> bytes:
        """The SETUP packet."""
        return struct.pack("<BBHHH", self.kind, self.number, self.value, self.where, self.length)

    @property
    def is_in(self) -> bool:
        """Whether the device has data to send."""
        return bool(self.kind & 0x80) and self.length > 0


class DeviceLink(Protocol):
    """A device as its host sees it."""

    @property
    def now_s(self) -> float:
        """The board's time."""

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Have something done later, in the board's time."""

    def reset(self) -> None:
        """Reset the bus."""

    def start_frame(self) -> None:
        """Begin a frame."""

    def setup(self, packet: bytes) -> None:
        """Send a SETUP packet."""

    def give(self, endpoint: int, data: bytes) -> Handshake:
        """Send a packet to an endpoint."""

    def take(self, endpoint: int) -> bytes | Handshake:
        """Ask an endpoint for a packet."""
