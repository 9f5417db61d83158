import array
import errno
import json
import sys
from types import SimpleNamespace

import pytest
import usb.backend
import usb.core
from click.testing import CliRunner

from zerotap.capture import devices, host, tap
from zerotap.capture.commands.devices import devices as devices_command
from zerotap.capture.devices import inspect, list_devices, select_device
from zerotap.capture.sources.virtual import VirtualKeyboard
from zerotap.errors import CaptureError

KEYBOARD_REPORTS = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810195067508150025650507190029658100c0"
)
HUB = "090219000101 00e000 0904000001 09000000 0705810304000c"
KEYBOARD = "090222000101 00a032 0904000001 03010100 092111010001222d00 07058103080007"
# Interfaces and endpoints as Arduino's core for the SAMD21 has them.
MKR_ZERO = (
    "09024b000201 008032 080b0002020201 00"
    + "0904000001 02020100 0524001001 0424 0206 0524060001 0524010001 0705820310 0010"
    + "0904010002 0a000000 0705010240 0000 0705830240 0000"
)


class Scripted:
    """A device from its descriptors. ``refused`` is raised when it is opened, ``strings`` by their index."""

    def __init__(self, ids, configuration, strings=(), address=2, speed=2, refused=None):
        self.ids, self.strings, self.address = ids, strings, address
        self.speed, self.refused = speed, refused
        self.configuration, self.interfaces = _parse(bytes.fromhex(configuration))
        self.active, self.bound, self.reports = 1, set(), b""


def _parse(data):
    """Split a configuration descriptor as libusb does: other descriptors are extra to the one before."""
    interfaces, at = [], 0
    while at < len(data):
        part = data[at : at + data[at]]
        at += data[at]
        if part[1] == 4:
            interfaces.append(
                SimpleNamespace(
                    bLength=9, bDescriptorType=4, bInterfaceNumber=part[2], bAlternateSetting=part[3],
                    bNumEndpoints=part[4], bInterfaceClass=part[5], bInterfaceSubClass=part[6],
                    bInterfaceProtocol=part[7], iInterface=0, extra_descriptors=[], ends=[],
                )
            )  # fmt: skip
        elif part[1] == 5:
            interfaces[-1].ends.append(
                SimpleNamespace(
                    bLength=7, bDescriptorType=5, bEndpointAddress=part[2], bmAttributes=part[3],
                    wMaxPacketSize=part[4] | part[5] << 8, bInterval=part[6], bRefresh=0, bSynchAddress=0,
                    extra_descriptors=[],
                )
            )  # fmt: skip
        elif part[1] != 2 and interfaces:
            interfaces[-1].extra_descriptors += part
    configuration = SimpleNamespace(
        bLength=9, bDescriptorType=2, wTotalLength=len(data), bNumInterfaces=len(interfaces),
        bConfigurationValue=data[5], iConfiguration=0, bmAttributes=0x80, bMaxPower=50, extra_descriptors=[],
    )  # fmt: skip
    return configuration, interfaces


class ScriptedBus(usb.backend.IBackend):
    """Any number of scripted devices; error numbers are those that libusb gave on Linux."""

    def __init__(self, *scripted):
        self.scripted, self.open = scripted, []

    def enumerate_devices(self):
        return iter(self.scripted)

    def get_parent(self, _dev):
        return None

    def get_device_descriptor(self, dev):
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=dev.ids[0], idProduct=dev.ids[1], bcdDevice=0x100, iManufacturer=1,
            iProduct=2, iSerialNumber=3, bNumConfigurations=1, bus=1, address=dev.address, port_number=1,
            port_numbers=(1,), speed=dev.speed,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev, config):
        return [dev.configuration][config]

    def get_interface_descriptor(self, dev, intf, alt, _config):
        return [dev.interfaces[intf]][alt]

    def get_endpoint_descriptor(self, dev, ep, intf, _alt, _config):
        return dev.interfaces[intf].ends[ep]

    def open_device(self, dev):
        if dev.refused:
            raise dev.refused
        self.open.append(dev)
        return dev

    def close_device(self, dev):
        self.open.remove(dev)

    def get_configuration(self, dev):
        return dev.active

    def claim_interface(self, dev, intf):
        if intf in dev.bound:
            raise usb.core.USBError("Resource busy", -6, errno.EBUSY)

    def release_interface(self, _dev, _intf):
        pass

    def ctrl_transfer(self, dev, request_type, request, value, _index, data, _timeout):
        if (request_type, request, value) == (0x81, 6, 0x2200):
            answer = dev.reports
        else:
            index = value & 0xFF
            text = "\u0409" if index == 0 else (dev.strings or ("", "", ""))[index - 1]
            if isinstance(text, bytes):
                answer = text
            else:
                answer = bytes((2 + 2 * len(text), 3)) + text.encode("utf-16-le")
        answer = answer[: len(data)]
        data[: len(answer)] = array.array("B", answer)
        return len(answer)


