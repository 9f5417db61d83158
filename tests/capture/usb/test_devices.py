import errno
import sys
from types import SimpleNamespace

import pytest
import usb.core

from zerotap.capture.usb import devices
from zerotap.capture.usb.devices import find_devices, inspect, select_device
from zerotap.errors import CaptureError

pytestmark = pytest.mark.usefixtures("sysfs")


def test_a_hub_a_keyboard_and_a_composite_board_are_listed_by_address(usb_devices):
    bus = usb_devices.bus(usb_devices.mkr_zero(), usb_devices.keyboard(), usb_devices.hub())
    hub, keyboard, board = find_devices(bus)
    assert [str(d) for d in (hub, keyboard, board)] == [
        "1d6b:0002 at 1.1 (Linux root hub, serial 0000:00:14.0)",
        "1209:0002 at 1.3 (ACME Desk Keyboard, serial A)",
        "2341:804f at 1.9 (Arduino LLC Arduino MKR Zero, serial 50F1)",
    ]
    assert [i.class_name for i in board.interfaces] == ["CDC-ACM control", "CDC data"]
    assert [
        (e.address, e.direction, e.transfer, e.max_packet_bytes) for e in board.interfaces[1].endpoints
    ] == [
        (0x01, "OUT", "bulk", 64),
        (0x83, "IN", "bulk", 64),
    ]
    assert keyboard.interfaces[0].class_name == "HID boot keyboard"
    assert (hub.speed, keyboard.speed) == ("high", "full")
    assert hub.openable and keyboard.openable and board.openable


@pytest.mark.parametrize(
    ("transfer", "interval", "speed", "expected_us"),
    [("interrupt", 7, 2, 7000), ("interrupt", 10, 1, 10_000), ("interrupt", 4, 3, 1000),
     ("isochronous", 1, 2, 1000), ("isochronous", 4, 2, 8000), ("interrupt", 1, 4, 125), ("bulk", 5, 3, 0),
     ("interrupt", 0, 3, 0), ("interrupt", 255, 3, 125 << 15)],
)  # fmt: skip
def test_how_often_the_host_asks(transfer, interval, speed, expected_us):
    assert devices._interval_us(transfer, interval, speed) == expected_us


def test_alternate_settings_are_told_apart_and_a_packet_is_not_three(usb_devices):
    (info,) = find_devices(usb_devices.bus(usb_devices.camera()))
    idle, streaming = info.interfaces
    assert [(i.number, i.alternate) for i in (idle, streaming)] == [(0, 0), (0, 1)]
    assert str(streaming.endpoints[0]) == "0x81 IN isochronous, 1024 bytes, every 0.125 ms"


def test_no_permission_is_told_and_the_descriptors_are_still_listed(usb_devices):
    (info,) = find_devices(
        usb_devices.bus(usb_devices.keyboard(refused=usb_devices.refused(errno.EACCES, -3)))
    )
    assert not info.openable
    assert info.problem_errno == errno.EACCES
    assert "`zerotap udev`" in info.problem
    assert info.name == "", "pyusb raises ValueError for its strings"
    assert info.interfaces[0].endpoints[0].address == 0x81


def test_linux_knows_names_and_drivers_without_permission(sysfs, usb_devices):
    board = usb_devices.mkr_zero(refused=usb_devices.refused(errno.EACCES, -3))
    usb_devices.linux_tree(
        sysfs, board, 0, "cdc_acm", manufacturer="Arduino LLC", product="MKR\x1b[2JZero", serial="50F1"
    )
    (info,) = find_devices(usb_devices.bus(board))
    assert (info.identity.serial, info.name) == ("50F1", "Arduino LLC MKR\ufffd[2JZero")
    assert [i.driver for i in info.interfaces] == ["cdc_acm", None]


def test_an_interface_without_a_driver_is_told_from_one_that_nothing_is_known_of(sysfs, usb_devices):
    keyboard = usb_devices.keyboard()
    assert find_devices(usb_devices.bus(keyboard))[0].interfaces[0].driver is None
    usb_devices.linux_tree(sysfs, keyboard, 0)
    assert find_devices(usb_devices.bus(keyboard))[0].interfaces[0].driver == ""


@pytest.mark.parametrize("ids", [(0x2341, 2), (0x1209, 0x804F)])
def test_the_same_numbers_on_a_virtual_bus_are_not_the_real_device(ids, sysfs, usb_devices):
    usb_devices.linux_tree(sysfs, usb_devices.mkr_zero(), 0, "cdc_acm", product="Real")
    other = usb_devices.keyboard(address=9, ids=ids)
    (info,) = find_devices(usb_devices.bus(other))
    assert (info.interfaces[0].driver, info.identity.product) == (None, "Desk Keyboard")


