"""Reports of paired devices: HID over GATT and classic HID, in pcap and btsnoop; tshark beside them."""

import struct
import subprocess

import pytest

from zerotap.capture import read_recordings
from zerotap.capture.files.assembling import ASSEMBLERS
from zerotap.capture.files.link_types import PACKET_LINK_TYPES
from zerotap.capture.files.reading import read_capture
from zerotap.errors import CaptureError
from zerotap.features.text.typed_streams import typed_streams

H, K, NONE = bytes([0, 0, 0x0B, 0, 0, 0, 0, 0]), bytes([0, 0, 0x0C, 0, 0, 0, 0, 0]), bytes(8)
TYPED = (H, NONE, K, NONE)
START_S, YEAR_0_US = 1_700_000_000, 0x00DCDDB30F2F8000


def acl(l2cap, handle=0x40, flags=2):
    return struct.pack("<HH", handle | flags << 12, len(l2cap)) + l2cap


def l2cap(channel, content):
    return struct.pack("<HH", len(content), channel) + content


def notified(report, attribute=0x2C):
    return acl(l2cap(4, struct.pack("<BH", 0x1B, attribute) + report))


def interrupt(report, channel=0x41):
    return acl(l2cap(channel, b"\xa1" + report))


def pcap_frame(link_type, packet, *, is_received=True):
    if link_type == 254:
        return struct.pack(">HH", 0, 5 if is_received else 4) + packet
    return (struct.pack(">I", is_received) if link_type == 201 else b"") + b"\x02" + packet


def pcap(link_type, frames):
    parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, link_type)]
    for n, frame in enumerate(frames):
        parts += [struct.pack("<IIII", START_S, n * 1000, len(frame), len(frame)), frame]
    return b"".join(parts)


def btsnoop(kind, records):
    parts = [b"btsnoop\0" + struct.pack(">II", 1, kind)]
    for n, (flags, packet) in enumerate(records):
        time_us = YEAR_0_US + START_S * 10**6 + n
        parts += [struct.pack(">IIIIq", len(packet), len(packet), flags, 0, time_us), packet]
    return b"".join(parts)


def write(tmp_path, content):
    path = tmp_path / "c.pcap"
    path.write_bytes(content)
    return path


def read(tmp_path, content):
    return {r.name: r for r in read_recordings(write(tmp_path, content))}


def payloads(recording):
    return [packet.data for packet in recording.packets()]


def test_every_link_type_of_parts_has_its_assembler():
    assert set(ASSEMBLERS) == set(PACKET_LINK_TYPES)


@pytest.mark.parametrize("link_type", [187, 201, 254])
@pytest.mark.parametrize("make", [notified, interrupt])
def test_what_was_typed(link_type, make, tmp_path):
    path = write(tmp_path, pcap(link_type, [pcap_frame(link_type, make(report)) for report in TYPED]))
    (recording,) = read_recordings(path)
    assert (recording.name, recording.transfer, recording.link_type) == ("0.1.1", "interrupt", link_type)
    assert payloads(recording) == list(TYPED)
    assert recording.timestamps_ns.tolist() == [START_S * 10**9 + n * 1000 for n in range(4)]
    assert [stream.text for stream in typed_streams(path)] == ["hi"]


@pytest.mark.parametrize("kind", [1001, 1002, 2001])
def test_btsnoop(kind, tmp_path):
    flags, lead = {1001: (1, b""), 1002: (1, b"\x02"), 2001: (5, b"")}[kind]
    content = btsnoop(kind, [(flags, lead + notified(report)) for report in TYPED])
    path = write(tmp_path, content)
    (recording,) = read_recordings(path)
    assert payloads(recording) == list(TYPED)
    assert recording.timestamps_ns.tolist() == [START_S * 10**9 + n * 1000 for n in range(4)]
    with pytest.raises(CaptureError, match="truncated: the packet at byte"):
        read_recordings(write(tmp_path, content[:-1]))
    assert len(read_capture(path, accept_torn=True).recordings[0]) == 3


