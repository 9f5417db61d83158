import errno
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from zerotap.capture.commands.devices import devices as devices_command
from zerotap.capture.packet import DeviceIdentity
from zerotap.capture.serial_ports import ports as serial_ports
from zerotap.capture.serial_ports.ports import SerialPort
from zerotap.capture.sources.virtual import VirtualKeyboard
from zerotap.capture.usb import devices, giving_back
from zerotap.capture.usb.hid import read_reports
from zerotap.errors import CaptureError

pytestmark = pytest.mark.usefixtures("sysfs")

KEYBOARD_REPORTS = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810195067508150025650507190029658100c0"
)


@pytest.fixture
def run(monkeypatch):
    """Run `zerotap devices` with a bus; what goes to stdout and stderr is kept apart."""

    def run(bus, *arguments):
        monkeypatch.setattr(devices, "usb_backend", lambda: bus)
        return CliRunner().invoke(devices_command, arguments, catch_exceptions=False)

    return run


def test_the_table_has_a_line_for_each_device_and_each_endpoint(run, sysfs, usb_devices):
    keyboard = usb_devices.keyboard(serial="[red]X")
    usb_devices.linux_tree(sysfs, keyboard, 0, "usbhid")
    result = run(
        usb_devices.bus(
            keyboard,
            usb_devices.mkr_zero(refused=usb_devices.refused(errno.EACCES, -3)),
            usb_devices.camera(),
            usb_devices.empty(),
        )
    )
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "  interface            driver   endpoint",
        "1209:0002 at 1.3 (ACME Desk Keyboard, serial [red]X), full speed, opens",
        "  0 HID boot keyboard  usbhid   0x81 IN interrupt, 8 bytes, every 7 ms",
        "1209:0003 at 1.5, high speed, opens",
        "  0 video              unknown",
        "  0.1 video            unknown  0x81 IN isochronous, 1024 bytes, every 0.125 ms",
        "2341:804f at 1.9, full speed, does not open: you have no permission; run as root",
        "    or add a udev rule (`zerotap udev` prints it)",
        "  0 CDC-ACM control    unknown  0x82 IN interrupt, 16 bytes, every 16 ms",
        "  1 CDC data           unknown  0x01 OUT bulk, 64 bytes",
        "                                0x83 IN bulk, 64 bytes",
        "0001:0001 at 1.12, unknown speed, opens",
    ]


def test_a_table_too_wide_for_a_terminal_gives_endpoints_lines_of_their_own(run, sysfs, usb_devices):
    keyboard = usb_devices.keyboard()
    usb_devices.linux_tree(sysfs, keyboard, 0, "snd-usb-audio")
    result = run(usb_devices.bus(keyboard, usb_devices.camera()))
    assert result.stdout.splitlines() == [
        "1209:0002 at 1.3 (ACME Desk Keyboard, serial A), full speed, opens",
        "  0 HID boot keyboard, driver snd-usb-audio",
        "      0x81 IN interrupt, 8 bytes, every 7 ms",
        "1209:0003 at 1.5, high speed, opens",
        "  0 video, driver unknown",
        "  0.1 video, driver unknown",
        "      0x81 IN isochronous, 1024 bytes, every 0.125 ms",
    ]


def test_the_serial_port_of_a_device_is_listed_beneath_it_and_offered(run, usb_devices, monkeypatch):
    chip = usb_devices.ftdi()
    port = SerialPort("/dev/ttyUSB0", DeviceIdentity(0x0403, 0x6001, 1, 4, serial="A10"))
    monkeypatch.setattr(serial_ports, "find_ports", lambda: [port])
    result = run(usb_devices.bus(usb_devices.hub(), chip))
    lines = result.stdout.splitlines()
    assert lines[-1] == "  serial:/dev/ttyUSB0"
    assert lines[-4].startswith("0403:6001 at 1.4")
    wanted = "Next: zerotap record serial:/dev/ttyUSB0 --label LABEL --dataset DIR\n"
    assert run(usb_devices.bus(chip)).stderr == wanted
    rows = json.loads(run(usb_devices.bus(usb_devices.hub(), chip), "--json").stdout)
    assert [row["serial_ports"] for row in rows] == [[], ["/dev/ttyUSB0"]]


