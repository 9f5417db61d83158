"""Reports out of a host's ACL packets: HID over GATT (notifications), and classic HID's interrupt channel.

A connection counts as a device, in the order of appearing: its address is 1, 2, and so on, on bus 0. Each
attribute that notifies is an endpoint; so is the classic interrupt channel.

Sources: Bluetooth Core 5.4, vol. 4 part E 5.4.2 (ACL), vol. 3 part A 3.1 and 4 (L2CAP), part F 3.4.7 (ATT);
Human Interface Device Profile 1.1.1, 3.1.2.9 (DATA, 0xA1) and 5.2.2 (PSM 0x13).
"""

from __future__ import annotations

import struct
from collections import Counter
from typing import TYPE_CHECKING, Final

from zerotap.capture.files.transfers import TRANSFER_TYPES, DeviceKey, StreamKey, TransferBuilder

if TYPE_CHECKING:
    from collections.abc import Hashable

ATT_CHANNEL, SIGNALS, FIRST_DYNAMIC = 4, 1, 0x40
NOTIFICATION, INDICATION = 0x1B, 0x1D
CONNECTION_REQUEST, CONNECTION_RESPONSE = 2, 3
HID_INTERRUPT: Final = 0x13
INPUT_DATA: Final = 0xA1
CONTINUES: Final = 1
MOST_DEVICES, MOST_ENDPOINTS, MOST_CHANNELS = 255, 15, 1024
_CLASSIC: Final = -1


class Hosts:
    """Follows the connections of every controller in a capture."""

    def __init__(self, made: TransferBuilder, link_type: int) -> None:
        self.left_out = 0
        self._made, self._link_type = made, link_type
        self._devices: dict[Hashable, int] = {}
        self._endpoints: dict[tuple[int, int], int] = {}
        self._counts: Counter[int] = Counter()
        self._begun: dict[int, bytearray] = {}
        self._asked: dict[tuple[int, int], int] = {}  # of a device, its channel and what it is for
        self._services: dict[tuple[int, int], int] = {}

    def acl(self, timestamp_ns: int, controller: int, packet: bytes) -> None:
        """Take an ACL packet, header and data; what is cut short is left out."""
        if len(packet) < 4:
            return
        handle, length = struct.unpack_from("<HH", packet)
        device = self._devices.setdefault((controller, handle & 0x0FFF), len(self._devices) + 1)
        if device > MOST_DEVICES:
            self.left_out += 1
            del self._devices[controller, handle & 0x0FFF]
            return
        data = packet[4 : 4 + length]
        if handle >> 12 & 3 == CONTINUES:
            self._begun.get(device, bytearray()).extend(data)
        else:
            self._begun[device] = bytearray(data)
        self._end(timestamp_ns, device)

    def _end(self, timestamp_ns: int, device: int) -> None:
        """Take the frame of L2CAP that has begun, once all of it is there."""
        frame = self._begun.get(device, bytearray())
        if len(frame) < 4 or len(frame) < 4 + int.from_bytes(frame[:2], "little"):
            return
        length, channel = struct.unpack_from("<HH", frame)
        content = bytes(frame[4 : 4 + length])
        del self._begun[device]
        if channel == ATT_CHANNEL:
            if len(content) >= 3 and content[0] in (NOTIFICATION, INDICATION):
                attribute = int.from_bytes(content[1:3], "little")
                self._report(timestamp_ns, device, attribute, content[3:])
        elif channel == SIGNALS:
            self._signal(device, content)
        elif self._is_input(device, channel, content):
            self._report(timestamp_ns, device, _CLASSIC, content[1:])

    def _is_input(self, device: int, channel: int, content: bytes) -> bool:
        """Whether it is of HID's interrupt channel, which may have been connected before the capture."""
        service = self._services.get((device, channel), HID_INTERRUPT)
        return channel >= FIRST_DYNAMIC and service == HID_INTERRUPT and content[:1] == bytes([INPUT_DATA])

    def _signal(self, device: int, content: bytes) -> None:
        """Note what the channels of a device are for."""
        if len(content) < 8 or len(self._asked) + len(self._services) > MOST_CHANNELS:
            return
        if content[0] == CONNECTION_REQUEST:
            service, source = struct.unpack_from("<HH", content, 4)
            self._asked[device, source] = service
        elif content[0] == CONNECTION_RESPONSE:
            destination, source = struct.unpack_from("<HH", content, 4)
            if (service := self._asked.pop((device, source), -1)) >= 0:
                self._services[device, source] = self._services[device, destination] = service

    def _report(self, timestamp_ns: int, device: int, attribute: int, report: bytes) -> None:
        endpoint = self._endpoints.get((device, attribute))
        if endpoint is None:
            endpoint = self._counts[device] + 1
            if endpoint > MOST_ENDPOINTS:
                self.left_out += 1
                return
            self._endpoints[device, attribute] = self._counts[device] = endpoint
        owner = StreamKey(DeviceKey(self._link_type, 0, device), 0x80 | endpoint)
        self._made.add(timestamp_ns, owner, TRANSFER_TYPES["interrupt"], report)

    def said(self) -> list[str]:
        """What is to be said of what was left out."""
        few = f"{MOST_DEVICES} connections with {MOST_ENDPOINTS} attributes each"
        return [f"left out {self.left_out} Bluetooth packets beyond {few}"] if self.left_out else []
