"""CDC-ACM, the serial port that a board offers over USB: which interfaces it has, and how to open the line.

Source: USB Class Definitions for Communications Devices 1.2 and its PSTN subclass, section 6.3.
"""

from __future__ import annotations

import errno
import struct

import usb.core

from zerotap.errors import CaptureError

CONTROL_ACM = (2, 2)
"""Interface class communications, subclass abstract control model."""
DATA_CLASS = 10
DEFAULT_BAUD = 115_200
BOOTLOADER_BAUD = 1200
"""Opened and closed at this rate, an Arduino restarts into its bootloader."""

_UNION = (0x24, 0x06)  # CS_INTERFACE, Union functional descriptor: control interface, then data interfaces
_SET_LINE_CODING = (0x21, 0x20, 0)
_SET_CONTROL_LINE_STATE = (0x21, 0x22)
_DTR_AND_RTS = 3
_EIGHT_BITS_NO_PARITY_ONE_STOP = bytes((0, 0, 8))


def checked_baud(baud: int) -> int:
    """Return ``baud``; raise CaptureError for the rate that would restart a board and for what is no rate."""
    if baud == BOOTLOADER_BAUD:
        raise CaptureError(
            "1200 baud tells an Arduino to restart into its bootloader: choose another rate, such as 115200"
        )
    if not 0 < baud <= 0xFFFFFFFF:
        raise CaptureError(f"{baud} is no line rate: choose one such as 115200")
    return baud


def control_interface(configuration: usb.core.Configuration, data_number: int) -> int | None:
    """Return the number of the ACM control interface that owns data interface ``data_number``, if any."""
    controls = [i for i in configuration if (i.bInterfaceClass, i.bInterfaceSubClass) == CONTROL_ACM]
    for control in controls:
        if data_number in _united(bytes(control.extra_descriptors)):
            return int(control.bInterfaceNumber)
    # Some firmware leaves the union out: the control interface is then the one just before its data.
    before = [int(i.bInterfaceNumber) for i in controls if i.bInterfaceNumber == data_number - 1]
    return before[0] if before else None


def open_line(device: usb.core.Device, control_number: int, baud: int) -> None:
    """Set ``baud`` 8N1 and raise DTR: most boards stay silent until then.

    A board without a real line may refuse either (section 6.3 leaves that open) and sends all the same.
    """
    coding = struct.pack("<I", checked_baud(baud)) + _EIGHT_BITS_NO_PARITY_ONE_STOP
    _unless_refused(device, *_SET_LINE_CODING, control_number, coding)
    _unless_refused(device, *_SET_CONTROL_LINE_STATE, _DTR_AND_RTS, control_number)


def close_line(device: usb.core.Device, control_number: int) -> None:
    """Drop DTR, as a program that closes the port does."""
    device.ctrl_transfer(*_SET_CONTROL_LINE_STATE, 0, control_number)


def _unless_refused(
    device: usb.core.Device, request_type: int, request: int, value: int, index: int, data: bytes = b""
) -> None:
    try:
        device.ctrl_transfer(request_type, request, value, index, data)
    except usb.core.USBError as error:
        if error.errno != errno.EPIPE:
            raise


def _united(descriptors: bytes) -> bytes:
    """Return the data interfaces that a control interface's Union descriptor lists."""
    at = 0
    while at + 2 < len(descriptors) and descriptors[at] >= 3:
        length = descriptors[at]
        if tuple(descriptors[at + 1 : at + 3]) == _UNION:
            return descriptors[at + 4 : at + length]
        at += length
    return b""
