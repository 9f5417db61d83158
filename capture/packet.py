"""The values that leave capture: one packet, and a recording of many as columns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray


VIRTUAL_VENDOR_ID = 0x1209
"""pid.codes; its products 0001 to 0010 are for tests."""
VIRTUAL_MANUFACTURER = "zerotap"
SHOWN_BYTES = 16
"""Of a packet's data in its ``repr``: a bulk transfer has up to 64 KB."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One completed IN transfer.

    ``timestamp_ns`` is nanoseconds since the Unix epoch, ``endpoint`` the address with its direction bit
    (0x81 is endpoint 1 IN), ``data`` the payload without any header.
    """

    timestamp_ns: int
    endpoint: int
    data: bytes

    def __repr__(self) -> str:
        more = "..." if len(self.data) > SHOWN_BYTES else ""
        said = f"{len(self.data)} bytes {self.data[:SHOWN_BYTES].hex(' ')}{more}"
        return f"Packet({self.timestamp_ns} ns, {self.endpoint:#04x}, {said})"


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """Who sent the packets. Unknown fields are 0 or the empty string."""

    vendor_id: int = 0
    product_id: int = 0
    bus: int = 0
    address: int = 0
    manufacturer: str = ""
    product: str = ""
    serial: str = ""

    @property
    def kind(self) -> tuple[int, int]:
        """Vendor and product: what every device of its kind has."""
        return self.vendor_id, self.product_id

    @property
    def is_known(self) -> bool:
        """Whether vendor and product are known."""
        return self.kind != (0, 0)

    @property
    def title(self) -> str:
        """VID:PID and what it calls itself, to be shown."""
        return " ".join(filter(None, (f"{self.vendor_id:04x}:{self.product_id:04x}", self.product)))


def is_virtual(device: DeviceIdentity) -> bool:
    """Whether packets come from one of the virtual devices, by what their file says of it."""
    return device.vendor_id == VIRTUAL_VENDOR_ID and device.manufacturer == VIRTUAL_MANUFACTURER


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the stream.

    ``kind`` is "failed" (a transfer ended in an error, its code in ``status``), "cut" (the capture kept fewer
    bytes than the transfer had), "gap" or "unplug".
    """

    timestamp_ns: int
    kind: str
    detail: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True)
class LabelSpan:
    """A label from ``start_s`` to ``end_s``, seconds from the first packet.

    A point has both equal; an ``end_s`` of infinity holds to the end of the recording.
    """

    start_s: float
    end_s: float
    label: str
    source: str = "user"


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """The packets of one device, as columns.

    ``timestamps_ns`` int64 (n,), ``endpoints`` uint8 (n,), ``payload`` uint8 (total bytes,), ``offsets``
    int64 (n + 1,): packet i is ``payload[offsets[i]:offsets[i + 1]]``. ``transfer`` is "interrupt" or
    "bulk"; ``link_type`` is the one of the capture that the packets came from (220: usbmon).
    """

    timestamps_ns: NDArray[np.int64]
    endpoints: NDArray[np.uint8]
    payload: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    device: DeviceIdentity = field(default_factory=DeviceIdentity)
    labels: tuple[LabelSpan, ...] = ()
    events: tuple[Event, ...] = ()
    name: str = ""
    transfer: str = "interrupt"
    link_type: int = 220

    def __len__(self) -> int:
        return len(self.timestamps_ns)

    def __repr__(self) -> str:
        sender = f"{self.device.vendor_id:04x}:{self.device.product_id:04x}"
        size = f"{len(self)} packets, {len(self.payload)} bytes, {self.duration_s:.3f} s"
        return f"Recording({self.name!r}, {sender}, {self.transfer}, {size})"

    @classmethod
    def from_packets(
        cls,
        packets: Iterable[Packet],
        device: DeviceIdentity | None = None,
        labels: tuple[LabelSpan, ...] = (),
        name: str = "",
    ) -> Recording:
        """Make the columns from single packets, in the order given."""
        packets = list(packets)
        return cls(
            timestamps_ns=np.array([p.timestamp_ns for p in packets], np.int64),
            endpoints=np.array([p.endpoint for p in packets], np.uint8),
            payload=np.frombuffer(b"".join(p.data for p in packets), np.uint8),
            offsets=np.cumsum([0, *(len(p.data) for p in packets)], dtype=np.int64),
            device=device or DeviceIdentity(),
            labels=labels,
            name=name,
        )

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Bytes in each packet, int64 (n,)."""
        return np.diff(self.offsets)

    @property
    def duration_s(self) -> float:
        """Seconds from the first packet to the last."""
        return float(self.timestamps_ns[-1] - self.timestamps_ns[0]) / 1e9 if len(self) else 0.0

    def reports(self, width: int) -> NDArray[np.uint8]:
        """Return the packets of ``width`` bytes, uint8 (n, width): a view where all are that long."""
        fitting = self.lengths == width
        if width == 0 or not fitting.any():
            return np.empty((0, width), np.uint8)
        if fitting.all():
            return self.payload[self.offsets[0] : self.offsets[-1]].reshape(-1, width)
        rows: NDArray[np.uint8] = np.lib.stride_tricks.sliding_window_view(self.payload, width)
        return np.ascontiguousarray(rows[self.offsets[:-1][fitting]])

    def packets(self) -> Iterator[Packet]:
        """Yield the packets one by one."""
        payload, offsets = self.payload.tobytes(), self.offsets.tolist()
        columns = zip(
            self.timestamps_ns.tolist(), self.endpoints.tolist(), offsets, offsets[1:], strict=False
        )
        for timestamp_ns, endpoint, start, stop in columns:
            yield Packet(timestamp_ns, endpoint, payload[start:stop])

    def slice(self, start: int, stop: int) -> Recording:
        """Return packets ``start`` to ``stop`` (not included) as a recording that shares this one's memory.

        Labels move with the packets: their seconds count from the slice's first packet.
        """
        start, stop, _ = slice(start, stop).indices(len(self))
        stop = max(start, stop)
        timestamps_ns, offsets = self.timestamps_ns[start:stop], self.offsets[start : stop + 1]
        return replace(
            self,
            timestamps_ns=timestamps_ns,
            endpoints=self.endpoints[start:stop],
            payload=self.payload[offsets[0] : offsets[-1]],
            offsets=offsets - offsets[0],
            labels=self._labels_within(start, stop),
            events=tuple(
                e
                for e in self.events
                if len(timestamps_ns) and timestamps_ns[0] <= e.timestamp_ns <= timestamps_ns[-1]
            ),
        )

    def _labels_within(self, start: int, stop: int) -> tuple[LabelSpan, ...]:
        if start == stop:
            return ()
        first_s, last_s = (self.timestamps_ns[[start, stop - 1]] - self.timestamps_ns[0]) / 1e9
        return tuple(
            replace(span, start_s=max(0.0, span.start_s - first_s), end_s=span.end_s - first_s)
            for span in self.labels
            if span.start_s <= last_s and span.end_s >= first_s
        )
