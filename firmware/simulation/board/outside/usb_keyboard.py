"""A keyboard at the board's USB port: full speed, boot protocol, typed on by a script.

HID 1.11, chapters 6, 7 and appendix B.
"""

from __future__ import annotations

import struct
from collections import deque
from typing import TYPE_CHECKING, Final

from zerotap.errors import CaptureError

from .usb_link import Handshake

if TYPE_CHECKING:
    from zerotap.capture import DeviceIdentity, Layout, Packet, Typist

_VENDOR, _PRODUCT = 0x1209, 0x0001  # for tests (pid.codes)
_ENDPOINT: Final = 0x81
_INTERVAL_MS: Final = 10
_GET_DESCRIPTOR, _SET_ADDRESS, _SET_CONFIGURATION, _GET_CONFIGURATION = 6, 5, 9, 8
_HID_KINDS: Final = (0x21, 0xA1)
_PACKET_BYTES: Final = 8
_NS: Final = 1_000_000_000
_STRINGS: Final = ("", "zerotap", "Scripted keyboard")

# Modifiers, a reserved byte, five LEDs, six keys: the report descriptor of appendix B.1.
_REPORT: Final = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810195057501050819012905910295017503910195067508"
    "150025650507190029658100c0"
)
_HID: Final = struct.pack("<BBHBBBH", 9, 0x21, 0x0111, 0, 1, 0x22, len(_REPORT))
_INTERFACE: Final = bytes((9, 4, 0, 0, 1, 3, 1, 1, 0))
_IN_ENDPOINT: Final = struct.pack("<BBBBHB", 7, 5, _ENDPOINT, 3, _PACKET_BYTES, _INTERVAL_MS)
_PARTS: Final = _INTERFACE + _HID + _IN_ENDPOINT
_CONFIGURATION: Final = struct.pack("<BBHBBBBB", 9, 2, 9 + len(_PARTS), 1, 1, 0, 0xA0, 50) + _PARTS
_DEVICE: Final = struct.pack(
    "<BBHBBBBHHHBBBB", 18, 1, 0x0110, 0, 0, 0, _PACKET_BYTES, _VENDOR, _PRODUCT, 0x0100, 1, 2, 0, 1
)


class UsbKeyboard:
    """``packets`` are the reports that the board has taken, each with the board's time in nanoseconds."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._free_s = 0.0
        self._messages = 0
        self.reset()

    @property
    def identity(self) -> DeviceIdentity:
        """Whose packets these are."""
        from zerotap.capture import DeviceIdentity

        return DeviceIdentity(_VENDOR, _PRODUCT, 1, 1, *_STRINGS[1:])

    @property
    def is_configured(self) -> bool:
        """Whether the board has enumerated the keyboard."""
        return self._configuration != 0

    @property
    def waiting(self) -> int:
        """How many reports the board has not taken yet."""
        return len(self._waiting)

    def type(self, text: str, layout: Layout | None = None, typist: Typist | None = None) -> None:
        """Type a text behind what is still to be typed, as a seeded typist does: about seven keys a second.

        It begins when the board has enumerated the keyboard. Raises CaptureError for a character that is on
        no key of ``layout``, by default the US one.
        """
        from zerotap.capture import US, Typist

        typist = typist or Typist(layout=layout or US)
        missing = [each for each in text if each not in typist.layout.sequences]
        if missing:
            raise CaptureError(
                f"{missing[0]!r} is on no key of the keyboard (layout {typist.layout.name}): leave it out"
            )
        reports = [(report.offset_ns / _NS, report.data) for report in typist.type(text, self._messages)]
        self._messages += 1
        self.play(reports)

    def play(self, reports: list[tuple[float, bytes]]) -> None:
        """Send reports of 8 bytes, each so many seconds after the last of those that still wait."""
        begin = self._waiting[-1][0] if self._waiting else 0.0
        self._waiting.extend((begin + offset_s, data) for offset_s, data in reports)

    # The bus.

    def reset(self) -> None:
        """The bus is reset: the keyboard forgets what it was told."""
        self._address = self._next_address = self._configuration = 0
        self._reply: bytes | None = b""
        self._begin_s: float | None = None

    def hears(self, address: int) -> bool:
        """Whether it has this address."""
        return address == self._address

    def setup(self, packet: bytes) -> None:
        """A control request begins, which no device refuses."""
        kind, number, value, _, length = struct.unpack("<BBHHH", packet.ljust(8, b"\0"))
        self._reply = b""
        if number == _GET_DESCRIPTOR and kind & 0x80:
            found = _descriptor(value >> 8, value & 0xFF)
            self._reply = None if found is None else found[:length]
        elif number == _GET_CONFIGURATION and kind == 0x80:
            self._reply = bytes([self._configuration])
        elif kind == 0 and number == _SET_ADDRESS:
            self._next_address = value & 0x7F
        elif kind == 0 and number == _SET_CONFIGURATION:
            self._configuration = value & 0xFF
        elif kind not in _HID_KINDS and kind & 0x60:
            self._reply = None

    def give(self, endpoint: int) -> Handshake | None:
        """A packet comes: the end of a control request, or LEDs, which nobody looks at."""
        return None if endpoint == 0 else Handshake.STALL

    def take(self, endpoint: int, now_s: float) -> bytes | Handshake:
        """The host asks for a packet."""
        if endpoint == 0:
            return self._take_reply()
        if endpoint != _ENDPOINT & 0xF or not self._configuration:
            return Handshake.NONE
        return self._take_report(now_s)

    def _take_reply(self) -> bytes | Handshake:
        if self._reply is None:
            return Handshake.STALL
        part, self._reply = self._reply[:_PACKET_BYTES], self._reply[_PACKET_BYTES:]
        if not part:
            self._address = self._next_address
        return part

    def _take_report(self, now_s: float) -> bytes | Handshake:
        from zerotap.capture import Packet

        if self._begin_s is None:
            self._begin_s = now_s
        if not self._waiting or now_s < self._begin_s + self._waiting[0][0]:
            return Handshake.NAK
        data = self._waiting.popleft()[1]
        self.packets.append(Packet(round(now_s * _NS), _ENDPOINT, data))
        return data


def _descriptor(kind: int, number: int) -> bytes | None:
    if kind == 3:
        return _string(number) if number < len(_STRINGS) else None
    return {1: _DEVICE, 2: _CONFIGURATION, 0x21: _HID, 0x22: _REPORT}.get(kind)


def _string(number: int) -> bytes:
    text = struct.pack("<H", 0x0409) if number == 0 else _STRINGS[number].encode("utf-16-le")
    return bytes((2 + len(text), 3)) + text
