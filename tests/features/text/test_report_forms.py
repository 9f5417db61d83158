"""One message in every form that keyboards send it, with and without the descriptor that tells the form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import Packet, Recording, Typist, decode_report_descriptor
from zerotap.features import typed_text
from zerotap.features.text.report_forms import keyboard_reports

PANGRAM = "The quick brown fox jumps over the lazy dog, 1234567890!"
KEYS = "05 07 19 e0 29 e7 15 00 25 01 75 01 95 08 81 02"  # the modifiers, a bit each
PLACES = "75 08 15 00 26 ff 00 19 00 2a ff 00 81 00"
KEYBOARD = "05 01 09 06 a1 01"
BOOT = bytes.fromhex(f"{KEYBOARD} {KEYS} 95 01 75 08 81 01 95 06 {PLACES} c0")
BOOT_WITH_ID = bytes.fromhex(f"{KEYBOARD} 85 01 {KEYS} 95 01 75 08 81 01 95 06 {PLACES} c0")
MANY_PLACES = bytes.fromhex(f"{KEYBOARD} {KEYS} 95 01 75 08 81 01 95 0e {PLACES} c0")
BITMAP = bytes.fromhex(f"{KEYBOARD} {KEYS} 19 00 29 77 95 78 81 02 c0")
BITMAP_WITH_ID = bytes.fromhex(f"{KEYBOARD} 85 06 {KEYS} 19 00 29 ef 95 f0 81 02 c0")
MOUSE_WITH_ID = bytes.fromhex("05 01 09 02 a1 01 85 02 09 30 09 31 15 81 25 7f 75 08 95 02 81 06 c0")


def _bitmap(report, size):
    bits = np.zeros(8 * size, np.uint8)
    bits[[usage for usage in report[2:] if usage]] = 1
    return report[:1] + np.packbits(bits, bitorder="little").tobytes()


FORMS = {
    "boot": (BOOT, lambda report: report, ""),
    "boot with an id": (BOOT_WITH_ID, lambda report: b"\x01" + report, "report id 1 and boot reports"),
    "14 places": (MANY_PLACES, lambda report: report.ljust(16, b"\0"), "14 places for keys"),
    "bitmap": (BITMAP, lambda report: _bitmap(report, 15), "a bit for every key"),
    "bitmap with an id": (
        BITMAP_WITH_ID,
        lambda report: b"\x06" + _bitmap(report, 30),
        "report id 6 and a bit for every key",
    ),
}


def _recording(payloads):
    return Recording.from_packets([Packet(i, 0x81, payload) for i, payload in enumerate(payloads)])


def _typed(text):
    return [report.data for report in Typist().type(text, 0)]


def _read(payloads, descriptor=None):
    described = decode_report_descriptor(descriptor) if descriptor else ()
    return keyboard_reports(_recording(payloads), described)


@pytest.mark.parametrize("name", FORMS)
@given(text=st.text("abcxyz ABC.1!\n"))
def test_a_descriptor_tells_every_form(name, text):
    descriptor, form, _ = FORMS[name]
    found = _read([form(report) for report in [bytes(8), *_typed(text)]], descriptor)
    assert typed_text(found.reports) == text
    assert found.form.endswith("as the captured report descriptor says" if name != "boot" else "")


@pytest.mark.parametrize("name", FORMS)
def test_the_shape_tells_every_form_and_that_is_said(name):
    _, form, said = FORMS[name]
    found = _read([form(report) for report in _typed(PANGRAM)])
    assert typed_text(found.reports) == PANGRAM
    assert found.form.partition(", assumed from their shape")[0] == said
    assert ("assumed" in found.form) == (name != "boot")


def test_boot_reports_stand_against_a_descriptor_of_another_protocol():
    found = _read(_typed(PANGRAM), BITMAP_WITH_ID)
    assert (typed_text(found.reports), found.form) == (PANGRAM, "")


def test_reports_with_other_ids_among_them_are_left_out():
    keys = [b"\x01" + report for report in _typed("hello")]
    mixed = [packet for key in keys for packet in (key, b"\x02\x05\xfb")]
    for found in (_read(mixed), _read(mixed, BOOT_WITH_ID + MOUSE_WITH_ID)):
        assert typed_text(found.reports) == "hello"


def test_two_reports_of_one_keyboard_are_down_together():
    """Six keys by the first report, the seventh by the second, as some keyboards do it."""
    first, second = b"\x01\x02\0" + bytes(range(4, 10)), b"\x06\x02" + (1 << 10).to_bytes(30, "little")
    found = _read([first, second, b"\x01" + bytes(8), b"\x06" + bytes(31)], BOOT_WITH_ID + BITMAP_WITH_ID)
    assert typed_text(found.reports) == "ABCDEFG"
    assert found.form.startswith("keys of report 1 and 6, ")
    assert [sorted(row[row > 0].tolist()) for row in found.reports[:, 2:]] == [
        [4, 5, 6, 7, 8, 9],
        [4, 5, 6, 7, 8, 9, 10],
        [10],
        [],
    ]


def test_rollover_errors_are_passed_over_in_every_form():
    payloads = [
        bytes([1, 0, 0, 4, 0, 0, 0, 0, 0]),
        bytes([1, 0, 0, *[1] * 6]),
        bytes([1, 0, 0, 4, 5, 0, 0, 0, 0]),
    ]
    assert typed_text(_read(payloads, BOOT_WITH_ID).reports) == "ab"
    assert typed_text(_read(payloads).reports) == "ab"


def test_a_mouse_is_no_keyboard_whatever_it_is_known_by():
    moves = [bytes([2, x, 256 - x]) for x in range(1, 50)]
    assert _read(moves, MOUSE_WITH_ID) is None
    assert _read(moves) is None


def test_a_described_mouse_whose_reports_look_like_keys_is_none():
    as_mouse = bytes.fromhex("05 01 09 02 a1 01 09 30 75 08 95 08 81 06 c0")
    assert _read(_typed("abc")) is not None
    assert _read(_typed("abc"), as_mouse) is None


@pytest.mark.parametrize("width", [9, 16, 32, 64])
def test_noise_and_serial_bytes_are_no_keyboard(width):
    rng = np.random.default_rng(width)
    assert _read([rng.bytes(width) for _ in range(50)]) is None
    assert _read([rng.bytes(int(rng.integers(1, width))) for _ in range(50)]) is None
    recording = _recording([b"\x01" + report for report in _typed("abc")])
    object.__setattr__(recording, "transfer", "bulk")
    assert keyboard_reports(recording) is None


@given(st.binary(max_size=60), st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=10))
def test_any_descriptor_and_any_packets_give_reports_or_none(tail, payloads):
    from zerotap.errors import CaptureError

    try:
        described = decode_report_descriptor(bytes.fromhex(f"{KEYBOARD} {KEYS}") + tail)
    except CaptureError:
        described = ()
    found = keyboard_reports(_recording(payloads), described)
    assert found is None or found.reports.shape[1] >= 3
