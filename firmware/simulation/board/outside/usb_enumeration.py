"""How a computer finds out what a USB device is, and opens its serial port.

USB 2.0, chapter 9; Communications Device Class 1.2 with its subclass for PSTN devices (SET_LINE_CODING,
SET_CONTROL_LINE_STATE).
"""

from __future__ import annotations

import struct
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Final

from .usb_link import DeviceLink, Handshake, Request

Steps = Generator[float | None, None, None]
"""A script: it yields for how many seconds the bus is taken, or None: until the device does something."""

_ADDRESS: Final = 7
_FIRST_PACKET: Final = 8
_TO_DEVICE, _FROM_DEVICE, _TO_INTERFACE = 0x00, 0x80, 0x21
_SET_ADDRESS, _GET_DESCRIPTOR, _SET_CONFIGURATION = 5, 6, 9
_SET_LINE_CODING, _SET_CONTROL_LINE_STATE = 0x20, 0x22
_DEVICE, _CONFIGURATION, _STRING = 1, 2, 3
_INTERFACE, _ENDPOINT = 4, 5
_CONTROL_CLASS, _DATA_CLASS, _BULK = 2, 10, 2
_ENGLISH: Final = 0x0409
_OVERHEAD_BYTES, _BYTES_A_SECOND = 13, 1.5e6
_RECOVERY_S: Final = 0.002  # after SET_ADDRESS (USB 2.0, 9.2.6.3)


def taken_s(length: int) -> float:
    """How long a packet of so many bytes takes the bus."""
    return (length + _OVERHEAD_BYTES) / _BYTES_A_SECOND


@dataclass
class Found:
    """What a device says of itself: ids, strings, its serial port's interface and endpoints, 0 without."""

    vendor_id: int = 0
    product_id: int = 0
    manufacturer: str = ""
    product: str = ""
    serial: str = ""
    interface: int = 0
    in_endpoint: int = 0
    out_endpoint: int = 0
    refused: list[Request] = field(default_factory=list)


class Enumeration:
    """The requests of a host to one device."""

    def __init__(self, link: DeviceLink) -> None:
        self._link = link
        self._packet_bytes = _FIRST_PACKET
        self._reply = b""
        self.found = Found()

    def run(self) -> Steps:
        """Enumerate and configure the device."""
        yield from self._descriptor(_DEVICE, _FIRST_PACKET)
        self._packet_bytes = self._reply[7] if len(self._reply) > 7 else _FIRST_PACKET
        yield from self.request(Request(_TO_DEVICE, _SET_ADDRESS, _ADDRESS))
        yield _RECOVERY_S
        yield from self._descriptor(_DEVICE, 18)
        yield from self._read_device(self._reply)
        yield from self._descriptor(_CONFIGURATION, 9)
        if len(self._reply) < 9:
            return
        yield from self._descriptor(_CONFIGURATION, struct.unpack_from("<H", self._reply, 2)[0])
        self._read_configuration(self._reply)
        yield from self.request(Request(_TO_DEVICE, _SET_CONFIGURATION, self._reply[5]))

    def _descriptor(self, kind: int, length: int, number: int = 0, language: int = 0) -> Steps:
        value = kind << 8 | number
        yield from self.request(Request(_FROM_DEVICE, _GET_DESCRIPTOR, value, language, length))

    def _read_device(self, device: bytes) -> Steps:
        if len(device) < 18:
            return
        self.found.vendor_id, self.found.product_id = struct.unpack_from("<HH", device, 8)
        for at, name in ((14, "manufacturer"), (15, "product"), (16, "serial")):
            if device[at]:
                yield from self._descriptor(_STRING, 255, device[at], _ENGLISH)
                setattr(self.found, name, self._reply[2:].decode("utf-16-le", "replace"))

    def _read_configuration(self, configuration: bytes) -> None:
        at = interface_class = 0
        while at + 2 <= len(configuration) and configuration[at] >= 2:
            descriptor = configuration[at : at + configuration[at]]
            if descriptor[1] == _INTERFACE:
                interface_class = descriptor[5]
                if interface_class == _CONTROL_CLASS:
                    self.found.interface = descriptor[2]
            elif descriptor[1] == _ENDPOINT and interface_class == _DATA_CLASS and descriptor[3] & 3 == _BULK:
                name = "in_endpoint" if descriptor[2] & 0x80 else "out_endpoint"
                setattr(self.found, name, descriptor[2] & 0xF)
            at += configuration[at]

    def set_line(self, baud: int, state: int) -> Steps:
        """Set rate and lines of the serial port: bit 0 of ``state`` is DTR, bit 1 RTS."""
        coding = struct.pack("<IBBB", baud, 0, 0, 8)
        where = self.found.interface
        yield from self.request(Request(_TO_INTERFACE, _SET_LINE_CODING, 0, where, len(coding), coding))
        yield from self.request(Request(_TO_INTERFACE, _SET_CONTROL_LINE_STATE, state, where))

    def request(self, request: Request) -> Steps:
        """A control request; what the device sends is in the reply, nothing where it refuses."""
        self._reply = b""
        self._link.setup(request.packet)
        yield taken_s(8)
        if request.is_in:
            yield from self._take(request)
            if request not in self.found.refused:
                yield from self._give(b"")
        else:
            if request.data:
                yield from self._give(request.data)
            yield from self._take(request)

    def _take(self, request: Request) -> Steps:
        """Packets to the first that is not full, or as many as were asked for."""
        reply = bytearray()
        while True:
            part = self._link.take(0)
            if part is Handshake.NAK:
                yield None
                continue
            if isinstance(part, Handshake):
                self.found.refused.append(request)
                return
            reply += part
            yield taken_s(len(part))
            if len(part) < self._packet_bytes or len(reply) >= request.length:
                break
        self._reply = bytes(reply)

    def _give(self, data: bytes) -> Steps:
        yield taken_s(len(data))
        while self._link.give(0, data) is Handshake.NAK:
            yield None
