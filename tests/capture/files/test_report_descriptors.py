"""Report descriptors found in captures that were running when the device was plugged in."""

import struct

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import read_captured_reports
from zerotap.features.commands import text as text_command

KEYBOARD = bytes.fromhex(
    "05010906a1018506050719e029e71500250195087501810219002977957881 02c0".replace(" ", "")
)
MOUSE = bytes.fromhex("05010902a10109300931158125 7f750895028106c0".replace(" ", ""))
CONTROL, INTERRUPT = 2, 1


def _interface(number, descriptor, endpoint):
    return (
        bytes([9, 4, number, 0, 1, 3, 0, 0, 0])
        + bytes([9, 0x21, 0x11, 1, 0, 1, 0x22])
        + struct.pack("<H", len(descriptor))
        + bytes([7, 5, endpoint, 3, 64, 0, 1])
    )


def _configuration(*interfaces):
    body = b"".join(interfaces)
    return struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), len(interfaces), 1, 0, 0x80, 50) + body


def _usbmon(*transfers):
    """A pcap file of completions on bus 1, device 2: (transfer type, endpoint, data)."""
    file = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 220)
    for number, (kind, endpoint, data) in enumerate(transfers):
        header = struct.pack(
            "<QBBBBHccqiiII",
            number,
            ord("C"),
            kind,
            endpoint,
            2,
            1,
            b"-",
            b"\0",
            number,
            0,
            0,
            *[len(data)] * 2,
        )
        frame = header.ljust(64, b"\0") + data
        file += struct.pack("<IIII", number, 0, len(frame), len(frame)) + frame
    return file


def _control(*answers):
    return [(CONTROL, 0x80, answer) for answer in answers]


def _write(tmp_path, *transfers):
    path = tmp_path / "plugged.pcap"
    path.write_bytes(_usbmon(*transfers))
    return path


def test_a_descriptor_belongs_to_the_interface_that_announced_its_length(tmp_path):
    configuration = _configuration(_interface(0, MOUSE, 0x83), _interface(1, KEYBOARD, 0x81))
    path = _write(
        tmp_path, *_control(configuration[:9], configuration, KEYBOARD, MOUSE), (INTERRUPT, 0x81, b"\6")
    )
    found = read_captured_reports(path)
    assert {name: reports[0].application for name, reports in found.items()} == {
        "1.2.1": 0x1_0006,
        "1.2.3": 0x1_0002,
    }


def test_descriptors_of_one_length_are_taken_in_order(tmp_path):
    other = MOUSE[:3] + b"\6" + MOUSE[4:]
    configuration = _configuration(_interface(0, MOUSE, 0x81), _interface(1, other, 0x82))
    found = read_captured_reports(_write(tmp_path, *_control(configuration, MOUSE, MOUSE, other)))
    assert [found[name][0].application for name in ("1.2.1", "1.2.2")] == [0x1_0002, 0x1_0006]


@pytest.mark.parametrize("damaged", [KEYBOARD[:-1] + b"\xff", KEYBOARD[:20], b"\0" * len(KEYBOARD)])
def test_a_damaged_or_short_descriptor_is_left_out(tmp_path, damaged):
    configuration = _configuration(_interface(0, KEYBOARD, 0x81))
    assert read_captured_reports(_write(tmp_path, *_control(configuration, damaged))) == {}


@given(st.binary(max_size=60))
def test_any_answers_are_survived(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("answers")
    transfers = _control(bytes([9, 2]) + data, bytes([5]) + data, _configuration(data))
    assert isinstance(read_captured_reports(_write(folder, *transfers)), dict)


def test_text_reads_a_keyboard_of_bits_by_the_descriptor_and_says_so(tmp_path):
    key_a = b"\x06\0" + (1 << 4).to_bytes(15, "little")
    configuration = _configuration(_interface(0, KEYBOARD, 0x81), _interface(1, MOUSE, 0x82))
    keys = (INTERRUPT, 0x81, key_a), (INTERRUPT, 0x81, b"\x06" + bytes(16)), (INTERRUPT, 0x82, b"\1\1")
    run = CliRunner().invoke(
        text_command, [str(_write(tmp_path, *_control(configuration, KEYBOARD, MOUSE), *keys))]
    )
    assert run.stdout == "a\n"
    assert run.stderr == (
        "1.2.1: keys of report 6, as the captured report descriptor says\nleft out 1.2.2: 1 packets, mouse\n"
    )


def test_real_captures_hold_descriptors(shared_data):
    [path] = (shared_data / "usb/CSEC-workshop-keyboard").glob("capture.*")
    found = read_captured_reports(path)
    assert found["2.6.1"][0].application == 0x1_0006
    assert [report.report_id for report in found["2.6.2"]][:2] == [1, 2]
