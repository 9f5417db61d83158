"""Streams: the transfers of a capture sorted into one recording for every device and endpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.packet import DeviceIdentity, Event, Recording
from zerotap.capture.usb.statuses import kind_of
from zerotap.errors import CaptureError

from .device_descriptors import described_devices
from .link_types import USBMON_LINK_TYPES, decode
from .transfers import TRANSFER_TYPES, StreamKey, Transfers
from .usbmon.header import USBMON

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from .link_frames import CaptureFrames, Frames
    from .transfers import DeviceKey

SAME_NS = 100_000
"""Each interface stamps a transfer itself, microseconds apart; no URB completes twice in less than this."""
MOST_STREAMS = 16_384  # endpoints that one capture may have seen: eight buses full of devices
DIRECTIONS = ("in", "out")
TRANSFER_NAMES = {number: name for name, number in TRANSFER_TYPES.items()}


def recordings_of(found: CaptureFrames, path: Path) -> list[Recording]:
    """Turn the frames of a file into recordings, ordered by bus, device and endpoint.

    Raises CaptureError for a header that is impossible, and for more than MOST_STREAMS.
    """
    if not found.frames and not found.ready:
        return []
    buffer = np.frombuffer(found.buffer, np.uint8)
    transfers = transfers_of(found, path)
    devices = found.devices | described_devices(buffer, transfers, has_headers=not found.ready)
    made = (_recording(buffer, stream, devices) for stream in _streams(transfers, path))
    return with_directions([recording for recording in made if len(recording)])


def with_directions(recordings: Sequence[Recording]) -> list[Recording]:
    """Name both directions of one endpoint apart, "2.10.1in" and "2.10.1out": "2.10.1" alone says which it is
    where there is one."""
    counts = Counter(recording.name for recording in recordings)
    return [replace(r, name=directed_name(r)) if counts[r.name] > 1 else r for r in recordings]


def directed_name(recording: Recording) -> str:
    """Return the name of a stream with its direction, which says it alone in every capture."""
    if recording.name.endswith(DIRECTIONS) or not len(recording):
        return recording.name
    return recording.name + DIRECTIONS[0 if recording.endpoints[0] & 0x80 else 1]


def transfers_of(found: CaptureFrames, path: Path) -> Transfers:
    """Return the transfers that the frames of a file (one or more) are, what two interfaces saw once."""
    buffer = np.frombuffer(found.buffer, np.uint8)
    decoded = [decode(buffer, part, path) for part in found.frames]
    return Transfers.concatenate([*_without_repeats(buffer, found.frames, decoded), *found.ready])


def _streams(transfers: Transfers, path: Path) -> Iterator[Transfers]:
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
    if len(changes) >= MOST_STREAMS:
        raise CaptureError(
            f"{path}: holds {len(changes) + 1} streams and at most {MOST_STREAMS} are read: it is "
            "damaged, or to be divided with `editcap -c`"
        )
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
        name=stream_name(owner, endpoint),
        transfer=TRANSFER_NAMES[int(stream.kinds[0])],
        link_type=owner.link_type,
    )


def stream_name(owner: DeviceKey, endpoint: int) -> str:
    """Return what a stream is called where its endpoint has one direction."""
    return f"{owner.bus}.{owner.address}.{endpoint & 0x0F}"


def _payload(buffer: NDArray[np.uint8], data: Transfers) -> NDArray[np.uint8]:
    """Copy the payloads out of the file, those of one length at a time: no index of every byte is made."""
    stops = np.cumsum(data.lengths)
    payload = np.empty(int(stops[-1]) if len(stops) else 0, np.uint8)
    for width, rows in _rows_by_length(data.lengths):
        places = np.lib.stride_tricks.sliding_window_view(payload, width, writeable=True)
        places[stops[rows] - width] = np.lib.stride_tricks.sliding_window_view(buffer, width)[
            data.offsets[rows]
        ]
    return payload


def _rows_by_length(lengths: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.intp] | slice]]:
    """Yield each length and the rows that have it: sorted once, for a file may have thousands of lengths."""
    if len(lengths) and (lengths == lengths[0]).all():
        yield int(lengths[0]), slice(None)
        return
    order = np.argsort(lengths, kind="stable")
    changes = np.flatnonzero(np.diff(lengths[order])) + 1
    for rows in np.split(order, changes) if len(order) else ():
        yield int(lengths[rows[0]]), rows


def _events(stream: Transfers) -> tuple[Event, ...]:
    rows = stream.where((stream.status != 0) | (stream.lengths < stream.full_lengths))
    columns = (rows.timestamps_ns, rows.status, rows.lengths, rows.full_lengths)
    return tuple(_event(*values) for values in zip(*(column.tolist() for column in columns), strict=True))


def _event(timestamp_ns: int, status: int, length: int, full_length: int) -> Event:
    if status:
        return Event(timestamp_ns, kind_of(status), f"status {status}", status)
    return Event(timestamp_ns, "cut", f"{length} of {full_length} bytes")


def _without_repeats(
    buffer: NDArray[np.uint8], frames: Sequence[Frames], transfers: Sequence[Transfers]
) -> list[Transfers]:
    """Return the transfers of each part of a file, less those that another interface saw just before:
    what two interfaces of one capture both saw, as Linux's usbmon0 (every bus) and usbmon1 do."""
    usbmon = [n for n, part in enumerate(frames) if part.link_type in USBMON_LINK_TYPES and len(part.offsets)]
    seen_by = [frames[number].interfaces for number in usbmon]
    if not usbmon or max(map(np.max, seen_by)) == min(map(np.min, seen_by)):
        return list(transfers)
    found = [transfers[number] for number in usbmon]
    columns = (
        np.concatenate([part.timestamps_ns for part in found]),
        np.concatenate([part.completed for part in found]),
        np.concatenate([_urbs(buffer, frames[number]) for number in usbmon]),
        np.concatenate([part.keys for part in found]),
    )
    interfaces = np.concatenate(seen_by)
    is_new = iter(np.split(~_is_repeat(columns, interfaces), np.cumsum([len(part) for part in found])[:-1]))
    chosen = set(usbmon)
    return [part.where(next(is_new)) if n in chosen else part for n, part in enumerate(transfers)]


def _is_repeat(columns: Sequence[NDArray[np.generic]], interfaces: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which rows follow their like from another interface. ``columns``: times, then what is equal."""
    order = np.lexsort(columns)
    times_ns, *equal = (column[order] for column in columns)
    follows = (np.diff(interfaces[order]) != 0) & (np.diff(times_ns) <= SAME_NS)
    for column in equal:
        follows &= column[1:] == column[:-1]
    repeats = np.zeros(len(order), np.bool_)
    repeats[order[1:]] = follows
    return repeats


def _urbs(buffer: NDArray[np.uint8], frames: Frames) -> NDArray[np.uint64]:
    """Return the URB that each frame of usbmon is about: the first field of its header."""
    urb = USBMON["id"].newbyteorder(frames.byte_order)
    rows = np.lib.stride_tricks.sliding_window_view(buffer, urb.itemsize)[frames.offsets]
    urbs: NDArray[np.uint64] = rows.view(urb)[:, 0].astype(np.uint64)
    return urbs
