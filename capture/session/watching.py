"""Watching: packets as rows of bytes, with those marked that changed; nothing is written anywhere."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.boot_reports import BOOT_REPORT_BYTES, is_keyboard
from zerotap.capture.packet import Event, Packet
from zerotap.capture.signals import Stop
from zerotap.capture.sources.serial_port import SerialSource
from zerotap.capture.sources.source import Source, opened
from zerotap.capture.sources.usb import UsbSource
from zerotap.errors import CaptureError

from .reader_thread import ReaderThread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture.packet import Recording

TICK_S = 0.05
RATE_PACKETS = 64
_SPARSE_BITS, _IDLE_SHARE = 4.0, 0.2
"""Keys are bits that few of are set, in reports of which many say that none is."""


@dataclass(slots=True)
class Row:
    """The latest packet of a stream and length; ``changed`` bool (length,): against the one before it.

    ``count`` packets came, ``times_ns`` are those of the latest. ``changes_ns``: when each byte last changed.
    """

    data: bytes = b""
    count: int = 0
    changed: tuple[bool, ...] = ()
    changes_ns: list[int] = field(default_factory=list)
    times_ns: deque[int] = field(default_factory=lambda: deque(maxlen=RATE_PACKETS))

    def take(self, packet: Packet) -> None:
        """Compare a packet, of the same length as the others, with the last."""
        before = self.data if self.count else packet.data
        self.changed = tuple(a != b for a, b in zip(before, packet.data, strict=True))
        self.changes_ns = self.changes_ns or [-1] * len(packet.data)
        for place, is_new in enumerate(self.changed):
            if is_new:
                self.changes_ns[place] = packet.timestamp_ns
        self.data, self.count = packet.data, self.count + 1
        self.times_ns.append(packet.timestamp_ns)

    @property
    def rate_hz(self) -> float:
        """Packets a second, over the latest; 0 of a single one."""
        lasts_ns = self.times_ns[-1] - self.times_ns[0]
        return (len(self.times_ns) - 1) * 1e9 / lasts_ns if lasts_ns > 0 else 0.0

    def recent(self, within_ns: int) -> tuple[bool, ...]:
        """Which bytes changed in the ``within_ns`` before the latest packet."""
        latest_ns = self.times_ns[-1]
        return tuple(at_ns >= 0 and latest_ns - at_ns <= within_ns for at_ns in self.changes_ns)


class Viewer:
    """Who watches: told of each packet, and twenty times a second that time passes."""

    def take(self, stream: str, packet: Packet) -> None:
        """Take note of a packet of ``stream``."""

    def note(self, event: Event) -> None:
        """Take note of what went wrong: a transfer that failed, a gap."""

    def tick(self) -> None:
        """Bring the view up to date."""


def watch_source(source: Source, viewer: Viewer, stop: Stop, seconds: float | None = None) -> None:
    """Show what ``source`` sends until a ``stop``, its end or ``seconds``; it is opened, and given back.

    Raises CaptureError as opening and reading do, and where the device was unplugged.
    """
    began_s = time.monotonic()
    with stop.held(), opened(source), ReaderThread(source) as reader:
        while not (stop.requested or reader.ended):
            item = reader.next(TICK_S)
            if isinstance(item, Packet):
                viewer.take(f"{item.endpoint:#04x}", item)
            elif isinstance(item, Event):
                _take_event(item, viewer)
            viewer.tick()
            if seconds is not None and time.monotonic() - began_s >= seconds:
                break


def _take_event(event: Event, viewer: Viewer) -> None:
    if event.kind == "unplug":
        raise CaptureError("the device was unplugged: plug it in and begin again")
    viewer.note(event)


def watch_recordings(
    recordings: Sequence[Recording], viewer: Viewer, stop: Stop, *, paced: bool, seconds: float | None = None
) -> None:
    """Show recordings, in order of time: ``paced`` as they came, or else at once.

    ``seconds`` of their own time.
    """
    packets = ((p.timestamp_ns, r.name, p) for r in recordings for p in r.packets())
    first_ns, began_ns = -1, time.monotonic_ns()
    with stop.held():
        for timestamp_ns, name, packet in sorted(packets, key=itemgetter(0)):
            first_ns = timestamp_ns if first_ns < 0 else first_ns
            since_ns = timestamp_ns - first_ns
            if seconds is not None and since_ns > seconds * 1e9:
                break
            while paced and not stop.requested and (wait_ns := began_ns + since_ns - time.monotonic_ns()) > 0:
                time.sleep(min(wait_ns / 1e9, TICK_S))
                viewer.tick()
            if stop.requested:
                break
            viewer.take(name, packet)
            viewer.tick()


def types_text(source: Source) -> bool:
    """Whether what a source sends may be what a person types; of sources that cannot say, it may."""
    if isinstance(source, SerialSource):
        return False
    return source.is_keyboard() if isinstance(source, UsbSource) else True


def holds_text(recording: Recording) -> bool:
    """Whether packets may be what a person typed: boot reports, behind an id too, or bits, few of them set.

    Sooner too often than too seldom: typed text is private.
    """
    if recording.transfer == "bulk":
        return False
    return any(_is_typed(recording.reports(width)) for width in np.unique(recording.lengths).tolist())


def _is_typed(reports: NDArray[np.uint8]) -> bool:
    width = reports.shape[1]
    if any(is_keyboard(part) for part in _boot_parts(reports)):
        return True
    idle, count = Counter(row.tobytes() for row in reports).most_common(1)[0]
    differing: NDArray[np.uint8] = np.bitwise_xor(reports, np.frombuffer(idle, np.uint8))
    bits = np.unpackbits(differing, axis=1).sum(axis=1)
    is_sparse = bits.max() > 0 and bits.mean() <= _SPARSE_BITS and count >= _IDLE_SHARE * len(reports)
    return bool(width >= BOOT_REPORT_BYTES - 1 and is_sparse)


def _boot_parts(reports: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """The places in a report that a boot report may be at: first, or behind an id."""
    for at in (0, 1):
        if reports.shape[1] >= at + BOOT_REPORT_BYTES:
            yield reports[:, at : at + BOOT_REPORT_BYTES]


def hexadecimal(data: bytes, changed: Sequence[bool], hidden: bool) -> str:
    """Return bytes in hexadecimal, those that changed in brackets; dots in place of what is ``hidden``."""
    shown = (".." if hidden else f"{byte:02x}" for byte in data)
    cells = (f"[{text}]" if is_new else f" {text} " for text, is_new in zip(shown, changed, strict=True))
    return "".join(chain(cells)).rstrip()
