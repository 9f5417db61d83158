"""usbmon frames: how a transfer is written to a capture file of link type 220."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path

from zerotap.capture.files.transfers import TRANSFER_TYPES
from zerotap.capture.packet import DeviceIdentity, Recording
from zerotap.errors import CaptureError

from .header import USBMON_STRUCT

_NO_SETUP = bytes(8)


def checked_address(device: DeviceIdentity, path: Path) -> DeviceIdentity:
    """Return ``device``; raise CaptureError where no usbmon header has room for its address."""
    if not (0 <= device.bus <= 0xFFFF and 0 <= device.address <= 0xFF):
        raise CaptureError(
            f"{path}: bus {device.bus}, address {device.address} do not fit a usbmon header "
            "(at most 65535 and 255): check the capture that they come from"
        )
    return device


def usbmon_frame(
    number: int,
    device: DeviceIdentity,
    transfer: str,
    timestamp_ns: int,
    endpoint: int,
    status: int,
    data: bytes,
) -> bytes:
    """Return header and data of the completion of transfer ``number``, "interrupt" or "bulk"."""
    seconds, nanoseconds = divmod(timestamp_ns, 1_000_000_000)
    header = USBMON_STRUCT.pack(
        *(number, ord("C"), TRANSFER_TYPES[transfer], endpoint, device.address, device.bus),
        *(ord("-"), 0, seconds, nanoseconds // 1000, status, len(data), len(data), _NO_SETUP, 0, 0, 0, 0),
    )
    return header + data


def usbmon_frames(recording: Recording) -> Iterator[tuple[int, bytes]]:
    """Yield the time in nanoseconds and the frame of each packet and event (not "cut"), in order of time."""
    endpoint = int(recording.endpoints[0]) if len(recording) else 0
    packets = ((p.timestamp_ns, p.endpoint, 0, p.data) for p in recording.packets())
    failures = ((e.timestamp_ns, endpoint, e.status, b"") for e in recording.events if e.kind != "cut")
    in_order = heapq.merge(packets, failures, key=itemgetter(0))
    for number, (timestamp_ns, from_endpoint, status, data) in enumerate(in_order, 1):
        frame = usbmon_frame(
            number, recording.device, recording.transfer, timestamp_ns, from_endpoint, status, data
        )
        yield timestamp_ns, frame
