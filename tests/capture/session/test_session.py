"""A recording session: files, labels, limits, and every way that it can end."""

import os
import stat
import threading
import time

import pytest

from zerotap.capture.datasets.dataset import Dataset
from zerotap.capture.files.pcap_files import pcapng_writer
from zerotap.capture.files.pcap_files.pcapng_writer import PcapngWriter
from zerotap.capture.files.reading import read_recordings
from zerotap.capture.labels import labels_path, read_labels
from zerotap.capture.packet import DeviceIdentity, Event, LabelSpan, Packet
from zerotap.capture.session import session
from zerotap.capture.session.reader_thread import ReaderThread
from zerotap.capture.session.session import Operator, Plan, record
from zerotap.capture.signals import Stop
from zerotap.errors import CaptureError

START_NS = 1_700_000_000 * 10**9
INF = float("inf")


class Os:
    """``os`` as the writer of the recording sees it, with an fsync of the test's own."""

    def __init__(self, fsync):
        self.fsync = fsync

    def __getattr__(self, name):
        return getattr(os, name)


class Steps:
    """Yields what its script holds: a packet's bytes, an event, an exception to raise, or a pause in s."""

    synthetic = True
    identity = DeviceIdentity(0x1209, 7, 1, 2, product="Steps")
    transfer = "interrupt"
    descriptors: dict[str, str] = {}  # noqa: RUF012

    def __init__(self, *steps):
        self.steps, self.sent = steps, 0
        self._began_ns = time.monotonic_ns()

    def open(self):
        """Nothing to take."""

    def close(self):
        """Nothing to give back."""

    def clock_ns(self):
        return START_NS + time.monotonic_ns() - self._began_ns

    def packets(self):
        for step in self.steps:
            if isinstance(step, float):
                time.sleep(step)
                yield None
            elif isinstance(step, BaseException):
                raise step
            else:
                self.sent += 1
                yield Packet(self.clock_ns(), 0x81, step) if isinstance(step, bytes) else step


class Endless(Steps):
    def packets(self):
        while True:
            time.sleep(0.001)
            self.sent += 1
            yield Packet(self.clock_ns(), 0x81, b"\x01")


class Typing(Operator):
    """Presses ``keys`` one by one, each once a tick has seen a packet; remembers what it was shown."""

    def __init__(self, keys="", each_s=0.1):
        self.waiting, self.each_s, self.next_s = list(keys), each_s, 0.0
        self.statuses, self.announced = [], []

    def keys(self):
        now_s = time.monotonic()
        self.next_s = self.next_s or now_s + self.each_s
        if not self.waiting or now_s < self.next_s:
            return ""
        self.next_s = now_s + self.each_s
        return self.waiting.pop(0)

    def show(self, status):
        self.statuses.append(status)

    def announce(self, text):
        self.announced.append(text)


@pytest.fixture
def dataset(tmp_path):
    return Dataset.open_or_create(tmp_path / "data", True)


@pytest.fixture
def quick_countdown(monkeypatch):
    monkeypatch.setattr(session, "COUNTDOWN_S", 1)


def _event(kind, status):
    return Event(START_NS, kind, "said", status)


def test_the_end_of_the_source_is_the_end(dataset):
    source = Steps(b"a", b"bc", 0.01, b"d")
    (result,) = record(source, dataset, Plan(("x",)))
    assert (result.stopped, result.packets, result.payload_bytes, result.problem()) == ("ended", 3, 4, "")
    assert [packet.data for packet in read_recordings(result.path)[0].packets()] == [b"a", b"bc", b"d"]
    assert read_labels(result.path) == (LabelSpan(0.0, INF, "x", "user"),)
    assert [entry.label for entry in dataset.entries()] == ["x"]


def test_a_limit_of_packets_is_exact(dataset):
    (result,) = record(Endless(), dataset, Plan(("x",), packets=50))
    assert (result.stopped, result.packets) == ("limit", 50)
    assert len(read_recordings(result.path)[0]) == 50


