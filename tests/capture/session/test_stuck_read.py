"""A read that never returns: the recording ends all the same, its file whole and the driver back."""

import threading
import time

import pytest
import usb.core

from zerotap.capture.datasets.dataset import Dataset
from zerotap.capture.files.reading import read_recordings
from zerotap.capture.session import reader_thread
from zerotap.capture.session.session import STUCK, Operator, Plan, record
from zerotap.capture.signals import Stop
from zerotap.capture.sources.backend import HostClock
from zerotap.capture.sources.source import opened
from zerotap.capture.sources.typist import TimedReport
from zerotap.capture.sources.usb import UsbSource
from zerotap.capture.sources.virtual import VirtualKeyboard


class Stuck(VirtualKeyboard):
    """Its reads return twice, and then never. A handle must not be closed under a read."""

    def __init__(self):
        super().__init__(clock=HostClock())
        self.play([TimedReport(0, bytes(8))] * 2)
        self.released, self.reads, self.closed_under_a_read = threading.Event(), 0, False

    def intr_read(self, *arguments):
        self.reads += 1
        if self.reads > 2:
            self.released.wait(30)
            raise usb.core.USBError("No such device", -4, 19)
        return super().intr_read(*arguments)

    def close_device(self, handle):
        self.closed_under_a_read |= self.reads > 2 and not self.released.is_set()
        super().close_device(handle)


class Announced(Operator):
    """Remembers what was announced."""

    def __init__(self):
        self.said = []

    def announce(self, text):
        self.said.append(text)


@pytest.fixture
def stuck(monkeypatch):
    monkeypatch.setattr(reader_thread, "STOP_S", 0.05)
    keyboard = Stuck()
    yield keyboard
    keyboard.released.set()


@pytest.mark.timeout(20, method="thread")
@pytest.mark.parametrize("end", ["limit", "interrupted"])
def test_the_recording_ends_and_the_driver_is_back(stuck, tmp_path, end):
    stop, operator = Stop(), Announced()
    if end == "interrupted":
        threading.Timer(0.3, lambda: setattr(stop, "requested", True)).start()
    plan = Plan(("a",), seconds=0.3 if end == "limit" else None)
    began_s = time.monotonic()
    with opened(UsbSource(usb.core.find(backend=stuck))) as source:
        (result,) = record(source, Dataset.open_or_create(tmp_path / "d", False), plan, operator, stop)
    assert time.monotonic() - began_s < 10
    assert (result.stopped, result.packets) == (end, 2)
    assert len(read_recordings(result.path)[0]) == 2
    assert (stuck.driver_attached, stuck.claimed) == (True, set())
    assert not stuck.closed_under_a_read
    assert operator.said == [STUCK]


def test_a_read_that_returns_is_no_news(tmp_path):
    operator, keyboard = Announced(), VirtualKeyboard(clock=HostClock())
    keyboard.play([TimedReport(0, bytes(8))])
    with opened(UsbSource(usb.core.find(backend=keyboard))) as source:
        record(source, Dataset.open_or_create(tmp_path / "d", False), Plan(("a",), packets=1), operator)
    assert operator.said == []
