import errno
import json
import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner

from zerotap.capture import DeviceIdentity
from zerotap.capture.commands.devices import doctor as doctor_command
from zerotap.capture.commands.devices import udev as udev_command
from zerotap.capture.sources.virtual import VirtualKeyboard
from zerotap.capture.usb import devices, udev
from zerotap.capture.usb.boards import BOARDS, MKR_ZERO
from zerotap.capture.usb.devices import DeviceInfo, InterfaceInfo
from zerotap.capture.usb.doctor import CHECKS, Desk, examine, look
from zerotap.capture.usb.udev import udev_rules, write_udev_rules
from zerotap.errors import CaptureError, OutputError

BOOT_KEYBOARD, BOOT_MOUSE, PLAIN_HID = (3, 1, 1), (3, 1, 2), (3, 0, 0)
CDC_ACM, CDC_DATA, VENDOR, HUB = (2, 2, 1), (10, 0, 0), (255, 0, 0), (9, 0, 0)


def _device(*interfaces, ids=(0x1209, 2), problem_errno=0):
    """Make a device of (kind, driver) interfaces."""
    return DeviceInfo(
        identity=DeviceIdentity(*ids, bus=1, address=4, product="Thing"),
        speed="full",
        interfaces=tuple(
            InterfaceInfo(n, 0, kind, driver, ()) for n, (kind, driver) in enumerate(interfaces)
        ),
        problem="refused" if problem_errno else "",
        problem_errno=problem_errno,
    )


def _only_finding(platform, *found):
    (finding,) = examine(Desk(platform, found))
    assert finding.check in CHECKS
    return finding


@pytest.mark.parametrize(
    ("platform", "interfaces"),
    [
        ("linux", [(BOOT_KEYBOARD, "usbhid")]),
        ("linux", [(CDC_ACM, "cdc_acm"), (CDC_DATA, "cdc_acm")]),
        ("linux", [(BOOT_KEYBOARD, None)]),
        ("linux", [(VENDOR, "")]),
        ("win32", [(PLAIN_HID, "HidUsb")]),
        ("win32", [(VENDOR, "WinUSB"), (CDC_ACM, "WINUSB"), (CDC_DATA, "WinUSB")]),
        ("win32", [(CDC_ACM, "WinUSB"), (CDC_DATA, None)]),
        ("win32", [(BOOT_KEYBOARD, "libusbK")]),
        ("darwin", [(CDC_ACM, None), (CDC_DATA, None)]),
        ("darwin", [(PLAIN_HID, None)]),
    ],
)
def test_nothing_is_wrong(platform, interfaces):
    assert examine(Desk(platform, (_device(*interfaces),))) == []


def test_no_libusb_hides_all_else():
    finding = _only_finding("linux")
    assert finding.check == "presence"
    (finding,) = examine(Desk("linux", backend_problem="no libusb"))
    assert finding.check == "backend"
    assert finding.command == "python -m pip install --force-reinstall libusb-package"


def test_no_libusb_is_seen(monkeypatch):
    monkeypatch.setattr("libusb_package.get_libusb1_backend", lambda: None)
    assert look().backend_problem


def test_no_permission_prints_the_rule_and_the_command_that_writes_it():
    finding = _only_finding("linux", _device((BOOT_KEYBOARD, "usbhid"), problem_errno=errno.EACCES))
    assert finding.check == "permission"
    assert finding.detail == udev_rules([(0x1209, 2)])
    assert finding.command.endswith("udev 1209:0002 --write")
    assert 'TAG+="uaccess"' in "".join(finding.lines()) and "1209:0002 at 1.4 (Thing)" in finding.lines()[0]


def test_a_rule_that_is_not_in_force_asks_for_the_plug_and_not_for_the_rule_again():
    device = _device((BOOT_KEYBOARD, "usbhid"), problem_errno=errno.EACCES)
    (finding,) = examine(Desk("linux", (device,), rules=udev_rules([(1, 1), (0x1209, 2)])))
    assert "though its udev rule is installed" in finding.cause
    assert finding.command.startswith("plug the device in again")
    (finding,) = examine(Desk("linux", (device,), rules=udev_rules([(1, 1)])))
    assert finding.command.endswith("--write")


@pytest.mark.parametrize("kind", [HUB, (8, 6, 80), (14, 1, 0)])
def test_hubs_disks_and_cameras_need_no_permission(kind):
    assert examine(Desk("linux", (_device((kind, "x"), problem_errno=errno.EACCES),))) == []


