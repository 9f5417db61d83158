"""QEMU's usb-serial, an FTDI chip with the kernel's own driver, and a bus that is only listened to."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from zerotap.capture import frame_recording, read_recordings

from .machine import Guest, until
from .recording import (
    TOOLS,
    ZEROTAP,
    drivers,
    only_recording,
    recorded_bytes,
    recorded_files,
    settle,
    witnessed,
)

pytestmark = [pytest.mark.usb_vm, pytest.mark.minutes, pytest.mark.system(*TOOLS)]

CHIP, KEYBOARD = "0403:6001", "0627:0001"
BUS = 1
REPORTS_IN = 0x81
LIGHT = "cat /sys/class/leds/*::capslock/brightness"
LINES = [f"{n},{n * n % 97}\n".encode() for n in range(40)]


@pytest.fixture(scope="module")
def chip(guest: Guest) -> Iterator[socket.socket]:
    """What the board behind the chip sends goes in here."""
    if guest.run("test -d /sys/bus/usb-serial/drivers/ftdi_sio").status != 0:
        pytest.skip("the guest's kernel has no module ftdi_sio")
    path = guest.scratch / "line.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        address = {"type": "unix", "data": {"path": str(path)}}
        backend = {"type": "socket", "data": {"addr": address, "server": False}}
        guest.qmp("chardev-add", id="line", backend=backend)
        line, _ = server.accept()
    with line:
        guest.plug({"driver": "usb-serial", "id": "chip", "bus": "usb.0", "port": "3", "chardev": "line"})
        until(lambda: drivers(guest, CHIP) == ["ftdi_sio"], "the chip")
        until(lambda: guest.run("test -c /dev/ttyUSB0").status == 0, "its port")
        yield line
        guest.unplug({"id": "chip"})


def test_a_board_behind_the_chip_is_recorded_and_the_driver_stays(guest: Guest, chip: socket.socket) -> None:
    listed = json.loads(guest.check(f"{ZEROTAP} devices --json"))
    assert [device["serial_ports"] for device in listed if device["id"] == CHIP] == [["/dev/ttyUSB0"]]
    with guest.witness(BUS, "line.pcap") as capture:
        limit = f"--packets {len(LINES)}"
        job = guest.start(f"{ZEROTAP} record serial:{CHIP}@9600 --label test --dataset line {limit}")
        until(lambda: _sent_one(chip, recorded_bytes(guest, "line")) or not job.running, "the first line")
        for line in LINES:
            if not job.running:
                break
            chip.sendall(line)
            time.sleep(0.1)
        done = guest.wait(job)
    assert done.status == 0, done.err
    recording = only_recording(guest, "line")
    assert (recording.device.vendor_id, recording.device.product_id) == (0x0403, 0x6001)
    assert recording.payload.tobytes() in b"0,0\n" * 2000 + b"".join(LINES)
    assert frame_recording(recording).values.shape[1] == 2
    assert drivers(guest, CHIP) == ["ftdi_sio"]
    # The same bytes as the bus had them: with the chip's status before every packet.
    seen = [stream for stream in read_recordings(capture) if stream.transfer == "bulk"]
    assert recording.payload.tobytes() in b"".join(stream.payload.tobytes() for stream in seen)


def _sent_one(chip: socket.socket, recorded: int) -> bool:
    """Send a line until the recorder has the port and one is on file.

    Until the recorder has set it up, the guest's terminal echoes: QEMU stops where nobody takes that.
    """
    with suppress(BlockingIOError):
        chip.recv(1 << 16, socket.MSG_DONTWAIT)
    if not recorded:
        chip.sendall(b"0,0\n")
    return recorded > 0


def test_a_keyboard_on_a_bus_that_is_listened_to_goes_on_working(guest: Guest) -> None:
    with guest.witness(BUS, "bus.pcap") as capture:
        job = guest.start(f"{ZEROTAP} record --usbmon {BUS} --label typing --dataset bus")
        until(lambda: "recording" in job.err or not job.running, "the recording")
        dark = guest.check(LIGHT)
        for key in ("h", "e", "l", "l", "o", "caps_lock"):
            guest.press(key)
        until(lambda: guest.check(LIGHT) != dark, "the light that the kernel switches on for caps lock")
        guest.press("caps_lock")
        settle(guest, "bus")
        done = guest.stop(job, "INT")
    assert done.status == 0, done.err
    assert "passwords too" in done.err
    streams = [stream for path in recorded_files(guest, "bus") for stream in read_recordings(path)]
    (recording,) = [stream for stream in streams if stream.device.vendor_id == 0x0627]
    payloads = [packet.data for packet in recording.packets()]
    assert len(payloads) >= 8
    assert b"".join(payloads) in b"".join(data for _, data in witnessed(capture, REPORTS_IN))
    assert drivers(guest, KEYBOARD) == ["usbhid"]


def test_a_bus_that_is_not_there_is_refused_in_one_sentence(guest: Guest) -> None:
    done = guest.run(f"{ZEROTAP} record --usbmon 77 --label a --dataset none --seconds 1")
    assert done.status == 1
    assert "/dev/usbmon77 is not there: choose one of the buses 0, 1" in done.err
    assert "Traceback" not in done.err
