"""Capture files, gzip among them: python benchmarks/fuzz/fuzz_captures.py --seconds 600."""

import gzip
import struct
import sys
from pathlib import Path

import numpy as np
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


def corpus() -> list[bytes]:
    plain = [
        pcapng("<"),
        pcapng(">") + pcapng("<"),
        pcap(220, [usbmon(bytes(8), "<"), usbmon(b"ab", "<", 3)] * 3),
        pcap(249, [usbpcap(bytes(8))] * 40),
    ]
    return [*plain, gzip.compress(plain[0])]


PATH = Path("fuzz")


def run(data: bytes) -> None:
    found = frames_in(capture_bytes(data, PATH), PATH)
    for recording in capture_of(found, PATH, accept_torn=True).recordings:
        list(recording.packets())
    if found.frames:
        buffer = np.frombuffer(found.buffer, np.uint8)
        captured_reports(buffer, transfers_of(found, PATH))


TARGET = Target("captures", run, corpus, (CaptureError,))

if __name__ == "__main__":
    sys.exit(main(TARGET))