def _refused(number, code):
    return usb.core.USBError("refused", code, number)


def _hub():
    return Scripted((0x1D6B, 2), HUB, ("Linux", "root hub", "0000:00:14.0"), address=1, speed=3)


def _keyboard(address=3, serial="A", **more):
    strings = ("ACME", "Desk Keyboard", serial)
    return Scripted((0x1209, 2), KEYBOARD, strings, address=address, **more)


def _empty():
    return Scripted((1, 1), "090209000001 00a032", address=12, speed=None)


def _mkr_zero(**more):
    return Scripted(
        (0x2341, 0x804F), MKR_ZERO, ("Arduino LLC", "Arduino MKR Zero", "50F1"), address=9, **more
    )


@pytest.fixture(autouse=True)
def sysfs(monkeypatch, tmp_path):
    monkeypatch.setattr(host, "SYSFS_DEVICES", tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch):
    """Run `zerotap devices` with a bus; what goes to stdout and stderr is kept apart."""

    def run(bus, *arguments):
        monkeypatch.setattr(devices, "usb_backend", lambda: bus)
        return CliRunner().invoke(devices_command, arguments, catch_exceptions=False)

    return run


def _linux_tree(root, device, interface, driver=None, **attributes):
    """Make the folders that sysfs has for a device and one of its interfaces."""
    folder = root / f"1-{device.address}"
    numbers = {"busnum": 1, "devnum": device.address}
    ids = {"idVendor": f"{device.ids[0]:04x}", "idProduct": f"{device.ids[1]:04x}"}
    below = folder / f"1-{device.address}:1.{interface}"
    below.mkdir(parents=True)
    for name, value in {**numbers, **ids, **attributes}.items():
        (folder / name).write_text(f"{value}\n")
    if driver:
        (below / "driver").symlink_to(f"../../../../bus/usb/drivers/{driver}")
    return below


def test_a_hub_a_keyboard_and_a_composite_board_are_listed_by_address():
    bus = ScriptedBus(_mkr_zero(), _keyboard(), _hub())
    hub, keyboard, board = list_devices(bus)
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
    assert bus.open == [], "every device is closed again"


@pytest.mark.parametrize(
    ("transfer", "interval", "speed", "expected_us"),
    [("interrupt", 7, 2, 7000), ("interrupt", 10, 1, 10_000), ("interrupt", 4, 3, 1000),
     ("isochronous", 1, 2, 1000), ("isochronous", 4, 2, 8000), ("interrupt", 1, 4, 125), ("bulk", 5, 3, 0),
     ("interrupt", 0, 3, 0), ("interrupt", 255, 3, 125 << 15)],
)  # fmt: skip
def test_how_often_the_host_asks(transfer, interval, speed, expected_us):
    assert devices._interval_us(transfer, interval, speed) == expected_us


def test_no_permission_is_told_and_the_descriptors_are_still_listed():
    (info,) = list_devices(ScriptedBus(_keyboard(refused=_refused(errno.EACCES, -3))))
    assert not info.openable
    assert info.problem_errno == errno.EACCES
    assert "`zerotap udev`" in info.problem
    assert info.name == "", "pyusb raises ValueError for its strings"
    assert info.interfaces[0].endpoints[0].address == 0x81


def test_linux_knows_names_and_drivers_without_permission(sysfs):
    board = _mkr_zero(refused=_refused(errno.EACCES, -3))
    _linux_tree(
        sysfs, board, 0, "cdc_acm", manufacturer="Arduino LLC", product="MKR\x1b[2JZero", serial="50F1"
    )
    (info,) = list_devices(ScriptedBus(board))
    assert (info.identity.serial, info.name) == ("50F1", "Arduino LLC MKR\ufffd[2JZero")
    assert [i.driver for i in info.interfaces] == ["cdc_acm", None]