def test_a_program_that_holds_an_interface_is_busy_and_can_be_found():
    finding = _only_finding("linux", _device((CDC_ACM, "cdc_acm"), (CDC_DATA, "usbfs")))
    assert (finding.check, finding.cause) == ("busy", "another program has claimed interface 1")
    assert finding.command == "fuser --verbose /dev/bus/usb/001/004, then end that program"


@pytest.mark.parametrize(
    ("platform", "number"), [("linux", errno.EBUSY), ("darwin", errno.EBUSY), ("darwin", errno.EACCES)]
)
def test_a_device_that_does_not_open_because_another_has_it_is_busy(platform, number):
    finding = _only_finding(platform, _device((VENDOR, None), problem_errno=number))
    assert finding.check == "busy" and finding.command.endswith("that program")


@pytest.mark.parametrize("kind", [BOOT_KEYBOARD, BOOT_MOUSE, CDC_ACM])
def test_a_keyboard_or_port_without_its_driver_is_given_it_back(kind):
    finding = _only_finding("linux", _device((kind, "")))
    assert finding.check == "driverless"
    assert finding.command == "zerotap devices --restore 1.4"


@pytest.mark.parametrize(
    ("kind", "driver", "named"),
    [
        (CDC_ACM, "usbser", "usbser"),
        (CDC_ACM, None, "usbser"),
        (BOOT_KEYBOARD, "HidUsb", "HidUsb"),
        (BOOT_MOUSE, None, "HidUsb"),
        (VENDOR, None, "no driver"),
    ],
)
def test_windows_names_the_kind_of_driver(kind, driver, named):
    finding = _only_finding("win32", _device((kind, driver)))
    assert finding.check == "windows_driver"
    assert f"binds {named} to its" in finding.cause
    assert "interface 0 the driver WinUSB with Zadig" in finding.command


def test_windows_binds_an_interface_once_whatever_its_alternate_settings():
    device = _device((VENDOR, "other"))
    again = replace(device.interfaces[0], alternate=1)
    assert _only_finding("win32", replace(device, interfaces=(*device.interfaces, again)))


def test_windows_names_each_function_of_a_composite_device():
    board = _device((CDC_ACM, "usbser"), (CDC_DATA, None), (BOOT_KEYBOARD, "HidUsb"))
    serial, keyboard = (finding.cause for finding in examine(Desk("win32", (board,))))
    assert "CDC-ACM control interface 0" in serial
    assert "HID boot keyboard interface 2" in keyboard


@pytest.mark.parametrize("kind", [BOOT_KEYBOARD, BOOT_MOUSE])
def test_macos_keeps_keyboards_and_mice(kind):
    finding = _only_finding("darwin", _device((kind, None)))
    assert finding.check == "macos_exclusive"
    assert finding.command.startswith('sudo "$(command -v zerotap)" record 1.4')


def test_the_bootloader_is_left_by_reset_or_upload():
    board = _device((CDC_ACM, "cdc_acm"), (CDC_DATA, "cdc_acm"), ids=(0x2341, 0x004F))
    finding = _only_finding("linux", board)
    assert finding.check == "bootloader"
    assert "reset button once, or upload" in finding.command


def test_findings_on_two_devices_come_check_by_check():
    found = (_device((BOOT_KEYBOARD, "")), _device((VENDOR, ""), problem_errno=errno.EACCES))
    assert [finding.check for finding in examine(Desk("linux", found))] == ["permission", "driverless"]


@pytest.fixture
def keyboard(monkeypatch):
    """A keyboard on the bus, on a system whose sysfs is not looked at."""
    keyboard = VirtualKeyboard()
    monkeypatch.setattr(devices, "usb_backend", lambda: keyboard)
    return keyboard


def test_look_sees_all_devices_or_the_one_that_is_meant(keyboard):
    assert [str(device) for device in look().devices] == ["1209:0001 at 1.2 (zerotap Virtual boot keyboard)"]
    assert look("virtual").devices == look("1.2").devices == look().devices
    with pytest.raises(CaptureError, match="no USB device"):
        look("mouse")


