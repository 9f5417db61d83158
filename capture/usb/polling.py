"""The read loop: a pyusb endpoint -> packets and what went wrong -> a writer."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import usb.core
import usb.util

from zerotap.capture.packet import Event, Packet
from zerotap.errors import CaptureError

from .devices import describe, explain, is_listed
from .opening import Reader, Tap, is_bulk
from .statuses import LATE, UNPLUGGED, kind_of, status_of

TIMEOUT_MS = 250
"""A reader that is to stop sees it only between reads."""
LATE_S = 1.0
"""The loop comes round every 250 ms; after longer than this the host slept and the stream has a gap."""
FAULTS_IN_A_ROW = 20
PAUSE_S = 0.05
"""Between two reads that fail: a kernel that is losing the device needs a moment to say so."""


# An interrupt packet is stamped by itself. Bulk streams at 1.2 MB/s want several packets a read; 16 fill
# within a millisecond then, and a slower sender ends a read with its own short packets.
_BULK_PACKETS_A_READ = 16

Clock = Callable[[], int]


class Writer(Protocol):
    """What takes packets."""

    def write(self, packet: Packet) -> None:
        """Store one packet."""


def clock_of(device: usb.core.Device) -> Clock:
    """The clock that stamps packets of ``device``: nanoseconds since the Unix epoch, never running backwards.

    A virtual device's backend brings its own (``clock_ns``). A real one is stamped by the host's monotonic
    clock, on Linux the one that goes on while the machine sleeps, set to wall-clock time once, here.
    """
    return _own_clock(device) or host_clock()


def _own_clock(device: usb.core.Device) -> Clock | None:
    own: Clock | None = getattr(device.backend, "clock_ns", None)
    return own


def host_clock() -> Clock:
    """A monotonic clock in nanoseconds since the Unix epoch, set by the wall clock now and never again."""
    epoch_ns = time.time_ns() - _uptime_ns()
    return lambda: epoch_ns + _uptime_ns()


def read_packets(tap: Tap) -> Reader:
    """Yield each packet as it arrives, and None where none came for ``TIMEOUT_MS``.

    A read that fails, an overflow and a time in which nobody read are yielded as events, the latter not of a
    device that waits, as virtual ones do; transfers of length zero are no packets. It ends after the event
    "unplug" and else never; the caller decides when to stop.
    Raises CaptureError when reads go on failing.
    """
    reader = _read(tap.endpoint)
    tap.readers.append(reader)
    return reader


def _read(endpoint: usb.core.Endpoint) -> Reader:
    now_ns = clock_of(endpoint.device)
    address, read = endpoint.bEndpointAddress, endpoint.read
    waits = _own_clock(endpoint.device) is not None  # its time stands still while nobody reads
    buffer = usb.util.create_buffer(_buffer_bytes(endpoint))
    faults, last_ns = 0, _uptime_ns()
    while True:
        late_s, last_ns = (_uptime_ns() - last_ns) / 1e9, _uptime_ns()
        if late_s > LATE_S and not waits:
            yield Event(now_ns(), "gap", f"nobody read for {late_s:.1f} s", LATE)
        try:
            length = read(buffer, TIMEOUT_MS)
            faults = 0
            if length:
                yield Packet(now_ns(), address, buffer[:length].tobytes())
        except usb.core.USBTimeoutError:
            faults = 0
            yield None
        except usb.core.USBError as error:
            faults += 1
            event = _fault(endpoint, error, now_ns(), faults)
            yield event
            if event.kind == "unplug":
                return
            time.sleep(PAUSE_S)


def record_until_idle(tap: Tap, writer: Writer) -> int:
    """Write packets until none comes for ``TIMEOUT_MS``, and return how many there were.

    Raises CaptureError where the device fails or is unplugged.
    """
    count = 0
    for packet in read_packets(tap):
        if packet is None:
            break
        if isinstance(packet, Event):
            raise CaptureError(f"USB device {describe(tap.endpoint.device)} stopped: {packet.detail}")
        writer.write(packet)
        count += 1
    return count


def _fault(endpoint: usb.core.Endpoint, error: usb.core.USBError, now_ns: int, faults: int) -> Event:
    """Say what a failed read means; raise CaptureError once ``faults`` in a row are too many."""
    device, number = endpoint.device, error.errno or errno.EIO
    if number == errno.ENODEV or (number == errno.EIO and not is_listed(device)):
        return Event(now_ns, kind_of(UNPLUGGED), "the device was unplugged", UNPLUGGED)
    if faults >= FAULTS_IN_A_ROW:
        raise CaptureError(f"USB device {describe(device)} stopped: {explain(error)}") from error
    if number == errno.EPIPE:
        with suppress(usb.core.USBError):
            endpoint.clear_halt()
    status = status_of(number)
    return Event(now_ns, kind_of(status), str(error), status)


def _uptime_ns() -> int:
    """Nanoseconds on a clock that never runs backwards, and on Linux goes on while the machine sleeps."""
    return time.clock_gettime_ns(_UPTIME) if _UPTIME is not None else time.monotonic_ns()


_UPTIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)


def _buffer_bytes(endpoint: usb.core.Endpoint) -> int:
    """Whole packets only: a buffer that ends inside one loses its data (EOVERFLOW)."""
    packet_bytes = int(endpoint.wMaxPacketSize & 0x7FF)
    return packet_bytes * (_BULK_PACKETS_A_READ if is_bulk(endpoint) else 1)
