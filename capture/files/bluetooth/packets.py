"""HCI packets, as captures of link types 187, 201 and 254 have them, and btsnoop files.

Sources: draft-ietf-opsawg-pcaplinktype (LINKTYPE_BLUETOOTH_HCI_H4 187, LINKTYPE_BLUETOOTH_HCI_H4_WITH_PHDR
201, LINKTYPE_BLUETOOTH_LINUX_MONITOR 254); Bluetooth Core 5.4, vol. 4 part A (H4: the type of a packet in its
first byte); BlueZ, ``doc/btsnoop.rst``.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.capture.files.link_frames import CaptureFrames, Frames, Tear, damaged
from zerotap.capture.files.transfers import TransferBuilder

from .hosts import Hosts

if TYPE_CHECKING:
    from numpy.typing import NDArray

H4, H4_DIRECTED, MONITOR = 187, 201, 254
ACL: Final = 2
ACL_RECEIVED: Final = 5  # of Linux's monitor
BTSNOOP_MAGIC: Final = b"btsnoop\0"
FILE_HEADER_BYTES, RECORD_HEADER_BYTES = 16, 24
YEAR_0_US: Final = 0x00DCDDB30F2F8000  # what btsnoop's clock says on 1 January 1970
H1_SNOOP, H4_SNOOP, MONITOR_SNOOP = 1001, 1002, 2001
_STREAMS: Final = {H1_SNOOP: H4, H4_SNOOP: H4, MONITOR_SNOOP: MONITOR}
_EARLIEST_US, _LATEST_US = 0, (2**63 - 1) // 1000


def assemble(buffer: NDArray[np.uint8], frames: Frames, made: TransferBuilder) -> list[str]:
    """Add the reports of paired devices to ``made``; return what is to be said of those left out."""
    hosts, view = Hosts(made, frames.link_type), buffer.data
    columns = (frames.interfaces, frames.timestamps_ns, frames.offsets, frames.lengths)
    for interface, timestamp_ns, at, length in zip(*(c.tolist() for c in columns), strict=True):
        controller, packet = _received(frames.link_type, bytes(view[at : at + length]))
        if packet:
            hosts.acl(timestamp_ns, interface << 16 | controller, packet)
    return hosts.said()


def _received(link_type: int, frame: bytes) -> tuple[int, bytes]:
    """Return the controller and the ACL packet that it received; nothing of other packets."""
    if link_type == MONITOR:
        controller, kind = struct.unpack_from(">HH", frame) if len(frame) >= 4 else (0, 0)
        return controller, frame[4:] if kind == ACL_RECEIVED else b""
    if link_type == H4_DIRECTED:
        is_received = frame[:4] == b"\0\0\0\1"
        return 0, frame[5:] if is_received and frame[4:5] == bytes([ACL]) else b""
    return 0, frame[1:] if frame[:1] == bytes([ACL]) else b""


def read_btsnoop(content: bytes, path: Path) -> CaptureFrames:
    """Read the reports of paired devices; raise CaptureError where the file is damaged or of another kind."""
    kind = struct.unpack_from(">8xII", content)[1] if len(content) >= FILE_HEADER_BYTES else 0
    if kind not in _STREAMS:
        raise damaged(path, 0, f"no btsnoop file of Bluetooth HCI has the kind {kind}")
    made = TransferBuilder(_STREAMS[kind])
    hosts, at, tear = Hosts(made, _STREAMS[kind]), FILE_HEADER_BYTES, None
    while at < len(content):
        header = content[at : at + RECORD_HEADER_BYTES]
        length = int.from_bytes(header[4:8], "big")
        if len(header) < RECORD_HEADER_BYTES or at + RECORD_HEADER_BYTES + length > len(content):
            tear = Tear(at, "packet", len(content) - at)
            break
        _, _, flags, _, time_us = struct.unpack(">IIIIq", header)
        if not _EARLIEST_US <= time_us - YEAR_0_US < _LATEST_US:
            raise damaged(path, at, "the packet's time is before 1970 or after 2262")
        start = at + RECORD_HEADER_BYTES
        controller, packet = _snooped(kind, flags, content[start : start + length])
        if packet:
            hosts.acl((time_us - YEAR_0_US) * 1000, controller, packet)
        at = start + length
    ready, notes = [made.transfers(0)], hosts.said()
    return CaptureFrames(bytes(made.data), has_usb=True, tear=tear, ready=ready, notes=notes)


def _snooped(kind: int, flags: int, packet: bytes) -> tuple[int, bytes]:
    """Return the controller and the ACL packet that it received; nothing of other packets."""
    if kind == MONITOR_SNOOP:
        return flags >> 16, packet if flags & 0xFFFF == ACL_RECEIVED else b""
    if not flags & 1:
        return 0, b""
    if kind == H1_SNOOP:
        return 0, packet if not flags & 2 else b""
    return 0, packet[1:] if packet[:1] == bytes([ACL]) else b""
