"""Capture files of every format, packed and not: python benchmarks/fuzz/fuzz_captures.py --seconds 600."""

import gzip
import struct
import sys
from pathlib import Path

import numpy as np
import zstandard
from fuzz_driver import Target, main

from zerotap.capture.files.formats import frames_in
from zerotap.capture.files.reading import capture_bytes, capture_of
from zerotap.capture.files.report_descriptors import captured_reports
from zerotap.capture.files.streams import transfers_of
from zerotap.errors import CaptureError


def block(kind: int, body: bytes, order: str) -> bytes:
    body += bytes(-len(body) % 4)
    length = struct.pack(f"{order}I", len(body) + 12)
    return struct.pack(f"{order}I", kind) + length + body + length


def usbmon(data: bytes, order: str, transfer: int = 1, endpoint: int = 0x81, status: int = 0) -> bytes:
    sizes = (9, 9, status, len(data), len(data), bytes(8))
    fields = (1, 67, transfer, endpoint, 5, 2, b"-\0", *sizes)
    return struct.pack(f"{order}Q4BH2sqiiII8s", *fields) + bytes(16) + data


def usbpcap(data: bytes) -> bytes:
    return struct.pack("<HQIHBHHBBI", 27, 1, 0, 9, 1, 2, 5, 0x81, 1, len(data)) + data


def pcapng(order: str) -> bytes:
    """Two interfaces, a device descriptor, keys, a serial port, a failed transfer and a foreign packet."""
    device = bytes.fromhex("1201000200000040412304800001010203 01")
    clock = struct.pack(f"{order}HHB3x", 9, 1, 9) + struct.pack(f"{order}HHq", 14, 8, 7)
    parts = [block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)]
    parts += [block(1, struct.pack(f"{order}HHI", 220, 0, 0) + clock, order)]
    parts += [block(1, struct.pack(f"{order}HHI", 1, 0, 64), order)]
    frames = [usbmon(device, order, 2, 0x80), usbmon(bytes(8), order), usbmon(b"1,2\n", order, 3, 0x82)]
    for number, frame in enumerate([*frames, usbmon(b"", order, status=-71)]):
        parts.append(block(6, struct.pack(f"{order}5I", 0, 0, number, len(frame), len(frame)) + frame, order))
    parts.append(block(6, struct.pack(f"{order}5I", 1, 0, 9, 14, 14) + bytes(14), order))
    return b"".join([*parts, block(3, struct.pack(f"{order}I", 72) + frames[1], order)])


def pcap(link_type: int, frames: list[bytes]) -> bytes:
    parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, link_type)]
    parts += [struct.pack("<IIII", 1, n, len(frame), len(frame)) + frame for n, frame in enumerate(frames)]
    return b"".join(parts)


