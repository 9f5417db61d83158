"""A serial port (CDC-ACM): what is claimed, what is said on the line, and what never is."""

import errno
import struct

import pytest
import usb.core

from zerotap.capture.sources.backend import Endpoint, Interface
from zerotap.capture.sources.virtual import VirtualSensor, text_samples
from zerotap.capture.usb.cdc import checked_baud
from zerotap.capture.usb.opening import DeviceOptions, open_tap
from zerotap.errors import CaptureError

UNION_OF_0_AND_1 = bytes.fromhex("0524060001")
HEADER = bytes.fromhex("0524001001")
DATA = Interface((10, 0, 0), b"", (Endpoint(0x83, 2, 64), Endpoint(0x02, 2, 64)))


class Board(VirtualSensor):
    """Remembers the data of each class request too."""

    def __init__(self, *interfaces):
        super().__init__(100, text_samples())
        self.interfaces = interfaces or VirtualSensor.interfaces
        self.sent, self.refused = [], {}

    def ctrl_transfer(self, handle, request_type, request, value, index, data, timeout):
        if request in self.refused:
            raise usb.core.USBError("made to fail", *self.refused[request])
        length = super().ctrl_transfer(handle, request_type, request, value, index, data, timeout)
        if request_type == 0x21:
            self.sent.append((request, value, index, bytes(data)))
        return length


def _open(board, **options):
    return open_tap(usb.core.find(backend=board), DeviceOptions(**options))


def test_the_line_is_set_dtr_raised_and_both_given_back():
    board = Board()
    with _open(board) as tap:
        assert (tap.endpoint.bEndpointAddress, tap.transfer) == (0x83, "bulk")
        assert board.claimed == {0, 1}
        assert not board.driver_attached
        assert board.sent == [(0x20, 0, 0, struct.pack("<IBBB", 115200, 0, 0, 8)), (0x22, 3, 0, b"")]
    assert board.sent[2:] == [(0x22, 0, 0, b"")]
    assert board.claimed == set()
    assert board.driver_attached


def test_another_rate_is_set():
    board = Board()
    with _open(board, baud=9600):
        assert board.sent[0][3][:4] == struct.pack("<I", 9600)


def test_1200_baud_never_reaches_the_board():
    board = Board()
    with pytest.raises(CaptureError, match="bootloader"), _open(board, baud=1200):
        pytest.fail("opened at 1200 baud")
    assert board.sent == [(0x22, 0, 0, b"")]
    assert board.driver_attached


@pytest.mark.parametrize("baud", [0, -1, 2**32])
def test_what_is_no_rate_is_refused(baud):
    with pytest.raises(CaptureError, match="no line rate"):
        checked_baud(baud)


@pytest.mark.parametrize(
    ("descriptors", "control_class", "claimed"),
    [
        (HEADER + UNION_OF_0_AND_1, (2, 2, 1), {0, 1}),
        (b"", (2, 2, 0), {0, 1}),  # no union: the interface before the data
        (HEADER + b"\x00\x00", (2, 2, 0), {0, 1}),  # a length of 0 must not hang
        (b"", (0xFF, 0, 0), {1}),  # no ACM at all: the data alone
    ],
)
def test_the_control_interface_is_found(descriptors, control_class, claimed):
    board = Board(Interface(control_class, descriptors, (Endpoint(0x82, 3, 8),)), DATA)
    with _open(board):
        assert board.claimed == claimed


def test_each_of_two_ports_has_its_own_control_interface():
    def control(union):
        return Interface((2, 2, 0), HEADER + bytes((5, 0x24, 6, *union)), ())

    other = Interface((10, 0, 0), b"", (Endpoint(0x86, 2, 64),))
    board = Board(control((0, 2)), control((1, 3)), DATA, other)
    with _open(board, endpoint=0x86):
        assert board.claimed == {1, 3}
        assert [index for _, _, index, _ in board.sent] == [1, 1]
    with _open(board):
        assert board.claimed == {0, 2}


def test_notifications_are_read_where_they_are_asked_for():
    board = Board()
    with _open(board, endpoint=0x82) as tap:
        assert tap.transfer == "interrupt"
        assert board.claimed == {0}
        assert board.sent == []


def test_a_board_may_refuse_what_it_has_no_line_for():
    board = Board()
    board.refused = {0x20: (-9, errno.EPIPE), 0x22: (-9, errno.EPIPE)}
    with _open(board):
        assert board.claimed == {0, 1}
    assert board.driver_attached


def test_a_board_that_goes_while_the_line_is_opened_is_an_error():
    board = Board()
    board.refused = {0x20: (-4, errno.ENODEV)}
    with pytest.raises(CaptureError, match="no longer there"), _open(board):
        pytest.fail("opened a board that is gone")
    assert board.driver_attached
