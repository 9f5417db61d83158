"""Files of the shapes that other programs write, built here byte by byte from the formats' specifications."""

import struct

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from zerotap.capture import read_recordings
from zerotap.capture.files.link_types import LINK_TYPES
from zerotap.errors import CaptureError

LATEST_NS = 2**63 // 10**9 * 10**9  # the first whole second that an int64 of nanoseconds does not end
ORDERS = pytest.mark.parametrize("order", ["<", ">"])
DESCRIPTOR = bytes.fromhex("12 01 00 02 00 00 00 08 d9 04 02 16 01 00 01 02 00 01")


def usbmon(
    data=b"",
    *,
    order="<",
    kind="C",
    transfer=1,
    endpoint=0x81,
    device=5,
    status=0,
    length=None,
    header=64,
):
    """struct usbmon_packet of Linux's Documentation/usb/usbmon.rst, then the data."""
    length = len(data) if length is None else length
    flags, setup = b"-\0", bytes(8)
    fields = (1, ord(kind), transfer, endpoint, device, 2, flags, 9, 9, status, length, len(data), setup)
    return struct.pack(f"{order}Q4BH2sqiiII8s", *fields) + bytes(header - 48) + data


def usbpcap(data=b"", *, info=1, transfer=1, endpoint=0x81, device=5, status=0, extra=0):
    """USBPCAP_BUFFER_PACKET_HEADER of USBPcap's capture format page, then the data."""
    fields = (27 + extra, 1, status, 9, info, 2, device, endpoint, transfer, len(data))
    return struct.pack("<HQIHBHHBBI", *fields) + bytes(extra) + data


def pcap(frames, *, order="<", magic=0xA1B2C3D4, link_type=220):
    parts = [struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 65535, link_type)]
    for seconds, fraction, frame in frames:
        parts += [struct.pack(f"{order}IIII", seconds, fraction, len(frame), len(frame)), frame]
    return b"".join(parts)


def block(kind, body, order):
    body += bytes(-len(body) % 4)
    length = struct.pack(f"{order}I", len(body) + 12)
    return struct.pack(f"{order}I", kind) + length + body + length


def section(order="<"):
    return block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(order="<", link_type=220, snap=0, tsresol=None, tsoffset=None):
    options = b""
    if tsresol is not None:
        options += struct.pack(f"{order}HHB3x", 9, 1, tsresol)
    if tsoffset is not None:
        options += struct.pack(f"{order}HHq", 14, 8, tsoffset)
    return block(1, struct.pack(f"{order}HHI", link_type, 0, snap) + options, order)