def test_an_interface_without_a_driver_is_told_from_one_that_nothing_is_known_of(sysfs):
    keyboard = _keyboard()
    assert list_devices(ScriptedBus(keyboard))[0].interfaces[0].driver is None
    _linux_tree(sysfs, keyboard, 0)
    assert list_devices(ScriptedBus(keyboard))[0].interfaces[0].driver == ""


def test_the_same_numbers_on_a_virtual_bus_are_not_the_real_device(sysfs):
    _linux_tree(sysfs, _mkr_zero(), 0, "cdc_acm", product="Real")
    other = Scripted((1, 1), KEYBOARD, address=9)
    (info,) = list_devices(ScriptedBus(other))
    assert (info.interfaces[0].driver, info.name) == (None, "")


def test_windows_names_the_driver_in_its_registry(monkeypatch):
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
    keyboard, board = list_devices(ScriptedBus(_keyboard(), _mkr_zero()))
    assert [i.driver for i in (*keyboard.interfaces, *board.interfaces)] == ["HidUsb", "usbser", None]


def test_a_driver_that_libusb_has_no_words_for():
    (info,) = list_devices(ScriptedBus(_mkr_zero(refused=NotImplementedError("not supported"))))
    assert not info.openable and "`zerotap doctor`" in info.problem


def test_a_device_that_is_not_configured_opens():
    board = _mkr_zero()
    board.active = 0
    (info,) = list_devices(ScriptedBus(board))
    assert info.openable and len(info.interfaces) == 2


@pytest.mark.parametrize("answer", [b"", b"\x04\x03\x00\xd8", b"\x02\x03"])
def test_strings_that_are_empty_or_no_utf_16_are_left_out(answer):
    (info,) = list_devices(ScriptedBus(Scripted((1, 1), KEYBOARD, ("ACME", answer, "S\0"))))
    assert (info.name, info.identity.serial) == ("ACME", "S")


def test_a_failing_bus_is_a_capture_error(monkeypatch):
    def fail(**_arguments):
        raise usb.core.USBError("Other error", -99, None)

    monkeypatch.setattr(usb.core, "find", fail)
    with pytest.raises(CaptureError, match="cannot be listed"):
        list_devices(ScriptedBus())


def test_no_libusb_names_the_doctor(monkeypatch):
    monkeypatch.setattr("libusb_package.get_libusb1_backend", lambda: None)
    with pytest.raises(CaptureError, match="`zerotap doctor`"):
        devices.usb_backend()


@pytest.mark.parametrize(
    "spec", ["2341:804F", "2341:804f:50F1", "1.9", "001.009", "mkr", "arduino llc ardu", " ZERO "]
)
def test_each_way_to_name_the_board(spec):
    bus = ScriptedBus(_hub(), _keyboard(), _mkr_zero())
    assert select_device(spec, backend=bus).address == 9
    assert bus.open == []


def test_several_matches_are_listed_and_nothing_is_chosen():
    bus = ScriptedBus(_keyboard(3, "A"), _keyboard(4, "B"), _mkr_zero())
    for spec in ("1209:0002", "desk"):
        with pytest.raises(CaptureError) as raised:
            select_device(spec, backend=bus)
        assert "1.3 (ACME Desk Keyboard, serial A)" in str(raised.value)
        assert "1.4 (ACME Desk Keyboard, serial B)" in str(raised.value)
        assert "MKR" not in str(raised.value)
    assert select_device("1209:0002:B", backend=bus).address == 4


@pytest.mark.parametrize("spec", ["1209:0003", "2341:804f:other", "1.8", "mouse", "", "  "])
def test_no_match_lists_what_there_is(spec):
    with pytest.raises(CaptureError, match=r"there are: 1209:0002 at 1\.3 .*; 2341:804f"):
        select_device(spec, backend=ScriptedBus(_keyboard(), _mkr_zero()))


def test_no_device_at_all():
    with pytest.raises(CaptureError, match="none at all"):
        select_device("1.1", [])


def test_devices_that_were_given_are_chosen_among():
    first, second = devices.find_devices(ScriptedBus(_keyboard(3), _keyboard(4)))
    assert select_device("desk", [second]) is second
    assert inspect(first).identity.address == 3