@pytest.mark.alone
def test_a_limit_of_seconds_is_kept(dataset):
    (result,) = record(Endless(), dataset, Plan(("x",), seconds=0.3))
    assert result.stopped == "limit"
    assert 0.3 <= result.seconds < 0.6


def test_the_name_is_the_labels_or_ones_own_and_never_overwrites(dataset):
    names = [
        record(Steps(b"a"), dataset, Plan(("x",), name=name))[0].path.name for name in ("", "", "my own")
    ]
    assert names == ["x.pcapng", "x-2.pcapng", "my_own.pcapng"]


def test_the_file_is_for_its_owner_alone(dataset):
    (result,) = record(Steps(b"a"), dataset, Plan(("x",)))
    assert stat.S_IMODE(result.path.stat().st_mode) == 0o600


def test_a_stop_is_the_normal_end_and_keeps_all_that_was_read(dataset):
    stop, source, sent = Stop(), Endless(), []

    def request():
        sent.append(source.sent)
        stop.requested = True

    threading.Timer(0.3, request).start()
    (result,) = record(source, dataset, Plan(("x",)), stop=stop)
    assert (result.stopped, result.problem()) == ("interrupted", "")
    assert sent[0] - 1 <= result.packets <= source.sent
    assert len(read_recordings(result.path)[0]) == result.packets


def test_nothing_is_made_where_nothing_came(dataset):
    (result,) = record(Steps(_event("gap", -75), 0.01), dataset, Plan(("x",)))
    assert (result.path, result.packets, result.gaps) == (None, 0, 1)
    assert "no packets of x came" in result.problem()
    assert list((dataset.path / "recordings").iterdir()) == []
    assert dataset.classes == ()


def test_events_are_counted_and_kept_even_those_before_the_first_packet(dataset):
    events = [_event("failed", -32), _event("gap", -75), _event("unplug", -19)]
    (result,) = record(Steps(events[0], b"a", *events[1:]), dataset, Plan(("x",)))
    assert (result.stopped, result.gaps, result.failures) == ("unplugged", 1, 1)
    (recording,) = read_recordings(result.path)
    assert [(event.kind, event.status) for event in recording.events] == [(e.kind, e.status) for e in events]


def test_a_failure_keeps_what_came_and_says_so(dataset):
    (result,) = record(Steps(b"a", CaptureError("it broke: mend it")), dataset, Plan(("x",)))
    assert (result.stopped, result.packets) == ("failed", 1)
    assert result.problem() == f"it broke: mend it (1 packets are kept in {result.path})"
    assert len(read_recordings(result.path)[0]) == 1


def test_a_bug_in_a_source_is_not_swallowed(dataset):
    with pytest.raises(ZeroDivisionError):
        record(Steps(b"a", ZeroDivisionError()), dataset, Plan(("x",)))
    assert len(read_recordings(dataset.path / "recordings" / "x.pcapng")[0]) == 1


@pytest.mark.alone
def test_keys_write_spans_and_points_at_once(dataset):
    operator = Typing("2 1")
    seen = []

    class Looking(Typing):
        def keys(self):
            path = dataset.path / "recordings" / "idle.pcapng"
            seen.append(len(read_labels(path)) if path.exists() else 0)
            return operator.keys()

    (result,) = record(Endless(), dataset, Plan(("idle", "shake"), seconds=1.5), Looking())
    spans = read_labels(result.path)
    assert [(span.label, span.source) for span in spans] == [
        ("idle", "user"),
        ("shake", "hotkey"),
        ("shake", "hotkey"),
        ("idle", "hotkey"),
    ]
    assert spans[0].end_s == spans[1].start_s
    assert spans[2].start_s == spans[2].end_s
    assert 0.05 < spans[1].start_s < 0.3
    assert set(seen) - {0} == {1, 2, 3, 4}
    assert dataset.classes == ("idle", "shake")
    assert [entry.label for entry in dataset.entries()] == ["idle", "shake", "idle"]
    assert sum(len(dataset.load(entry)) for entry in dataset.entries()) == result.packets


