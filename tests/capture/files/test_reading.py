"""What a capture may be wrapped in or mixed with: gzip, other links, macOS, a torn end, damaged bytes."""

import gzip
import json
import struct
import time
import tracemalloc

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zerotap.capture import read_recordings
from zerotap.capture.files import packing
from zerotap.capture.files.reading import read_capture
from zerotap.cli import cli
from zerotap.errors import CaptureError

COUNT = 300


def usbmon(number, data, header=64, status=0):
    fields = (number, ord("C"), 1, 0x81, 5, 2, b"-\0", 9, 9, status, len(data), len(data), bytes(8))
    return struct.pack("<Q4BH2sqiiII8s", *fields) + bytes(header - 48) + data


def usbpcap(number, data):
    return struct.pack("<HQIHBHHBBI", 27, number, 0, 9, 1, 2, 5, 0x81, 1, len(data)) + data


def darwin(number, data, *, request=1, status=0, endpoint=0x81, kind=3, version=0x100, length=None):
    """The structure of tcpdump-workers, 9 December 2016."""
    location, speed, device = 0x02100000, 1, 5
    length = len(data) if length is None else length
    fields = (version, 32, request, length, status, 0, number, location, speed, device, endpoint, kind)
    return struct.pack("<HBBIIIQIBBBB", *fields) + data


FRAMES = {
    189: lambda number, data: usbmon(number, data, header=48),
    220: usbmon,
    249: usbpcap,
    266: darwin,
}


def pcap(frames, link_type):
    parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, link_type)]
    for number, frame in enumerate(frames):
        parts += [struct.pack("<IIII", 1, number, len(frame), len(frame)), frame]
    return b"".join(parts)


def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def pcapng(*interfaces):
    """One interface each: its link type and its frames, which are written in turn."""
    parts = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    parts += [block(1, struct.pack("<HHI", link_type, 0, 0)) for link_type, _ in interfaces]
    for number, (_, frames) in enumerate(interfaces):
        for frame in frames:
            parts.append(block(6, struct.pack("<5I", number, 0, 7, len(frame), len(frame)) + frame))
    return b"".join(parts)


def write(folder, content, name="a.pcap"):
    (folder / name).write_bytes(content)
    return folder / name


def data_of(recording):
    return [packet.data for packet in recording.packets()]


def test_darwin(tmp_path):
    frames = [
        darwin(1, b"", request=0, length=8),
        darwin(1, b"abc"),
        darwin(2, b"", status=0xE00002EB),
        darwin(3, b"bulk", kind=2, endpoint=0x82),
        darwin(4, b"sent", kind=2, endpoint=0x03),
        darwin(5, b"control", kind=0, endpoint=0x80),
        darwin(6, b"sound", kind=1, endpoint=0x84),
    ]
    sent, keys, bulk = read_recordings(write(tmp_path, pcap(frames, 266)))
    assert [(r.name, r.transfer, data_of(r)) for r in (sent, keys, bulk)] == [
        ("2.5.3", "bulk", [b"sent"]),
        ("2.5.1", "interrupt", [b"abc"]),
        ("2.5.2", "bulk", [b"bulk"]),
    ]
    assert [(e.kind, e.status & 0xFFFFFFFF) for e in keys.events] == [("failed", 0xE00002EB)]


@pytest.mark.parametrize(
    "frame", [darwin(1, b"a", version=0x200), darwin(1, b"a", kind=4), b"\0\1\x40" + darwin(1, b"a")[3:]]
)
def test_a_darwin_header_of_another_kind_is_refused(tmp_path, frame):
    with pytest.raises(CaptureError, match="at byte 40: the Darwin USB header"):
        read_recordings(write(tmp_path, pcap([frame], 266)))


@pytest.mark.parametrize("link_type", FRAMES)
def test_gzip_is_recognised_by_its_first_bytes(tmp_path, link_type):
    content = pcap([FRAMES[link_type](n, bytes([n])) for n in range(9)], link_type)
    (plain,) = read_recordings(write(tmp_path, content))
    # Two members, as `cat a.gz b.gz` makes them.
    (packed,) = read_recordings(write(tmp_path, gzip.compress(content[:99]) + gzip.compress(content[99:])))
    assert list(packed.packets()) == list(plain.packets())


def test_gzip_does_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "MOST_UNPACKED_BYTES", 4 << 20)
    bomb = gzip.compress(pcap([usbmon(1, b"a")], 220) + bytes(64 << 20))
    tracemalloc.start()
    with pytest.raises(CaptureError, match=r"unpacks to more than 4 MiB: .*gunzip"):
        read_recordings(write(tmp_path, bomb))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


def test_a_gzip_file_that_is_cut_or_damaged(tmp_path):
    packed = gzip.compress(pcap([usbmon(n, bytes([n] * 9)) for n in range(99)], 220))
    for content in (packed[:-9], packed[:40] + b"\xff\xff\xff\xff" + packed[44:], packed[:-8] + bytes(8)):
        with pytest.raises(CaptureError, match="not a whole gzip file"):
            read_recordings(write(tmp_path, content))


