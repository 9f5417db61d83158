"""USB devices: which there are, what each has, how to choose one, and what their errors mean."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import libusb_package
import usb.backend
import usb.core
import usb.util

from zerotap.capture.packet import DeviceIdentity
from zerotap.errors import CaptureError

from . import host

HID, CDC_CONTROL, CDC_DATA, HUB, VENDOR = 3, 2, 10, 9, 255
"""Interface class codes (usb.org, Defined Class Codes)."""

BOOT_KEYBOARD, BOOT_MOUSE = (HID, 1, 1), (HID, 1, 2)
"""Class HID, subclass boot, protocol keyboard or mouse (HID 1.11, section 4)."""

_CLASSES = {
    1: "audio", CDC_CONTROL: "CDC control", HID: "HID", 5: "physical", 6: "image", 7: "printer",
    8: "mass storage", HUB: "hub", CDC_DATA: "CDC data", 11: "smart card", 13: "content security",
    14: "video", 15: "healthcare", 16: "audio/video", 17: "billboard", 18: "type-C bridge",
    0xDC: "diagnostic", 0xE0: "wireless", 0xEF: "miscellaneous",
    0xFE: "application specific", VENDOR: "vendor specific",
}  # fmt: skip
_SUBCLASSES = {
    BOOT_KEYBOARD: "HID boot keyboard", BOOT_MOUSE: "HID boot mouse",
    (0xFE, 1, 1): "DFU", (0xFE, 1, 2): "DFU",
    (CDC_CONTROL, 2, 0): "CDC-ACM control", (CDC_CONTROL, 2, 1): "CDC-ACM control",
}  # fmt: skip
_SPEEDS = {1: "low", 2: "full", 3: "high", 4: "super", 5: "super+"}
_TRANSFERS = ("control", "isochronous", "bulk", "interrupt")
_WAYS_OUT = {
    errno.EACCES: "you have no permission; run as root or add a udev rule (`zerotap udev` prints it)",
    errno.EBUSY: "another program or driver holds it; close that and try again",
    errno.ENODEV: "it is no longer there; plug it in and try again",
    errno.EIO: "it does not answer; plug it in again and try again",
}
_UNSUPPORTED = "its driver keeps other programs out; `zerotap doctor` says which would not"
_IDENTITY = re.compile(r"([0-9a-f]{4}):([0-9a-f]{4})(?::(.+))?", re.IGNORECASE)
_PLACE = re.compile(r"([0-9]+)\.([0-9]+)")


@dataclass(frozen=True, slots=True)
class EndpointInfo:
    """One endpoint. ``interval_us`` is how often the host asks it, 0 for control and bulk."""

    address: int
    direction: str
    transfer: str
    max_packet_bytes: int
    interval_us: int

    @property
    def is_packet_input(self) -> bool:
        """Whether it sends what can be recorded."""
        return self.direction == "IN" and self.transfer in ("interrupt", "bulk")

    def __str__(self) -> str:
        pace = f", every {self.interval_us / 1000:g} ms" if self.interval_us else ""
        return f"{self.address:#04x} {self.direction} {self.transfer}, {self.max_packet_bytes} bytes{pace}"


@dataclass(frozen=True, slots=True)
class InterfaceInfo:
    """One alternate setting of an interface.

    ``kind`` is (class, subclass, protocol); ``driver`` is "" where none is bound, None where nothing tells.
    """

    number: int
    alternate: int
    kind: tuple[int, int, int]
    driver: str | None
    endpoints: tuple[EndpointInfo, ...]

    @property
    def class_name(self) -> str:
        """The class in words, such as "HID boot keyboard"."""
        return class_name(*self.kind)


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """What one device has.

    ``problem`` says why we may not open it ("": we may), ``problem_errno`` is its errno or 0.
    """

    identity: DeviceIdentity
    speed: str
    interfaces: tuple[InterfaceInfo, ...]
    problem: str = ""
    problem_errno: int = 0

    @property
    def openable(self) -> bool:
        """Whether we may open the device."""
        return not self.problem

    @property
    def is_vendor_specific(self) -> bool:
        """Whether all that it has is its maker's own, as a USB-serial chip's is."""
        return all(interface.kind[0] == VENDOR for interface in self.interfaces)

    @property
    def name(self) -> str:
        """Manufacturer and product, as far as they are known."""
        return _name(self.identity)

    def __str__(self) -> str:
        return _description(self.identity)

    def __repr__(self) -> str:
        return f"DeviceInfo({self}, {'opens' if self.openable else self.problem})"

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON; a driver is null where nothing tells."""
        identity = asdict(self.identity)
        vendor_id, product_id = identity.pop("vendor_id"), identity.pop("product_id")
        return {
            "id": f"{vendor_id:04x}:{product_id:04x}",
            **identity,
            "speed": self.speed,
            "openable": self.openable,
            "problem": self.problem,
            "interfaces": [{"class": i.class_name, **asdict(i)} for i in self.interfaces],
        }


