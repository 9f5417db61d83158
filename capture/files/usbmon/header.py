"""The header that Linux puts before a transfer, said once: one struct to write it and one dtype to read it.

Source: Linux, ``Documentation/usb/usbmon.rst``, struct usbmon_packet: 64 bytes in the memory-mapped
interface, of which the older one has the first 48.
"""

from __future__ import annotations

import struct

import numpy as np

_SHORT_FIELDS = (
    ("id", "u8"),
    ("type", "u1"),  # "S" submitted, "C" completed, "E" failed when submitted
    ("transfer", "u1"),
    ("endpoint", "u1"),
    ("device", "u1"),
    ("bus", "u2"),
    ("setup_flag", "u1"),
    ("data_flag", "u1"),
    ("seconds", "i8"),
    ("microseconds", "i4"),
    ("status", "i4"),
    ("length", "u4"),
    ("data_length", "u4"),
    ("setup", "V8"),
)
_LATER_FIELDS = (("interval", "i4"), ("start_frame", "i4"), ("transfer_flags", "u4"), ("descriptors", "u4"))
_CODES = {"u1": "B", "u2": "H", "u4": "I", "i4": "i", "u8": "Q", "i8": "q", "V8": "8s"}

USBMON = np.dtype(list(_SHORT_FIELDS))
"""What both interfaces have, to be read; give it a byte order with ``newbyteorder``."""
USBMON_STRUCT = struct.Struct("<" + "".join(_CODES[kind] for _, kind in (*_SHORT_FIELDS, *_LATER_FIELDS)))
"""All of a header, to be written: the same fields in the same order, little endian."""
SHORT_BYTES, LONG_BYTES = USBMON.itemsize, USBMON_STRUCT.size
