"""A USB device as a source: a real one, or a virtual one behind the same pyusb."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import usb.core
import usb.util

from zerotap.capture.packet import DeviceIdentity, Event, Packet
from zerotap.capture.usb.descriptors import raw_descriptors
from zerotap.capture.usb.devices import place, usb_devices
from zerotap.capture.usb.keyboards import is_keyboard, is_typed_on
from zerotap.capture.usb.opening import DeviceOptions, Tap, choose, open_tap
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
        """Give the device back to its kernel driver; raise DriverLostError where that cannot be."""
        self._tap = None
        self._stack.close()

    def is_keyboard(self) -> bool:
        """Tell whether opening this takes a keyboard from whoever types on it."""
        try:
            return is_keyboard(choose(self.device, self.options.endpoint).interface)
        except (CaptureError, usb.core.USBError, NotImplementedError):  # opening it will say so
            return False
        finally:
            usb.util.dispose_resources(self.device)

    def is_only_keyboard(self) -> bool:
        """Tell whether it is the machine's one USB keyboard that somebody types on at that."""
        typed = [device for device in usb_devices(self.device.backend) if is_typed_on(device)]
        return self.is_keyboard() and [place(device) for device in typed] == [place(self.device)]