def test_foreign_packets_are_counted_and_left_out(tmp_path, caplog):
    content = pcapng(
        (1, [b"ethernet" * 8] * 3),
        (220, [usbmon(1, b"keys")]),
        (251, [b"\0" * 20] * 2),
        (147, [b"own"]),
        (249, []),
    )
    path = write(tmp_path, content, "mixed.pcapng")
    (recording,) = read_recordings(path)
    assert data_of(recording) == [b"keys"]
    said = "skipped 6 packets that are not USB (3 Ethernet, 2 Bluetooth LE from the air, 1 link type 147)"
    assert f"{path}: {said}" in caplog.text
    report = json.loads(CliRunner().invoke(cli, ["info", str(path), "--json"]).stdout)
    assert report["foreign_packets"] == {"Ethernet": 3, "Bluetooth LE from the air": 2, "link type 147": 1}
    assert report["warnings"] == [f"{path}: {said}"]


def test_a_capture_of_the_network_alone_is_refused(tmp_path):
    path = write(tmp_path, pcapng((1, [b"ethernet"]), (251, [])))
    with pytest.raises(CaptureError, match=r"link type 1 \(Ethernet\) at byte 36"):
        read_recordings(path)


def test_a_request_and_its_completion_count_once(tmp_path):
    request = bytearray(usbmon(1, b""))
    request[8] = ord("S")
    completion = usbmon(1, b"abcdefgh")
    (recording,) = read_recordings(write(tmp_path, pcap([bytes(request), completion] * 5, 220)))
    assert len(recording) == 5


def timed(kind, time_us, frame, number):
    """An enhanced packet block of interface ``number``; ``kind`` "S" makes the frame a request."""
    frame = frame[:8] + kind + frame[9:]
    return block(6, struct.pack("<5I", number, 0, time_us, len(frame), len(frame)) + frame)


def test_what_two_interfaces_saw_counts_once(tmp_path):
    blocks = []
    for n in range(20):
        urb = usbmon(n % 2, bytes([n]))  # two URBs in turn, each sent again when it is done
        late_us = 1000 * n
        blocks += [timed(b"S", late_us, urb, 0), timed(b"S", late_us + 1, urb, 1)]
        blocks += [timed(b"C", late_us + 500, urb, 0)]
        if n != 7:  # lost by the second interface
            blocks += [timed(b"C", late_us + 503, urb, 1)]
    blocks.append(timed(b"C", 30_000, usbmon(0, b"after"), 1))  # the first interface was stopped before
    (recording,) = read_recordings(write(tmp_path, pcapng((220, []), (220, [])) + b"".join(blocks)))
    assert data_of(recording) == [*(bytes([n]) for n in range(20)), b"after"]
    assert recording.timestamps_ns[0] == 500_000


@pytest.mark.parametrize("link_type", FRAMES)
def test_a_torn_end_costs_the_last_packet_only(tmp_path, link_type):
    frames = [FRAMES[link_type](n, bytes([n] * 8)) for n in range(5)]
    for whole in (pcap(frames, link_type), pcapng((link_type, frames))):
        path = write(tmp_path, whole)
        (intact,) = read_recordings(path)
        for lost in range(1, 24):
            path.write_bytes(whole[:-lost])
            capture = read_capture(path, accept_torn=True)
            assert list(capture.recordings[0].packets()) == list(intact.packets())[:-1]
            assert capture.tear.at + capture.tear.lost_bytes == len(whole) - lost
            with pytest.raises(CaptureError, match=f"truncated: .* at byte {capture.tear.at} .*head -c"):
                read_recordings(path)


@pytest.mark.parametrize("link_type", FRAMES)
def test_memory_below_four_file_sizes_with_a_64_kb_transfer(tmp_path, link_type):
    frames = [FRAMES[link_type](n, bytes(8)) for n in range(60_000)]
    frames[30_000] = FRAMES[link_type](30_000, bytes(1 << 16))
    path = write(tmp_path, pcap(frames, link_type))
    read_recordings(path)
    tracemalloc.start()
    (recording,) = read_recordings(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(recording) == 60_000
    assert peak < 4 * path.stat().st_size


WHOLE = {
    f"{link_type} {kind}": content
    for link_type, frame in FRAMES.items()
    for frames in [[frame(n, bytes(n % 9)) for n in range(COUNT)]]
    for kind, content in (
        ("pcap", pcap(frames, link_type)),
        ("pcapng", pcapng((link_type, frames[:200]), (1, [b"foreign"] * 9), (link_type, frames[200:]))),
    )
}
# Where a length, a type or an option is, a change does most: the first bytes, and any others.
places = st.one_of(st.integers(0, 120), st.integers(0, 10**6))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(WHOLE)),
    st.lists(st.tuples(places, st.integers(0, 255)), max_size=6),
    st.booleans(),
    st.sampled_from([None, True]),
)
def test_changed_bytes_give_packets_or_a_capture_error(
    tmp_path_factory, name, changes, is_packed, accept_torn
):
    content = bytearray(WHOLE[name])
    for place, value in changes:
        content[place % len(content)] = value
    path = tmp_path_factory.mktemp("changed") / "a.pcap"
    path.write_bytes(gzip.compress(content, 1) if is_packed else content)
    tracemalloc.start()
    started_s = time.process_time()
    try:
        recordings = read_recordings(path, accept_torn)
    except CaptureError as error:
        assert str(path) in str(error)
    else:
        assert all(len(list(r.packets())) == len(r) > 0 for r in recordings)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert time.process_time() - started_s < 5
    assert peak < 10 * len(content) + (1 << 20 if is_packed else 0)  # gzip unpacks a chunk at a time
