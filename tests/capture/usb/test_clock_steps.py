"""The wall clock is set and the machine sleeps while it records: stamps go on, and the gap is noted."""

import itertools
from types import SimpleNamespace

import pytest

from zerotap.capture.packet import Event, Packet
from zerotap.capture.usb import polling
from zerotap.capture.usb.statuses import LATE

S = 1_000_000_000
HOUR = 3600 * S


class Clocks:
    """A faked host: the wall clock can be set, the clock since boot only goes on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall_ns, self.uptime_ns = 1_700_000_000 * S, 50 * S
        monkeypatch.setattr(polling.time, "time_ns", lambda: self.wall_ns)
        monkeypatch.setattr(polling, "_uptime_ns", lambda: self.uptime_ns)

    def pass_ns(self, ns: int) -> None:
        self.wall_ns, self.uptime_ns = self.wall_ns + ns, self.uptime_ns + ns


@pytest.fixture
def clocks(monkeypatch) -> Clocks:
    return Clocks(monkeypatch)


@pytest.mark.parametrize("step_ns", [-HOUR, HOUR, -50 * 365 * 24 * HOUR])
def test_a_wall_clock_that_is_set_moves_no_stamp(clocks, step_ns):
    now_ns = polling.host_clock()
    first = now_ns()
    clocks.pass_ns(S)
    clocks.wall_ns += step_ns
    assert now_ns() - first == S


@pytest.mark.parametrize("step_ns", [-HOUR, HOUR])
def test_a_recording_across_a_step_of_the_wall_clock_has_no_gap(clocks, step_ns):
    def between(read: int) -> None:
        clocks.pass_ns(S // 4)
        if read == 1:
            clocks.wall_ns += step_ns

    items = recorded(between, 4)
    assert [type(item) for item in items] == [Packet] * 4
    stamps = [item.timestamp_ns for item in items]
    assert {later - earlier for earlier, later in itertools.pairwise(stamps)} == {S // 4}


def test_a_sleep_is_a_gap_of_its_own_length(clocks):
    items = recorded(lambda read: clocks.pass_ns(HOUR if read == 1 else S // 4), 4)
    gaps = [item for item in items if isinstance(item, Event)]
    assert [(gap.kind, gap.status, gap.detail) for gap in gaps] == [("gap", LATE, "nobody read for 3600.0 s")]
    stamps = [item.timestamp_ns for item in items]
    assert stamps == sorted(stamps)
    assert stamps[-1] - stamps[0] > HOUR


def test_a_virtual_device_waits_for_a_host_that_sleeps(clocks):
    """Its clock stands still meanwhile: nothing is late, and typing goes on."""
    items = recorded(
        lambda read: clocks.pass_ns(HOUR if read == 1 else S // 4), 4, itertools.count().__next__
    )
    assert [type(item) for item in items] == [Packet] * 4
    assert [item.timestamp_ns for item in items] == [0, 1, 2, 3]


def tap(between, clock_ns=None) -> SimpleNamespace:
    """What reads an interrupt endpoint on which a packet is always there; ``clock_ns``: the device's own."""
    reads = itertools.count()

    def read(buffer, timeout_ms: int) -> int:
        between(next(reads))
        return 8

    backend = SimpleNamespace() if clock_ns is None else SimpleNamespace(clock_ns=clock_ns)
    endpoint = SimpleNamespace(
        bEndpointAddress=0x81,
        wMaxPacketSize=8,
        bmAttributes=3,
        device=SimpleNamespace(backend=backend),
        read=read,
    )
    return SimpleNamespace(endpoint=endpoint, readers=[])


def recorded(between, packets: int, clock_ns=None) -> list[Packet | Event]:
    """What the loop yields until it has so many packets; ``between`` is called before each read returns."""
    said: list[Packet | Event] = []
    for item in polling.read_packets(tap(between, clock_ns)):
        said.append(item)
        if sum(isinstance(item, Packet) for item in said) == packets:
            return said
    raise AssertionError("it ended")
