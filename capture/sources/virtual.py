"""Virtual devices: a keyboard that is typed on, a sensor behind a serial port, and a fast HID device."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from itertools import accumulate
from math import ceil, pi, sin
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.sensors.binary_frames import encode_frames
from zerotap.capture.usb.cdc import CONTROL_ACM, DATA_CLASS
from zerotap.capture.usb.devices import BOOT_KEYBOARD

from .backend import Clock, Endpoint, Interface, VirtualDevice
from .movements import ONE_G
from .typist import TimedReport, Typist

if TYPE_CHECKING:
    from array import array

    from numpy.typing import NDArray

PRODUCT_ID = 0x0001
NANOSECONDS = 1_000_000_000
FRAME_NS = 1_000_000
FRAMES_A_SECOND = 1000
SAMPLES = 256

_HID_DESCRIPTOR = bytes.fromhex("092111010001223f00")
_SET_IDLE, _SET_PROTOCOL = 0x0A, 0x0B
_SET_LINE_CODING, _SET_CONTROL_LINE_STATE = 0x20, 0x22


class VirtualKeyboard(VirtualDevice):
    """A boot keyboard: interface class 3/1/1, interrupt IN 0x81, boot reports of 8 bytes.

    ``play`` queues reports; each comes at its time. In simulated time a read returns it at once.
    """

    product_id = PRODUCT_ID
    product = "Virtual boot keyboard"
    interfaces = (Interface(BOOT_KEYBOARD, _HID_DESCRIPTOR, (Endpoint(0x81, 3, 8),)),)
    class_requests = frozenset({_SET_IDLE, _SET_PROTOCOL})

    def __init__(self, driver_attached: bool = True, clock: Clock | None = None) -> None:
        super().__init__(clock, driver_attached)
        self._script: deque[TimedReport] = deque()

    def play(self, reports: Iterable[TimedReport]) -> None:
        """Queue the reports, their times counted from now."""
        now_ns = self.clock_ns()
        self._script.extend(TimedReport(now_ns + offset_ns, data) for offset_ns, data in reports)

    def due_ns(self) -> int | None:
        """When the next report comes."""
        return self._script[0].offset_ns if self._script else None

    def take(self, _most_bytes: int) -> bytes:
        """Return the next report."""
        return self._script.popleft().data


class TypedKeyboard(VirtualKeyboard):
    """A keyboard on which the typist goes on typing ``text``."""

    def __init__(self, text: str, clock: Clock | None = None) -> None:
        super().__init__(clock=clock)
        self._text, self._times = text, 0

    def due_ns(self) -> int | None:
        """When the next report comes."""
        if not self._script:
            self.play(Typist().type(self._text, self._times))
            self._times += 1
        return super().due_ns()


class VirtualReports(VirtualDevice):
    """A HID device of no known kind that sends ``rate_hz`` reports of 64 bytes a second on interrupt IN 0x81.

    A report begins with its number, an unsigned 32-bit integer in little endian; the rest repeats its lowest
    byte. None is ever lost here: one that was not read in time waits.
    """

    product_id = 0x0002
    product = "Virtual reports"
    interfaces = (Interface((3, 0, 0), _HID_DESCRIPTOR, (Endpoint(0x81, 3, 64),)),)
    class_requests = frozenset({_SET_IDLE})

    def __init__(self, rate_hz: float, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self._period_ns = NANOSECONDS / rate_hz
        self._count, self._start_ns = 0, self.clock_ns()

    def due_ns(self) -> int:
        """When the next report comes."""
        return self._start_ns + int((self._count + 1) * self._period_ns)

    def take(self, _most_bytes: int) -> bytes:
        """Return the next report."""
        report = struct.pack("<I", self._count) + bytes((self._count & 0xFF,)) * 60
        self._count += 1
        return report


class VirtualSensor(VirtualDevice):
    """A serial port (CDC-ACM) behind which a board sends ``rate_hz`` samples a second, 64 bytes a packet.

    It is silent until DTR is raised, and then sends every millisecond what it sampled meanwhile. ``samples``
    are the bytes of one sample each, sent over and over.
    """

    product_id = 0x0003
    product = "Virtual sensor"
    interfaces = (
        Interface(
            (*CONTROL_ACM, 0),
            bytes.fromhex("0524001001 04240206 0524060001"),
            (Endpoint(0x82, 3, 8),),
        ),
        Interface((DATA_CLASS, 0, 0), b"", (Endpoint(0x83, 2, 64),)),
    )
    class_requests = frozenset({_SET_LINE_CODING, _SET_CONTROL_LINE_STATE})

    def __init__(self, rate_hz: float, samples: list[bytes], clock: Clock | None = None) -> None:
        super().__init__(clock)
        self._cycle, self._rate_hz = b"".join(samples), rate_hz
        self._ends = list(accumulate(map(len, samples)))
        self._sent_bytes = 0
        self._start_ns: int | None = None

    def ctrl_transfer(
        self,
        handle: str,
        request_type: int,
        request: int,
        value: int,
        index: int,
        data: array[int],
        timeout: int,
    ) -> int:
        """Start to send where DTR is raised; else answer as any device."""
        length = super().ctrl_transfer(handle, request_type, request, value, index, data, timeout)
        if request == _SET_CONTROL_LINE_STATE:
            self._sent_bytes, self._start_ns = 0, self.clock_ns() if value & 1 else None
        return length

    def due_ns(self) -> int | None:
        """When the sample is sent that holds the next byte."""
        if self._start_ns is None:
            return None
        cycles, within = divmod(self._sent_bytes, len(self._cycle))
        sample = cycles * len(self._ends) + bisect_right(self._ends, within)
        return self._start_ns + ceil((sample + 1) / self._rate_hz * FRAMES_A_SECOND) * FRAME_NS

    def take(self, most_bytes: int) -> bytes:
        """Return what was sampled and not yet sent, at most ``most_bytes``."""
        at = self._sent_bytes % len(self._cycle)
        length = min(most_bytes, self._sampled_bytes() - self._sent_bytes)
        self._sent_bytes += length
        sent = self._cycle[at : at + length]
        while len(sent) < length:
            sent += self._cycle[: length - len(sent)]
        return sent

    def _sampled_bytes(self) -> int:
        elapsed_ns = self.clock_ns() - (self._start_ns or 0)
        cycles, samples = divmod(int(elapsed_ns / NANOSECONDS * self._rate_hz + 1e-6), len(self._ends))
        return cycles * len(self._cycle) + (self._ends[samples - 1] if samples else 0)


def binary_samples() -> list[bytes]:
    """Return 256 binary frames of a sensor with three channels: sine, saw, square."""
    numbers = np.arange(SAMPLES)
    waves = (8000 * np.sin(numbers * np.pi / 128), numbers * 64 - 8192, np.where(numbers & 32, 4096, -4096))
    return framed(np.stack(waves, 1).astype(np.int16))


def text_samples() -> list[bytes]:
    """Return 256 lines of two numbers: a sine and a saw."""
    return [f"{1000 * sin(n * pi / 128):.1f},{n}\r\n".encode() for n in range(SAMPLES)]


def framed(samples: NDArray[np.int16]) -> list[bytes]:
    """Return a binary frame for each of samples (n, channels); n whole multiples of 256 can be repeated."""
    sent = encode_frames(samples)
    length = len(sent) // len(samples)
    return [sent[at : at + length] for at in range(0, len(sent), length)]


def as_lines(samples: NDArray[np.int16]) -> list[bytes]:
    """Return a line for each of samples int16 (n, channels), in g with three decimals, tabs between."""
    values = (samples / ONE_G).tolist()
    return ["{}\r\n".format("\t".join(f"{value:.3f}" for value in row)).encode() for row in values]