def enhanced(frame, ticks=0, number=0, order="<"):
    fields = (number, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
    return block(6, struct.pack(f"{order}5I", *fields) + frame, order)


def read(folder, content):
    path = folder / "foreign.pcap"
    path.write_bytes(content)
    return read_recordings(path)


def data_of(recording):
    return [packet.data for packet in recording.packets()]


@ORDERS
@pytest.mark.parametrize(("magic", "tick_ns"), [(0xA1B2C3D4, 1000), (0xA1B23C4D, 1)])
def test_classic_pcap(tmp_path, order, magic, tick_ns):
    frames = [(7, 5, usbmon(b"ab", order=order)), (8, 6, usbmon(b"c", order=order))]
    (recording,) = read(tmp_path, pcap(frames, order=order, magic=magic))
    assert data_of(recording) == [b"ab", b"c"]
    assert recording.timestamps_ns.tolist() == [7 * 10**9 + 5 * tick_ns, 8 * 10**9 + 6 * tick_ns]
    assert recording.name == "2.5.1"


def test_classic_pcap_truncated_at_every_length(tmp_path):
    frame = usbmon(b"ab")
    whole = pcap([(7, 5, frame)] * 3)
    ends = [24 + (16 + len(frame)) * count for count in range(4)]
    for length in range(4, len(whole)):
        if length in ends:
            assert sum(len(r) for r in read(tmp_path, whole[:length])) == ends.index(length)
        else:
            start = max([end for end in ends if end < length], default=0)
            with pytest.raises(CaptureError, match=f"truncated: .* at byte {start} .*head -c {start} "):
                read(tmp_path, whole[:length])


@ORDERS
def test_pcapng_of_either_byte_order(tmp_path, order):
    content = (
        section(order) + interface(order) + enhanced(usbmon(b"abc", order=order), 1_500_000, order=order)
    )
    (recording,) = read(tmp_path, content)
    assert data_of(recording) == [b"abc"]
    assert recording.timestamps_ns.tolist() == [1_500_000_000]  # microseconds unless the file says otherwise


@given(
    st.integers(0, 2**63 - 1), st.integers(0, 18) | st.integers(0x80, 0x80 | 63), st.integers(-(10**6), 10**6)
)
@example(LATEST_NS - 1, 9, 0)
@example(LATEST_NS, 9, 0)
@example(LATEST_NS, 9, -2)
@example(LATEST_NS - 1, 9, 1)
def test_every_time_resolution_is_exact(tmp_path_factory, ticks, tsresol, offset_s):
    per_second = 2 ** (tsresol & 0x7F) if tsresol & 0x80 else 10**tsresol
    content = section() + interface(tsresol=tsresol, tsoffset=offset_s) + enhanced(usbmon(b"a"), ticks)
    folder = tmp_path_factory.mktemp("tsresol")
    exact_ns = offset_s * 10**9 + ticks * 10**9 // per_second
    if exact_ns >= LATEST_NS:
        with pytest.raises(CaptureError, match="year 2262"):
            read(folder, content)
        return
    (recording,) = read(folder, content)
    assert recording.timestamps_ns[0] <= exact_ns
    # Beyond 2^-34 s the last bits of a tick are below a nanosecond.
    assert exact_ns - recording.timestamps_ns[0] <= (1 if tsresol > 0x80 | 34 else 0)


def test_sections_and_interfaces_keep_their_own_meaning(tmp_path):
    content = b"".join((
        section("<"),
        interface("<", 220, tsresol=9),
        interface("<", 249, tsresol=6),
        enhanced(usbpcap(b"windows"), 3, number=1),
        enhanced(usbmon(b"linux"), 4, number=0),
        block(5, bytes(20), "<"),  # interface statistics: no packets
        section(">"),
        interface(">", 220, tsresol=3),
        enhanced(usbmon(b"later", order=">"), 5, order=">"),
    ))  # fmt: skip
    linux, windows = sorted(read(tmp_path, content), key=lambda r: r.link_type)
    assert (data_of(linux), data_of(windows)) == ([b"linux", b"later"], [b"windows"])
    assert linux.timestamps_ns.tolist() == [4, 5_000_000]
    assert windows.timestamps_ns.tolist() == [3_000]


@ORDERS
def test_simple_and_obsolete_packet_blocks(tmp_path, order):
    frame = usbmon(b"abcd", order=order)
    content = section(order) + interface(order, snap=len(frame) - 2)
    content += block(3, struct.pack(f"{order}I", len(frame)) + frame[:-2], order)
    content += block(2, struct.pack(f"{order}HH4I", 0, 9, 0, 2, len(frame), len(frame)) + frame, order)
    (recording,) = read(tmp_path, content)
    assert data_of(recording) == [b"ab", b"abcd"]
    assert recording.timestamps_ns.tolist() == [0, 2000]
    assert [(event.kind, event.detail) for event in recording.events] == [("cut", "2 of 4 bytes")]


@pytest.mark.parametrize("header", [48, 64])
def test_only_completed_interrupt_and_bulk_in_transfers_are_packets(tmp_path, header):
    link_type = {48: 189, 64: 220}[header]
    frames = [
        usbmon(b"yes", header=header),
        usbmon(b"", kind="S", header=header, length=8),
        usbmon(b"", endpoint=0x01, header=header, length=3),
        usbmon(b"iso", transfer=0, header=header),
        usbmon(b"control", transfer=2, endpoint=0x80, header=header),
        usbmon(b"bulk", transfer=3, endpoint=0x82, header=header),
        usbmon(b"lost", status=-71, header=header),
        usbmon(b"", header=header),
    ]
    recordings = read(tmp_path, pcap([(i, 0, f) for i, f in enumerate(frames)], link_type=link_type))
    assert [(r.name, r.transfer, data_of(r)) for r in recordings] == [
        ("2.5.1", "interrupt", [b"yes"]),
        ("2.5.2", "bulk", [b"bulk"]),
    ]
    assert [(e.kind, e.status, e.timestamp_ns) for e in recordings[0].events] == [("failed", -71, 6 * 10**9)]


def test_usbpcap(tmp_path):
    frames = [
        usbpcap(b"yes"),
        usbpcap(b"", info=0),
        usbpcap(b"more", extra=1),
        usbpcap(b"no", status=0xC0000011),
    ]
    (recording,) = read(tmp_path, pcap([(1, i, f) for i, f in enumerate(frames)], order=">", link_type=249))
    assert data_of(recording) == [b"yes", b"more"]
    assert [event.kind for event in recording.events] == ["failed"]


@pytest.mark.parametrize(("link_type", "make"), [(220, usbmon), (249, usbpcap)])
def test_device_descriptors_name_their_device_only(tmp_path, link_type, make):
    descriptor = make(DESCRIPTOR, transfer=2, endpoint=0x80)
    frames = [make(b"a"), descriptor, make(b"b", device=6)]
    known, unknown = read(tmp_path, pcap([(0, 0, f) for f in frames], link_type=link_type))
    assert (known.device.vendor_id, known.device.product_id) == (0x04D9, 0x1602)
    assert (unknown.device.vendor_id, unknown.device.address) == (0, 6)


def test_a_data_length_that_counts_the_header_is_corrected(tmp_path):
    frame = bytearray(usbmon(bytes(range(8))))
    frame[36:40] = struct.pack("<I", 72)  # as QEMU writes it
    (recording,) = read(tmp_path, pcap([(0, 0, bytes(frame))]))
    assert (data_of(recording), recording.events) == ([bytes(range(8))], ())


def test_an_unknown_link_type_is_named_with_the_known_ones(tmp_path):
    for content, at in ((pcap([], link_type=1), 20), (section() + interface(link_type=1), 36)):
        with pytest.raises(CaptureError, match=rf"link type 1 \(Ethernet\) at byte {at} ") as caught:
            read(tmp_path, content)
        assert all(str(number) in str(caught.value) for number in LINK_TYPES)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pcap([(0, 0, b"short")]), "at byte 40: .*headers of 64 bytes"),
        (pcap([(0, 0, bytes(27))], link_type=249), "at byte 40: .*length is impossible"),
        (section() + enhanced(usbmon(b"a")), "at byte 28: .*never described"),
        (section() + interface(tsresol=19), "at byte 48: .*resolution"),
        (section()[:8] + bytes(4) + section()[12:], "at byte 8: .*byte-order magic"),
        (section() + struct.pack("<III", 6, 10, 10), "at byte 28: .*length of 10"),
        (section()[:-4] + bytes(4), "at byte 0: .*lengths differ"),
        (
            section() + interface() + block(6, struct.pack("<5I", 0, 0, 0, 99, 99), "<"),
            "longer than its block",
        ),
        (section() + interface() + block(6, bytes(8), "<"), "shorter than its kind"),
    ],
)
def test_damage_is_named_with_its_byte(tmp_path, content, said):
    with pytest.raises(CaptureError, match=said):
        read(tmp_path, content)


def test_many_devices_in_one_capture(tmp_path):
    frames = [(i, 0, usbmon(bytes([i % 7]), device=i % 50 + 1, endpoint=0x81 + i % 3)) for i in range(600)]
    recordings = read(tmp_path, pcap(frames))
    assert sum(len(r) for r in recordings) == 600
    assert all((np.diff(r.timestamps_ns) > 0).all() for r in recordings)
    keys = [tuple(map(int, r.name.split("."))) for r in recordings]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys) == 150
