"""The values that leave capture: one packet, and a recording of many as columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Packet:
    """One completed IN transfer.

    ``timestamp_ns`` is nanoseconds since the Unix epoch, ``endpoint`` the address with its direction bit
    (0x81 is endpoint 1 IN), ``data`` the payload without any header.
    """

    timestamp_ns: int
    endpoint: int
    data: bytes


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


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the stream: ``kind`` is "failed", "gap" or "unplug"."""

    timestamp_ns: int
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LabelSpan:
    """A label from ``start_s`` to ``end_s``, seconds from the first packet. A point has both equal."""

    start_s: float
    end_s: float
    label: str
    source: str = "user"


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """The packets of one device, as columns.

    ``timestamps_ns`` int64 (n,), ``endpoints`` uint8 (n,), ``payload`` uint8 (total bytes,), ``offsets`` int64
    (n + 1,): packet i is ``payload[offsets[i]:offsets[i + 1]]``.
    """

    timestamps_ns: NDArray[np.int64]
    endpoints: NDArray[np.uint8]
    payload: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    device: DeviceIdentity = field(default_factory=DeviceIdentity)
    labels: tuple[LabelSpan, ...] = ()
    events: tuple[Event, ...] = ()
    name: str = ""

    def __len__(self) -> int:
        return len(self.timestamps_ns)
