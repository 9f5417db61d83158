"""A USB device as a source: a real one, or a virtual one behind the same pyusb."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import usb.core
import usb.util

from zerotap.capture.packet import DeviceIdentity, Event, Packet
from zerotap.capture.usb.descriptors import raw_descriptors
from zerotap.capture.usb.devices import interfaces, is_boot_keyboard, usb_devices
from zerotap.capture.usb.opening import DeviceOptions, Tap, open_tap
from zerotap.capture.usb.polling import clock_of, read_packets
from zerotap.errors import CaptureError


class UsbSource:
    """Reads one endpoint of a pyusb device. ``synthetic``: no person and no real device is behind it."""

    def __init__(
        self, device: usb.core.Device, options: DeviceOptions | None = None, synthetic: bool = False
    ) -> None:
        self.device, self.options, self.synthetic = device, options or DeviceOptions(), synthetic
        self.identity, self.transfer = DeviceIdentity(), "interrupt"
        self.descriptors: dict[str, str] = {}
        self.clock_ns = clock_of(device)
        self._stack = ExitStack()
        self._tap: Tap | None = None

    def open(self) -> None:
        """Take the device from its kernel driver."""
        # Before: with its driver gone, the operating system no longer shows a report descriptor.
        self.descriptors = raw_descriptors(self.device)
        self._tap = self._stack.enter_context(open_tap(self.device, self.options))
        self.identity, self.transfer = self._tap.identity, self._tap.transfer

    def packets(self) -> Iterator[Packet | Event | None]:
        """Yield what the device sends until it is unplugged."""
        if self._tap is None:
            raise CaptureError("The USB device is not open: open the source before reading it")
        return read_packets(self._tap)

    def close(self) -> None:
        """Give the device back to its kernel driver."""
        self._tap = None
        self._stack.close()

    def is_keyboard(self) -> bool:
        """Tell whether opening this takes a keyboard from whoever types on it."""
        typed = {e.bEndpointAddress for i in interfaces(self.device) if is_boot_keyboard(i) for e in i}
        return bool(typed) if self.options.endpoint is None else self.options.endpoint in typed

    def is_only_keyboard(self) -> bool:
        """Tell whether it is the machine's one USB keyboard at that."""
        keyboards = 0
        for device in usb_devices(self.device.backend):
            keyboards += any(map(is_boot_keyboard, interfaces(device)))
            usb.util.dispose_resources(device)
        return self.is_keyboard() and keyboards == 1
