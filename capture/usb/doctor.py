"""What keeps a USB device from being recorded, and the next command to type."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import usb.backend

from zerotap.errors import CaptureError

from . import devices
from .boards import in_bootloader
from .devices import (
    BOOT_KEYBOARD,
    BOOT_MOUSE,
    CDC_CONTROL,
    CDC_DATA,
    HID,
    VENDOR,
    DeviceInfo,
    InterfaceInfo,
)
from .udev import installed_rules, udev_rule, udev_rules

_RECORDED_CLASSES = frozenset((HID, CDC_CONTROL, CDC_DATA, VENDOR))
_OPEN_TO_LIBUSB = frozenset(("winusb", "libusbk", "libusb0"))
_WINDOWS_FUNCTIONS = frozenset((HID, CDC_CONTROL, VENDOR))
"""Classes that Windows binds by themselves; CDC data goes with its control interface."""
_WINDOWS_DEFAULTS = {HID: "HidUsb", CDC_CONTROL: "usbser"}
"""The drivers that Windows 10 and later bind by class, where the registry does not tell."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the checks look at.

    ``platform`` is sys.platform; ``backend_problem`` says why there is no libusb ("": there is); ``rules``
    are those that `zerotap udev --write` wrote.
    """

    platform: str
    devices: tuple[DeviceInfo, ...] = ()
    backend_problem: str = ""
    rules: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause and the next ``command``; ``device`` is "" where it concerns none. ``detail``: more lines."""

    check: str
    device: str
    cause: str
    command: str
    detail: str = field(default="", kw_only=True)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The finding for a person; what follows its first line is indented."""
        subject = f"{self.device}: " if self.device else ""
        more = (*self.detail.splitlines(), f"next: {self.command}")
        return [f"{subject}{self.cause}", *(f"  {line}" for line in more)]

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


Check = Callable[[Desk], Iterable[Finding]]
CHECKS: dict[str, Check] = {}
"""Every check by its name, in the order in which causes hide one another."""


def _check(check: Check) -> Check:
    CHECKS[check.__name__] = check
    return check


def look(spec: str | None = None, backend: usb.backend.IBackend | None = None) -> Desk:
    """Look at every device, or at the one that ``spec`` selects (see ``select_device``).

    Raises CaptureError where ``spec`` does not mean one device.
    """
    try:
        backend = devices.usb_backend() if backend is None else backend
    except CaptureError as error:
        return Desk(sys.platform, backend_problem=str(error))
    if spec is None:
        found = devices.find_devices(backend)
    else:
        found = [devices.inspect(devices.select_device(spec, backend=backend))]
    return Desk(sys.platform, tuple(found), rules=installed_rules())


def examine(desk: Desk) -> list[Finding]:
    """Run every check and return what was found, in the checks' order; nothing where all is well."""
    return [finding for check in CHECKS.values() for finding in check(desk)]


@_check
def backend(desk: Desk) -> Iterator[Finding]:
    """No libusb to reach devices with."""
    if desk.backend_problem:
        yield Finding(
            "backend",
            "",
            "no libusb backend could be loaded",
            "python -m pip install --force-reinstall libusb-package",
        )


@_check
def presence(desk: Desk) -> Iterator[Finding]:
    """No device at all, as in a container."""
    if not desk.devices and not desk.backend_problem:
        yield Finding(
            "presence",
            "",
            "no USB device is visible here; a container or virtual machine must be given one",
            "plug a device in, then zerotap devices",
        )


@_check
def bootloader(desk: Desk) -> Iterator[Finding]:
    """A board that waits for an upload instead of running its sketch."""
    for device in desk.devices:
        board = in_bootloader((device.identity.vendor_id, device.identity.product_id))
        if board:
            yield Finding(
                "bootloader",
                str(device),
                f"this {board.name} is in its bootloader and runs no sketch",
                "press its reset button once, or upload a sketch; it comes back as "
                f"{board.sketch[0]:04x}:{board.sketch[1]:04x}",
            )


@_check
def permission(desk: Desk) -> Iterator[Finding]:
    """Linux: errno 13 for want of a udev rule."""
    for device in _recordable(desk, "linux"):
        if device.problem_errno == errno.EACCES:
            yield _without_permission(device, desk.rules)


