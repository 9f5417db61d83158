"""Apple's reports of 8 and 10 bytes: the last byte is Fn, and what it makes of other keys."""

import numpy as np
import pytest

from zerotap.capture import Packet, Recording, Typist, decode_report_descriptor
from zerotap.features import typed_text
from zerotap.features.text.apple_fn import without_fn_byte
from zerotap.features.text.report_forms import keyboard_reports

BACKSPACE, LEFT, UP = 0x2A, 0x50, 0x52
SAID = "places for keys and Apple's Fn byte, assumed from their shape, "


def _read(payloads):
    recording = Recording.from_packets([Packet(i, 0x81, payload) for i, payload in enumerate(payloads)])
    return keyboard_reports(recording)


def _typed(text):
    return [report.data for report in Typist().type(text, 0)]


FORMS = {
    "8 bytes": (lambda report, fn: report[:7] + bytes([fn]), f"5 {SAID}"),
    "10 bytes": (lambda report, fn: report + bytes([0, fn]), f"7 {SAID}"),
    "10 bytes with an id": (lambda report, fn: b"\1" + report + bytes([fn]), f"report id 1 and 6 {SAID}"),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("fn", [1, 2])
def test_the_last_byte_is_no_key(name, fn):
    form, said = FORMS[name]
    typed = [form(report, 0) for report in _typed("Hello 42")]
    found = _read([form(bytes(8), fn), form(bytes(8), 0), *typed])
    assert typed_text(found.reports) == "Hello 42"
    assert found.form.startswith(said)


def test_fn_makes_other_keys_of_backspace_and_the_arrows():
    def key(usage, fn):
        return bytes([0, 0, usage, 0, 0, 0, 0, fn])

    up, pressed = key(0, 0), key(0, 1)
    found = _read([pressed, key(BACKSPACE, 1), pressed, key(LEFT, 1), pressed, up, key(BACKSPACE, 0), up])
    assert typed_text(found.reports) == "<DEL><HOME><BS>"


def test_a_key_stays_what_it_was_when_it_went_down():
    rows = np.zeros((6, 8), np.uint8)
    rows[1:4, 2] = UP
    rows[0:2, 7] = 1  # Fn comes up while the key is down
    rows[5, 2:4] = UP, LEFT
    rows[5, 7] = 1
    assert without_fn_byte(rows)[:, 2].tolist() == [0, 0x4B, 0x4B, 0x4B, 0, 0x4B]
    rows[:2, 7] = 0
    rows[2:4, 7] = 1  # Fn goes down while the key is down
    assert without_fn_byte(rows)[:, 2].tolist() == [0, UP, UP, UP, 0, 0x4B]


@pytest.mark.parametrize("page", ["05 ff", "06 00 ff"])
def test_a_descriptor_tells_fn(page):
    """Eight bits of it, as in Apple's own descriptors."""
    descriptor = bytes.fromhex(
        "05 01 09 06 a1 01 05 07 19 e0 29 e7 15 00 25 01 75 01 95 08 81 02 95 01 75 08 81 01"
        f"95 05 75 08 15 00 26 ff 00 05 07 19 00 29 ff 81 00 {page} 09 03 75 08 95 01 81 02 c0"
    )
    payloads = [report[:7] + b"\0" for report in _typed("Hi")]
    payloads += [bytes([0, 0, BACKSPACE, 0, 0, 0, 0, 1]), bytes(8)]
    recording = Recording.from_packets([Packet(i, 0x81, payload) for i, payload in enumerate(payloads)])
    found = keyboard_reports(recording, decode_report_descriptor(descriptor))
    assert (typed_text(found.reports), found.form) == ("Hi<DEL>", "")


def test_rollover_errors_are_no_fn():
    rollover = bytes([0, 0, *[1] * 6])
    found = _read([*_typed("a"), rollover, bytes(8)])
    assert (typed_text(found.reports), found.form) == ("a", "")


def test_other_values_than_fn_are_none():
    assert _read([key[:7] + bytes([value]) for key in _typed("abc") for value in (0, 1, 7)]) is None
