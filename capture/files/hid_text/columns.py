"""What both texts come to: reports by device and endpoint, their descriptors, and who sent them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from zerotap.capture.files.link_frames import CaptureFrames, Tear
from zerotap.capture.files.link_types import USBMON_MMAP
from zerotap.capture.files.transfers import TRANSFER_TYPES, DeviceKey, StreamKey, TransferBuilder
from zerotap.capture.packet import DeviceIdentity

MOST_DESCRIPTORS: Final = 1024

Place = tuple[int, int, int]
"""Bus, address and number of an IN endpoint."""


def as_bytes(octets: bytes) -> bytes:
    """Read pairs of hexadecimal digits with blanks between."""
    return bytes.fromhex(octets.decode("ascii"))


class HidText:
    """Gathers the lines of a file; ``tear`` is where it ends too early.

    Its streams are said to come from usbmon, as those of every file that has no link type.
    """

    def __init__(self) -> None:
        self.tear: Tear | None = None
        self._made = TransferBuilder(USBMON_MMAP)
        self._descriptors: dict[str, bytes] = {}
        self._devices: dict[DeviceKey, DeviceIdentity] = {}

    def add(self, timestamp_ns: int, place: Place, report: bytes) -> None:
        """Add a report that the device sent."""
        bus, address, endpoint = place
        owner = StreamKey(DeviceKey(USBMON_MMAP, bus, address), 0x80 | endpoint)
        self._made.add(timestamp_ns, owner, TRANSFER_TYPES["interrupt"], report)

    def describe(self, place: Place, descriptor: bytes) -> None:
        """Note the report descriptor of a stream."""
        if descriptor and len(self._descriptors) < MOST_DESCRIPTORS:
            self._descriptors["{}.{}.{}".format(*place)] = descriptor

    def identify(self, place: Place, vendor_id: int, product_id: int) -> None:
        """Note the ids of a device."""
        key = DeviceKey(USBMON_MMAP, place[0], place[1])
        ids = vendor_id & 0xFFFF, product_id & 0xFFFF
        self._devices[key] = replace(self._device(key), vendor_id=ids[0], product_id=ids[1])

    def call(self, place: Place, name: str) -> None:
        """Note the name of a device."""
        key = DeviceKey(USBMON_MMAP, place[0], place[1])
        self._devices[key] = replace(self._device(key), product=name)

    def _device(self, key: DeviceKey) -> DeviceIdentity:
        return self._devices.get(key) or DeviceIdentity(bus=key.bus, address=key.address)

    def frames(self) -> CaptureFrames:
        """Return what was gathered."""
        return CaptureFrames(
            bytes(self._made.data),
            has_usb=True,
            devices=self._devices,
            tear=self.tear,
            ready=[self._made.transfers(0)],
            descriptors=self._descriptors,
        )