def test_a_key_that_is_taken_back_leaves_no_class_behind(dataset):
    (result,) = record(Endless(), dataset, Plan(("idle", "shake"), seconds=0.5), Typing("2u"))
    assert [span.label for span in read_labels(result.path)] == ["idle"]
    assert dataset.classes == ("idle",)


def test_a_switch_after_the_last_packet_labels_nothing(dataset):
    (result,) = record(Steps(b"a", 0.5), dataset, Plan(("idle", "shake")), Typing("2"))
    assert read_labels(result.path) == (LabelSpan(0.0, pytest.approx(0.1, abs=0.2), "idle", "user"),)
    assert dataset.classes == ("idle",)


@pytest.mark.alone
def test_the_operator_sees_how_it_goes(dataset):
    operator = Typing("2")
    record(Endless(), dataset, Plan(("idle", "shake"), seconds=1.3), operator)
    packets = [status.packets for status in operator.statuses]
    assert packets == sorted(packets)
    assert 4 <= len(packets) <= 6
    last = operator.statuses[-1]
    assert (last.label, last.gaps, last.payload_bytes) == ("shake", 0, last.packets)
    assert 0.5 * last.packets / last.seconds < last.rate_hz < 2 * last.packets / last.seconds


@pytest.mark.usefixtures("quick_countdown")
def test_prompting_records_each_label_after_a_countdown(dataset):
    operator, source = Typing(), Endless()
    results = record(source, dataset, Plan(("a", "b"), seconds=0.3, prompt=True), operator)
    assert [(result.label, result.stopped) for result in results] == [("a", "limit"), ("b", "limit")]
    assert operator.announced == ["a in 1 s", "a now", "b in 1 s", "b now"]
    assert sum(result.packets for result in results) < 0.5 * source.sent
    first, second = (read_recordings(result.path)[0] for result in results)
    assert second.timestamps_ns[0] - first.timestamps_ns[-1] > 0.9e9
    assert dataset.classes == ("a", "b")


@pytest.mark.usefixtures("quick_countdown")
def test_a_stop_or_an_unplug_in_the_countdown_ends_the_session(dataset):
    stop = Stop()
    threading.Timer(0.2, lambda: setattr(stop, "requested", True)).start()
    results = record(Endless(), dataset, Plan(("a", "b"), seconds=9, prompt=True), stop=stop)
    assert [(result.label, result.stopped, result.path) for result in results] == [("a", "interrupted", None)]
    (unplugged,) = record(Steps(_event("unplug", -19)), dataset, Plan(("a", "b"), seconds=9, prompt=True))
    assert unplugged.stopped == "unplugged"


def test_prompting_needs_a_limit_and_labels_need_names(dataset):
    with pytest.raises(CaptureError, match="limit"):
        record(Steps(), dataset, Plan(("a",), prompt=True))
    with pytest.raises(CaptureError, match="blank"):
        record(Steps(), dataset, Plan(("a", " ")))


