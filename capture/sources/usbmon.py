"""A whole USB bus as a source: what its devices send to their drivers, which stay: keyboards go on."""

from __future__ import annotations

import time
from collections.abc import Iterator

from zerotap.capture.packet import DeviceIdentity, Event, Packet
from zerotap.capture.usb.devices import find_devices
from zerotap.capture.usb.polling import TIMEOUT_MS
from zerotap.capture.usb.statuses import LATE, kind_of
from zerotap.errors import CaptureError

from .usbmon_device import Stream, UsbmonDevice, read_frame


class UsbmonSource:
    """Reads the ``bus`` of that number, 0 for all of them; ``only`` a device's (bus, address), where given.

    Its packets are ``StreamPacket``, each of one of many streams. Packets that usbmon dropped are a gap.
    Needs root, and changes nothing for whoever uses the devices.
    """

    synthetic = False
    transfer = "bulk"

    def __init__(self, bus: int, only: DeviceIdentity | None = None, endpoint: int | None = None) -> None:
        self.bus, self.only, self.endpoint = bus, only, endpoint
        self.identity = only or DeviceIdentity(bus=bus)
        self.descriptors: dict[str, str] = {}
        self._known: dict[tuple[int, int], DeviceIdentity] = {}
        self._device: UsbmonDevice | None = None

    def open(self) -> None:
        """Begin to listen. Raises CaptureError as ``UsbmonDevice`` does."""
        self._device = UsbmonDevice(self.bus)

    def packets(self) -> Iterator[Packet | Event | None]:
        """Yield what comes until it is closed."""
        if self._device is None:
            raise CaptureError("The bus is not open: open the source before reading it")
        return self._read()

    def clock_ns(self) -> int:
        """The time by which usbmon stamps: the wall clock."""
        return time.time_ns()

    def close(self) -> None:
        """Stop listening."""
        device, self._device = self._device, None
        if device is not None:
            device.close()

    def identity_of(self, stream: Stream) -> DeviceIdentity:
        """Who sends a stream: looked up once for each device, which is not touched beyond its names."""
        place = stream.bus, stream.address
        if place not in self._known:
            self._known |= {(d.identity.bus, d.identity.address): d.identity for d in find_devices()}
            self._known.setdefault(place, DeviceIdentity(bus=stream.bus, address=stream.address))
        return self._known[place]

    def _read(self) -> Iterator[Packet | Event | None]:
        while (device := self._device) is not None:
            is_late = not device.wait(TIMEOUT_MS / 1000)
            while (frame := device.read()) is not None:
                yield from (item for item in read_frame(*frame) if self._wants(item.stream))
                if self._device is None:
                    return
            if dropped := device.dropped():
                yield Event(self.clock_ns(), kind_of(LATE), f"usbmon dropped {dropped} transfers", LATE)
            if is_late:
                yield None

    def _wants(self, stream: Stream) -> bool:
        if self.only is not None and (stream.bus, stream.address) != (self.only.bus, self.only.address):
            return False
        return self.endpoint in (None, stream.endpoint)
