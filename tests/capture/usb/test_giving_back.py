"""Giving back: a fault at any call loses no driver, and a driver that is lost all the same is said."""

import errno
import logging
import threading
from contextlib import suppress
from itertools import islice

import pytest
import usb.core

from zerotap.capture.session.recording import record_source
from zerotap.capture.session.session import Plan
from zerotap.capture.sources.source import opened
from zerotap.capture.sources.typist import TimedReport
from zerotap.capture.sources.usb import UsbSource
from zerotap.capture.sources.virtual import VirtualKeyboard, VirtualSensor, text_samples
from zerotap.capture.usb import giving_back
from zerotap.capture.usb.giving_back import DriverLostError, restore_drivers
from zerotap.capture.usb.opening import open_tap
from zerotap.errors import CaptureError, OutputError

CALLS = (
    "get_configuration", "open_device", "close_device", "claim_interface", "release_interface",
    "is_kernel_driver_active", "detach_kernel_driver", "attach_kernel_driver", "ctrl_transfer", "intr_read",
    "bulk_read",
)  # fmt: skip
BUSY, DENIED, IO_ERROR = (-6, errno.EBUSY), (-3, errno.EACCES), (-1, errno.EIO)
FAULTS = (
    *(lambda e=e: usb.core.USBError("made to fail", *e) for e in (BUSY, DENIED, IO_ERROR)),
    lambda: usb.core.USBError("made to fail"),
    lambda: NotImplementedError("made to fail"),
    lambda: RuntimeError("made to fail"),
    lambda: OSError(errno.EIO, "made to fail"),
    MemoryError,
    KeyboardInterrupt,
)
RESTORE = r": run zerotap devices --restore 1\.2"


def _faulty(kind, arguments, failing_call=0, fault=None):
    """A virtual device whose n-th call, counted from 1, raises; ``calls`` tells how many there were."""
    device = kind(*arguments)
    device.calls = 0

    def wrapped(call):
        def counted(*arguments):
            device.calls += 1
            if device.calls == failing_call:
                raise fault()
            return call(*arguments)

        return counted

    for name in CALLS:
        setattr(device, name, wrapped(getattr(device, name)))
    return device


def _keyboard(*fault):
    keyboard = _faulty(VirtualKeyboard, (), *fault)
    keyboard.play([TimedReport(n, bytes(8)) for n in range(5)])
    return keyboard


def _sensor(*fault):
    return _faulty(VirtualSensor, (200, text_samples()), *fault)


def _find(device):
    return usb.core.find(backend=device)


def _read(device):
    with opened(UsbSource(_find(device), synthetic=True)) as source:
        list(islice(source.packets(), 3))


@pytest.fixture
def no_pauses(monkeypatch):
    monkeypatch.setattr(giving_back, "PAUSES_S", (0, 0, 0))


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize("make", [_keyboard, _sensor])
def test_a_fault_at_any_call_loses_no_driver(make):
    whole = make()
    _read(whole)
    for number in range(1, whole.calls + 3):
        for fault in FAULTS:
            device = make(number, fault)
            with suppress(CaptureError, type(fault())):
                _read(device)
            assert (device.driver_attached, device.claimed) == (True, set()), (number, fault())


class Clinging(VirtualKeyboard):
    """The system does not take this keyboard back, or not at once."""

    def __init__(self, error=BUSY, times=10**6, **arguments):
        super().__init__(**arguments)
        self.error, self.times = error, times

    def attach_kernel_driver(self, handle, intf):
        if self.times:
            self.times -= 1
            raise usb.core.USBError("made to fail", *self.error)
        super().attach_kernel_driver(handle, intf)


def _clinging(*arguments):
    keyboard = Clinging(*arguments)
    keyboard.play([TimedReport(n, bytes(8)) for n in range(5)])
    return keyboard


@pytest.mark.usefixtures("no_pauses")
def test_a_driver_that_comes_late_is_no_fault():
    keyboard = _clinging(IO_ERROR, 3)
    with open_tap(_find(keyboard)):
        pass
    assert keyboard.driver_attached


@pytest.mark.usefixtures("no_pauses")
def test_a_driver_that_does_not_come_back_is_said_with_the_command_that_restores_it():
    with (
        pytest.raises(DriverLostError, match=r"not back at interface 0 \(another program .*\)" + RESTORE),
        open_tap(_find(_clinging())),
    ):
        pass