def class_name(class_code: int, subclass: int, protocol: int) -> str:
    """Name an interface's class, such as "HID boot keyboard", or give its number."""
    general = _CLASSES.get(class_code, f"class {class_code:#04x}")
    return _SUBCLASSES.get((class_code, subclass, protocol), general)


def usb_backend() -> usb.backend.IBackend:
    """Return pyusb's backend on the libusb that the package libusb-package brings along.

    Raises CaptureError where it cannot be loaded.
    """
    backend = libusb_package.get_libusb1_backend()
    if backend is None:
        raise CaptureError("no libusb was found to reach USB devices with; run `zerotap doctor`")
    return backend


def usb_devices(backend: usb.backend.IBackend | None = None) -> list[usb.core.Device]:
    """Return every device on the bus, hubs too, by bus and address. Raises CaptureError if libusb fails."""
    backend = usb_backend() if backend is None else backend
    try:
        found = list(usb.core.find(find_all=True, backend=backend))
    except usb.core.USBError as error:
        raise CaptureError(f"USB devices cannot be listed: {explain(error)}") from error
    return sorted(found, key=lambda device: (device.bus or 0, device.address or 0))


def find_devices(backend: usb.backend.IBackend | None = None) -> list[DeviceInfo]:
    """Describe every device on the bus. Raises CaptureError if libusb fails."""
    return [inspect(device) for device in usb_devices(backend)]


def inspect(device: usb.core.Device) -> DeviceInfo:
    """Describe a device: opened for a moment, nothing claimed, no driver touched."""
    try:
        problem, code = _opening_problem(device)
        return DeviceInfo(
            identity=identify(device),
            speed=_SPEEDS.get(device.speed, "unknown"),
            interfaces=tuple(map(_inspect_interface, interfaces(device))),
            problem=problem,
            problem_errno=code,
        )
    finally:
        usb.util.dispose_resources(device)


def interfaces(device: usb.core.Device) -> list[usb.core.Interface]:
    """Return the interfaces of the active configuration, of the first where we may not ask which is."""
    try:
        return list(device.get_active_configuration())
    except (usb.core.USBError, NotImplementedError):
        pass
    try:
        return list(device[0])
    except (usb.core.USBError, IndexError):
        return []


def interface_kind(interface: usb.core.Interface) -> tuple[int, int, int]:
    """Return class, subclass and protocol of an interface, to compare with BOOT_KEYBOARD and its like."""
    return interface.bInterfaceClass, interface.bInterfaceSubClass, interface.bInterfaceProtocol


def select_device(
    spec: str,
    devices: Iterable[usb.core.Device] | None = None,
    backend: usb.backend.IBackend | None = None,
) -> usb.core.Device:
    """Return the one device that ``spec`` means, of ``devices`` or else of all on the bus.

    ``spec`` is VID:PID or VID:PID:serial (hexadecimal), bus.address, or a part of "manufacturer product" in
    any case of letters. Raises CaptureError that lists the devices where none or several match.
    """
    found = usb_devices(backend) if devices is None else list(devices)
    matches = list(filter(_matcher(spec.strip()), found))
    if len(matches) == 1:
        return matches[0]
    listed = "; ".join(_description(_closing_identity(device)) for device in matches or found)
    if matches:
        raise CaptureError(f'"{spec}" means several USB devices, choose one by its bus.address: {listed}')
    raise CaptureError(f'no USB device is "{spec}"; there {f"are: {listed}" if found else "is none at all"}')


def describe(device: usb.core.Device) -> str:
    """The device as "vendor:product at bus.address"."""
    return f"{device.idVendor:04x}:{device.idProduct:04x} at {place(device)}"


def place(device: usb.core.Device) -> str:
    """Where the device is, as "bus.address"."""
    return f"{device.bus}.{device.address}"


def is_listed(device: usb.core.Device) -> bool:
    """Enumerate again: some hosts report an unplugged device as an input/output error first."""
    found = usb.core.find(find_all=True, backend=device.backend)
    return any(place(other) == place(device) for other in found)


