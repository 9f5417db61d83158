"""A mouse beside the keyboard: two devices of one VID:PID, and reports of another length."""

from collections.abc import Iterator

import pytest

from .machine import MOUSE, Guest, until
from .recording import TOOLS, ZEROTAP, drivers, only_recording, record, recorded_bytes, witnessed

pytestmark = [pytest.mark.usb_vm, pytest.mark.minutes, pytest.mark.system(*TOOLS)]

BOTH = "0627:0001"
BUS = 1
REPORTS_IN = 0x81


@pytest.fixture(scope="module")
def mouse(guest: Guest) -> Iterator[Guest]:
    """The guest with a mouse as well."""
    guest.plug(MOUSE)
    until(lambda: drivers(guest, BOTH) == ["usbhid", "usbhid"], "the mouse")
    yield guest
    guest.unplug(MOUSE)
    until(lambda: drivers(guest, BOTH) == ["usbhid"], "the mouse's end")


def test_a_device_meant_twice_is_not_taken(mouse: Guest) -> None:
    done = mouse.run(f"{ZEROTAP} record {BOTH} --label test --dataset both --yes --seconds 1")
    assert done.status == 1
    assert "QEMU USB Keyboard" in done.err
    assert "QEMU USB Mouse" in done.err


def test_a_mouse_is_recorded_by_its_name(mouse: Guest) -> None:
    with mouse.witness(BUS, "mouse.pcap") as capture:
        job = record(mouse, "'USB Mouse'", "mouse")
        for step in range(1, 9):
            size = recorded_bytes(mouse, "mouse")
            mouse.move(step, -step)
            until(lambda size=size: recorded_bytes(mouse, "mouse") > size, "a report on file")
        done = mouse.stop(job, "INT")
    recorded = [packet.data for packet in only_recording(mouse, "mouse").packets()]
    assert done.status == 0, done.err
    assert len(recorded) >= 4
    assert recorded == [data for _, data in witnessed(capture, REPORTS_IN)]
    assert drivers(mouse, BOTH) == ["usbhid", "usbhid"]
