"""Recordings of our own are read in one look, and to the same values as any other capture."""

import struct
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.capture import DeviceIdentity, Event, Packet, PcapngWriter, Recording
from zerotap.capture.files.pcap_files.own_recordings import own_recording
from zerotap.capture.files.reading import capture_of, frames_in
from zerotap.errors import CaptureError

KEYBOARD = DeviceIdentity(0x04D9, 0x1602, 3, 7, "Maker", "Keyboard", "0001")
times = st.integers(0, 2**62)
endpoints = st.sampled_from([0x81, 0x8F, 0x02])


def _bytes(folder, packets, device=KEYBOARD, transfer="interrupt", **comments):
    path = folder / "own.pcapng"
    path.unlink(missing_ok=True)
    with PcapngWriter(path, device, transfer) as writer:
        for packet in packets:
            writer.write(packet, **comments)
    return path.read_bytes()


def _assert_same(one, other):
    for field in fields(Recording):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, np.ndarray):
            assert a.dtype == b.dtype and np.array_equal(a, b), field.name
        else:
            assert a == b, field.name


@settings(max_examples=60)
@given(
    st.integers(1, 70),
    st.lists(times, min_size=1, max_size=9),
    st.sampled_from([0x81, 0x8F, 0x02]),
    st.data(),
)
def test_the_same_values_as_from_the_reader_of_any_capture(tmp_path_factory, size, when, endpoint, data):
    packets = [Packet(t, endpoint, data.draw(st.binary(min_size=size, max_size=size))) for t in when]
    transfer = data.draw(st.sampled_from(["interrupt", "bulk"]))
    folder = tmp_path_factory.mktemp("own")
    content = _bytes(folder, packets, transfer=transfer)
    (general,) = capture_of(frames_in(content, folder), folder).recordings
    found = own_recording(content)
    assert found is not None
    _assert_same(found, general)


def test_what_is_not_so_simple_is_left_to_the_other_reader(tmp_path):
    plain = [Packet(n, 0x81, b"ab") for n in range(3)]
    assert own_recording(_bytes(tmp_path, plain)) is not None
    longer, elsewhere = [*plain, Packet(9, 0x81, b"abcdefgh")], [*plain, Packet(9, 0x82, b"ab")]
    for packets in ([], longer, elsewhere, [Packet(2**63 - 1, 0x81, b"a")], [Packet(1, 0x81, b"")]):
        assert own_recording(_bytes(tmp_path, packets)) is None
    assert own_recording(_bytes(tmp_path, plain, comment="label")) is None
    assert own_recording(_bytes(tmp_path, plain)[:-1]) is None
    with PcapngWriter(tmp_path / "failed.pcapng", KEYBOARD) as writer:
        writer.write_failure(Event(1, "failed", "stalled", -32), 0x81)
    assert own_recording((tmp_path / "failed.pcapng").read_bytes()) is None


@settings(max_examples=300)
@given(st.data())
def test_damage_is_never_read_otherwise(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("damaged")
    content = bytearray(_bytes(folder, [Packet(n, 0x81, bytes([n] * 8)) for n in range(4)]))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] = data.draw(st.integers(0, 255))
    found = own_recording(bytes(content))
    if found is None:
        return
    (general,) = capture_of(frames_in(bytes(content), folder), folder).recordings
    _assert_same(found, general)


@pytest.mark.parametrize("length", [0, 27, 28, 40, 200])
def test_short_files_are_none(length):
    head = struct.pack("<IIIHHq", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1)
    assert own_recording((head + bytes(300))[:length]) is None
    with pytest.raises(CaptureError):
        capture_of(frames_in((head + b"\xff" * 300)[: max(length, 40)], "x"), "x")
