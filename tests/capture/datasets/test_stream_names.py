"""Streams are chosen by name: both directions of one endpoint apart, and as before where there is one."""

import struct

import pytest

from zerotap.capture import convert, import_capture, read_described_recordings, read_recordings
from zerotap.capture.datasets.importing import choose_streams, read_streams
from zerotap.errors import CaptureError


def darwin(endpoint, data, number):
    fields = (0x100, 32, 1, len(data), 0, 0, number, 0x14000000, 2, 5, endpoint, 3)
    return struct.pack("<HBBIIIQI4B", *fields) + data


@pytest.fixture
def capture(tmp_path):
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 266)]
    for number in range(8):
        frame = darwin(0x81 if number % 2 else 0x01, bytes([number]) * 8, number)
        parts += [struct.pack("<IIII", number, 0, len(frame), len(frame)), frame]
    frame = darwin(0x82, b"xyz", 9)
    parts += [struct.pack("<IIII", 9, 0, len(frame), len(frame)), frame]
    path = tmp_path / "c.pcap"
    path.write_bytes(b"".join(parts))
    return path


def test_only_what_would_have_one_name_gets_its_direction(capture):
    assert [r.name for r in read_recordings(capture)] == ["20.5.1out", "20.5.1in", "20.5.2"]


@pytest.mark.parametrize(
    ("device", "names"),
    [
        ("20.5.1in", ["20.5.1in"]),
        ("20.5.1OUT", ["20.5.1out"]),
        ("20.5.0x81", ["20.5.1in"]),
        ("20.5.0x01", ["20.5.1out"]),
        ("20.5.2", ["20.5.2"]),
        ("20.5.2in", ["20.5.2"]),
        ("20.5", ["20.5.1out", "20.5.1in", "20.5.2"]),
        ("0000:0000", ["20.5.1out", "20.5.1in", "20.5.2"]),
    ],
)
def test_a_stream_is_chosen(capture, device, names):
    assert [r.name for r in choose_streams(read_recordings(capture), device, capture)] == names


@pytest.mark.parametrize(
    ("device", "said"),
    [
        ("20.5.1", "20.5.1 has several streams, choose one of 20.5.1out, 20.5.1in"),
        ("20.5.2out", "holds no stream 20.5.2out"),
        ("20.5.1up", "write BUS.ADDRESS"),
        ("20.5in", "write BUS.ADDRESS"),
    ],
)
def test_an_open_choice_is_refused(capture, device, said):
    with pytest.raises(CaptureError, match=said):
        choose_streams(read_recordings(capture), device, capture)


def test_both_directions_are_imported_and_converted_apart(capture, tmp_path):
    (stored,) = import_capture(capture, "a", tmp_path / "d", "20.5.1in")
    assert "20_5_1in" in stored.name
    assert len(import_capture(capture, "b", tmp_path / "d", "20.5")) == 3
    convert(capture, tmp_path / "out.csv", "20.5.1out")
    assert "0x81" not in (tmp_path / "out.csv").read_text()


def test_a_table_of_packets_has_both_directions(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("timestamp_ns,endpoint,transfer,data\n1,0x81,bulk,00\n2,0x01,bulk,01\n3,0x82,bulk,02\n")
    assert [r.name for r in read_streams(path)] == ["0.0.1out", "0.0.1in", "0.0.2"]


def test_what_is_sent_to_a_keyboard_has_no_description(capture):
    recordings, described = read_described_recordings(capture)
    assert len(recordings) == 3 and described == {}
