"""Control transfers of one device: setup, data and status put together, and what they change.

Source: USB 2.0, sections 8.5.3 (control transfers), 9.3 (setup data), 9.4 (requests), 9.6.6 (endpoints).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from .packets import DATA0, DATA1, IN, SETUP

if TYPE_CHECKING:
    from .transactions import Transaction

SETUP_BYTES: Final = 8
CLEAR_FEATURE, SET_ADDRESS, SET_CONFIGURATION, SET_INTERFACE = 1, 5, 9, 11
CONFIGURATION, ENDPOINT = 2, 5


class Request(NamedTuple):
    """A control transfer that ended well: the eight bytes of its setup, and its data."""

    setup: bytes
    data: bytes

    @property
    def is_in(self) -> bool:
        """Whether the device sent the data."""
        return bool(self.setup[0] & 0x80)

    @property
    def standard(self) -> int:
        """The number of a standard request, -1 of others."""
        return self.setup[1] if self.setup[0] & 0x60 == 0 else -1

    def field(self, at: int) -> int:
        """wValue at 2, wIndex at 4, wLength at 6."""
        return int.from_bytes(self.setup[at : at + 2], "little")


class ControlPipe:
    """Endpoint 0 of one address."""

    def __init__(self) -> None:
        self._setup, self._data, self._toggle = b"", bytearray(), 0

    def step(self, one: Transaction) -> Request | None:
        """Take a transaction; return the request that it ends."""
        if one.token == SETUP:
            self._setup = one.data if one.toggle == DATA0 and len(one.data) == SETUP_BYTES else b""
            self._data, self._toggle = bytearray(), DATA0
            return None
        if not self._setup or not one.toggle:
            self._setup = b""
            return None
        request = Request(self._setup, bytes(self._data))
        if (one.token == IN) == request.is_in and request.field(6):
            self._append(one, request.field(6))
            return None
        self._setup = b""
        return request if one.toggle == DATA1 and not one.data else None

    def _append(self, one: Transaction, most: int) -> None:
        if one.toggle == self._toggle:
            return  # sent again, because its acknowledgement was lost
        self._toggle = one.toggle
        self._data += one.data[: most - len(self._data)]


def endpoints_in(request: Request) -> Iterator[tuple[int, int, int]]:
    """Yield the address, transfer type (0 to 3 as descriptors have it) and packet size of each endpoint of a
    configuration descriptor that was asked for."""
    data, at = request.data, 0
    if not request.is_in or data[1:2] != bytes([CONFIGURATION]):
        return
    while at + 2 <= len(data) and data[at] >= 2:
        if data[at + 1] == ENDPOINT and at + 6 <= len(data):
            size = int.from_bytes(data[at + 4 : at + 6], "little") & 0x07FF
            yield data[at + 2], data[at + 3] & 3, size
        at += data[at]
