"""What the operating system tells of a USB device without opening it: its driver, names, report descriptors.

Linux tells in sysfs (Documentation/ABI/testing/sysfs-bus-usb, sysfs-driver-hid), Windows names the driver in
its registry (Enum\\USB), macOS tells nothing that we read.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import usb.core

SYSFS_DEVICES = Path("/sys/bus/usb/devices")
NODES = Path("/dev/bus/usb")
_REGISTRY_DEVICES = r"SYSTEM\CurrentControlSet\Enum\USB"


def bound_driver(device: usb.core.Device, configuration: int, interface: int) -> str | None:
    """Return the driver bound to an interface, "" where there is none, None where nothing tells.

    "usbfs" on Linux is not a driver but a program that has claimed the interface.
    """
    if sys.platform == "win32":
        return _windows_service(device.idVendor, device.idProduct, interface)
    folder = _interface_folder(device, configuration, interface)
    if folder is None:
        return None
    try:
        return (folder / "driver").readlink().name
    except OSError:
        return ""


def attribute(device: usb.core.Device, name: str) -> str:
    """Return a sysfs attribute such as "product", which needs no permission; "" where there is none."""
    folder = _device_folder(device)
    return "" if folder is None else _text(folder / name)


def device_node(device: usb.core.Device) -> Path | None:
    """Return the node by which programs reach the device; None where the system shows no such device."""
    if _device_folder(device) is None:
        return None
    return NODES / f"{device.bus:03d}" / f"{device.address:03d}"


def report_descriptor(device: usb.core.Device, configuration: int, interface: int) -> bytes:
    """Return the HID report descriptor that the kernel's driver has read; b"" where it has not."""
    folder = _interface_folder(device, configuration, interface)
    if folder is not None:
        for path in folder.glob("*/report_descriptor"):
            with suppress(OSError):
                return path.read_bytes()
    return b""


def _interface_folder(device: usb.core.Device, configuration: int, interface: int) -> Path | None:
    folder = _device_folder(device)
    return None if folder is None else next(folder.glob(f"*:{configuration}.{interface}"), None)


def _device_folder(device: usb.core.Device) -> Path | None:
    """Find the device by its numbers; its id as well, since a virtual bus may have the same numbers."""
    wanted = {
        "busnum": str(device.bus),
        "devnum": str(device.address),
        "idVendor": f"{device.idVendor:04x}",
        "idProduct": f"{device.idProduct:04x}",
    }
    candidates = (path for path in SYSFS_DEVICES.glob("*") if ":" not in path.name)
    return next((c for c in candidates if all(_text(c / name) == wanted[name] for name in wanted)), None)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _windows_service(vendor_id: int, product_id: int, interface: int) -> str | None:
    """Return the service of any port that the device was plugged into: Windows binds drivers by id."""
    if sys.platform != "win32":
        return None
    import winreg

    identity = f"VID_{vendor_id:04X}&PID_{product_id:04X}"
    for name in (f"{identity}&MI_{interface:02X}", identity):
        with (
            suppress(OSError),
            winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, f"{_REGISTRY_DEVICES}\\{name}") as ports,
            winreg.OpenKey(ports, winreg.EnumKey(ports, 0)) as port,
        ):
            service = str(winreg.QueryValueEx(port, "Service")[0])
            return None if service == "usbccgp" else service  # that one only shares the device out
    return None
