"""USB 2.0 packets of a bus to transfers: what programs would have seen of them.

Polls without an answer are dropped, data that was sent again counts once (its toggle did not change), and
what nobody acknowledged is left out. The bus has no number on the wire: it is 0.

Sources: draft-ietf-opsawg-pcaplinktype (LINKTYPE_USB_2_0 288, _LOW_SPEED 293, _FULL_SPEED 294, _HIGH_SPEED
295: a packet from its PID to its CRC); USB 2.0, sections 5.3.2 (a short packet ends a transfer) and 8.6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.capture.files.link_frames import Frames
from zerotap.capture.files.transfers import CONTROL, TRANSFER_TYPES, DeviceKey, StreamKey, TransferBuilder

from .control import (
    CLEAR_FEATURE,
    SET_ADDRESS,
    SET_CONFIGURATION,
    SET_INTERFACE,
    ControlPipe,
    Request,
    endpoints_in,
)
from .packets import IN, WRONG, Packets, packets_in
from .transactions import Transaction, transactions, without_naks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

USB_2, LOW_SPEED, FULL_SPEED, HIGH_SPEED = 288, 293, 294, 295
STALLED: Final = -32  # EPIPE, as usbmon has it
MOST_BYTES: Final = 1 << 16
"""Of a transfer whose end nothing tells: no host asks for more at once."""
BULK_POLL_NS: Final = 100_000
"""A host asks a bulk endpoint again and again, an interrupt endpoint at most every 125 us."""
INTERRUPT, BULK = TRANSFER_TYPES["interrupt"], TRANSFER_TYPES["bulk"]
_OF_DESCRIPTOR: Final = (CONTROL, 0, BULK, INTERRUPT)
_PACKET_BYTES: Final = {LOW_SPEED: 8, FULL_SPEED: 64, HIGH_SPEED: 512}
_RESTARTS: Final = (SET_CONFIGURATION, SET_INTERFACE)

Endpoint = tuple[int, int]
"""An address, and an endpoint with its direction bit."""


def assemble(buffer: NDArray[np.uint8], frames: Frames, made: TransferBuilder) -> list[str]:
    """Add the transfers of ``frames`` to ``made``; return what is to be said of those that are left out."""
    wrong = again = 0
    for part in _by_interface(frames):
        packets = packets_in(buffer, part)
        wrong += int((packets.pids == WRONG).sum())
        bus = _Bus(made, frames.link_type, _polled_as_bulk(buffer, packets, frames.link_type))
        for one in transactions(buffer, without_naks(packets)):
            bus.step(one)
        bus.flush()
        again += bus.again
    said = []
    if wrong:
        said.append(f"left out {wrong} USB packets whose identifier, length or checksum (CRC) is wrong")
    if again:
        said.append(f"left out {again} USB packets that were sent again (their data toggle did not change)")
    return said


def _by_interface(frames: Frames) -> Iterator[Frames]:
    order = np.argsort(frames.interfaces, kind="stable")
    changes = np.flatnonzero(np.diff(frames.interfaces[order])) + 1
    for rows in np.split(order, changes):
        columns = (frames.interfaces, frames.timestamps_ns, frames.offsets, frames.lengths)
        yield Frames(frames.link_type, frames.byte_order, *(column[rows] for column in columns))


def _polled_as_bulk(buffer: NDArray[np.uint8], packets: Packets, link_type: int) -> set[Endpoint]:
    """The endpoints that the host asks more often than it asks an interrupt endpoint."""
    if link_type == LOW_SPEED:
        return set()  # has no bulk endpoints
    asked = packets.where(packets.pids == IN)
    fields = buffer[asked.offsets + 1].astype(np.int64) | buffer[asked.offsets + 2].astype(np.int64) << 8
    keys = fields & 0x7FF
    found = set()
    for key in np.flatnonzero(np.bincount(keys, minlength=1)).tolist():
        times_ns = asked.timestamps_ns[keys == key]
        if len(times_ns) > 1 and np.median(np.diff(times_ns)) < BULK_POLL_NS:
            found.add((key & 0x7F, 0x80 | key >> 7))
    return found


class _Bus:
    """Puts the transactions of one bus together, endpoint by endpoint."""

    def __init__(self, made: TransferBuilder, link_type: int, polled: set[Endpoint]) -> None:
        self.again = 0
        self._made, self._link_type, self._polled = made, link_type, polled
        self._pipes: dict[int, ControlPipe] = {}
        self._toggles: dict[Endpoint, int] = {}
        self._described: dict[Endpoint, tuple[int, int]] = {}  # transfer type, packet size
        self._begun: dict[Endpoint, tuple[int, bytearray]] = {}

    def step(self, one: Transaction) -> None:
        """Take the next transaction."""
        where = one.address, one.endpoint | (0x80 if one.token == IN else 0)
        if one.endpoint == 0:
            request = self._pipes.setdefault(one.address, ControlPipe()).step(one)
            if request:
                self._request(one, request)
        elif not one.toggle:
            self._flush(where)
            self._add(one.timestamp_ns, where, self._kind(one, where), b"", STALLED)
        elif self._toggles.get(where) == one.toggle:
            self.again += 1
        else:
            self._toggles[where] = one.toggle
            self._data(one, where)

    def flush(self) -> None:
        """Add what has not ended."""
        for where in list(self._begun):
            self._flush(where)

    def _data(self, one: Transaction, where: Endpoint) -> None:
        kind = self._kind(one, where)
        if kind != BULK:
            self._add(one.timestamp_ns, where, kind, one.data)
            return
        _, content = self._begun.get(where, (0, bytearray()))
        content += one.data
        self._begun[where] = one.timestamp_ns, content
        if len(one.data) < self._packet_bytes(one, where) or len(content) >= MOST_BYTES:
            self._flush(where)

    def _flush(self, where: Endpoint) -> None:
        timestamp_ns, content = self._begun.pop(where, (0, bytearray()))
        if content:
            self._add(timestamp_ns, where, BULK, content)

    def _kind(self, one: Transaction, where: Endpoint) -> int:
        if where in self._described:
            return self._described[where][0]
        if one.split_type >= 0:
            return _OF_DESCRIPTOR[one.split_type]
        is_bulk = (where[0], where[1] | 0x80) in self._polled
        return BULK if is_bulk else INTERRUPT

    def _packet_bytes(self, one: Transaction, where: Endpoint) -> int:
        """How long a packet is that does not end a transfer."""
        if where in self._described:
            return self._described[where][1]
        return _PACKET_BYTES.get(self._link_type) or (512 if len(one.data) > 64 else 64)

    def _request(self, one: Transaction, request: Request) -> None:
        endpoint = 0x80 if request.is_in else 0
        self._add(one.timestamp_ns, (one.address, endpoint), CONTROL, request.data)
        if request.standard == SET_ADDRESS:
            self._restart(request.field(2) & 0x7F)
        elif request.standard in _RESTARTS:
            self._restart(one.address)
        elif request.standard == CLEAR_FEATURE and request.setup[0] & 0x1F == 2:
            self._toggles.pop((one.address, request.field(4) & 0xFF), None)
        for address, kind, size in endpoints_in(request):
            self._described[one.address, address] = _OF_DESCRIPTOR[kind], size

    def _restart(self, address: int) -> None:
        """Every endpoint of the device begins anew, with DATA0."""
        self._toggles = {where: toggle for where, toggle in self._toggles.items() if where[0] != address}

    def _add(
        self, timestamp_ns: int, where: Endpoint, kind: int, data: bytes | bytearray, status: int = 0
    ) -> None:
        address, endpoint = where
        owner = StreamKey(DeviceKey(self._link_type, 0, address), endpoint)
        self._made.add(timestamp_ns, owner, kind, data, status)