def test_the_command_says_that_all_is_well(keyboard, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    result = CliRunner().invoke(doctor_command, [])
    assert (result.exit_code, result.stdout) == (
        0,
        f"nothing is wrong: 1 USB devices, {len(CHECKS)} checks\n",
    )
    assert json.loads(CliRunner().invoke(doctor_command, ["1.2", "--json"]).stdout) == []


def test_the_command_exits_with_1_and_names_what_is_next(keyboard, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    result = CliRunner().invoke(doctor_command, ["virtual"])
    assert result.exit_code == 1
    assert "macOS keeps keyboards" in result.stdout and "\n  next: sudo" in result.stdout
    result = CliRunner().invoke(doctor_command, ["--json"])
    assert [finding["check"] for finding in json.loads(result.stdout)] == ["macos_exclusive"]
    assert result.exit_code == 1


def test_the_rule_of_the_mkr_zero():
    rules = [line for line in udev_rules().splitlines() if not line.startswith("#")]
    assert rules == [
        'SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="2341", '
        f'ATTR{{idProduct}}=="{product}", TAG+="uaccess", ENV{{ID_MM_DEVICE_IGNORE}}="1"'
        for product in ("804f", "004f")
    ]
    assert udev_rules([*MKR_ZERO.ids, *MKR_ZERO.ids]) == udev_rules(MKR_ZERO.ids)


def test_the_file_is_read_before_seats_get_their_access():
    assert udev.RULES_PATH.parent.as_posix() == "/etc/udev/rules.d"
    assert udev.RULES_PATH.name < "73-seat-late.rules"


@pytest.fixture
def rules_path(monkeypatch, tmp_path):
    monkeypatch.setattr(udev, "RULES_PATH", tmp_path / "70-zerotap.rules")
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path / "70-zerotap.rules"


def test_a_rule_is_written_once_and_replaced_only_when_asked(rules_path):
    assert write_udev_rules(udev_rules(), rules_path)
    assert rules_path.read_text() == udev_rules()
    assert rules_path.stat().st_mode & 0o777 == 0o644
    assert not write_udev_rules(udev_rules(), rules_path)
    with pytest.raises(CaptureError, match="holds other rules; name every device"):
        write_udev_rules("other", rules_path)
    assert rules_path.read_text() == udev_rules()
    assert write_udev_rules("other", rules_path, force=True)
    assert [path.name for path in rules_path.parent.iterdir()] == [rules_path.name], "nothing is left behind"


def test_look_reads_the_rules_that_were_written(rules_path, keyboard):
    assert look().rules == ""
    write_udev_rules(udev_rules(), rules_path)
    assert look().rules == udev_rules()


def test_a_write_that_fails_leaves_the_old_rules(rules_path, monkeypatch):
    rules_path.write_text("old")

    def refuse(*_arguments):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    with pytest.raises(OutputError, match=r"cannot be written \(Permission denied\); run sudo"):
        write_udev_rules("new", rules_path, force=True)
    assert [path.read_text() for path in rules_path.parent.iterdir()] == ["old"]


def test_no_folder_for_rules_is_one_sentence(rules_path):
    with pytest.raises(OutputError, match=r"No such file.*; see that .*missing exists"):
        write_udev_rules("new", rules_path.parent / "missing" / "70-zerotap.rules")


def test_other_systems_have_no_udev(rules_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(CaptureError, match="part of Linux, not of darwin"):
        write_udev_rules("new", rules_path)
    assert not rules_path.exists()


def test_the_udev_command_prints_by_default(rules_path, keyboard):
    assert CliRunner().invoke(udev_command, []).stdout == udev_rules()
    printed = CliRunner().invoke(udev_command, ["046D:C31C", "virtual"]).stdout
    assert printed == udev_rules([(0x046D, 0xC31C), (0x1209, 1)])
    assert not rules_path.exists()


def test_the_udev_command_writes_when_asked(rules_path):
    first = CliRunner().invoke(udev_command, ["2341:804f", "--write"])
    assert first.exit_code == 0 and "Next: sudo udevadm control --reload" in first.stderr
    assert rules_path.read_text() == udev_rules([(0x2341, 0x804F)])
    assert "already" in CliRunner().invoke(udev_command, ["2341:804f", "--write"]).stdout
    assert isinstance(CliRunner().invoke(udev_command, ["--write"]).exception, CaptureError)
    assert CliRunner().invoke(udev_command, ["--write", "--force"]).exit_code == 0
    assert rules_path.read_text() == udev_rules()


def test_the_udev_command_names_what_writes_the_rule(rules_path):
    result = CliRunner().invoke(udev_command, ["2341:804f"])
    assert result.stderr == 'Next: sudo "$(command -v zerotap)" udev 2341:804f --write\n'


def test_every_board_is_known_in_its_bootloader():
    for board in BOARDS:
        assert board.ids == (board.sketch, board.bootloader)
        finding = _only_finding(
            "linux", _device((CDC_ACM, "cdc_acm"), (CDC_DATA, "cdc_acm"), ids=board.bootloader)
        )
        assert board.name in finding.cause
        assert finding.command.endswith(f"{board.sketch[0]:04x}:{board.sketch[1]:04x}")
    assert len({ids for board in BOARDS for ids in board.ids}) == 2 * len(BOARDS)


def test_force_without_write_is_a_wrong_usage(rules_path):
    assert CliRunner().invoke(udev_command, ["--force"]).exit_code == 2
