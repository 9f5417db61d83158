"""What a keyboard is, and which of them a person types on."""

from __future__ import annotations

from enum import Enum, auto

import usb.core
import usb.util

from zerotap.errors import CaptureError

from .devices import BOOT_KEYBOARD, BOOT_MOUSE, HID, identify, interface_kind, interfaces
from .hid import decode_report_descriptor, read_report_descriptor

_KEY_PAGE, _FIDO_PAGE = 0x07, 0xF1D0
_SMART_CARD = 11
_YUBICO = 0x1050
_NOBODYS = ("yubikey", "onlykey", "nitrokey", "security key", "barcode", "bar code", "scanner", "card reader")
"""Words in the names of what types by itself."""


class _Sends(Enum):
    """What an interface sends: its report descriptor tells."""

    KEYS = auto()
    FIDO = auto()
    OTHER = auto()
    UNKNOWN = auto()


def is_keyboard(interface: usb.core.Interface) -> bool:
    """Tell whether an interface is a keyboard: by its boot protocol, or by keys in its report descriptor.

    Many keyboards (n-key rollover) have only the latter. Where the descriptor cannot be read, an interface of
    class HID is one beside a boot keyboard, and in a device that calls itself a keyboard.
    """
    kind = interface_kind(interface)
    if kind[0] != HID or kind in (BOOT_KEYBOARD, BOOT_MOUSE):
        return kind == BOOT_KEYBOARD
    sends = _sends(interface)
    return sends is _Sends.KEYS or (sends is _Sends.UNKNOWN and _is_like_a_keyboard(interface.device))


def is_typed_on(device: usb.core.Device) -> bool:
    """Tell whether a person types on ``device``: no security key, scanner, or mouse with keys; closes it."""
    try:
        found = interfaces(device)
        return any(map(is_keyboard, found)) and not _is_nobodys(device, found)
    finally:
        usb.util.dispose_resources(device)


def _is_nobodys(device: usb.core.Device, found: list[usb.core.Interface]) -> bool:
    kinds = [interface_kind(interface) for interface in found]
    # A keyboard with a touchpad has its keys first, a mouse with keys its wheels and buttons.
    is_mouse = next(kind for kind in kinds if kind[0] == HID) == BOOT_MOUSE
    is_token = any(kind[0] == _SMART_CARD for kind in kinds) or _Sends.FIDO in map(_sends, found)
    named = any(word in _name(device) for word in _NOBODYS)
    return is_mouse or is_token or named or device.idVendor == _YUBICO


def _is_like_a_keyboard(device: usb.core.Device) -> bool:
    kinds = map(interface_kind, interfaces(device))
    return BOOT_KEYBOARD in kinds or "keyboard" in _name(device)


def _name(device: usb.core.Device) -> str:
    identity = identify(device)
    return f"{identity.manufacturer} {identity.product}".casefold()


def _sends(interface: usb.core.Interface) -> _Sends:
    if interface.bInterfaceClass != HID:
        return _Sends.OTHER
    try:
        reports = decode_report_descriptor(read_report_descriptor(interface.device, interface))
    except (CaptureError, usb.core.USBError, NotImplementedError):
        return _Sends.UNKNOWN
    inputs = [part for report in reports if report.kind == "input" for part in report.fields]
    pages = {usages.start >> 16 for part in inputs if not part.constant for usages in part.usages}
    if not pages:
        return _Sends.UNKNOWN
    return _Sends.KEYS if _KEY_PAGE in pages else _Sends.FIDO if _FIDO_PAGE in pages else _Sends.OTHER