@pytest.mark.parametrize("content", [b"btsnoop\0" + struct.pack(">II", 1, 1003), b"btsnoop\0\0\0"])
def test_btsnoop_of_other_kinds_is_refused(content, tmp_path):
    with pytest.raises(CaptureError, match="no btsnoop file of Bluetooth HCI has the kind"):
        read_recordings(write(tmp_path, content))


def test_what_the_computer_sends_is_left_out(tmp_path):
    for link_type in (201, 254):
        frames = [pcap_frame(link_type, notified(H), is_received=False), pcap_frame(link_type, notified(K))]
        assert payloads(read(tmp_path, pcap(link_type, frames))["0.1.1"]) == [K]
    snooped = btsnoop(1002, [(0, b"\x02" + notified(H)), (3, b"\x04abc"), (1, b"\x02" + notified(K))])
    assert payloads(read(tmp_path, snooped)["0.1.1"]) == [K]


def test_each_attribute_and_each_connection_is_a_stream(tmp_path):
    other = acl(l2cap(4, struct.pack("<BH", 0x1D, 9) + b"xy"), handle=0x0E01)
    packets = [notified(H), notified(b"\1\2", 0x30), other, notified(K)]
    streams = read(tmp_path, pcap(187, [pcap_frame(187, packet) for packet in packets]))
    assert {name: payloads(r) for name, r in streams.items()} == {
        "0.1.1": [H, K],
        "0.1.2": [b"\1\2"],
        "0.2.1": [b"xy"],
    }


def test_a_frame_in_fragments(tmp_path):
    whole = notified(H)[4:]
    packets = [acl(whole[:5]), acl(whole[5:9], flags=1), acl(whole[9:], flags=1), acl(b"lost", flags=1)]
    assert payloads(read(tmp_path, pcap(187, [pcap_frame(187, p) for p in packets]))["0.1.1"]) == [H]


def test_a_channel_that_is_known_to_be_for_something_else(tmp_path):
    def opened(service, source, destination):
        asked = struct.pack("<BBHHH", 2, 1, 4, service, source)
        granted = struct.pack("<BBHHHHH", 3, 1, 8, destination, source, 0, 0)
        return [acl(l2cap(1, asked)), acl(l2cap(1, granted))]

    packets = [*opened(0x13, 0x41, 0x71), *opened(0x19, 0x42, 0x72)]
    packets += [interrupt(H, 0x41), interrupt(b"music", 0x42), acl(l2cap(0x41, b"\xa2" + K))]
    assert payloads(read(tmp_path, pcap(187, [pcap_frame(187, p) for p in packets]))["0.1.1"]) == [H]


def test_too_many_attributes_are_left_out_and_said(tmp_path):
    packets = [pcap_frame(187, notified(H, attribute)) for attribute in range(17)]
    capture = read_capture(write(tmp_path, pcap(187, packets)))
    assert len(capture.recordings) == 15
    assert "left out 2 Bluetooth packets" in capture.notes[0]


@pytest.mark.system("tshark")
@pytest.mark.parametrize("kind", ["pcap", "btsnoop"])
def test_tshark_finds_the_same_reports(kind, tmp_path):
    frames = [pcap_frame(201, notified(report)) for report in TYPED]
    snooped = btsnoop(1002, [(1, b"\x02" + notified(report)) for report in TYPED])
    path = write(tmp_path, pcap(201, frames) if kind == "pcap" else snooped)
    command = ["tshark", "-r", path, "-T", "fields", "-e", "frame.time_epoch", "-e", "btatt.value"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    (recording,) = read_recordings(path)
    assert shown[1::2] == [report.hex() for report in payloads(recording)]
    assert [round(float(t) * 1e6) for t in shown[::2]] == (recording.timestamps_ns // 1000).tolist()
