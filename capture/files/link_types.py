"""Link types: the header that each capturing program puts before a transfer's bytes.

What a link type does not define is not read. Each decoder below names its specification; the numbers are
those of draft-ietf-opsawg-pcaplinktype (LINKTYPE_USB_LINUX 189, LINKTYPE_USB_LINUX_MMAPPED 220,
LINKTYPE_USBPCAP 249, LINKTYPE_USB_DARWIN 266).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zerotap.errors import CaptureError

from .link_frames import Frames, damaged
from .transfers import Transfers
from .usbmon.header import LONG_BYTES, SHORT_BYTES, USBMON

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

USBMON_MMAP = 220
USBMON_LINK_TYPES = (189, USBMON_MMAP)

_USBPCAP = np.dtype(
    [
        ("header_length", "u2"),
        ("irp", "u8"),
        ("status", "i4"),
        ("function", "u2"),
        ("info", "u1"),
        ("bus", "u2"),
        ("device", "u2"),
        ("endpoint", "u1"),
        ("transfer", "u1"),
        ("data_length", "u4"),
    ]
)
_DARWIN = np.dtype(
    [
        ("version", "u2"),
        ("header_length", "u1"),
        ("request", "u1"),
        ("length", "u4"),
        ("status", "u4"),
        ("isochronous_frames", "u4"),
        ("id", "u8"),
        ("location", "u4"),
        ("speed", "u1"),
        ("device", "u1"),
        ("endpoint", "u1"),
        ("transfer", "u1"),
    ]
)
# Darwin numbers transfer types as endpoint descriptors do (USB 2.0, table 9-13), the others as usbmon does.
_USBMON_KINDS = np.array([2, 0, 3, 1], np.uint8)


def _pack_keys(link_type: int, buses: NDArray[np.integer], headers: NDArray[np.void]) -> NDArray[np.int64]:
    """Return ``Transfers.keys``: 16 bits each of link type, bus and address, then 8 of the endpoint."""
    keys = np.full(len(headers), link_type, np.int64)
    for column, bits in ((buses, 16), (headers["device"], 16), (headers["endpoint"], 8)):
        keys <<= bits
        keys |= column
    return keys


class LinkType(NamedTuple):
    """One entry of the registry: what people call it, and how to read its headers."""

    name: str
    decode: Callable[[NDArray[np.uint8], Frames, Path], Transfers]


def decode(buffer: NDArray[np.uint8], frames: Frames, path: Path) -> Transfers:
    """Read the headers of ``frames``, whose link type is one of LINK_TYPES, in the file's bytes.

    Raises CaptureError for a frame shorter than its header and for a header that is impossible.
    """
    return LINK_TYPES[frames.link_type].decode(buffer, frames, path)


def unknown_link_type(link_type: int, stated_at: int, path: Path) -> CaptureError:
    """Return the error for a file that holds no link type of READ_NAMES."""
    known = ", ".join(f"{number} {name}" for number, name in READ_NAMES.items())
    name = FOREIGN_NAMES.get(link_type)
    way_out = _PAIRED if link_type in _FROM_THE_AIR else _ON_THE_HOST
    return CaptureError(
        f"{path}: link type {link_type}{f' ({name})' if name else ''} at byte {stated_at} is "
        f"not one that zerotap reads ({known}); {way_out}"
    )


def _headers(
    buffer: NDArray[np.uint8], frames: Frames, dtype: np.dtype[np.void], header_bytes: int, path: Path
) -> NDArray[np.void]:
    """Return the leading fields of every frame, (n,) of ``dtype``, once every frame is long enough."""
    short = frames.offsets[frames.lengths < header_bytes]
    if len(short):
        raise damaged(
            path, int(short[0]), f"link type {frames.link_type} has headers of {header_bytes} bytes"
        )
    if not len(frames.offsets):
        return np.empty(0, dtype)
    rows = np.lib.stride_tricks.sliding_window_view(buffer, dtype.itemsize)
    return rows[frames.offsets].view(dtype)[:, 0]


def _decode_usbmon(buffer: NDArray[np.uint8], frames: Frames, path: Path, header_bytes: int) -> Transfers:
    headers = _headers(buffer, frames, USBMON.newbyteorder(frames.byte_order), header_bytes, path)
    held = frames.lengths - header_bytes
    return Transfers(
        frames.timestamps_ns,
        _pack_keys(frames.link_type, headers["bus"], headers),
        headers["transfer"].copy(),
        headers["type"] != ord("S"),
        headers["status"].astype(np.int32),
        frames.offsets + header_bytes,
        # A program may claim more than the frame holds (QEMU counts the header too); the frame is right.
        np.minimum(headers["data_length"].astype(np.int64), held),
        headers["length"].astype(np.uint32),
    )


def _decode_usbmon_short(buffer: NDArray[np.uint8], frames: Frames, path: Path) -> Transfers:
    """Read the first 48 bytes of struct usbmon_packet: Linux, ``Documentation/usb/usbmon.rst``."""
    return _decode_usbmon(buffer, frames, path, SHORT_BYTES)


def _decode_usbmon_mmap(buffer: NDArray[np.uint8], frames: Frames, path: Path) -> Transfers:
    """Read all 64 bytes of struct usbmon_packet: Linux, ``Documentation/usb/usbmon.rst``, mmap interface."""
    return _decode_usbmon(buffer, frames, path, LONG_BYTES)


def _decode_usbpcap(buffer: NDArray[np.uint8], frames: Frames, path: Path) -> Transfers:
    """Read USBPCAP_BUFFER_PACKET_HEADER: the USBPcap project's "Capture format specification"."""
    # Windows writes its headers in little endian, whatever the file's byte order.
    headers = _headers(buffer, frames, _USBPCAP.newbyteorder("<"), _USBPCAP.itemsize, path)
    header_lengths = headers["header_length"].astype(np.int64)
    wrong = frames.offsets[(header_lengths < _USBPCAP.itemsize) | (header_lengths > frames.lengths)]
    if len(wrong):
        raise damaged(path, int(wrong[0]), "the USBPcap header's length is impossible")
    return Transfers(
        frames.timestamps_ns,
        _pack_keys(frames.link_type, headers["bus"], headers),
        headers["transfer"].copy(),
        (headers["info"] & 1) == 1,
        headers["status"].astype(np.int32),
        frames.offsets + header_lengths,
        np.minimum(headers["data_length"].astype(np.int64), frames.lengths - header_lengths),
        headers["data_length"].astype(np.uint32),
    )


