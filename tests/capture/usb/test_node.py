"""The lock on a device's node, and the watchdog that outlives its recorder: a plain file is the node."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import usb.core

from zerotap.capture.usb import host, node
from zerotap.capture.usb.devices import find_devices
from zerotap.capture.usb.giving_back import restore_drivers
from zerotap.capture.usb.node import Node
from zerotap.capture.usb.opening import open_tap
from zerotap.errors import CaptureError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no nodes")

RECORDER = """
import sys, time
from types import SimpleNamespace
from pathlib import Path
from zerotap.capture.usb import host
from zerotap.capture.usb.node import Node
host.SYSFS_DEVICES, host.NODES = map(Path, sys.argv[1:])
held = Node(SimpleNamespace(bus=1, address=3, idVendor=0x1209, idProduct=2))
held.watch([0], [0])
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def keyboard(usb_devices, sysfs, tmp_path, monkeypatch):
    """A keyboard that the system shows, and its node."""
    scripted = usb_devices.keyboard()
    usb_devices.linux_tree(sysfs, scripted, 0, "usbhid")
    nodes = tmp_path / "nodes"
    (nodes / "001").mkdir(parents=True)
    (nodes / "001" / "003").touch()
    monkeypatch.setattr(host, "NODES", nodes)
    monkeypatch.setattr(node, "GRACE_S", 0)
    return usb_devices.bus(scripted)


def _find(bus):
    return usb.core.find(backend=bus)


def test_a_second_recorder_is_refused_before_it_touches_anything(keyboard):
    first = Node(_find(keyboard))
    refused = pytest.raises(
        CaptureError, match=r"another program is recording it.*fuser --verbose .*/001/003 "
    )
    with refused, open_tap(_find(keyboard)):
        pytest.fail("opened what is being recorded")
    with pytest.raises(CaptureError, match="another program is recording it"):
        restore_drivers(_find(keyboard))
    assert keyboard.claimed == []
    first.unlock()
    with open_tap(_find(keyboard)):
        assert len(keyboard.claimed) == 1


def test_a_recording_that_fails_to_open_lets_go_of_the_lock(keyboard, usb_devices):
    keyboard.scripted[0].bound.add(0)
    for _ in range(2):
        with (
            pytest.raises(CaptureError, match="another program or driver holds it"),
            open_tap(_find(keyboard)),
        ):
            pytest.fail("opened what is claimed")


def test_listing_is_not_kept_out(keyboard):
    held = Node(_find(keyboard))
    assert find_devices(keyboard)[0].openable
    held.unlock()


def test_a_node_that_may_only_be_read_is_locked_all_the_same(keyboard, monkeypatch):
    really_open = os.open

    def read_only(path, flags, *more):
        if flags & os.O_RDWR:
            raise PermissionError
        return really_open(path, flags, *more)

    monkeypatch.setattr(os, "open", read_only)
    first = Node(_find(keyboard))
    with pytest.raises(CaptureError, match="another program is recording it"):
        Node(_find(keyboard))
    first.unlock()


def test_a_device_without_a_node_is_not_locked(usb_devices, sysfs):
    bus = usb_devices.bus(usb_devices.keyboard())
    held = [Node(_find(bus)), Node(_find(bus))]
    held[0].watch([0], [])
    for each in held:
        each.dismiss()
        each.unlock()


def test_a_dismissed_watchdog_ends_in_silence_whatever_signals_came(keyboard, capfd):
    held = Node(_find(keyboard))
    held.watch([0], [])
    watchdog = held._watchdog.process
    _until(lambda: not Path(f"/proc/{watchdog.pid}").exists() or _ignores(watchdog.pid, signal.SIGTERM))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        os.kill(watchdog.pid, number)
    assert watchdog.poll() is None
    held.dismiss()
    held.unlock()
    assert watchdog.returncode == 0
    assert capfd.readouterr().err == ""


def test_the_watchdog_survives_its_recorders_group_and_keeps_the_lock_until_it_is_done(keyboard, tmp_path):
    command = [sys.executable, "-c", RECORDER, str(host.SYSFS_DEVICES), str(host.NODES)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as recorder:
        assert recorder.stdout.readline() == "ready\n"
        os.killpg(recorder.pid, signal.SIGKILL)
        recorder.wait(10)
        err = recorder.stderr.read()  # to its end, which is the watchdog's
    assert "the program that recorded USB device 1.3 died; its driver is not back (Inappropriate ioctl" in err
    assert err.endswith("run zerotap devices --restore 1.3\n")
    _until(lambda: _is_free(keyboard))


@pytest.fixture
def watched(keyboard):
    """The node of a keyboard with its watchdog at work; what is left of it is ended."""
    held = Node(_find(keyboard))
    held.watch([0], [])
    kept = held._watchdog
    _until(lambda: _ignores(kept.process.pid, signal.SIGTERM))
    yield held, kept
    with suppress(OSError):
        kept.process.kill()
    held.unlock()


def test_a_watchdog_that_died_is_said_and_replaced(watched, caplog):
    held, kept = watched
    for _ in range(node.RESTARTS):
        dead = kept.process
        dead.kill()
        _until(lambda dead=dead: kept.process is not dead)
        assert kept.process.poll() is None
    assert caplog.messages == ["The watchdog of USB device 1.3 died: another one is started"] * node.RESTARTS
    held.dismiss()
    assert kept.process.returncode == 0, "the last one was told"


def test_a_watchdog_that_will_not_live_is_given_up_with_the_command_that_restores(
    watched, caplog, monkeypatch
):
    _, kept = watched
    monkeypatch.setattr(node, "RESTARTS", 0)
    kept.process.kill()
    _until(lambda: caplog.messages)
    assert caplog.messages[0].endswith("should this program be killed, run zerotap devices --restore 1.3")


def test_a_stopped_watchdog_is_continued(watched):
    _, kept = watched
    os.kill(kept.process.pid, signal.SIGSTOP)
    _until(lambda: _state(kept.process.pid) != "T")
    assert kept.process.poll() is None


def test_a_watchdog_that_cannot_be_continued_does_not_hold_up_the_end(watched, monkeypatch):
    held, kept = watched
    assert node._DISMISSAL_S <= 1
    monkeypatch.setattr(node, "_DISMISSAL_S", 0.1)
    monkeypatch.setattr(signal, "SIGCONT", 0)  # as in a frozen group of processes
    os.kill(kept.process.pid, signal.SIGSTOP)
    _until(lambda: _state(kept.process.pid) == "T")
    began_s = time.monotonic()
    held.dismiss()
    assert time.monotonic() - began_s < 2
    assert kept.process.returncode == -signal.SIGKILL


def _state(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def _is_free(keyboard):
    with suppress(CaptureError):
        Node(_find(keyboard)).unlock()
        return True


def _ignores(pid, number):
    status = Path(f"/proc/{pid}/status").read_text()
    mask = next(line for line in status.splitlines() if line.startswith("SigIgn"))
    return int(mask.split()[1], 16) >> number - 1 & 1


def _until(condition):
    end_s = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.01)