class FullDisk:
    """A disk that takes ``room_bytes`` and then half of a write, as a full one does."""

    def __init__(self, monkeypatch, room_bytes):
        self.room_bytes, self.write = room_bytes, os.write
        monkeypatch.setattr(pcapng_writer.os, "write", self)

    def __call__(self, file, block):
        if self.room_bytes < len(block):
            self.write(file, block[: self.room_bytes // 2])
            raise OSError(28, "No space left on device")
        self.room_bytes -= len(block)
        return self.write(file, block)


def test_a_full_disk_keeps_what_was_written_intact(dataset, monkeypatch):
    FullDisk(monkeypatch, 2000)
    (result,) = record(Endless(), dataset, Plan(("x",), seconds=5))
    assert result.stopped == "failed"
    assert "No space left on device" in result.problem()
    assert "free some space" in result.problem()
    (recording,) = read_recordings(result.path)
    assert len(recording) == result.packets > 5


def test_a_disk_that_is_full_leaves_nothing_half_written_beside_it(dataset, monkeypatch):
    FullDisk(monkeypatch, 2000)

    def fail(path, *_arguments, **_options):
        path.touch()
        raise OSError(28, "No space left on device")

    operator = Typing("2")
    monkeypatch.setattr(
        operator, "show", lambda _status: monkeypatch.setattr("pathlib.Path.write_text", fail)
    )
    (result,) = record(Endless(), dataset, Plan(("a", "b"), seconds=5), operator)
    assert result.stopped == "failed"
    assert {path.name for path in dataset.path.rglob("*.*")} == {"a.pcapng", "a.labels.csv", "zerotap.toml"}


def test_a_disk_too_full_to_begin_leaves_nothing(dataset, monkeypatch):
    FullDisk(monkeypatch, 100)
    (result,) = record(Endless(), dataset, Plan(("x",), seconds=5))
    assert (result.stopped, result.path) == ("failed", None)
    assert list((dataset.path / "recordings").iterdir()) == []


def test_a_disk_that_fails_to_sync_is_said(dataset, monkeypatch):
    def fail(_file):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(pcapng_writer, "os", Os(fail))
    (result,) = record(Steps(b"a"), dataset, Plan(("x",)))
    assert result.stopped == "failed"
    assert len(read_recordings(result.path)[0]) == 1


def test_a_folder_that_takes_no_manifest_is_said_and_nothing_is_left(dataset, monkeypatch):
    def fail(_file):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    (result,) = record(Steps(b"a"), dataset, Plan(("x",)))
    assert (result.stopped, result.path) == ("failed", None)
    assert "zerotap.toml cannot be written (Input/output error)" in result.fault
    assert list((dataset.path / "recordings").iterdir()) == []


def test_the_file_is_whole_after_every_packet_and_synced_each_second(tmp_path, monkeypatch):
    now_ns, synced = [10**9], []
    monkeypatch.setattr(pcapng_writer.time, "monotonic_ns", lambda: now_ns[0])
    monkeypatch.setattr(pcapng_writer, "os", Os(lambda _file: synced.append(now_ns[0])))
    path = tmp_path / "a.pcapng"
    with PcapngWriter(path) as writer:
        for number in range(30):
            now_ns[0] += 100_000_000
            writer.write(Packet(START_NS + number, 0x81, b"a"))
            assert len(read_recordings(path)[0]) == number + 1
        assert [at_ns - 10**9 for at_ns in synced] == [900_000_000, 1_800_000_000, 2_700_000_000]
        now_ns[0] += 10**9
        writer.sync_if_due()
        writer.sync_if_due()
        assert len(synced) == 4


@pytest.mark.alone
def test_a_pause_does_not_put_off_the_sync(dataset, monkeypatch):
    synced = []
    monkeypatch.setattr(pcapng_writer, "os", Os(lambda _file: synced.append(time.monotonic())))
    before = time.monotonic()
    record(Steps(b"a", *[0.2] * 8), dataset, Plan(("x",)))
    assert 0.8 < synced[0] - before < 1.2


def test_labels_stay_beside_the_recording(dataset):
    (result,) = record(Steps(b"a"), dataset, Plan(("x",)))
    assert sorted(path.name for path in result.path.parent.iterdir()) == ["x.labels.csv", "x.pcapng"]
    assert labels_path(result.path).exists()


def test_the_pump_keeps_order_and_ends_once():
    with ReaderThread(Steps(b"a", b"b", CaptureError("over"))) as pump:
        assert [pump.next(1).data, pump.next(1).data] == [b"a", b"b"]
        with pytest.raises(CaptureError, match="over"):
            pump.next(1)
        assert pump.ended
        assert pump.next(0) is None


def test_the_pump_reads_on_while_nobody_takes():
    with ReaderThread(Endless()) as pump:
        time.sleep(0.3)
        assert pump.waiting() > 50
        assert pump.next(0) is not None
    assert threading.active_count() <= 2 or not any(t.name == "zerotap reader" for t in threading.enumerate())
