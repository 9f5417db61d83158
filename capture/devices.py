"""USB devices: who they are, and what their errors mean."""

from __future__ import annotations

import errno

import usb.core
import usb.util

from zerotap.capture.packet import DeviceIdentity

_WAYS_OUT = {
    errno.EACCES: "you have no permission; run as root or add a udev rule for this device",
    errno.EBUSY: "another program or driver holds it; close that and try again",
    errno.ENODEV: "it is no longer there; plug it in and try again",
    errno.EIO: "it does not answer; plug it in again and try again",
}


def describe(device: usb.core.Device) -> str:
    """The device as "vendor:product at bus.address"."""
    return f"{device.idVendor:04x}:{device.idProduct:04x} at {device.bus}.{device.address}"


def explain(error: usb.core.USBError) -> str:
    """What to do about a USB error, or else its own words."""
    return _WAYS_OUT.get(error.errno, str(error))


def identify(device: usb.core.Device) -> DeviceIdentity:
    """Who ``device`` is; strings that it has not or will not give are empty."""
    return DeviceIdentity(
        vendor_id=device.idVendor,
        product_id=device.idProduct,
        bus=device.bus or 0,
        address=device.address or 0,
        manufacturer=_string(device, device.iManufacturer),
        product=_string(device, device.iProduct),
        serial=_string(device, device.iSerialNumber),
    )


def _string(device: usb.core.Device, index: int) -> str:
    try:
        return usb.util.get_string(device, index) or ""
    except (usb.core.USBError, ValueError):  # ValueError: pyusb found no language, for want of permission too
        return ""
