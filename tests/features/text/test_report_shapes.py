"""Keyboards told by the shape of their reports: ids that look like modifiers, bits that are no keys."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import Packet, Recording, Typist
from zerotap.features import typed_text
from zerotap.features.text.report_shapes import shaped_reports

TEXT = "Hello 42"
VENDOR = bytes.fromhex("05 11 22 33 44 55")


def _recording(payloads):
    return Recording.from_packets([Packet(i, 0x81, payload) for i, payload in enumerate(payloads)])


def _read(payloads):
    return shaped_reports(_recording(payloads))


def _typed(text=TEXT):
    return [report.data for report in Typist().type(text, 0)]


def _bitmap(report, size):
    bits = np.zeros(8 * size, np.uint8)
    bits[[usage for usage in report[2:] if usage]] = 1
    return report[:1] + np.packbits(bits, bitorder="little").tobytes()


def _no_reserved(report):
    return report[:1] + report[2:]


FORMS = {
    "id, 5 keys": lambda report: b"\1" + report[:7],
    "id, no reserved byte, 6 keys": lambda report: b"\1" + _no_reserved(report),
    "an id that looks like shift": lambda report: b"\2" + report[:7],
    "an id that looks like GUI": lambda report: b"\x08" + report[:7],
    "a high id": lambda report: b"\x31" + _no_reserved(report),
    "id, 9 bytes, no reserved byte": lambda report: b"\1" + _no_reserved(report) + b"\0",
    "7 bytes, 5 keys": lambda report: report[:7],
    "7 bytes, no reserved byte": _no_reserved,
    "16 places": lambda report: report.ljust(18, b"\0"),
    "bits": lambda report: _bitmap(report, 15),
    "id, bits": lambda report: b"\x06" + _bitmap(report, 30),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("text", [TEXT, "hello 42", "ALL IN CAPITALS", "aa"])
def test_every_form_is_read_and_said(name, text):
    form = FORMS[name]
    found = _read([form(report) for report in [*_typed(text), *_typed("")]])
    assert typed_text(found.reports) == text
    assert "assumed from their shape" in found.form
    assert found.form.startswith("report id") == ("id" in name)


@pytest.mark.parametrize("name", [name for name in FORMS if "id" in name])
def test_reports_of_others_between_are_left_out(name):
    """Of a mouse, a vendor and a volume key; one as long as the keyboard's."""
    form = FORMS[name]
    length = len(form(bytes(8)))
    others = [b"\x03\xe9\0", VENDOR, bytes([7]).ljust(length, b"\xff"), b"\x04\1\xfb\5\0"]
    mixed = [packet for report in _typed() for packet in (form(report), *others)]
    assert typed_text(_read(mixed).reports) == TEXT


def test_a_first_byte_that_is_0_at_some_time_is_the_modifiers():
    control_c = [bytes([1, 0, 0, *bytes(5)]), bytes([1, 0, 6, *bytes(5)]), bytes([1, 0, 0, *bytes(5)])]
    found = _read([*control_c, bytes(8)])
    assert (typed_text(found.reports), found.form) == ("<Ctrl+c>", "")


def test_one_packet_tells_no_id():
    assert typed_text(_read([bytes([1, 0, 6, *bytes(5)])]).reports) == "<Ctrl+c>"


def test_a_vendors_matrix_is_no_keyboard():
    """A bit for every key that stands where no key table has it."""
    places = [108, 81, 56, 55, 47, 120, 99, 62]
    rows = [packet for place in places for packet in (1 << place + 8, 0)]
    assert _read([b"\x03" + row.to_bytes(20, "little") for row in rows]) is None
    assert _read([row.to_bytes(20, "little") for row in rows]) is None


@pytest.mark.parametrize("prefix", [b"", b"\1"])
def test_buttons_and_a_wheel_are_no_bits_of_keys(prefix):
    buttons = [bytes([0, 0, 1 << number % 8]).ljust(16, b"\0") for number in range(20)]
    wheel = [bytes([0, 0, 0, number % 2]).ljust(16, b"\0") for number in range(20)]
    for reports in (buttons, wheel):
        assert _read([prefix + packet for report in reports for packet in (report, bytes(16))]) is None


def test_a_matrix_beside_a_keyboard_does_not_hide_it():
    places = [108, 81, 56, 55, 47, 120, 99, 62]
    matrix = [b"\x03" + (1 << place + 8).to_bytes(20, "little") for place in places]
    mixed = [
        packet
        for number, report in enumerate(_typed())
        for packet in (b"\1" + report, matrix[number % len(matrix)])
    ]
    assert typed_text(_read(mixed).reports) == TEXT


def test_two_reports_that_may_both_be_keys_are_said():
    by_id = [b"\1" + report for report in _typed("one")] + [
        b"\6" + _bitmap(report, 20) for report in _typed("of")
    ]
    found = _read(by_id)
    assert typed_text(found.reports) == "one"
    assert found.form.startswith("report id 1 and boot reports, ")
    assert found.form.endswith("; report id 6 left out")


def test_a_vendors_reports_may_begin_with_0_where_they_have_another_length():
    mixed = [packet for report in _typed() for packet in (b"\1" + report, bytes(5), bytes(20))]
    assert typed_text(_read(mixed).reports) == TEXT


@pytest.mark.parametrize("prefix", [b"", b"\2"])
@pytest.mark.parametrize("width", [7, 8, 9])
def test_a_mouse_is_no_keyboard(prefix, width):
    """Distances of 16 bits that stay small and positive, so that no byte is beyond the keys."""
    rng = np.random.default_rng(width)
    moves = []
    for _ in range(200):
        x, y = (int(n) if rng.random() < 0.5 else 0 for n in rng.integers(4, 90, 2))
        moves += [bytes([0, x, 0, y, 0]).ljust(width, b"\0"), bytes(width)]
    assert _read([prefix + move for move in moves]) is None


def test_bits_of_a_vendor_behind_a_constant_byte_are_no_keys():
    rows = ["0120000000000000", "0100000000000000", "0140000000000000", "0100000000000000"]
    assert _read([bytes.fromhex(row) for row in [*rows, "0180000000000000", rows[1]]]) is None


@given(st.lists(st.binary(min_size=1, max_size=70), min_size=1, max_size=40))
def test_any_packets_give_reports_or_none(payloads):
    found = _read(payloads)
    assert found is None or (found.reports.shape[1] >= 3 and not found.reports[:, 1].any())


@given(st.data())
def test_a_changed_byte_gives_text_or_none(data):
    """Structure-aware: a keyboard's packets with some bytes changed, some cut and some twice."""
    form = FORMS[data.draw(st.sampled_from(sorted(FORMS)))]
    packets = [bytearray(form(report)) for report in _typed()]
    for _ in range(data.draw(st.integers(1, 4))):
        packet = packets[data.draw(st.integers(0, len(packets) - 1))]
        packet[data.draw(st.integers(0, len(packet) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(packets) - 1))
    packets[cut] = packets[cut][: data.draw(st.integers(1, len(packets[cut])))]
    found = _read([bytes(packet) for packet in packets])
    assert found is None or isinstance(typed_text(found.reports), str)
