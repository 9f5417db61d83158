"""The udev rule that lets the person at the desk open a USB device."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from zerotap.errors import CaptureError

RULES_PATH = Path("/etc/udev/rules.d/70-zerotap.rules")
"""Numbered below 73: systemd's 73-seat-late.rules gives access to what is tagged by then."""
MKR_ZERO = ((0x2341, 0x804F), (0x2341, 0x004F))
"""The Arduino MKR Zero running a sketch, and in its bootloader."""

_HEADER = """\
# Let whoever is logged in at this computer open these USB devices (written by zerotap udev).
# ModemManager is told to keep off: it would talk to a board's serial port.
"""
_RULE = (
    'SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_device", ATTR{{idVendor}}=="{:04x}", '
    'ATTR{{idProduct}}=="{:04x}", TAG+="uaccess", ENV{{ID_MM_DEVICE_IGNORE}}="1"\n'
)


def udev_rules(identities: Iterable[tuple[int, int]] = MKR_ZERO) -> str:
    """Return the rules file for these (vendor id, product id)s, each once, in the order given."""
    return _HEADER + "".join(udev_rule(*identity) for identity in dict.fromkeys(identities))


def udev_rule(vendor_id: int, product_id: int) -> str:
    """Return the one line that opens a device, with its newline."""
    return _RULE.format(vendor_id, product_id)


def installed_rules() -> str:
    """Return the text of the rules file, "" where there is none to read."""
    try:
        return RULES_PATH.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def write_udev_rules(text: str, path: Path = RULES_PATH, force: bool = False) -> bool:
    """Write a rules file and return whether it changed; it appears whole or not at all, mode 0644.

    Raises CaptureError where ``path`` holds other rules and ``force`` is not given, where it may not be
    written, and on a system without udev.
    """
    if not sys.platform.startswith("linux"):
        raise CaptureError(f"udev is part of Linux, not of {sys.platform}; run `zerotap doctor` instead")
    try:
        if path.exists():
            if path.read_text(encoding="utf-8", errors="replace") == text:
                return False
            if not force:
                raise CaptureError(
                    f"{path} holds other rules; name every device that it should hold and add --force"
                )
        _replace(path, text)
    except OSError as error:
        sudo = 'run sudo "$(command -v zerotap)" udev --write with the same arguments'
        way_out = (
            sudo if isinstance(error, PermissionError) else f"see that {path.parent} exists and has room"
        )
        raise CaptureError(f"{path} cannot be written ({error.strerror}); {way_out}") from error
    return True


def _replace(path: Path, text: str) -> None:
    # The suffix keeps udev from reading the file before it is whole.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".zerotap-", suffix=".new")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
