"""Typed recordings of keyboards of every form train models of keys: as boot reports, all of them alike."""

import logging

import numpy as np
import pytest

from zerotap.capture import DeviceIdentity, Packet, Recording, Typist
from zerotap.errors import FeatureError
from zerotap.features import Pipeline, as_boot_reports, typed_text
from zerotap.features.text.keyboard_form import six_places

NKRO = DeviceIdentity(0x04D9, 0x0293)
TEXTS = ["the quick brown fox", "Jumps over", "hi", "a lazy DOG, 42!", "ok"]


def _bits(report, places=15):
    bits = np.zeros(8 * places, np.uint8)
    bits[[usage for usage in report[2:] if usage]] = 1
    return report[:1] + np.packbits(bits, bitorder="little").tobytes()


FORMS = {
    "a report id": lambda report: b"\x01" + report,
    "a report id, 8 bytes in all": lambda report: b"\x01" + report[:7],
    "14 places": lambda report: report.ljust(16, b"\0"),
    "a bit for every key": _bits,
    "bits with an id": lambda report: b"\x06" + _bits(report),
    "logitech": lambda report: bytes([0x20, 2, 1, *report[:1], *report[2:]]).ljust(15, b"\0"),
}


def _recording(text, form, device=NKRO, start_ns=5, seed=0):
    typed = [(0, bytes(8)), *((one.offset_ns, one.data) for one in Typist(seed).type(text, 0))]
    packets = [Packet(start_ns + since_ns, 0x81, form(data)) for since_ns, data in typed]
    return Recording.from_packets(packets, device, name=text)


def _texts(recordings):
    return [typed_text(one.reports(8)) for one in recordings]


@pytest.mark.parametrize("device", [NKRO, DeviceIdentity()], ids=["known", "unknown"])
@pytest.mark.parametrize("form", FORMS)
def test_each_recording_is_read_by_what_all_show(form, device, caplog):
    """ "hi" alone is too little to tell a bitmap by."""
    recordings = [_recording(text, FORMS[form], device) for text in TEXTS]
    made = as_boot_reports(recordings)
    assert _texts(made) == TEXTS
    assert [len(one) for one in made] == [len(one) for one in recordings]
    assert [one.name for one in made] == TEXTS
    for one, before in zip(made, recordings, strict=True):
        assert one.timestamps_ns.tolist() == before.timestamps_ns.tolist()
        assert one.lengths.tolist() == [8] * len(one)
    (said,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert "the boot protocol, as a board has to ask (they were recorded as" in said


def test_boot_reports_stay_the_same_objects_and_nothing_is_said(caplog):
    recordings = [_recording(text, lambda report: report) for text in TEXTS]
    assert all(made is one for made, one in zip(as_boot_reports(recordings), recordings, strict=True))
    assert as_boot_reports([]) == [] and caplog.text == ""


def test_what_is_no_keyboard_stays(caplog):
    mouse = Recording.from_packets([Packet(n, 0x82, bytes([1, 0, n % 7, 250])) for n in range(50)])
    serial = Recording.from_packets([Packet(n, 0x82, b"\x01\x00\x05\x06") for n in range(9)])
    for one in (mouse, serial):
        assert as_boot_reports([one])[0] is one
    assert caplog.text == ""


def test_two_keyboards_of_a_dataset_are_read_each_by_its_own(caplog):
    plain = [_recording(text, lambda report: report, DeviceIdentity(1, 2)) for text in TEXTS]
    other = [_recording(text, _bits) for text in TEXTS]
    mixed = [one for pair in zip(plain, other, strict=True) for one in pair]
    assert _texts(as_boot_reports(mixed)) == [text for text in TEXTS for _ in range(2)]
    assert caplog.text.count("boot protocol") == 1


def test_vendor_reports_between_are_left_out():
    recordings = []
    for text in TEXTS:
        whole = _recording(text, FORMS["a report id"])
        vendor = [Packet(int(t), 0x81, b"\x05\xff\x10") for t in whole.timestamps_ns[::3]]
        packets = sorted([*whole.packets(), *vendor], key=lambda packet: packet.timestamp_ns)
        recordings.append(Recording.from_packets(packets, NKRO))
    assert _texts(as_boot_reports(recordings)) == TEXTS


def test_two_keyboards_behind_one_receiver_are_refused():
    first, second = (
        [
            bytes([0x20, device, 1, *one.data[:1], *one.data[2:]]).ljust(15, b"\0")
            for one in Typist().type(text, 0)
        ]
        for device, text in ((2, "hello"), (3, "other"))
    )
    packets = [Packet(n, 0x81, data) for n, data in enumerate([*first, *second])]
    with pytest.raises(FeatureError, match="the keys of device 2 and device 3: record one alone"):
        as_boot_reports([Recording.from_packets(packets, NKRO, name="both")])


def test_more_than_six_keys_are_said_as_the_boot_protocol_does():
    reports = np.array([[2, 0, 4, 0, 5, 6, 7, 8, 9, 0], [0, 0, 4, 5, 6, 7, 8, 9, 10, 0]], np.uint8)
    assert six_places(reports).tolist() == [[2, 0, 4, 5, 6, 7, 8, 9], [0, 0, 1, 1, 1, 1, 1, 1]]
    assert six_places(reports[:, :4]).tolist() == [[2, 0, 4, 0, 0, 0, 0, 0], [0, 0, 4, 5, 0, 0, 0, 0]]


def test_only_pipelines_of_eight_byte_reports_take_them():
    assert Pipeline.text("words", 8, 4).takes_boot_reports
    assert not Pipeline.raw("whole", 8, 4, report_bytes=16).takes_boot_reports
