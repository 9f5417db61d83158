"""A serial port (CDC-ACM) that calls itself an MKR Zero, made by the guest's own gadget driver."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from zerotap.capture import Recording

from .machine import Done, Guest, until
from .recording import TOOLS, drivers, only_recording, record, recorded_bytes

pytestmark = [pytest.mark.usb_vm, pytest.mark.system(*TOOLS)]

BOARD = "2341:804f"
GADGET = "/sys/kernel/config/usb_gadget/board"
PLUG = f"echo dummy_udc.0 > {GADGET}/UDC"
UNPLUG = f"echo > {GADGET}/UDC"
STREAM_BYTES = 65536
SETTLE_S = 2
"""Time for bytes to come that should not."""
ACM_DRIVERS = ["cdc_acm", "cdc_acm"]

MAKE_GADGET = [
    f"mkdir -p {GADGET}/strings/0x409 {GADGET}/functions/acm.0 {GADGET}/configs/c.1",
    f"echo 0x2341 > {GADGET}/idVendor",
    f"echo 0x804f > {GADGET}/idProduct",
    f"echo 0xef > {GADGET}/bDeviceClass",
    f"echo 2 > {GADGET}/bDeviceSubClass",
    f"echo 1 > {GADGET}/bDeviceProtocol",
    f"echo 'Arduino MKR Zero' > {GADGET}/strings/0x409/product",
    f"ln -s {GADGET}/functions/acm.0 {GADGET}/configs/c.1/",
    PLUG,
]


@dataclass(frozen=True)
class Stream:
    """A recording of a serial port: how it ended, and the bytes that were sent and recorded."""

    done: Done
    recording: Recording
    sent: bytes
    drivers: list[str]

    @property
    def received(self) -> bytes:
        return self.recording.payload.tobytes()


@pytest.fixture(scope="module")
def board(guest: Guest) -> Iterator[Guest]:
    """The guest with the gadget plugged in."""
    for command in MAKE_GADGET:
        guest.check(command)
    until(lambda: drivers(guest, BOARD) == ACM_DRIVERS, "the board")
    guest.check("stty -F /dev/ttyGS0 raw -echo")
    yield guest
    guest.check(UNPLUG)


@pytest.fixture(scope="module")
def stream(board: Guest) -> Stream:
    """Every byte value, in an order that no loss or doubling leaves as it was."""
    sent = np.random.default_rng(3).bytes(STREAM_BYTES)
    (board.scratch / "sent").write_bytes(sent)
    job = record(board, BOARD, "stream")
    board.check("cat sent > /dev/ttyGS0")
    until(lambda: recorded_bytes(board, "stream") >= STREAM_BYTES, "the stream")
    time.sleep(SETTLE_S)
    done = board.stop(job, "INT")
    return Stream(done, only_recording(board, "stream"), sent, drivers(board, BOARD))


@pytest.fixture(scope="module")
def torn(board: Guest, stream: Stream) -> Stream:
    """The same bytes again and again, until the board is pulled out."""
    job = record(board, BOARD, "torn")
    board.check("(for i in 1 2 3 4 5 6 7 8; do cat sent; done) > /dev/ttyGS0 &")
    until(lambda: recorded_bytes(board, "torn") > STREAM_BYTES, "the stream's beginning")
    board.check(UNPLUG)
    done = board.wait(job)
    board.check(PLUG)
    until(lambda: drivers(board, BOARD) == ACM_DRIVERS, "the board again")
    return Stream(done, only_recording(board, "torn"), 8 * stream.sent, drivers(board, BOARD))


def test_64_kib_arrive_exactly(stream: Stream) -> None:
    assert stream.received == stream.sent
    assert stream.recording.transfer == "bulk"


def test_the_recording_of_a_board_ends_normally(stream: Stream) -> None:
    assert stream.done.status == 0, stream.done.err
    assert stream.drivers == ACM_DRIVERS


@pytest.mark.minutes
def test_a_board_pulled_out_leaves_the_stream_so_far(torn: Stream) -> None:
    assert "Traceback" not in torn.done.err
    assert 0 < len(torn.received) < len(torn.sent)
    assert torn.sent.startswith(torn.received)
    assert torn.recording.events[-1].kind == "unplug"
    assert "unplugged" in torn.done.err


@pytest.mark.minutes
def test_a_board_plugged_in_again_has_its_drivers(torn: Stream) -> None:
    assert torn.drivers == ACM_DRIVERS
