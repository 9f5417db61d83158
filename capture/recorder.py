"""The read loop: a pyusb endpoint -> packets -> a writer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Protocol

import usb.core
import usb.util

from zerotap.capture.devices import describe, explain
from zerotap.capture.packet import Packet
from zerotap.capture.tap import Tap
from zerotap.errors import CaptureError

TIMEOUT_MS = 250
"""A signal (Ctrl-C) is seen only between reads."""

_BULK_PACKETS_A_READ = 64

Clock = Callable[[], int]


class Writer(Protocol):
    """What takes packets."""

    def write(self, packet: Packet) -> None:
        """Store one packet."""


def clock_of(device: usb.core.Device) -> Clock:
    """The clock that stamps packets of ``device``: nanoseconds since the Unix epoch, never running backwards.

    A virtual device's backend brings its own simulated one (``clock_ns``).
    """
    simulated: Clock | None = getattr(device.backend, "clock_ns", None)
    if simulated is not None:
        return simulated
    epoch_ns = time.time_ns() - time.monotonic_ns()
    return lambda: epoch_ns + time.monotonic_ns()


def read_packets(tap: Tap) -> Iterator[Packet | None]:
    """Yield each packet as it arrives, and None where none came for ``TIMEOUT_MS``.

    It never ends by itself; the caller decides when to stop. Transfers of length zero are no packets. Raises
    CaptureError when the device fails or is unplugged.
    """
    endpoint = tap.endpoint
    now_ns = clock_of(endpoint.device)
    address = endpoint.bEndpointAddress
    buffer = usb.util.create_buffer(_buffer_bytes(endpoint))
    while True:
        try:
            length = endpoint.read(buffer, TIMEOUT_MS)
        except usb.core.USBTimeoutError:
            yield None
            continue
        except usb.core.USBError as error:
            raise CaptureError(f"USB device {describe(endpoint.device)} stopped: {explain(error)}") from error
        if length:
            yield Packet(now_ns(), address, buffer[:length].tobytes())


def record_until_idle(tap: Tap, writer: Writer) -> int:
    """Write packets until none comes for ``TIMEOUT_MS``, and return how many there were."""
    count = 0
    for packet in read_packets(tap):
        if packet is None:
            break
        writer.write(packet)
        count += 1
    return count


def _buffer_bytes(endpoint: usb.core.Endpoint) -> int:
    """Whole packets only: a buffer that ends inside one loses its data (EOVERFLOW)."""
    packet_bytes = int(endpoint.wMaxPacketSize & 0x7FF)
    is_bulk = usb.util.endpoint_type(endpoint.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK
    return packet_bytes * (_BULK_PACKETS_A_READ if is_bulk else 1)
