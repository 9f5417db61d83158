"""A bus being recorded: a file for each of its streams, which share the labels."""

from __future__ import annotations

from dataclasses import dataclass, replace

from zerotap.capture.datasets.dataset import Dataset
from zerotap.capture.packet import DeviceIdentity, Event, LabelSpan, Packet
from zerotap.capture.sources.usbmon import UsbmonSource
from zerotap.capture.sources.usbmon_device import Stream, StreamEvent, StreamPacket

from .session import NANOSECONDS, Plan, Recorded, Stopped, Take


@dataclass(frozen=True, slots=True)
class _Sender:
    """One stream as the file of it knows it."""

    source: UsbmonSource
    identity: DeviceIdentity
    transfer: str

    def clock_ns(self) -> int:
        return self.source.clock_ns()


class BusTake(Take):
    """Files named for the label and the stream, "typing-1_4_1"; each is made when its first packet comes.

    Keys label all of them, at the same moments. What the bus lost is a gap in each.
    """

    def __init__(self, source: UsbmonSource, dataset: Dataset, plan: Plan) -> None:
        super().__init__(source, dataset, plan)
        self._bus, self._began_ns = source, source.clock_ns()
        self._takes: dict[Stream, Take] = {}

    def restart(self) -> None:
        """Count the seconds from now."""
        super().restart()
        self._began_ns = self._bus.clock_ns()

    def accept(self, item: Packet | Event | None) -> None:
        """Write a packet or an event to whose file it is, and count it."""
        if isinstance(item, StreamPacket):
            if item.stream not in self._takes:
                self._takes[item.stream] = self._new(item.stream)
            self._takes[item.stream].accept(item)
            self.packets += 1
            self.payload_bytes += len(item.data)
        elif isinstance(item, StreamEvent):
            if item.stream in self._takes:
                self._takes[item.stream].accept(item)
                self.gaps += item.kind == "gap"
                self.failures += item.kind == "failed"
        elif isinstance(item, Event):
            self.gaps += item.kind == "gap"
            for take in self._takes.values():
                take.accept(item)

    def obey(self, keys: str) -> None:
        """Follow the keys typed."""
        since_s = (self._bus.clock_ns() - self._began_ns) / NANOSECONDS
        changed = [self._marks.obey(key, max(0.0, since_s)) for key in keys]
        if any(changed):
            for take in self._takes.values():
                take.relabel()

    def sync(self) -> None:
        """Force what was written to the disk, once a second."""
        for take in self._takes.values():
            take.sync()

    def finish(self, stopped: Stopped, fault: str = "") -> list[Recorded]:
        """Close the files, and say what each came to."""
        if not self._takes:
            return super().finish(stopped, fault)
        return [recorded for take in self._takes.values() for recorded in take.finish(stopped, fault)]

    def _new(self, stream: Stream) -> Take:
        sender = _Sender(self._bus, self._bus.identity_of(stream), stream.transfer)
        return Take(
            sender, self._dataset, replace(self._plan, name=f"{self._name}-{stream}"), self._spans_of_file
        )

    def _spans_of_file(self, first_ns: int) -> list[LabelSpan]:
        """The labels as a file counts them that begins at ``first_ns``, which may be before we looked."""
        began_s = max(0.0, (first_ns - self._began_ns) / NANOSECONDS)
        return [
            replace(span, start_s=max(0.0, span.start_s - began_s), end_s=span.end_s - began_s)
            for span in self._marks.spans()
            if span.end_s - began_s > 0 or span.start_s == span.end_s >= began_s
        ]
