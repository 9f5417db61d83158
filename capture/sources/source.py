"""What every source of packets is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from zerotap.capture.packet import DeviceIdentity, Event, Packet
from zerotap.capture.usb.giving_back import ending_with


class Source(Protocol):
    """Opened, read and closed once, in that order; ``close`` may come at any time and more than once.

    ``identity``, ``transfer`` ("interrupt" or "bulk") and ``descriptors`` (by name, in hexadecimal; those
    that are known) hold from ``open`` on. ``synthetic``: the packets do not come from a person at a real
    device, just now.
    """

    identity: DeviceIdentity
    descriptors: dict[str, str]
    transfer: str
    synthetic: bool

    def open(self) -> None:
        """Get ready to send; raise CaptureError where that cannot be."""

    def packets(self) -> Iterator[Packet | Event | None]:
        """Yield packets as they come, events for what went wrong, and None where 250 ms brought nothing.

        May be read in another thread than ``open`` and ``close``. Ends where the source does, after an event
        "unplug" where it was pulled out. Raises CaptureError when the source fails for good.
        """

    def clock_ns(self) -> int:
        """The time now on the clock that stamps the packets, in nanoseconds since the Unix epoch."""

    def close(self) -> None:
        """Give back what ``open`` took; raise DriverLostError where that cannot be."""


_S = TypeVar("_S", bound=Source)


@contextmanager
def opened(source: _S) -> Iterator[_S]:
    """Open a source for the length of a block, and close it on every way out.

    Raises DriverLostError where the system does not get its driver back.
    """
    with ending_with(source.close):
        source.open()
        yield source