def sealed(pid: int, fields: int, count: int, width: int, polynomial: int) -> bytes:
    """A packet of ``count`` bits behind its identifier, with its checksum."""
    register = ones = (1 << width) - 1
    for place in range(count):
        differs = (fields >> place ^ register >> width - 1) & 1
        register = (register << 1 & ones) ^ (polynomial if differs else 0)
    for place in range(width):
        fields |= (register >> width - 1 - place & 1 ^ 1) << count + place
    return bytes([pid]) + fields.to_bytes((count + width) // 8, "little")


def token(pid: int, endpoint: int) -> bytes:
    return sealed(pid, 5 | endpoint << 7, 11, 5, 0x05)


def data(pid: int, content: bytes) -> bytes:
    return sealed(pid, int.from_bytes(content, "little"), 8 * len(content), 16, 0x8005)


def wire() -> list[bytes]:
    """USB 2.0 packets: a device descriptor by a control transfer, polls, bulk, a stall, a split, PING."""
    ack, nak, stall = b"\xd2", b"\x5a", b"\x1e"
    descriptor = bytes.fromhex("120100020000004041230480000101020301")
    packets = [token(0x2D, 0), data(0xC3, bytes.fromhex("8006000100001200")), ack]
    packets += [token(0x69, 0), data(0x4B, descriptor), ack, token(0xE1, 0), data(0x4B, b""), ack]
    for number in range(4):
        packets += [token(0x69, 1), nak, token(0x69, 1), data((0xC3, 0x4B)[number % 2], bytes(8)), ack]
        packets += [token(0xE1, 2), data((0xC3, 0x4B)[number % 2], bytes(64)), ack]
    packets += [token(0x69, 1), stall, token(0xB4, 2), nak]
    return [*packets, sealed(0x78, 3 | 1 << 7 | 2 << 8, 19, 5, 0x05), token(0x69, 3), data(0xC3, b"ab")]


def paired(lead: bytes) -> list[bytes]:
    """ACL packets: a channel that is opened for HID, its input, and a notification in two fragments."""
    signals = ("0c00 0800 0100 0201040013004100", "1000 0c00 0100 0301080071004100 00000000")
    packets = [bytes.fromhex("4020" + signal) for signal in signals]
    packets.append(bytes.fromhex("4020 0d00 0900 4100 a1") + bytes(8))
    packets += [bytes.fromhex("4020 0900 0b00 0400 1b2c00 0000"), bytes.fromhex("4010 0600 0b0000000000")]
    return [lead + packet for packet in packets]


def btsnoop() -> bytes:
    head = b"btsnoop\0" + struct.pack(">II", 1, 1002)
    record = struct.Struct(">IIIIq").pack
    return head + b"".join(record(len(p), len(p), 1, 0, 0x00DCDDB30F2F8000 + 7) + p for p in paired(b"\2"))


TEXTS = (
    b"ffff88 1427430234 C Ii:1:005:1 0:8 8 = 00000b00 00000000\n"
    b"ffff88 1427430260 S Co:1:005:0 s 80 06 0100 0000 0012 18 <\n"
    b"ffff88 9 C Zi:1:005:3 0:1:2:0 1 0:0:4 4 = 00\n",
    b"# own\nD: 0\nR: 4 05 01 09 06\nN: keyboard\nI: 3 1234 5678\nE: 0.000000 8 00 00 0b 00 00 00 00 00\n",
    b"001:005:000:STREAM   1700000000.000000\n 00 00 0B 00 00 00 00 00\n\n001:005:001:DESCRIPTOR 1.0\n 05\n",
)


def corpus() -> list[bytes]:
    plain = [
        pcapng("<"),
        pcapng(">") + pcapng("<"),
        pcap(220, [usbmon(bytes(8), "<"), usbmon(b"ab", "<", 3)] * 3),
        pcap(
            220, [usbmon(bytes((1, 96)) + b"1,2\n" * n, "<", 3, 0x82) for n in (1, 20, 9)] * 4
        ),  # FTDI's chip
        pcap(249, [usbpcap(bytes(8))] * 40),
        *(pcap(link_type, wire() * 3) for link_type in (288, 293, 295)),
        *TEXTS,
        pcap(187, paired(b"\2")),
        pcap(201, paired(b"\0\0\0\1\2")),
        pcap(254, paired(b"\0\0\0\5")),
        btsnoop(),
    ]
    return [*plain, gzip.compress(plain[0]), zstandard.compress(plain[0]), zstandard.compress(TEXTS[0])]


PATH = Path("fuzz")


def run(data: bytes) -> None:
    found = frames_in(capture_bytes(data, PATH), PATH)
    for recording in capture_of(found, PATH, accept_torn=True).recordings:
        list(recording.packets())
    if found.frames or found.ready:
        buffer = np.frombuffer(found.buffer, np.uint8)
        captured_reports(buffer, transfers_of(found, PATH))


TARGET = Target("captures", run, corpus, (CaptureError,))

if __name__ == "__main__":
    sys.exit(main(TARGET))
