"""Serial ports that drivers offer (FTDI, CP210x, CH340, ...): which there are, and which is meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports

from zerotap.capture.packet import DeviceIdentity
from zerotap.errors import CaptureError

_IDENTITY = re.compile(r"([0-9a-f]{4}):([0-9a-f]{4})(?::(.+))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SerialPort:
    """A port by its ``path`` ("/dev/ttyUSB0", "COM3"), and the USB device behind it as far as it is known."""

    path: str
    identity: DeviceIdentity

    def __str__(self) -> str:
        known = self.identity
        names = " ".join(filter(None, (known.manufacturer, known.product, known.serial)))
        ids = f"{known.vendor_id:04x}:{known.product_id:04x}" if known.vendor_id else ""
        said = " ".join(filter(None, (ids, names)))
        return f"{self.path} ({said})" if said else self.path


def find_ports() -> list[SerialPort]:
    """Return the ports of this machine, by path; nothing is opened."""
    return sorted((_port(info) for info in list_ports.comports()), key=lambda port: port.path)


def select_port(spec: str) -> SerialPort:
    """Return the port that ``spec`` means: its path, or VID:PID or VID:PID:serial (hexadecimal).

    Raises CaptureError that lists the ports where ids match none or several, and where nothing is named. A
    path need not be listed: it is opened as it stands.
    """
    ports = find_ports()
    if not spec.strip():
        raise CaptureError(f"a serial port has no name: give its path, or VID:PID; {there_are(ports)}")
    found = _IDENTITY.fullmatch(spec)
    if found is None:
        return next(
            (port for port in ports if _same_place(port.path, spec)), SerialPort(spec, DeviceIdentity())
        )
    ids, serial_number = tuple(int(text, 16) for text in found.group(1, 2)), found.group(3)
    matches = [
        port
        for port in ports
        if (port.identity.vendor_id, port.identity.product_id) == ids
        and serial_number in (None, port.identity.serial)
    ]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise CaptureError(f'"{spec}" means several serial ports, choose one by its path: {_listed(matches)}')
    raise CaptureError(f'no serial port is "{spec}"; {there_are(ports)}')


def ports_of(identity: DeviceIdentity, ports: list[SerialPort]) -> list[SerialPort]:
    """Return those of ``ports`` that are of a USB device, known by its place or else by its serial number."""
    return [port for port in ports if _is_of(port.identity, identity)]


def there_are(ports: list[SerialPort]) -> str:
    """Say which ports there are, for a sentence about one that is not."""
    return f"there are: {_listed(ports)}" if ports else "there is none at all: plug the board in"


def _listed(ports: list[SerialPort]) -> str:
    return "; ".join(map(str, ports))


def _same_place(path: str, other: str) -> bool:
    """Whether two paths are one port: /dev/serial/by-id has links."""
    return path == other or (Path(other).is_symlink() and Path(path).resolve() == Path(other).resolve())


def _is_of(port: DeviceIdentity, device: DeviceIdentity) -> bool:
    if not port.vendor_id or (port.vendor_id, port.product_id) != (device.vendor_id, device.product_id):
        return False
    if port.bus:
        return (port.bus, port.address) == (device.bus, device.address)
    return port.serial == device.serial


def _port(info: list_ports.ListPortInfo) -> SerialPort:
    bus, address = (_number(info, name) for name in ("busnum", "devnum"))
    said = (_printable(text) for text in (info.manufacturer, info.product, info.serial_number))
    return SerialPort(info.device, DeviceIdentity(info.vid or 0, info.pid or 0, bus, address, *said))


def _number(info: list_ports.ListPortInfo, name: str) -> int:
    """Return a number that Linux tells of the device behind a port; 0 where nothing tells."""
    folder = getattr(info, "usb_device_path", None)
    try:
        return int((Path(folder) / name).read_text()) if folder else 0
    except (OSError, ValueError):
        return 0


def _printable(text: str | None) -> str:
    # A device may send anything: a control character would reach the terminal.
    return "".join(c if c.isprintable() else "\ufffd" for c in text or "")
