"""Transactions: a token, what was sent, and the handshake that says whether it arrived.

Source: USB 2.0, sections 8.5 (transaction formats), 8.4.2 and 11.17 (split transactions of hubs).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .packets import (
    ACK,
    DATAS,
    IN,
    NAK,
    NYET,
    OUT,
    PING,
    PRE,
    SOF,
    SPLIT,
    STALL,
    TOKENS,
    WRONG,
    Packets,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Transaction(NamedTuple):
    """One that ended: data that arrived, or (``toggle`` 0) a stall.

    ``token`` is IN, OUT or SETUP, ``toggle`` the identifier of the data packet, ``split_type`` the transfer
    type that a hub was told (0 control, 1 isochronous, 2 bulk, 3 interrupt), -1 without one.
    """

    timestamp_ns: int
    token: int
    address: int
    endpoint: int
    toggle: int
    data: bytes
    split_type: int = -1


class _Data(NamedTuple):
    toggle: int
    content: bytes


def without_naks(packets: Packets) -> Packets:
    """Leave out starts of frames, and polls that the device had nothing for: most of a capture."""
    packets = packets.where(~np.isin(packets.pids, (SOF, PRE)))
    pids = packets.pids
    is_poll = np.zeros(len(pids), np.bool_)
    is_poll[:-1] = np.isin(pids[:-1], (IN, PING)) & np.isin(pids[1:], (NAK,))
    dropped = is_poll.copy()
    dropped[1:] |= is_poll[:-1]
    dropped[:-1] |= is_poll[1:] & (pids[:-1] == SPLIT)
    return packets.where(~dropped)


def transactions(buffer: NDArray[np.uint8], packets: Packets) -> Iterator[Transaction]:
    """Yield what arrived, in order; isochronous data, which nobody acknowledges, are left out."""
    machine = _Machine(buffer.data)
    for pid, timestamp_ns, offset, length in zip(*(column.tolist() for column in packets), strict=True):
        if done := machine.step(pid, timestamp_ns, offset, length):
            yield done


class _Machine:
    """Follows one bus, packet by packet."""

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self._token: tuple[int, int, int] | None = None
        self._data: _Data | None = None
        self._split: tuple[bool, int] | None = None  # is it the completion, and the transfer type
        self._splits_next = False
        self._sent: dict[tuple[int, int, int], _Data] = {}  # to a hub, for a slower device

    def step(self, pid: int, timestamp_ns: int, offset: int, length: int) -> Transaction | None:
        """Take a packet; return the transaction that it ends."""
        if pid in TOKENS:
            self._begin(pid, offset)
        elif pid in DATAS:
            return self._take(pid, timestamp_ns, bytes(self._view[offset + 1 : offset + length - 2]))
        elif pid == SPLIT:
            self._end()
            self._split = bool(self._view[offset + 1] & 0x80), self._view[offset + 3] >> 1 & 3
            self._splits_next = True
        else:
            done = self._handshake(pid, timestamp_ns)
            self._end()
            return done
        return None

    def _begin(self, pid: int, offset: int) -> None:
        if not self._splits_next:
            self._split = None
        field = self._view[offset + 1] | self._view[offset + 2] << 8
        self._token, self._data, self._splits_next = (pid, field & 0x7F, field >> 7 & 0x0F), None, False

    def _end(self) -> None:
        self._token = self._data = self._split = None
        self._splits_next = False

    def _take(self, pid: int, timestamp_ns: int, content: bytes) -> Transaction | None:
        if self._token is None or self._data is not None:
            self._end()
            return None
        self._data = _Data(pid, content)
        if self._token[0] != IN:
            if self._split and not self._split[0]:
                self._sent[self._token] = self._data
            return None
        # A hub has acknowledged a slower device's data already: the host does not, again.
        is_final = self._split is not None and self._split[0]
        return self._done(timestamp_ns, self._token, self._data) if is_final else None

    def _handshake(self, pid: int, timestamp_ns: int) -> Transaction | None:
        token, data = self._token, self._data
        if token is None or pid in (NAK, WRONG) or token[0] == PING:
            return None
        if pid == STALL:
            return self._done(timestamp_ns, token, _Data(0, b""))
        if self._split is not None:
            is_sent = pid == ACK and self._split[0] and token[0] != IN
            sent = self._sent.pop(token, None) if is_sent else None
            return self._done(timestamp_ns, token, sent) if sent else None
        arrived = data is not None and (pid == ACK or (pid == NYET and token[0] == OUT))
        return self._done(timestamp_ns, token, data) if arrived and data else None

    def _done(self, timestamp_ns: int, token: tuple[int, int, int], data: _Data) -> Transaction:
        split_type = self._split[1] if self._split else -1
        return Transaction(timestamp_ns, *token, *data, split_type)
