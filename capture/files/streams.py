"""Streams: the transfers of a capture sorted into one recording for every device and endpoint."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.packet import DeviceIdentity, Event, Recording
from zerotap.capture.usb.statuses import kind_of

from .link_types import CONTROL, TRANSFER_TYPES, DeviceKey, StreamKey, Transfers, decode
from .seen_twice import without_repeats

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from .link_frames import Frames

DEVICE_DESCRIPTOR_BYTES = 18  # USB 2.0, table 9-8: length 18, type 1, idVendor at 8, idProduct at 10
TRANSFER_NAMES = {number: name for name, number in TRANSFER_TYPES.items()}


def recordings_of(buffer: NDArray[np.uint8], frames: Sequence[Frames], path: Path) -> list[Recording]:
    """Turn the frames of the file ``buffer`` into recordings, ordered by bus, device and endpoint."""
    if not frames:
        return []
    decoded = [decode(buffer, part, path) for part in frames]
    transfers = Transfers.concatenate(without_repeats(buffer, frames, decoded))
    devices = _noted_devices(frames) | _described_devices(buffer, transfers)
    found = (_recording(buffer, stream, devices) for stream in _streams(transfers))
    return [recording for recording in found if len(recording)]


def _streams(transfers: Transfers) -> Iterator[Transfers]:
    """Yield the completed transfers of each interrupt or bulk endpoint, in the order of the file.

    What was sent to a device is in the completion on macOS alone: elsewhere OUT completions carry no data.
    """
    is_data = np.isin(transfers.kinds, list(TRANSFER_NAMES))
    is_in = transfers.keys & 0x80 != 0
    chosen = transfers.where(transfers.completed & is_data & (is_in | (transfers.lengths > 0)))
    if not len(chosen):
        return
    order = np.argsort(chosen.keys, kind="stable")
    changes = np.flatnonzero(np.diff(chosen.keys[order])) + 1
    for rows in np.split(order, changes):
        yield chosen if len(rows) == len(chosen) else chosen[rows]


def _recording(
    buffer: NDArray[np.uint8], stream: Transfers, devices: dict[DeviceKey, DeviceIdentity]
) -> Recording:
    owner, endpoint = StreamKey.unpack(int(stream.keys[0]))
    data = stream.where((stream.status == 0) & (stream.lengths > 0))
    return Recording(
        timestamps_ns=data.timestamps_ns,
        endpoints=np.full(len(data), endpoint, np.uint8),
        payload=_payload(buffer, data),
        offsets=np.concatenate([[0], np.cumsum(data.lengths)]),
        device=devices.get(owner, DeviceIdentity(bus=owner.bus, address=owner.address)),
        events=_events(stream),
        name=f"{owner.bus}.{owner.address}.{endpoint & 0x0F}",
        transfer=TRANSFER_NAMES[int(stream.kinds[0])],
        link_type=owner.link_type,
    )


def _payload(buffer: NDArray[np.uint8], data: Transfers) -> NDArray[np.uint8]:
    """Copy the payloads out of the file, those of one length at a time: no index of every byte is made."""
    stops = np.cumsum(data.lengths)
    payload = np.empty(int(stops[-1]) if len(stops) else 0, np.uint8)
    for width in np.unique(data.lengths).tolist():
        rows = np.flatnonzero(data.lengths == width)
        places = np.lib.stride_tricks.sliding_window_view(payload, width, writeable=True)
        places[stops[rows] - width] = np.lib.stride_tricks.sliding_window_view(buffer, width)[
            data.offsets[rows]
        ]
    return payload


def _events(stream: Transfers) -> tuple[Event, ...]:
    rows = stream.where((stream.status != 0) | (stream.lengths < stream.full_lengths))
    columns = (rows.timestamps_ns, rows.status, rows.lengths, rows.full_lengths)
    return tuple(_event(*values) for values in zip(*(column.tolist() for column in columns), strict=True))


def _event(timestamp_ns: int, status: int, length: int, full_length: int) -> Event:
    if status:
        return Event(timestamp_ns, kind_of(status), f"status {status}", status)
    return Event(timestamp_ns, "cut", f"{length} of {full_length} bytes")


def _noted_devices(frames: Sequence[Frames]) -> dict[DeviceKey, DeviceIdentity]:
    noted = ((part.link_type, part.device) for part in frames if part.device)
    return {DeviceKey(link_type, device.bus, device.address): device for link_type, device in noted}


def _described_devices(buffer: NDArray[np.uint8], transfers: Transfers) -> dict[DeviceKey, DeviceIdentity]:
    """Return the devices whose device descriptor the capture holds, with vendor and product id."""
    is_answer = transfers.completed & (transfers.kinds == CONTROL) & (transfers.status == 0)
    answers = transfers.where(is_answer & (transfers.lengths == DEVICE_DESCRIPTOR_BYTES))
    found: dict[DeviceKey, DeviceIdentity] = {}
    for key, offset in zip(answers.keys.tolist(), answers.offsets.tolist(), strict=True):
        descriptor = buffer[offset : offset + DEVICE_DESCRIPTOR_BYTES].tobytes()
        if descriptor[:2] == bytes([DEVICE_DESCRIPTOR_BYTES, 1]):
            device = StreamKey.unpack(key).device
            vendor_id, product_id = struct.unpack_from("<HH", descriptor, 8)
            found[device] = DeviceIdentity(vendor_id, product_id, device.bus, device.address)
    return found