def explain(error: usb.core.USBError) -> str:
    """What to do about a USB error, or else its own words."""
    return _WAYS_OUT.get(error.errno, str(error))


def identify(device: usb.core.Device) -> DeviceIdentity:
    """Who ``device`` is; strings that neither it nor the operating system will give are empty."""
    return DeviceIdentity(
        vendor_id=device.idVendor,
        product_id=device.idProduct,
        bus=device.bus or 0,
        address=device.address or 0,
        manufacturer=_string(device, device.iManufacturer, "manufacturer"),
        product=_string(device, device.iProduct, "product"),
        serial=_string(device, device.iSerialNumber, "serial"),
    )


def _matcher(spec: str) -> Callable[[usb.core.Device], bool]:
    if place := _PLACE.fullmatch(spec):
        bus, address = map(int, place.groups())
        return lambda device: (device.bus, device.address) == (bus, address)
    if identity := _IDENTITY.fullmatch(spec):
        ids, serial = tuple(int(text, 16) for text in identity.group(1, 2)), identity.group(3)
        return lambda device: (
            (device.idVendor, device.idProduct) == ids
            and (serial is None or _closing_identity(device).serial == serial)
        )
    return lambda device: spec != "" and spec.casefold() in _name(_closing_identity(device)).casefold()


def _closing_identity(device: usb.core.Device) -> DeviceIdentity:
    try:
        return identify(device)
    finally:
        usb.util.dispose_resources(device)


def _name(identity: DeviceIdentity) -> str:
    return f"{identity.manufacturer} {identity.product}".strip()


def _description(identity: DeviceIdentity) -> str:
    place = f"{identity.vendor_id:04x}:{identity.product_id:04x} at {identity.bus}.{identity.address}"
    serial = f"serial {identity.serial}" if identity.serial else ""
    known = ", ".join(filter(None, (_name(identity), serial)))
    return f"{place} ({known})" if known else place


def _opening_problem(device: usb.core.Device) -> tuple[str, int]:
    try:
        device.get_active_configuration()
    except usb.core.USBError as error:
        if error.backend_error_code is not None:  # else pyusb's own: it opened, but is not configured
            return explain(error), error.errno or 0
    except NotImplementedError:
        return _UNSUPPORTED, 0
    return "", 0


def _inspect_interface(interface: usb.core.Interface) -> InterfaceInfo:
    device, number = interface.device, interface.bInterfaceNumber
    configuration = device[interface.configuration].bConfigurationValue
    return InterfaceInfo(
        number=number,
        alternate=interface.bAlternateSetting,
        kind=interface_kind(interface),
        driver=host.bound_driver(device, configuration, number),
        endpoints=tuple(_inspect_endpoint(endpoint, device.speed) for endpoint in interface),
    )


def _inspect_endpoint(endpoint: usb.core.Endpoint, speed: int | None) -> EndpointInfo:
    address = endpoint.bEndpointAddress
    transfer = _TRANSFERS[usb.util.endpoint_type(endpoint.bmAttributes)]
    return EndpointInfo(
        address=address,
        direction="IN" if usb.util.endpoint_direction(address) == usb.util.ENDPOINT_IN else "OUT",
        transfer=transfer,
        max_packet_bytes=endpoint.wMaxPacketSize & 0x7FF,
        interval_us=_interval_us(transfer, endpoint.bInterval, speed),
    )


def _interval_us(transfer: str, interval: int, speed: int | None) -> int:
    """USB 2.0, table 9-13: frames for a slow interrupt endpoint, else powers of 2, of microframes if fast."""
    if transfer in ("control", "bulk") or interval == 0:
        return 0
    unit_us = 125 if _SPEEDS.get(speed or 0) in ("high", "super", "super+") else 1000
    if transfer == "interrupt" and unit_us == 1000:
        return interval * unit_us
    return int(unit_us * 2 ** (min(interval, 16) - 1))


def _string(device: usb.core.Device, index: int, attribute: str) -> str:
    try:
        text = usb.util.get_string(device, index) or ""
    except (usb.core.USBError, NotImplementedError, ValueError, IndexError):
        # ValueError: no language, for want of permission too, or not UTF-16; IndexError: an empty answer.
        text = host.attribute(device, attribute)
    # A device may send anything: a control character would reach the terminal.
    return "".join(c if c.isprintable() else "\ufffd" for c in text.rstrip("\0"))
