"""One recording: a source into a file of a dataset, until someone says stop."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol

from zerotap.capture.datasets.dataset import Dataset
from zerotap.capture.datasets.editing.label_editing import with_label
from zerotap.capture.files.pcap_files.pcapng_writer import PcapngWriter
from zerotap.capture.labels import change_labels, checked_label, labels_path, read_labels
from zerotap.capture.packet import DeviceIdentity, Event, LabelSpan, Packet
from zerotap.capture.signals import Stop
from zerotap.capture.sources.source import Source
from zerotap.errors import CaptureError, ZerotapError

from .label_keys import Marks
from .reader_thread import ReaderThread

TICK_S = 0.05
"""How often keys and the clock are looked at."""
STATUS_S = 0.25
COUNTDOWN_S = 3
RATE_STATUSES = 8
LATEST_PACKETS = 256
NANOSECONDS = 1_000_000_000

STUCK = "The last read of the device never returned: plug it in again before you record it again."

Stopped = Literal["limit", "interrupted", "unplugged", "ended", "failed"]


@dataclass(frozen=True, slots=True)
class Status:
    """How a recording stands: the live line. ``rate_hz``: packets a second over the last two seconds.

    ``plan`` says when it ends by itself. ``latest``: the last packets, at most LATEST_PACKETS.
    """

    packets: int
    payload_bytes: int
    rate_hz: float
    seconds: float
    label: str
    gaps: int
    plan: Plan
    latest: tuple[Packet, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Recorded:
    """What a recording came to.

    ``path`` is None where nothing came and so nothing was kept. ``stopped`` is "limit", "interrupted",
    "unplugged", "ended" (a replay that is over) or "failed", and ``fault`` then says how. ``sensor`` is what
    was measured of a serial port's samples. ``driver_lost`` says that the device is not given back, and how
    it is.
    """

    path: Path | None
    label: str
    packets: int
    payload_bytes: int
    seconds: float
    gaps: int
    failures: int
    stopped: Stopped
    fault: str = ""
    sensor: dict[str, Any] | None = None
    driver_lost: str = ""

    def __repr__(self) -> str:
        """Return one line: where it is, and how much of what."""
        where = f"{str(self.path)!r}, " if self.path else ""
        return f"Recorded({where}{self.label}, {self.packets} packets, {self.seconds:.3f} s, {self.stopped})"

    def __str__(self) -> str:
        return (
            f"{self.path}: {self.packets} packets, {self.payload_bytes} bytes in {self.seconds:.1f} s, "
            f"{self.gaps} gaps, {self.failures} failed transfers, label {self.label}"
        )

    def problem(self) -> str:
        """Say what went wrong, empty where nothing did."""
        return "; ".join(filter(None, (self._recording_problem(), self.driver_lost)))

    def _recording_problem(self) -> str:
        kept = f"{self.packets} packets are kept in {self.path}" if self.path else "nothing came before"
        if self.stopped == "failed":
            return f"{self.fault} ({kept})"
        if self.stopped == "unplugged":
            return f"the device was unplugged; {kept}; plug it in again and record the rest"
        if not self.packets:
            return (
                f"no packets of {self.label} came in {self.seconds:.1f} s, so nothing is kept: "
                "use the device while it is recorded; a serial port sends only what its sketch prints"
            )
        return ""

    def to_json(self) -> dict[str, object]:
        """The report of ``zerotap record --json``."""
        return {
            "path": str(self.path) if self.path else None,
            "label": self.label,
            "packets": self.packets,
            "bytes": self.payload_bytes,
            "seconds": round(self.seconds, 3),
            "gaps": self.gaps,
            "failures": self.failures,
            "stopped": self.stopped,
            "fault": self.fault,
            "driver_lost": self.driver_lost,
            "sensor": self.sensor,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What to record: ``labels`` of which the first counts until a key switches to another.

    It ends after ``seconds`` or ``packets``, where those are given. ``name`` is the file's, by default its
    label. With ``prompt`` each label gets a recording of its own, so long, after a countdown.
    """

    labels: tuple[str, ...]
    name: str = ""
    seconds: float | None = None
    packets: int | None = None
    prompt: bool = False


class Operator:
    """Who watches a recording and may press keys: this one does neither."""

    def keys(self) -> str:
        """Return what was typed since the last call: a digit for that label, space a point, u to undo."""
        return ""

    def show(self, status: Status) -> None:
        """Take note of how the recording stands, four times a second."""

    def announce(self, text: str) -> None:
        """Tell the person what to do next."""