def _without_permission(device: DeviceInfo, rules: str) -> Finding:
    identity = device.identity.vendor_id, device.identity.product_id
    if udev_rule(*identity) in rules:
        return Finding(
            "permission",
            str(device),
            "you have no permission to open it though its udev rule is installed: the rule came after the "
            "device, or you are not logged in at this computer's own screen",
            "plug the device in again, or over ssh use sudo",
        )
    return Finding(
        "permission",
        str(device),
        "you have no permission to open it; it takes this udev rule",
        f'sudo "$(command -v zerotap)" udev {identity[0]:04x}:{identity[1]:04x} --write',
        detail=udev_rules([identity]),
    )


@_check
def busy(desk: Desk) -> Iterator[Finding]:
    """Another program has claimed an interface, or all of the device; only Linux can tell which program."""
    refusals = (errno.EBUSY,) if desk.platform == "linux" else (errno.EBUSY, errno.EACCES)
    for device in _recordable(desk, desk.platform):
        claimed = [i for i in device.interfaces if i.driver == "usbfs"]
        if claimed or device.problem_errno in refusals:
            what = f"interface {claimed[0].number}" if claimed else "it"
            node = f"/dev/bus/usb/{device.identity.bus:03d}/{device.identity.address:03d}"
            which = f"fuser --verbose {node}, then end" if desk.platform == "linux" else "close"
            yield Finding("busy", str(device), f"another program has claimed {what}", f"{which} that program")


@_check
def driverless(desk: Desk) -> Iterator[Finding]:
    """Linux: a keyboard, mouse or serial port without its driver, as after kill -9 of a recording."""
    for device in _recordable(desk, "linux"):
        lost = [i for i in device.interfaces if i.kind[0] in (HID, CDC_CONTROL) and i.driver == ""]
        if lost:
            yield Finding(
                "driverless",
                str(device),
                f"no kernel driver is bound to its {lost[0].class_name} interface {lost[0].number}",
                f"zerotap devices --restore {device.identity.bus}.{device.identity.address}",
            )


@_check
def windows_driver(desk: Desk) -> Iterator[Finding]:
    """Windows: libusb claims interfaces of the WinUSB kind, and HID that is no keyboard or mouse."""
    for device in _recordable(desk, "win32"):
        for interface in (i for i in device.interfaces if not i.alternate):
            kind = interface.driver or _WINDOWS_DEFAULTS.get(interface.kind[0], "")
            if interface.kind[0] in _WINDOWS_FUNCTIONS and not _is_open(interface, kind):
                yield Finding(
                    "windows_driver",
                    str(device),
                    f"Windows binds {kind or 'no driver'} to its {interface.class_name} interface "
                    f"{interface.number}, which libusb cannot claim",
                    f"give interface {interface.number} the driver WinUSB with Zadig "
                    "(https://zadig.akeo.ie), or capture with USBPcap, then zerotap import",
                )


@_check
def macos_exclusive(desk: Desk) -> Iterator[Finding]:
    """MacOS: its own drivers keep keyboards and mice; libusb 1.0.25 and later detaches them for root."""
    for device in _recordable(desk, "darwin"):
        if any(i.kind in (BOOT_KEYBOARD, BOOT_MOUSE) for i in device.interfaces):
            place = f"{device.identity.bus}.{device.identity.address}"
            yield Finding(
                "macos_exclusive",
                str(device),
                "macOS keeps keyboards and mice to itself, and all of the device at once",
                f'sudo "$(command -v zerotap)" record {place} with another keyboard at hand; '
                "where that is refused, capture on Linux, then zerotap import",
            )


def _recordable(desk: Desk, platform: str) -> Iterator[DeviceInfo]:
    """Yield the devices that can be recorded: hubs, cameras and disks would only be noise."""
    if desk.platform == platform:
        yield from (device for device in desk.devices if any(map(_is_recorded, device.interfaces)))


def _is_recorded(interface: InterfaceInfo) -> bool:
    return interface.kind[0] in _RECORDED_CLASSES


def _is_open(interface: InterfaceInfo, kind: str) -> bool:
    plain_hid = kind.casefold() == "hidusb" and interface.kind not in (BOOT_KEYBOARD, BOOT_MOUSE)
    return kind.casefold() in _OPEN_TO_LIBUSB or plain_hid