def test_the_table_has_a_line_for_each_device_and_each_endpoint(run, sysfs):
    keyboard = _keyboard(serial="[red]X")
    _linux_tree(sysfs, keyboard, 0, "usbhid")
    result = run(ScriptedBus(keyboard, _mkr_zero(refused=_refused(errno.EACCES, -3)), _empty()))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "  interface            driver   endpoint",
        "1209:0002 at 1.3 (ACME Desk Keyboard, serial [red]X), full speed, opens",
        "  0 HID boot keyboard  usbhid   0x81 IN interrupt, 8 bytes, every 7 ms",
        "2341:804f at 1.9, full speed, does not open: you have no permission; run as root or add a udev rule "
        "(`zerotap udev` prints it)",
        "  0 CDC-ACM control    unknown  0x82 IN interrupt, 16 bytes, every 16 ms",
        "  1 CDC data           unknown  0x01 OUT bulk, 64 bytes",
        "                                0x83 IN bulk, 64 bytes",
        "0001:0001 at 1.12, unknown speed, opens",
    ]


def test_json_has_the_same(run):
    (keyboard,) = json.loads(run(ScriptedBus(_keyboard()), "--json").stdout)
    assert keyboard["id"] == "1209:0002" and keyboard["openable"] is True
    (interface,) = keyboard["interfaces"]
    assert (interface["class"], interface["kind"], interface["driver"]) == (
        "HID boot keyboard",
        [3, 1, 1],
        None,
    )
    assert interface["endpoints"] == [
        {
            "address": 0x81,
            "direction": "IN",
            "transfer": "interrupt",
            "max_packet_bytes": 8,
            "interval_us": 7000,
        }
    ]


def test_no_device_is_said_on_stderr_and_an_empty_array(run):
    result = run(ScriptedBus())
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no USB device is visible" in result.stderr
    assert json.loads(run(ScriptedBus(), "--json").stdout) == []


def test_hid_shows_the_kernels_copy_where_a_driver_holds_the_interface(run, sysfs):
    keyboard = _keyboard()
    keyboard.bound.add(0)
    below = _linux_tree(sysfs, keyboard, 0, "usbhid") / "0003:1209:0002.0001"
    below.mkdir()
    (below / "report_descriptor").write_bytes(KEYBOARD_REPORTS)
    assert "8 x 1 bit: key 0xe0 to 0xe7" in run(ScriptedBus(keyboard), "--hid").stdout


def test_hid_asks_the_device_where_the_kernel_has_no_copy(run):
    keyboard = _keyboard()
    keyboard.reports = KEYBOARD_REPORTS
    (listed, board) = json.loads(run(ScriptedBus(keyboard, _mkr_zero()), "--hid", "--json").stdout)
    (report,) = listed["interfaces"][0]["hid"]
    assert (report["application"], report["length_bytes"]) == ("keyboard", 8)
    assert all("hid" not in interface for interface in board["interfaces"])


def test_hid_says_why_a_report_descriptor_is_missing(run):
    busy, damaged = _keyboard(3), _keyboard(4)
    busy.bound.add(0)
    damaged.reports = b"\x05\x01\xb4"
    bus = ScriptedBus(busy, damaged)
    problems = [d["interfaces"][0]["hid_problem"] for d in json.loads(run(bus, "--hid", "--json").stdout)]
    assert "another program or driver holds it" in problems[0]
    assert "damaged at byte 2" in problems[1]
    assert "damaged at byte 2" in run(bus, "--hid").stdout
    assert bus.open == []


def test_restore_gives_a_keyboard_its_driver_back(run):
    keyboard = VirtualKeyboard(driver_attached=False)
    result = run(keyboard, "--restore", "virtual boot")
    assert keyboard.driver_attached
    assert "interface 0" in result.stderr
    assert "1209:0001" in result.stdout
    assert "no driver was missing" in run(keyboard, "--restore", "1.2").stderr


def test_restore_of_several_stops(run, monkeypatch):
    monkeypatch.setattr(tap, "restore_drivers", lambda _device: pytest.fail("nothing may be restored"))
    with pytest.raises(CaptureError, match="several"):
        run(ScriptedBus(_keyboard(3), _keyboard(4)), "--restore", "desk")