def record(
    source: Source,
    dataset: Dataset,
    plan: Plan,
    operator: Operator | None = None,
    stop: Stop | None = None,
    take_of: Callable[[Dataset, Plan], Take] | None = None,
) -> list[Recorded]:
    """Record an open ``source`` into ``dataset`` as planned, until it is done, ends, or a ``stop``.

    A file is made when its first packet comes, is valid after every one, and is on the disk within a second;
    its labels follow every key at once. ``take_of`` makes what packets are written to, by default one file.
    Raises CaptureError for a blank label and for ``prompt`` without limit, but not for what happens while it
    records: ``Recorded.stopped`` tells, and what came is kept.
    """
    check_plan(plan)
    operator, stop, reader = operator or Operator(), stop or Stop(), ReaderThread(source)
    take_of = take_of or partial(Take, source)
    with stop.held(), reader:
        parts = [replace(plan, labels=(label,)) for label in plan.labels] if plan.prompt else [plan]
        results: list[Recorded] = []
        for part in parts:
            results += _record(reader, take_of(dataset, part), part, operator, stop)
            if results[-1].stopped != "limit":
                break
    if reader.is_stuck:
        operator.announce(STUCK)
    return results


def check_plan(plan: Plan) -> None:
    """Raise CaptureError for no or a blank label, a limit of nothing, and for ``prompt`` without a limit."""
    if not plan.labels:
        raise CaptureError("there is no label: name the class that the recording belongs to")
    for label in plan.labels:
        checked_label(label)
    for limit, unit in ((plan.seconds, "seconds"), (plan.packets, "packets")):
        if limit is not None and limit <= 0:
            raise CaptureError(f"there is nothing to record in {limit} {unit}: give more, or no limit")
    if plan.prompt and plan.seconds is None and plan.packets is None:
        raise CaptureError("prompting for labels needs a limit: say how many seconds or packets of each")


def _record(reader: ReaderThread, take: Take, plan: Plan, operator: Operator, stop: Stop) -> list[Recorded]:
    try:
        if plan.prompt:
            _count_down(reader, take, plan.labels[0], operator, stop)
            if stop.requested:
                return take.finish("interrupted")
        stopped = _pass_on(reader, take, plan, operator, stop)
        for _ in range(reader.waiting()):
            if take.packets != plan.packets:
                take.accept(reader.next(0))
    except (ZerotapError, OSError) as error:
        return take.finish("failed", str(error))
    except BaseException as error:  # a bug, or a signal that nobody handles: what came is kept all the same
        take.finish("failed", str(error))
        raise
    return take.finish(stopped)


def _count_down(reader: ReaderThread, take: Take, label: str, operator: Operator, stop: Stop) -> None:
    """Give the person time; what the device sends meanwhile belongs to no label and is dropped."""
    for seconds in range(COUNTDOWN_S, 0, -1):
        operator.announce(f"{label} in {seconds} s")
        until_s = time.monotonic() + 1
        while not (stop.requested or reader.ended) and time.monotonic() < until_s:
            item = reader.next(TICK_S)
            if isinstance(item, Event):
                take.accept(item)
    operator.announce(f"{label} now")
    take.restart()


def _pass_on(reader: ReaderThread, take: Take, plan: Plan, operator: Operator, stop: Stop) -> Stopped:
    """Move packets from the source to the file; return why it stopped."""
    tick_s = status_s = 0.0
    while not stop.requested:
        take.accept(reader.next(TICK_S))
        if take.packets == plan.packets:
            return "limit"
        if reader.ended:
            return "unplugged" if take.unplugged else "ended"
        if (now_s := take.seconds()) < tick_s:
            continue
        tick_s = now_s + TICK_S
        take.obey(operator.keys())
        take.sync()
        if plan.seconds is not None and now_s >= plan.seconds:
            return "limit"
        if now_s >= status_s:
            status_s = now_s + STATUS_S
            operator.show(take.status())
    return "interrupted"


SpansFrom = Callable[[int], list[LabelSpan]]


class Sender(Protocol):
    """Whose packets a file holds: who that is, and the clock by which labels are set."""

    @property
    def identity(self) -> DeviceIdentity:
        """Who sends."""

    @property
    def transfer(self) -> str:
        """How: "interrupt" or "bulk"."""

    def clock_ns(self) -> int:
        """The time now, in nanoseconds since the Unix epoch."""


