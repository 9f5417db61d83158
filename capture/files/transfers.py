"""Transfers: what every format comes to, as columns, and how they are gathered one by one."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CONTROL = 2
TRANSFER_TYPES = {"interrupt": 1, "bulk": 3}


@dataclass(frozen=True, slots=True, eq=False)
class Transfers:
    """Transfers as columns of n rows, whatever the link type.

    ``keys`` int64: whose they are, see ``StreamKey``. ``kinds`` uint8: USB transfer types. ``completed``
    bool: the device's side of the transfer, not the request. ``status`` int32: 0 is success. ``offsets``,
    ``lengths`` int64: the payload that the file holds. ``full_lengths`` uint32: the transfer's own.
    """

    timestamps_ns: NDArray[np.int64]
    keys: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    completed: NDArray[np.bool_]
    status: NDArray[np.int32]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int64]
    full_lengths: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.timestamps_ns)

    def __getitem__(self, rows: NDArray[np.intp]) -> Transfers:
        return Transfers(*(getattr(self, column.name)[rows] for column in fields(self)))

    def where(self, mask: NDArray[np.bool_]) -> Transfers:
        """Return the rows where ``mask`` holds, without a copy where that is all of them."""
        return self if mask.all() else self[np.flatnonzero(mask)]

    @staticmethod
    def concatenate(parts: Sequence[Transfers]) -> Transfers:
        """Join parts of one file, in the order of the file."""
        if len(parts) == 1:
            return parts[0]
        columns = (np.concatenate([getattr(part, c.name) for part in parts]) for c in fields(Transfers))
        joined = Transfers(*columns)
        return joined[np.argsort(joined.offsets, kind="stable")]


class DeviceKey(NamedTuple):
    """A device of a capture. The same bus and address in captures of two systems are two devices."""

    link_type: int
    bus: int
    address: int


class StreamKey(NamedTuple):
    """Whose a transfer is: its device and the device's endpoint."""

    device: DeviceKey
    endpoint: int

    @classmethod
    def unpack(cls, key: int) -> StreamKey:
        """Read a value of ``Transfers.keys``."""
        return cls(DeviceKey(key >> 40, key >> 24 & 0xFFFF, key >> 8 & 0xFFFF), key & 0xFF)


class TransferBuilder:
    """Gathers completed transfers that no file holds in one piece: their data are a buffer of their own.

    ``link_type`` is the one that the streams say they came from.
    """

    def __init__(self, link_type: int) -> None:
        self.data = bytearray()
        self._link_type = link_type
        self._timestamps_ns, self._keys = array("q"), array("q")
        self._kinds, self._status = array("B"), array("i")
        self._lengths, self._full_lengths = array("q"), array("I")

    def __len__(self) -> int:
        return len(self._keys)

    def add(
        self,
        timestamp_ns: int,
        owner: StreamKey,
        kind: int,
        data: bytes | bytearray,
        status: int = 0,
        full_length: int = 0,
    ) -> None:
        """Append a transfer of USB type ``kind``; a ``full_length`` of more says that it was cut."""
        device, endpoint = owner
        self._timestamps_ns.append(timestamp_ns)
        self._keys.append(self._link_type << 40 | device.bus << 24 | device.address << 8 | endpoint)
        self._kinds.append(kind)
        self._status.append(status)
        self._lengths.append(len(data))
        self._full_lengths.append(max(full_length, len(data)))
        self.data += data

    def transfers(self, start: int) -> Transfers:
        """Return them as columns, their data beginning at byte ``start`` of a buffer."""
        lengths = np.frombuffer(self._lengths, np.int64)
        return Transfers(
            np.frombuffer(self._timestamps_ns, np.int64),
            np.frombuffer(self._keys, np.int64),
            np.frombuffer(self._kinds, np.uint8),
            np.ones(len(lengths), np.bool_),
            np.frombuffer(self._status, np.int32),
            np.cumsum(lengths) - lengths + start,
            lengths,
            np.frombuffer(self._full_lengths, np.uint32),
        )
