"""FTDI's serial chips: two bytes of status before every USB packet, taken out of what was captured.

Source: Linux, ``drivers/usb/serial/ftdi_sio.h``, "Data format": modem status (bits 0 to 3 fixed, then CTS,
DSR, RI, RLSD) and line status (bit 1: an overrun has lost bytes). A transfer of several USB packets (64 bytes
each, 512 on a fast chip) has them in each; one that brings nothing else says that the line is idle.

A tty has none of this: only what was seen on the bus has, and only there it is looked for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zerotap.capture.files.transfers import DeviceKey
from zerotap.capture.packet import Event, Recording
from zerotap.capture.usb.statuses import OVERFLOW, kind_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from pathlib import Path

    from numpy.typing import NDArray

VENDOR_ID = 0x0403
STATUS_BYTES = 2
PACKET_BYTES = (64, 512)
"""Of a full-speed chip and of a high-speed one."""
LEAST_PACKETS = 8
"""So many must look alike where no descriptor says whose they are."""
LEAST_IDLE = 4
LEAST_TEXT = 0.95

_FIXED = (0x01, 0x02)  # the low four bits of the modem status: of a full-speed chip, of a high-speed one
_OVERRUN = 0x02
_QUIET = np.isin(np.arange(256), (0x00, 0x20, 0x40, 0x60))  # line status without an error
_TEXT = np.isin(np.arange(256), (*b"\t\r\n", *range(0x20, 0x7F)))


class _Status(NamedTuple):
    """Where the status bytes of a recording are: ``places`` in its payload, ``counts`` in each packet."""

    places: NDArray[np.int64]
    counts: NDArray[np.int64]


def without_status_bytes(
    recordings: Iterable[Recording], own: Container[DeviceKey], path: Path
) -> tuple[list[Recording], list[str]]:
    """Take FTDI's status bytes out of each bulk IN stream that has them, and say so in at most one sentence.

    A stream has them where its packets have their shape, and the descriptor says FTDI or, where the capture
    has none, idle packets or text between them show it. Devices in ``own`` are of files that zerotap wrote:
    those stay as they are. An overrun of the chip becomes a gap.
    """
    kept: list[Recording] = []
    told: list[str] = []
    for recording in recordings:
        device = recording.device
        is_own = DeviceKey(recording.link_type, device.bus, device.address) in own
        status = None if is_own or not _may_be(recording) else _find(recording)
        if status is None or not _is_believed(recording, status):
            kept.append(recording)
            continue
        why = "its descriptor" if device.vendor_id else "the shape of its packets"
        told.append(f"{recording.name} (by {why})")
        if len(data := _without(recording, status)):
            kept.append(data)
    return kept, [_sentence(path, told)] if told else []


def _sentence(path: Path, told: list[str]) -> str:
    streams = f"stream{'s' * (len(told) > 1)} {', '.join(told)}"
    return (
        f"{path}: {streams}: an FTDI serial chip sent it, whose two status bytes before every packet are "
        "taken out"
    )


def _may_be(recording: Recording) -> bool:
    """Whether a stream is of the kind, and not of another maker's device."""
    is_in = bool(len(recording)) and bool(recording.endpoints[0] & 0x80)
    return is_in and recording.transfer == "bulk" and recording.device.vendor_id in (0, VENDOR_ID)


def _find(recording: Recording) -> _Status | None:
    """Find the status bytes; None where a packet has none."""
    lengths, starts = recording.lengths, recording.offsets[:-1]
    if int(lengths.min()) < STATUS_BYTES or not _has_shape(recording.payload, starts):
        return None
    for size in PACKET_BYTES:
        counts = -(-lengths // size)
        status = _Status(_places(starts, counts, size), counts)
        if int((lengths - (counts - 1) * size).min()) >= STATUS_BYTES and _agree(recording.payload, status):
            return status
    return None


def _has_shape(payload: NDArray[np.uint8], starts: NDArray[np.int64]) -> bool:
    """Whether each packet begins with a modem status. Most streams are known by the first few."""
    return all(bool(np.isin(payload[some] & 0x0F, _FIXED).all()) for some in (starts[:LEAST_PACKETS], starts))


def _places(starts: NDArray[np.int64], counts: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Where each USB packet of each transfer begins."""
    if int(counts.max()) == 1:
        return starts
    before = np.repeat(np.cumsum(counts) - counts, counts)
    within = np.arange(int(counts.sum())) - before
    places: NDArray[np.int64] = np.repeat(starts, counts) + within * size
    return places


def _agree(payload: NDArray[np.uint8], status: _Status) -> bool:
    """Whether all USB packets of one transfer tell the same of the modem, as within a millisecond they do."""
    modem = payload[status.places]
    firsts = np.cumsum(status.counts) - status.counts
    return bool((modem == np.repeat(modem[firsts], status.counts)).all())


def _is_believed(recording: Recording, status: _Status) -> bool:
    if recording.device.vendor_id == VENDOR_ID:
        return True
    payload, lengths = recording.payload, recording.lengths
    is_idle = lengths == STATUS_BYTES
    if len(recording) < LEAST_PACKETS or is_idle.all() or not _QUIET[payload[status.places + 1]].all():
        return False
    if int(is_idle.sum()) >= LEAST_IDLE:
        return True
    rest = payload[_kept(recording, status)]
    return bool(_TEXT[rest].mean() >= LEAST_TEXT)


def _kept(recording: Recording, status: _Status) -> NDArray[np.bool_]:
    """Which bytes of the payload are no status, bool (total bytes,)."""
    kept = np.ones(len(recording.payload), np.bool_)
    for offset in range(STATUS_BYTES):
        kept[status.places + offset] = False
    return kept


def _without(recording: Recording, status: _Status) -> Recording:
    lengths = recording.lengths - STATUS_BYTES * status.counts
    rows = np.flatnonzero(lengths)
    return replace(
        recording,
        timestamps_ns=recording.timestamps_ns[rows],
        endpoints=recording.endpoints[rows],
        payload=recording.payload[_kept(recording, status)],
        offsets=np.concatenate([[0], np.cumsum(lengths[rows])]),
        events=_with_overruns(recording, status),
    )


def _with_overruns(recording: Recording, status: _Status) -> tuple[Event, ...]:
    is_overrun = recording.payload[status.places + 1] & _OVERRUN != 0
    if not is_overrun.any():
        return recording.events
    times_ns = np.repeat(recording.timestamps_ns, status.counts)[is_overrun]
    said = "the chip's buffer overran"
    gaps = (Event(time_ns, kind_of(OVERFLOW), said, OVERFLOW) for time_ns in times_ns.tolist())
    return tuple(sorted((*recording.events, *gaps), key=lambda event: event.timestamp_ns))