def test_windows_names_the_driver_in_its_registry(monkeypatch, usb_devices):
    keys = {"VID_2341&PID_804F&MI_00": "usbser", "VID_1209&PID_0002": "HidUsb",
            "VID_2341&PID_804F": "usbccgp"}  # fmt: skip

    class Key(SimpleNamespace):
        def __enter__(self):
            return self

        def __exit__(self, *_error):
            return None

    def open_key(key, name):
        service = keys.get(name.rpartition("\\")[2]) if key == "HKLM" else key.service
        if service is None:
            raise FileNotFoundError(name)
        return Key(service=service)

    winreg = SimpleNamespace(
        HKEY_LOCAL_MACHINE="HKLM", OpenKey=open_key, EnumKey=lambda _key, _index: "5&2c1",
        QueryValueEx=lambda key, _name: (key.service, 1),
    )  # fmt: skip
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "winreg", winreg)
    keyboard, board = find_devices(usb_devices.bus(usb_devices.keyboard(), usb_devices.mkr_zero()))
    assert [i.driver for i in (*keyboard.interfaces, *board.interfaces)] == ["HidUsb", "usbser", None]


def test_a_driver_that_libusb_has_no_words_for(usb_devices):
    (info,) = find_devices(
        usb_devices.bus(usb_devices.mkr_zero(refused=NotImplementedError("not supported")))
    )
    assert not info.openable and "`zerotap doctor`" in info.problem


def test_a_device_that_is_not_configured_opens(usb_devices):
    board = usb_devices.mkr_zero()
    board.active = 0
    (info,) = find_devices(usb_devices.bus(board))
    assert info.openable and len(info.interfaces) == 2


@pytest.mark.parametrize("answer", [b"", b"\x04\x03\x00\xd8", b"\x02\x03"])
def test_strings_that_are_empty_or_no_utf_16_are_left_out(answer, usb_devices):
    (info,) = find_devices(usb_devices.bus(usb_devices.keyboard(product=answer, serial="S\0")))
    assert (info.name, info.identity.serial) == ("ACME", "S")


def test_a_failing_bus_is_a_capture_error(monkeypatch, usb_devices):
    def fail(**_arguments):
        raise usb.core.USBError("Other error", -99, None)

    monkeypatch.setattr(usb.core, "find", fail)
    with pytest.raises(CaptureError, match="cannot be listed"):
        find_devices(usb_devices.bus())


def test_no_libusb_names_the_doctor(monkeypatch):
    monkeypatch.setattr("libusb_package.get_libusb1_backend", lambda: None)
    with pytest.raises(CaptureError, match="`zerotap doctor`"):
        devices.usb_backend()


@pytest.mark.parametrize(
    "spec", ["2341:804F", "2341:804f:50F1", "1.9", "001.009", "mkr", "arduino llc ardu", " ZERO "]
)
def test_each_way_to_name_the_board(spec, usb_devices):
    bus = usb_devices.bus(usb_devices.hub(), usb_devices.keyboard(), usb_devices.mkr_zero())
    assert select_device(spec, backend=bus).address == 9
    assert bus.open == []


def test_several_matches_are_listed_and_nothing_is_chosen(usb_devices):
    bus = usb_devices.bus(usb_devices.keyboard(3, "A"), usb_devices.keyboard(4, "B"), usb_devices.mkr_zero())
    for spec in ("1209:0002", "desk"):
        with pytest.raises(CaptureError) as raised:
            select_device(spec, backend=bus)
        assert "1.3 (ACME Desk Keyboard, serial A)" in str(raised.value)
        assert "1.4 (ACME Desk Keyboard, serial B)" in str(raised.value)
        assert "MKR" not in str(raised.value)
    assert select_device("1209:0002:B", backend=bus).address == 4


@pytest.mark.parametrize("spec", ["1209:0003", "2341:804f:other", "1.8", "mouse", "", "  "])
def test_no_match_lists_what_there_is(spec, usb_devices):
    with pytest.raises(CaptureError, match=r"there are: 1209:0002 at 1\.3 .*; 2341:804f"):
        select_device(spec, backend=usb_devices.bus(usb_devices.keyboard(), usb_devices.mkr_zero()))


def test_no_device_at_all():
    with pytest.raises(CaptureError, match="none at all"):
        select_device("1.1", [])


def test_looking_and_choosing_leave_every_device_closed(usb_devices):
    bus = usb_devices.bus(usb_devices.keyboard(), usb_devices.mkr_zero())
    found = devices.usb_devices(bus)
    assert all(inspect(device).openable for device in found)
    assert bus.open == []
    assert select_device("mkr", found).address == 9
    assert bus.open == []


def test_devices_that_were_given_are_chosen_among(usb_devices):
    first, second = devices.usb_devices(usb_devices.bus(usb_devices.keyboard(3), usb_devices.keyboard(4)))
    assert select_device("desk", [second]) is second
    assert inspect(first).identity.address == 3