def _decode_darwin(buffer: NDArray[np.uint8], frames: Frames, path: Path) -> Transfers:
    """Read macOS's header, version 1.x, little endian: the structure that Apple's Scott Deandrea gave to
    tcpdump-workers on 9 December 2016 for LINKTYPE_USB_DARWIN.

    The bus is the top byte of the location; isochronous transfers, which it frames otherwise, are not read.
    """
    headers = _headers(buffer, frames, _DARWIN.newbyteorder("<"), _DARWIN.itemsize, path)
    header_lengths = headers["header_length"].astype(np.int64)
    wrong = (header_lengths < _DARWIN.itemsize) | (header_lengths > frames.lengths)
    wrong |= (headers["version"] >> 8 != 1) | (headers["transfer"] > 3)
    if wrong.any():
        at = int(frames.offsets[wrong][0])
        raise damaged(path, at, "the Darwin USB header's version, length or transfer type is impossible")
    return Transfers(
        frames.timestamps_ns,
        _pack_keys(frames.link_type, headers["location"] >> 24, headers),
        _USBMON_KINDS[headers["transfer"]],
        headers["request"] == 1,
        headers["status"].astype(np.uint32).view(np.int32),
        frames.offsets + header_lengths,
        np.minimum(headers["length"].astype(np.int64), frames.lengths - header_lengths),
        headers["length"].astype(np.uint32),
    )


LINK_TYPES = {
    189: LinkType("usbmon", _decode_usbmon_short),
    USBMON_MMAP: LinkType("usbmon mmap", _decode_usbmon_mmap),
    249: LinkType("USBPcap", _decode_usbpcap),
    266: LinkType("Darwin", _decode_darwin),
}
PACKET_LINK_TYPES = {
    187: "Bluetooth HCI",
    201: "Bluetooth HCI",
    254: "Bluetooth Linux monitor",
    288: "USB 2.0 packets",
    293: "USB 2.0 packets, low speed",
    294: "USB 2.0 packets, full speed",
    295: "USB 2.0 packets, high speed",
}
"""Link types of which several frames make a transfer (``assembling.py``)."""
READ_NAMES = {number: known.name for number, known in LINK_TYPES.items()} | PACKET_LINK_TYPES
"""All link types that are read."""
# Common link types that are not read, for messages. Source: draft-ietf-opsawg-pcaplinktype.
FOREIGN_NAMES = {
    1: "Ethernet",
    101: "raw IP",
    105: "Wi-Fi",
    113: "Linux cooked",
    127: "Wi-Fi radiotap",
    186: "FreeBSD USB",
    195: "IEEE 802.15.4 from the air",
    227: "CAN bus",
    230: "IEEE 802.15.4 from the air",
    251: "Bluetooth LE from the air",
    255: "Bluetooth BR/EDR from the air",
    256: "Bluetooth LE from the air",
    272: "nRF Sniffer, Bluetooth LE from the air",
    276: "Linux cooked v2",
    283: "IEEE 802.15.4 from the air",
}
_FROM_THE_AIR = frozenset(number for number, name in FOREIGN_NAMES.items() if name.endswith("from the air"))
_PAIRED = (
    "what is in the air is encrypted: capture on the computer that the device is paired with "
    "(btmon -w, or Wireshark's bluetooth interfaces)"
)
_ON_THE_HOST = "capture USB with Wireshark on Linux (usbmon), Windows (USBPcap) or macOS"
