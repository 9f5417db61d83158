"""The udev rule that lets the person at the desk open a USB device."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from zerotap.errors import CaptureError, OutputError
from zerotap.writing import new_file

from .boards import MKR_ZERO, Ids

RULES_PATH = Path("/etc/udev/rules.d/70-zerotap.rules")
"""Numbered below 73: systemd's 73-seat-late.rules gives access to what is tagged by then."""
_SUDO = 'run sudo "$(command -v zerotap)" udev --write with the same arguments'

_HEADER = """\
# Let whoever is logged in at this computer open these USB devices (written by zerotap udev).
# ModemManager is told to keep off: it would talk to a board's serial port.
"""
_RULE = (
    'SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_device", ATTR{{idVendor}}=="{:04x}", '
    'ATTR{{idProduct}}=="{:04x}", TAG+="uaccess", ENV{{ID_MM_DEVICE_IGNORE}}="1"\n'
)


def udev_rules(identities: Iterable[Ids] = MKR_ZERO.ids) -> str:
    """Return the rules file for these (vendor id, product id)s, each once, in the order given.

    By default it is for the Arduino MKR Zero, running a sketch and in its bootloader.
    """
    return _HEADER + "".join(udev_rule(*identity) for identity in dict.fromkeys(identities))


def udev_rule(vendor_id: int, product_id: int) -> str:
    """Return the one line that opens a device, with its newline."""
    return _RULE.format(vendor_id, product_id)


def installed_rules(path: str | Path | None = None) -> str:
    """Return the text of the rules file, by default RULES_PATH; "" where there is none to read."""
    try:
        return Path(path or RULES_PATH).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def write_udev_rules(text: str, path: str | Path = RULES_PATH, force: bool = False) -> bool:
    """Write a rules file and return whether it changed; it appears whole or not at all, mode 0644.

    Raises CaptureError where ``path`` holds other rules and ``force`` is not given and on a system without
    udev, OutputError where it may not be written.
    """
    if not sys.platform.startswith("linux"):
        raise CaptureError(f"udev is part of Linux, not of {sys.platform}; run `zerotap doctor` instead")
    path = Path(path)
    if installed_rules(path) == text:
        return False
    if path.exists() and not force:
        raise CaptureError(f"{path} holds other rules; name every device that it should hold and add --force")
    if not path.parent.is_dir():
        reason = f"No such file or directory); see that {path.parent} exists"
        raise OutputError(f"{path} cannot be written ({reason}")
    _write(path, text)
    return True


def _write(path: Path, text: str) -> None:
    try:
        with new_file(path, replace=True) as made:
            made.write_text(text, encoding="utf-8")
            made.chmod(0o644)
    except OutputError as error:
        if not isinstance(error.__cause__, PermissionError):
            raise
        raise OutputError(f"{path} cannot be written ({error.__cause__.strerror}); {_SUDO}") from error
