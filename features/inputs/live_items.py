"""Items as packets come: of a stretch without gaps the same ones as a pipeline reads of its recording."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.capture import DeviceIdentity, Packet, Recording
from zerotap.features.transforms.item_times import timed

from .frames import Frames, stream_of
from .interface import Input
from .sensor_numbers import Numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import SensorStream

HEAD_LINES: Final = 65
HEAD_NS: Final = 2_000_000_000
HEAD_BYTES: Final = 1 << 12
"""After so many lines, so long or so many bytes it is plain what a stream is, and how its first line is."""
_LONGEST: Final = 1 << 16
_WHOLE_LINES: Final = DeviceIdentity(product="whole lines")
"""Of a file of numbers, whose first line is believed."""
_NEWLINES: Final = (b"\n", b"\r")


Rows = tuple["NDArray[np.int64]", "NDArray[Any]"]
"""Timestamps in ns (n,), and rows (n, elements)."""


@dataclass(slots=True)
class LiveItems:
    """Items of ``source``, rows of ``row_bytes`` bytes, as packets of ``device`` come."""

    source: Input
    row_bytes: int
    device: DeviceIdentity
    _reader: _PacketRows | _StreamRows | None = None
    _first_ns: int | None = None

    def take(self, packet: Packet) -> NDArray[Any]:
        """Return the items that are complete with this packet, (n, *signal.shape): often none.

        Raises FeatureError for a sensor with another number of channels.
        """
        if self._reader is None:
            is_stream = isinstance(self.source.rows, Frames | Numbers)
            made = _StreamRows if is_stream else _PacketRows
            self._reader = made(self.source, self.row_bytes, self.device)
        return self._timed(*self._reader.take(packet))

    def restart(self) -> NDArray[Any]:
        """Return what was held back before a gap or the end, and begin anew, as times do."""
        held = self._reader.rest() if self._reader else _no_rows(self.source, self.row_bytes)
        items = self._timed(*held)
        self._reader = self._first_ns = None
        return items

    def _timed(self, timestamps_ns: NDArray[np.int64], rows: NDArray[Any]) -> NDArray[Any]:
        if not self.source.is_timed:
            return rows
        if self._first_ns is None and len(rows):
            self._first_ns = int(timestamps_ns[0])
        return timed(timestamps_ns, rows, self._first_ns)


def _no_rows(source: Input, row_bytes: int) -> Rows:
    dtype = np.dtype(source.dtype)
    return np.empty(0, np.int64), np.empty((0, row_bytes // dtype.itemsize), dtype)


@dataclass(slots=True)
class _PacketRows:
    """Each packet of the right length is a row."""

    source: Input
    row_bytes: int
    device: DeviceIdentity

    def take(self, packet: Packet) -> Rows:
        return self.source.rows.read(Recording.from_packets([packet], self.device), self.row_bytes)

    def rest(self) -> Rows:
        return _no_rows(self.source, self.row_bytes)


class _StreamRows:
    """Rows out of a serial port's bytes, however packets divide them.

    What comes first is held back until it is plain what it is (``framing``): lines, of which the first may
    have lost its beginning, or binary frames. From then on only the beginning of a frame or line is kept.
    """

    def __init__(self, source: Input, row_bytes: int, device: DeviceIdentity) -> None:
        self.source, self.row_bytes, self.device = source, row_bytes, device
        self.framing = "" if isinstance(source.rows, Numbers) else "binary"
        self._head: list[Packet] = []
        self._tail = b""
        self._is_sure = False

    def take(self, packet: Packet) -> Rows:
        if not self.framing:
            self._head.append(packet)
            return self._begin() if self._is_plain() else _no_rows(self.source, self.row_bytes)
        data = self._tail + packet.data
        self._tail = data[-_LONGEST:]
        identity = _WHOLE_LINES if self.framing == "text" else self.device
        whole = Recording.from_packets([replace(packet, data=data)], identity)
        stream = stream_of(whole, self.framing)
        rows = self._rows(whole, stream)
        if stream is not None or self.framing == "text":
            self._tail = data[self._end(data, stream) :][-_LONGEST:]
        return rows

    def rest(self) -> Rows:
        return self._begin() if self._head else _no_rows(self.source, self.row_bytes)

    def _is_plain(self) -> bool:
        since_ns = self._head[-1].timestamp_ns - self._head[0].timestamp_ns
        data = b"".join(packet.data for packet in self._head)
        lines = max(map(data.count, _NEWLINES))
        return since_ns >= HEAD_NS or len(data) >= HEAD_BYTES or lines >= HEAD_LINES

    def _begin(self) -> Rows:
        """Say what the head is, and give its rows; one without any is dropped, but for its latest packet."""
        head, self._head = Recording.from_packets(self._head, self.device), self._head[-1:]
        stream = stream_of(head, "auto")
        if stream is None:
            return _no_rows(self.source, self.row_bytes)
        data = head.payload.tobytes()
        self.framing, self._head = stream.kind, []
        self._tail = data[self._end(data, stream) :]
        return self._rows(head, stream)

    def _rows(self, recording: Recording, stream: SensorStream | None) -> Rows:
        """A stream's samples as rows; those with another number of channels are a fault, or later noise."""
        itemsize = np.dtype(self.source.dtype).itemsize
        if stream is None:
            return _no_rows(self.source, self.row_bytes)
        if itemsize * stream.values.shape[1] != self.row_bytes:
            if not self._is_sure:
                self.source.rows.read(recording, self.row_bytes)  # which raises it
            return _no_rows(self.source, self.row_bytes)
        self._is_sure = True
        rows = self.source.rows
        values = rows.counted(stream.values) if isinstance(rows, Numbers) else stream.values
        return stream.timestamps_ns, values.astype(self.source.dtype, copy=False)

    def _end(self, data: bytes, stream: SensorStream | None) -> int:
        """Where the last whole line, or frame, ends."""
        if self.framing == "text" or stream is None:
            newline = b"\n" if b"\n" in data else b"\r"
            return data.rfind(newline) + 1
        sample = np.asarray(stream.values[-1], "<i2").tobytes()
        last = bytes([stream.values.shape[1]]) + sample
        return data.rfind(last, 0, len(data) - 1) + len(last) + 1  # and its CRC