def test_the_next_command_records_what_can_be(run, usb_devices):
    refused = usb_devices.mkr_zero(refused=usb_devices.refused(errno.EACCES, -3))
    wanted = "Next: zerotap record 1209:0002 --label LABEL --dataset DIR\n"
    assert run(usb_devices.bus(refused, usb_devices.keyboard())).stderr == wanted
    assert run(usb_devices.bus(refused, usb_devices.camera())).stderr == "Next: zerotap doctor\n"


def test_json_has_the_same(run, usb_devices):
    (keyboard,) = json.loads(run(usb_devices.bus(usb_devices.keyboard()), "--json").stdout)
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


def test_no_device_is_said_on_stderr_and_an_empty_array(run, usb_devices):
    result = run(usb_devices.bus())
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no USB device is visible" in result.stderr
    assert json.loads(run(usb_devices.bus(), "--json").stdout) == []


def test_hid_shows_the_kernels_copy_where_a_driver_holds_the_interface(run, sysfs, usb_devices):
    keyboard = usb_devices.keyboard()
    keyboard.bound.add(0)
    below = usb_devices.linux_tree(sysfs, keyboard, 0, "usbhid") / "0003:1209:0002.0001"
    below.mkdir()
    (below / "report_descriptor").write_bytes(KEYBOARD_REPORTS)
    assert "8 x 1 bit: key 0xe0 to 0xe7" in run(usb_devices.bus(keyboard), "--hid").stdout


def test_hid_asks_the_device_where_the_kernel_has_no_copy(run, usb_devices):
    keyboard = usb_devices.keyboard()
    keyboard.reports = KEYBOARD_REPORTS
    (listed, board) = json.loads(
        run(usb_devices.bus(keyboard, usb_devices.mkr_zero()), "--hid", "--json").stdout
    )
    (report,) = listed["interfaces"][0]["hid"]
    assert (report["application"], report["length_bytes"]) == ("keyboard", 8)
    assert all("hid" not in interface for interface in board["interfaces"])


def test_hid_says_why_a_report_descriptor_is_missing(run, usb_devices):
    busy, damaged = usb_devices.keyboard(3), usb_devices.keyboard(4)
    busy.bound.add(0)
    damaged.reports = b"\x05\x01\xb4"
    bus = usb_devices.bus(busy, damaged)
    problems = [d["interfaces"][0]["hid_problem"] for d in json.loads(run(bus, "--hid", "--json").stdout)]
    assert "another program or driver holds it" in problems[0]
    assert "damaged at byte 2" in problems[1]
    assert "damaged at byte 2" in run(bus, "--hid").stdout


def test_reading_reports_leaves_the_device_closed(usb_devices):
    bus = usb_devices.bus(usb_devices.keyboard())
    (device,) = devices.usb_devices(bus)
    assert list(read_reports(device)) == [0]
    assert bus.open == [] and bus.claimed == []


def test_a_driver_that_lets_nobody_ask_is_named(usb_devices):
    (device,) = devices.usb_devices(usb_devices.bus(usb_devices.keyboard(refused=NotImplementedError())))
    assert read_reports(device) == {
        0: "the report descriptor cannot be read: libusb cannot ask for it through this driver"
    }


def test_restore_gives_a_keyboard_its_driver_back(run):
    keyboard = VirtualKeyboard(driver_attached=False)
    result = run(keyboard, "--restore", "virtual boot")
    assert keyboard.driver_attached
    assert "interface 0" in result.stderr
    assert "1209:0001" in result.stdout
    assert "no driver was missing" in run(keyboard, "--restore", "1.2").stderr


def test_restore_of_several_stops(run, monkeypatch, usb_devices):
    monkeypatch.setattr(
        giving_back, "restore_drivers", lambda _device: pytest.fail("nothing may be restored")
    )
    with pytest.raises(CaptureError, match="several"):
        run(usb_devices.bus(usb_devices.keyboard(3), usb_devices.keyboard(4)), "--restore", "desk")


def test_at_a_shell_a_wrong_device_is_one_sentence():
    command = [sys.executable, "-m", "zerotap", "devices", "--restore", "no such device"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith('zerotap: no USB device is "no such device"; there ')
    assert done.stderr.count("\n") == 1
