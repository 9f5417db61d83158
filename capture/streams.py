"""Streams: the transfers of a capture sorted into one recording for every device and endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from zerotap.capture.linktypes import CONTROL, TRANSFER_TYPES, Transfers, decode
from zerotap.capture.packet import DeviceIdentity, Event, Recording

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from zerotap.capture.frames import Frames

DEVICE_DESCRIPTOR_BYTES = 18  # USB 2.0, table 9-8: length 18, type 1, idVendor at 8, idProduct at 10
TRANSFER_NAMES = {number: name for name, number in TRANSFER_TYPES.items()}
# A device: its capture's link type, its bus, its address. The same numbers on two systems are two devices.
DeviceKey = tuple[int, int, int]


def recordings_of(buffer: NDArray[np.uint8], frames: Sequence[Frames], path: Path) -> list[Recording]:
    """Turn the frames of the file ``buffer`` into recordings, ordered by bus, device and endpoint."""
    if not frames:
        return []
    transfers = Transfers.concatenate([decode(buffer, part, path) for part in frames])
    devices = _noted_devices(frames) | _described_devices(buffer, transfers)
    found = (_recording(buffer, stream, devices) for stream in _streams(transfers))
    return [recording for recording in found if len(recording)]


def _streams(transfers: Transfers) -> Iterator[Transfers]:
    """Yield the completed IN transfers of each interrupt or bulk endpoint, in the order of the file."""
    wanted = (
        transfers.completed & (transfers.endpoints >= 0x80) & np.isin(transfers.kinds, list(TRANSFER_NAMES))
    )
    chosen = transfers[wanted]
    if not len(chosen):
        return
    keys = np.stack([chosen.link_types, chosen.buses, chosen.addresses, chosen.endpoints.astype(np.int64)])
    order = np.lexsort(keys[[0, 3, 2, 1]])
    changes = (np.diff(keys[:, order], axis=1) != 0).any(axis=0)
    for rows in np.split(order, np.flatnonzero(changes) + 1):
        yield chosen[rows]


def _recording(
    buffer: NDArray[np.uint8], stream: Transfers, devices: dict[DeviceKey, DeviceIdentity]
) -> Recording:
    link_type, bus, address = int(stream.link_types[0]), int(stream.buses[0]), int(stream.addresses[0])
    data = stream[(stream.status == 0) & (stream.lengths > 0)]
    return Recording(
        timestamps_ns=data.timestamps_ns,
        endpoints=data.endpoints,
        payload=_payload(buffer, data),
        offsets=np.concatenate([[0], np.cumsum(data.lengths)]),
        device=devices.get((link_type, bus, address), DeviceIdentity(bus=bus, address=address)),
        events=_events(stream),
        name=f"{bus}.{address}.{stream.endpoints[0] & 0x0F}",
        transfer=TRANSFER_NAMES[int(stream.kinds[0])],
        link_type=link_type,
    )


def _payload(buffer: NDArray[np.uint8], data: Transfers) -> NDArray[np.uint8]:
    if not len(data):
        return np.empty(0, np.uint8)
    width = int(data.lengths[0])
    if (data.lengths == width).all():
        return np.lib.stride_tricks.sliding_window_view(buffer, width)[data.offsets].reshape(-1)
    spans = zip(data.offsets.tolist(), data.lengths.tolist(), strict=True)
    return np.concatenate([buffer[offset : offset + length] for offset, length in spans])


def _events(stream: Transfers) -> tuple[Event, ...]:
    failed = stream.status != 0
    rows = stream[failed | (stream.lengths < stream.full_lengths)]
    columns = (rows.timestamps_ns, rows.status, rows.lengths, rows.full_lengths)
    return tuple(_event(*values) for values in zip(*(column.tolist() for column in columns), strict=True))


def _event(timestamp_ns: int, status: int, length: int, full_length: int) -> Event:
    if status:
        return Event(timestamp_ns, "failed", f"status {status}", status)
    return Event(timestamp_ns, "cut", f"{length} of {full_length} bytes")


def _noted_devices(frames: Sequence[Frames]) -> dict[DeviceKey, DeviceIdentity]:
    return {(part.link_type, part.device.bus, part.device.address): part.device for part in frames}


def _described_devices(buffer: NDArray[np.uint8], transfers: Transfers) -> dict[DeviceKey, DeviceIdentity]:
    """Return the devices whose device descriptor the capture holds, with vendor and product id."""
    answers = transfers[
        transfers.completed
        & (transfers.kinds == CONTROL)
        & (transfers.status == 0)
        & (transfers.lengths == DEVICE_DESCRIPTOR_BYTES)
    ]
    if not len(answers):
        return {}
    rows = np.lib.stride_tricks.sliding_window_view(buffer, DEVICE_DESCRIPTOR_BYTES)[answers.offsets]
    true = (rows[:, 0] == DEVICE_DESCRIPTOR_BYTES) & (rows[:, 1] == 1)
    ids = np.ascontiguousarray(rows[true, 8:12]).view("<u2").tolist()
    owners = (answers.link_types[true], answers.buses[true], answers.addresses[true])
    keys = zip(*(column.tolist() for column in owners), strict=True)
    return {
        (link_type, bus, address): DeviceIdentity(vendor_id, product_id, bus, address)
        for (link_type, bus, address), (vendor_id, product_id) in zip(keys, ids, strict=True)
    }