@pytest.mark.usefixtures("no_pauses")
def test_what_else_went_wrong_is_said_as_well():
    device = _find(_clinging())
    with pytest.raises(CaptureError, match=r"the disk is full; USB device .*" + RESTORE), open_tap(device):
        raise OutputError("the disk is full")


@pytest.mark.usefixtures("no_pauses")
def test_an_interrupt_stays_one(caplog):
    with pytest.raises(KeyboardInterrupt), open_tap(_find(_clinging())):
        raise KeyboardInterrupt
    assert "--restore 1.2" in caplog.text


@pytest.mark.usefixtures("no_pauses")
def test_the_report_of_a_recording_says_it_and_keeps_the_rest(tmp_path):
    source = UsbSource(_find(_clinging()))
    (result,) = record_source(source, tmp_path / "d", Plan(("a",), packets=3))
    assert (result.stopped, result.packets, result.path.exists()) == ("limit", 3, True)
    assert result.problem().endswith("run zerotap devices --restore 1.2")
    assert result.to_json()["driver_lost"] == result.driver_lost != ""


@pytest.mark.usefixtures("no_pauses")
def test_a_device_that_is_gone_needs_no_driver():
    with open_tap(_find(_clinging((-4, errno.ENODEV)))):
        pass


def test_a_system_that_never_answers_does_not_hold_the_program(monkeypatch):
    monkeypatch.setattr(giving_back, "LIMIT_S", 0.05)
    answer = threading.Event()

    class Hanging(VirtualKeyboard):
        def release_interface(self, handle, intf):
            answer.wait(10)
            super().release_interface(handle, intf)

    try:
        lost = pytest.raises(DriverLostError, match=r"did not answer in 0\.05 s\)" + RESTORE)
        with lost, open_tap(_find(Hanging())):
            pass
    finally:
        answer.set()


def test_a_driver_that_was_missing_is_noticed_and_offered(caplog):
    keyboard = VirtualKeyboard(driver_attached=False)
    with caplog.at_level(logging.WARNING), open_tap(_find(keyboard)):
        assert "had no kernel driver before" in caplog.text
        caplog.clear()
    assert "was missing before): run zerotap devices --restore 1.2" in caplog.text
    assert not keyboard.driver_attached, "it may be meant so"


def test_nothing_is_said_where_nothing_was_missing(caplog):
    with caplog.at_level(logging.WARNING), open_tap(_find(VirtualKeyboard())):
        pass
    assert caplog.text == ""


class Kernel:
    """What two programs share: one driver, and one claim."""

    driver, owner = True, None


class Program(VirtualKeyboard):
    """The keyboard as one of two programs sees it. ``meanwhile`` happens once its driver is off."""

    def __init__(self, kernel, meanwhile=None):
        super().__init__()
        self.kernel, self.meanwhile = kernel, meanwhile

    def is_kernel_driver_active(self, _handle, _intf):
        return self.kernel.driver

    def detach_kernel_driver(self, _handle, _intf):
        self.kernel.driver = False
        self.meanwhile()

    def attach_kernel_driver(self, _handle, _intf):
        if self.kernel.owner:
            raise usb.core.USBError("busy", *BUSY)
        self.kernel.driver = True

    def claim_interface(self, _handle, intf):
        if self.kernel.driver or self.kernel.owner not in (None, self):
            raise usb.core.USBError("busy", *BUSY)
        self.kernel.owner = self
        self.claimed.add(intf)

    def release_interface(self, _handle, intf):
        self.kernel.owner = None
        self.claimed.discard(intf)


@pytest.mark.usefixtures("no_pauses")
def test_without_a_lock_both_programs_say_how_the_driver_comes_back(caplog):
    kernel = Kernel()
    second = open_tap(_find(Program(kernel)))
    first = open_tap(_find(Program(kernel, second.__enter__)))
    with pytest.raises(DriverLostError, match="does not open: another program.*" + RESTORE), first:
        pytest.fail("opened what another program has claimed")
    second.__exit__(None, None, None)
    assert "--restore 1.2" in caplog.text
    assert restore_drivers(_find(Program(kernel))) == [0]


def test_a_restored_keyboard_speaks_the_report_protocol_again():
    keyboard = VirtualKeyboard(driver_attached=False)
    restore_drivers(_find(keyboard))
    assert keyboard.control_requests == [(0x21, 0x0B, 1, 0)]
    assert (keyboard.driver_attached, keyboard.claimed) == (True, set())