class Take:
    """One file. ``spans_from`` gives labels for a file that begins then, where its own keys do not."""

    def __init__(
        self, source: Sender, dataset: Dataset, plan: Plan, spans_from: SpansFrom | None = None
    ) -> None:
        self._source, self._dataset, self._label = source, dataset, plan.labels[0]
        self._plan, self._name = plan, plan.name or self._label
        self._latest: deque[Packet] = deque(maxlen=LATEST_PACKETS)
        self._marks = Marks(self._label, plan.labels)
        self._spans_from = spans_from or (lambda _first_ns: self._marks.spans())
        self._writer: PcapngWriter | None = None
        self._path: Path | None = None
        self._endpoint, self._first_ns, self._last_s = 0, 0, 0.0
        self._early: list[Event] = []
        self._labels: tuple[LabelSpan, ...] = ()
        self._history: deque[tuple[float, int]] = deque([(0.0, 0)], maxlen=RATE_STATUSES)
        self._started_ns = time.monotonic_ns()
        self.packets = self.payload_bytes = self.gaps = self.failures = 0
        self.unplugged = False

    def restart(self) -> None:
        """Count the seconds from now."""
        self._started_ns = time.monotonic_ns()

    def seconds(self) -> float:
        """Seconds since the recording began."""
        return (time.monotonic_ns() - self._started_ns) / NANOSECONDS

    def accept(self, item: Packet | Event | None) -> None:
        """Write a packet or an event, and count it."""
        if isinstance(item, Packet):
            (self._writer or self._create(item)).write(item)
            self._last_s = (item.timestamp_ns - self._first_ns) / NANOSECONDS
            self.packets += 1
            self.payload_bytes += len(item.data)
            self._latest.append(item)
        elif item is not None:
            self.gaps += item.kind == "gap"
            self.failures += item.kind == "failed"
            self.unplugged |= item.kind == "unplug"
            if self._writer:
                self._writer.write_failure(item, self._endpoint)
            else:
                self._early.append(item)

    def obey(self, keys: str) -> None:
        """Follow the keys typed."""
        since_s = (self._source.clock_ns() - self._first_ns) / NANOSECONDS if self._writer else 0.0
        changed = [self._marks.obey(key, max(0.0, since_s)) for key in keys]
        if any(changed):
            self.relabel()

    def relabel(self) -> None:
        """Bring the labels of the file up to date."""
        if self._path and self._path.exists():  # else it was removed while it was recorded
            self._label_as(self._path, self._spans_from(self._first_ns))

    def sync(self) -> None:
        """Force what was written to the disk, once a second."""
        if self._writer:
            self._writer.sync_if_due()

    def status(self) -> Status:
        """Count up the live line."""
        now_s, (then_s, then_packets) = self.seconds(), self._history[0]
        self._history.append((now_s, self.packets))
        rate_hz = (self.packets - then_packets) / max(now_s - then_s, 1e-3)
        return Status(
            *(self.packets, self.payload_bytes, rate_hz, now_s, self._marks.label, self.gaps),
            *(self._plan, tuple(self._latest)),
        )

    def finish(self, stopped: Stopped, fault: str = "") -> list[Recorded]:
        """Close the file, and say what it came to."""
        seconds = self.seconds()
        if self._writer and self._path:
            try:
                with self._writer:
                    self._writer.sync()
                if self._path.exists():  # else it was removed while it was recorded
                    self._settle_labels(self._path)
            except ZerotapError as error:
                stopped, fault = "failed", fault or str(error)
        recorded = Recorded(
            *(self._path, self._label, self.packets, self.payload_bytes, seconds),
            *(self.gaps, self.failures, stopped, fault),
        )
        return [recorded]

    def _settle_labels(self, path: Path) -> None:
        """Leave labels that begin before the last packet, and their classes."""
        spans = [span for span in self._spans_from(self._first_ns) if span.start_s <= self._last_s]
        # A removal may have dropped the class, while no file had it yet.
        self._dataset.manifest = Dataset.open(self._dataset.path).manifest
        self._dataset.add_classes(*(span.label for span in spans))
        self._label_as(path, spans)

    def _create(self, packet: Packet) -> PcapngWriter:
        path = self._dataset.add(self._name, self._label)
        try:
            writer = PcapngWriter(path, self._source.identity, self._source.transfer)
        except CaptureError:
            labels_path(path).unlink()
            raise
        self._writer, self._path = writer, path
        self._endpoint, self._first_ns = packet.endpoint, packet.timestamp_ns
        for event in self._early:
            writer.write_failure(event, packet.endpoint)
        self._labels = read_labels(path)
        self.relabel()
        return writer

    def _label_as(self, path: Path, spans: list[LabelSpan]) -> None:
        """Write the labels; where someone has edited them meanwhile, theirs stay and later marks join."""
        before, self._labels = self._labels, tuple(spans)

        def changed(now: tuple[LabelSpan, ...]) -> tuple[LabelSpan, ...]:
            if now == before:
                return tuple(spans)
            latest_s = max((span.start_s for span in before), default=-1.0)
            for span in spans:
                if span.start_s > latest_s and span not in before:
                    now = with_label(now, span)
            return now

        change_labels(path, changed)
