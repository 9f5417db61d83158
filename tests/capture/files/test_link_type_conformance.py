"""Every link type: what one completed transfer comes to, and that nothing else is a packet.

A new link type needs an entry here: how the capturing program writes one interrupt transfer's completion.
"""

import struct

import pytest

from zerotap.capture import read_recordings
from zerotap.capture.files.link_types import LINK_TYPES
from zerotap.errors import CaptureError

SECONDS, MICROSECONDS = 5, 250
REPORTS = (b"\x02\x00\x04\x00\x00\x00\x00\x00", bytes(8), b"\x01\xff\x03")


def usbmon(data: bytes, endpoint: int, status: int, header: int) -> bytes:
    """struct usbmon_packet: Linux, Documentation/usb/usbmon.rst."""
    fields = (1, ord("C"), 1, endpoint, 5, 2, b"-\0", 9, 9, status, len(data), len(data), bytes(8))
    return struct.pack("<Q4BH2sqiiII8s", *fields) + bytes(header - 48) + data


def usbpcap(data: bytes, endpoint: int, status: int) -> bytes:
    """USBPCAP_BUFFER_PACKET_HEADER: USBPcap's capture format page."""
    return struct.pack("<HQIHBHHBBI", 27, 1, status & 0xFFFFFFFF, 9, 1, 2, 5, endpoint, 1, len(data)) + data


def darwin(data: bytes, endpoint: int, status: int) -> bytes:
    """The header of macOS's XHC interfaces, version 1.0, as tcpdump-workers has it."""
    fields = (0x100, 32, 1, len(data), status & 0xFFFFFFFF, 0, 1, 2 << 24, 2, 5, endpoint, 3)
    return struct.pack("<HBBIIIQI4B", *fields) + data


TRANSFERS = {
    189: lambda *transfer: usbmon(*transfer, header=48),
    220: lambda *transfer: usbmon(*transfer, header=64),
    249: usbpcap,
    266: darwin,
}


def capture_of(tmp_path, link_type: int, frames):
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link_type)]
    for frame in frames:
        parts += [struct.pack("<IIII", SECONDS, MICROSECONDS, len(frame), len(frame)), frame]
    path = tmp_path / "capture.pcap"
    path.write_bytes(b"".join(parts))
    return read_recordings(path)


def test_every_link_type_is_written_here():
    assert set(TRANSFERS) == set(LINK_TYPES)


@pytest.mark.parametrize("link_type", LINK_TYPES)
def test_a_completed_transfer_is_a_packet(link_type, tmp_path):
    write = TRANSFERS[link_type]
    (recording,) = capture_of(tmp_path, link_type, [write(report, 0x81, 0) for report in REPORTS])
    packets = list(recording.packets())
    assert [packet.data for packet in packets] == list(REPORTS)
    assert {packet.endpoint for packet in packets} == {0x81}
    assert {packet.timestamp_ns for packet in packets} == {SECONDS * 10**9 + MICROSECONDS * 1000}
    assert recording.name == "2.5.1"
    assert recording.transfer == "interrupt"
    assert recording.link_type == link_type


@pytest.mark.parametrize("link_type", LINK_TYPES)
def test_another_endpoint_is_another_stream(link_type, tmp_path):
    write = TRANSFERS[link_type]
    frames = [write(REPORTS[0], 0x81, 0), write(REPORTS[1], 0x02, 0)]
    streams = {one.name: one for one in capture_of(tmp_path, link_type, frames)}
    assert set(streams) == {"2.5.1", "2.5.2"}
    assert [packet.data for packet in streams["2.5.1"].packets()] == [REPORTS[0]]


@pytest.mark.parametrize("link_type", LINK_TYPES)
def test_a_failed_transfer_is_an_event_and_no_packet(link_type, tmp_path):
    write = TRANSFERS[link_type]
    frames = [write(REPORTS[0], 0x81, 0), write(b"", 0x81, -71)]
    (recording,) = capture_of(tmp_path, link_type, frames)
    assert [packet.data for packet in recording.packets()] == [REPORTS[0]]
    assert len(recording.events) == 1


@pytest.mark.parametrize("link_type", LINK_TYPES)
def test_a_frame_cut_anywhere_gives_no_byte_that_it_lacks(link_type, tmp_path):
    write = TRANSFERS[link_type]
    whole = write(REPORTS[0], 0x81, 0)
    header = len(whole) - len(REPORTS[0])
    for length in range(len(whole)):
        try:
            recordings = capture_of(tmp_path, link_type, [whole, whole[:length]])
        except CaptureError as error:
            assert "capture.pcap" in str(error)
            continue
        kept = [packet.data for recording in recordings for packet in recording.packets()]
        assert kept[0] == REPORTS[0]
        assert all(REPORTS[0][: length - header] == data for data in kept[1:])
