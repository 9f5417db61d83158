"""Reports of Logitech's receivers by device; a receiver that sends ordinary reports."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import Packet, Recording, Typist, decode_report_descriptor
from zerotap.features import typed_text
from zerotap.features.text.logitech import received_devices
from zerotap.features.text.report_forms import stream_parts

HIDPP = b"\x10\x02\x41\x04\x61\x11\x40"
VENDOR = bytes.fromhex(
    "06 00 ff 09 01 a1 01 85 10 75 08 95 06 15 00 26 ff 00 09 01 81 00 c0"
    "06 00 ff 09 04 a1 01 85 20 75 08 95 0e 15 00 26 ff 00 09 41 81 00 c0"
)


def _recording(payloads):
    return Recording.from_packets([Packet(i, 0x83, payload) for i, payload in enumerate(payloads)])


def _dj(device, kind, values=b""):
    return bytes([0x20, device, kind, *values]).ljust(15, b"\0")


def _typed(text, device=2):
    reports = [report.data for report in Typist().type(text, 0)]
    return [_dj(device, 1, report[:1] + report[2:]) for report in reports]


def test_a_receivers_keyboard_is_read():
    [part] = stream_parts(_recording([HIDPP, *_typed("Hello 42"), HIDPP]))
    assert (typed_text(part.reports), part.name, part.form) == ("Hello 42", "device 2", "Logitech DJ reports")


def test_its_descriptor_of_vendor_reports_says_nothing_about_keys():
    recording = _recording([HIDPP, *_typed("Hello 42")])
    [part] = stream_parts(recording, decode_report_descriptor(VENDOR))
    assert typed_text(part.reports) == "Hello 42"


@pytest.mark.parametrize("text", ["one", "Two words"])
def test_devices_are_told_apart_and_keep_their_order(text):
    """Another keyboard types and a mouse moves between the reports of the first."""
    others = _typed("XYZ xyz 0", device=5)
    mixed = [
        packet
        for number, report in enumerate(_typed(text))
        for packet in (report, others[number % len(others)], _dj(1, 2, b"\0\5\xfb"))
    ]
    parts = stream_parts(_recording([*mixed, *others[len(_typed(text)) :]]))
    assert [part.name for part in parts] == ["device 1", "device 2", "device 5"]
    assert (parts[0].reports, parts[0].form) == (None, "mouse")
    assert typed_text(parts[1].reports) == text


def test_long_reports_stand_among_the_short_ones_in_order():
    short = _typed("ab")
    long = [b"\x21" + report[1:].ljust(31, b"\0") for report in _typed("cd")]
    [part] = stream_parts(_recording([*short[:2], *long, *short[2:]]))
    assert typed_text(part.reports) == "acdb"


def test_a_lost_connection_lets_the_keys_go():
    a_down = _typed("a")[0]
    [part] = stream_parts(_recording([a_down, _dj(2, 0x42, b"\1"), a_down, _dj(2, 1)]))
    assert typed_text(part.reports) == "aa"


def test_a_mouse_alone_is_no_keyboard():
    [part] = stream_parts(_recording([_dj(1, 2, bytes([0, x, 3])) for x in range(4, 40)]))
    assert (part.reports, part.form, part.packets) == (None, "mouse", 36)


@pytest.mark.parametrize(
    "packet",
    [
        b"\x20\x02\x01".ljust(14, b"\0"),  # another length
        b"\x22\x02\x01".ljust(15, b"\0"),  # another id
        _dj(9, 1),  # more devices than a receiver has
    ],
)
def test_one_packet_of_another_kind_tells_that_it_is_no_receiver(packet):
    assert not received_devices(_recording([*_typed("abc"), packet]))


def test_a_receiver_out_of_dj_mode_sends_ordinary_reports_with_ids():
    """Its keyboard's has no reserved byte; a mouse's and HID++ stand between."""
    typed = [b"\1" + report.data[:1] + report.data[2:] for report in Typist().type("Hello 42", 0)]
    mixed = [packet for report in typed for packet in (report, b"\2\0\0\5\xb0\xff\0\0", HIDPP)]
    [part] = stream_parts(_recording(mixed))
    assert typed_text(part.reports) == "Hello 42"
    assert part.form.startswith("report id 1 and 6 places for keys, assumed")


@given(st.lists(st.tuples(st.sampled_from([0x10, 0x11, 0x20, 0x21]), st.binary(max_size=40)), max_size=20))
def test_any_bytes_behind_its_ids_give_devices_or_none(packets):
    lengths = {0x10: 7, 0x11: 20, 0x20: 15, 0x21: 32}
    payloads = [
        (bytes([number]) + data).ljust(lengths[number], b"\0")[: lengths[number]] for number, data in packets
    ]
    for device in received_devices(_recording(payloads)):
        assert device.reports.shape[1] == 13
        assert device.reports.dtype == np.uint8
