"""What the watchdog asks the kernel for: usbfs, as Linux answers it."""

import errno
import struct
import sys

import pytest

if sys.platform == "win32":
    pytest.skip("usbfs is Linux's", allow_module_level=True)

from zerotap.capture.usb import watchdog
from zerotap.capture.usb.watchdog import CLAIM, CONNECT, CONTROL, GET_DRIVER, PASS_ON, RELEASE, give_back

NODE = 7


class Usbfs:
    """Interfaces by their number: b"" is free; ``held`` says how often a dying program still has each."""

    def __init__(self, *drivers, held=0):
        self.drivers, self.held, self.asked = dict(enumerate(drivers)), held, []

    def __call__(self, node, request, argument):
        assert node == NODE
        number = struct.unpack_from("HHH" if request == CONTROL else "I", argument)[-1]
        self.asked.append((request, number))
        return {GET_DRIVER: self.get_driver, PASS_ON: self.pass_on}.get(request, self.nothing)(
            number, argument
        )

    def nothing(self, _number, _argument):
        return 0

    def get_driver(self, number, argument):
        if self.held:
            self.held -= 1
            self.name(argument, b"usbfs")
        elif self.drivers[number]:
            self.name(argument, self.drivers[number])
        else:
            raise OSError(errno.ENODATA, "No data available")

    def name(self, argument, name):
        argument[4 : 4 + len(name)] = name

    def pass_on(self, number, argument):
        assert struct.unpack("iiP", argument) == (number, CONNECT, 0)
        self.drivers[number] = b"usbhid"
        return 1


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(watchdog, "PAUSE_S", 0)


def test_the_requests_are_those_of_linux():
    numbers = (GET_DRIVER, CLAIM, RELEASE, CONNECT)
    assert numbers == (0x41045508, 0x8004550F, 0x80045510, 0x5517)
    if sys.maxsize > 2**32:
        assert (CONTROL, PASS_ON) == (0xC0185500, 0xC0105512)


def test_every_driver_comes_back():
    usbfs = Usbfs(b"", b"")
    assert give_back(NODE, [0, 1], [], usbfs) == ""
    assert usbfs.drivers == {0: b"usbhid", 1: b"usbhid"}


def test_what_a_dying_program_holds_is_waited_for():
    usbfs = Usbfs(b"", held=5)
    assert give_back(NODE, [0], [], usbfs) == ""
    assert usbfs.drivers == {0: b"usbhid"}


def test_a_keyboard_leaves_the_boot_protocol_before():
    usbfs = Usbfs(b"")
    assert give_back(NODE, [0], [0], usbfs) == ""
    assert [request for request, _ in usbfs.asked] == [GET_DRIVER, CLAIM, CONTROL, RELEASE, PASS_ON]


def test_a_driver_that_is_back_already_is_left_alone():
    usbfs = Usbfs(b"cdc_acm", b"cdc_acm")
    assert give_back(NODE, [0, 1], [], usbfs) == ""
    assert [request for request, _ in usbfs.asked] == [GET_DRIVER] * 2


def test_a_device_that_is_gone_needs_nothing():
    def gone(*_arguments):
        raise OSError(errno.ENODEV, "No such device")

    assert give_back(NODE, [0], [0], gone) == ""


def _refused(*_arguments):
    raise PermissionError(errno.EACCES, "Permission denied")


@pytest.mark.parametrize(
    ("usbfs", "reason"),
    [(Usbfs(b"usbfs"), "another program holds it"), (_refused, "Permission denied")],
)
def test_it_gives_up_in_the_end_and_says_why(usbfs, reason, monkeypatch):
    monkeypatch.setattr(watchdog, "LIMIT_S", 0.01)
    assert give_back(NODE, [0], [], usbfs) == reason
