"""Captures that were made to be dear: time follows the size of the file, memory is at most ten times that."""

import gzip
import os
import random
import struct
import subprocess
import sys
import threading
import time
import tracemalloc

import pytest
from click.testing import CliRunner

from zerotap.capture import read_captured_reports, read_recordings
from zerotap.capture.files.pcap_files.pcapng_blocks import MOST_TURNS
from zerotap.capture.files.reading import read_capture
from zerotap.cli import cli
from zerotap.errors import CaptureError

pytestmark = pytest.mark.thorough

SIZE = 1 << 20
MOST_TIMES = 10
BASE_BYTES = 1 << 20  # what small things take, whatever the file


def block(kind, body, order="<"):
    body += bytes(-len(body) % 4)
    length = struct.pack(f"{order}I", len(body) + 12)
    return struct.pack(f"{order}I", kind) + length + body + length


def section(order="<"):
    return block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link_type=220, options=b""):
    return block(1, struct.pack("<HHI", link_type, 0, 0) + options)


def usbmon(data=b"", device=5, bus=2, endpoint=0x81, transfer=1):
    sizes = (9, 9, 0, len(data), len(data), bytes(8))
    return (
        struct.pack("<Q4BH2sqiiII8s", 1, 67, transfer, endpoint, device, bus, b"-\0", *sizes)
        + bytes(16)
        + data
    )


def packet(frame, time_us=0, number=0):
    return block(6, struct.pack("<5I", number, 0, time_us, len(frame), len(frame)) + frame)


BEGIN, END = section() + interface(), packet(usbmon(bytes(8)))
CONTENTS = {
    "interfaces": lambda: BEGIN + interface() * (SIZE // 20) + END,
    "interfaces with options": lambda: BEGIN + interface(options=bytes(4)) * (SIZE // 24) + END,
    "sections": lambda: section() * (SIZE // 28) + BEGIN + END,
    "sections, interfaces and packets": lambda: (BEGIN + END) * (SIZE // 152),
    "options": lambda: section() + interface(options=struct.pack("<HH", 9999, 0) * (SIZE // 4)) + END,
    "link types": lambda: (
        BEGIN + b"".join(interface(1000 + n) + packet(b"", number=n) for n in range(1, SIZE // 52)) + END
    ),
    "lengths": lambda: BEGIN + b"".join(packet(usbmon(bytes(1 + n % 1000)), n) for n in range(2000)),
    "failed": lambda: (
        BEGIN + packet(usbmon().replace(struct.pack("<i", 9), b"\xb9\xff\xff\xff")) * (SIZE // 96)
    ),
    "simple packets": lambda: (
        section()
        + interface(1)
        + interface()
        + block(3, bytes(4)) * (SIZE // 16)
        + packet(usbmon(bytes(8)), number=1)
    ),
    "sync words": lambda: (
        BEGIN + b"".join(packet(usbmon(b"\xa5\x5a" * 500, transfer=3), n) for n in range(900))
    ),
    "blank lines": lambda: BEGIN + b"".join(packet(usbmon(b"\n" * 30000, transfer=3), n) for n in range(8)),
    "a line of blanks": lambda: (
        BEGIN + b"".join(packet(usbmon(b"1" + b" " * 50000 + b"x\n", transfer=3), n) for n in range(8))
    ),
    "long numbers": lambda: (
        BEGIN
        + b"".join(
            packet(usbmon(d, transfer=3), n) for n, d in enumerate([b"9" * 30000 + b"\n", b"1\n" * 5000] * 4)
        )
    ),
}


def measured(run):
    """Peak memory in bytes that Python and NumPy asked for, and what ``run`` returns."""
    tracemalloc.start()
    try:
        result = run()
        return tracemalloc.get_traced_memory()[1], result
    finally:
        tracemalloc.stop()


def refusal_of(path):
    with pytest.raises(CaptureError) as refused:
        read_recordings(path)
    return str(refused.value)


@pytest.mark.parametrize("name", CONTENTS)
def test_memory_is_at_most_ten_times_the_file(tmp_path, name):
    path = tmp_path / "dear.pcapng"
    path.write_bytes(CONTENTS[name]())
    CliRunner().invoke(cli, ["info", str(path)])  # what is imported and kept for good
    peak, run = measured(lambda: CliRunner().invoke(cli, ["info", str(path)]))
    assert run.exit_code == 0, run.output
    assert peak < MOST_TIMES * path.stat().st_size + BASE_BYTES


def test_more_streams_than_any_machine_has_are_refused(tmp_path):
    path = tmp_path / "streams.pcapng"
    frames = (usbmon(b"a", n & 0xFF, n >> 8) for n in range(17_000))
    path.write_bytes(BEGIN + b"".join(packet(frame, n) for n, frame in enumerate(frames)))
    with pytest.raises(
        CaptureError, match=r"streams\.pcapng: holds 17000 streams and at most 16384 are read"
    ):
        read_recordings(path)


def test_byte_orders_that_change_without_end_are_refused(tmp_path):
    path = tmp_path / "turns.pcapng"
    path.write_bytes((section("<") + section(">")) * MOST_TURNS)
    with pytest.raises(CaptureError, match=f"the byte order has changed {MOST_TURNS} times"):
        read_recordings(path)
    path.write_bytes((section("<") + section(">")) * 40 + BEGIN + END)
    assert len(read_recordings(path)[0]) == 1


def test_a_descriptor_asked_for_a_thousand_times_is_decoded_once(tmp_path):
    descriptor = bytes.fromhex("05010906a10175019501") + b"\x81\x02" * 2000
    configuration = bytes((9, 2, 34, 0, 1, 1, 0, 0, 0, 9, 4, 0, 0, 1, 3, 1, 1, 0, 9, 0x21, 0, 1, 0, 1, 0x22))
    configuration += len(descriptor).to_bytes(2, "little") + bytes((7, 5, 0x81, 3, 8, 0, 1))
    answers = [packet(usbmon(data, endpoint=0x80, transfer=2)) for data in (configuration, descriptor)]
    path = tmp_path / "hid.pcapng"
    path.write_bytes(BEGIN + answers[0] + answers[1] * 1000 + END)
    started = time.process_time()
    ((report,),) = read_captured_reports(path).values()
    assert len(report.fields) == 2000
    assert time.process_time() - started < 1.5  # it took a minute


@pytest.mark.parametrize("repeated", [interface(), section(), END, bytes(16)])
def test_gzip_beyond_its_ratio_is_refused_early(tmp_path, repeated):
    path = tmp_path / "bomb.pcapng.gz"
    path.write_bytes(gzip.compress(BEGIN + repeated * ((24 << 20) // len(repeated))))
    peak, refusal = measured(lambda: refusal_of(path))
    assert "unpacks to more than 250 times its size" in refusal
    assert peak < 24 << 20


def test_gzip_of_an_ordinary_capture_is_read(tmp_path):
    draw = random.Random(0).randbytes
    frames = [usbmon(bytes([n % 251, n % 7]) + draw(2) + bytes(4)) for n in range(100_000)]
    path = tmp_path / "keys.pcapng.gz"
    path.write_bytes(gzip.compress(BEGIN + b"".join(packet(frame, n) for n, frame in enumerate(frames)), 1))
    assert len(read_recordings(path)[0]) == 100_000  # 10 MB, more than what any file may unpack to


@pytest.mark.parametrize("count", [62, 63, 64, 65, 130])
@pytest.mark.parametrize("cut", [1, 4, 60])
def test_a_tear_in_any_packet_is_named(tmp_path, count, cut):
    content = BEGIN + END * count
    path = tmp_path / "torn.pcapng"
    path.write_bytes(content[:-cut])
    capture = read_capture(path, accept_torn=True)
    assert len(capture.recordings[0]) == count - 1
    assert capture.tear.at == len(content) - len(END)
    with pytest.raises(CaptureError, match=f"truncated: the block at byte {capture.tear.at}"):
        read_recordings(path)


@pytest.mark.parametrize("left", [4, 12, 20])
def test_a_tear_in_a_later_section_header_loses_only_that(tmp_path, left):
    path = tmp_path / "torn.pcapng"
    path.write_bytes(BEGIN + END * 3 + section()[:left])
    capture = read_capture(path, accept_torn=True)
    assert len(capture.recordings[0]) == 3 and capture.tear.lost_bytes == left


def child(*arguments, **options):
    command = [sys.executable, "-m", "zerotap", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, timeout=60, **options)


@pytest.mark.parametrize("content", ["/dev/zero", "/dev/urandom", "sparse", "sparse pcapng"])
def test_what_has_no_end_is_judged_by_its_beginning(tmp_path, content):
    path = tmp_path / "giant.pcapng"
    if content.startswith("sparse"):
        path.write_bytes(section() if "pcapng" in content else b"")
        os.truncate(path, 1 << 40)
    else:
        path = content
    started = time.process_time()
    peak, refusal = measured(lambda: refusal_of(path))
    assert str(path) in refusal
    assert peak < 1 << 20 and time.process_time() - started < 1


def test_a_capture_on_standard_input(tmp_path):
    ran = child("import", "-", "--label", "a", "--dataset", tmp_path / "d", input=BEGIN + END * 5)
    assert ran.returncode == 0, ran.stderr
    (made,) = (tmp_path / "d" / "recordings").glob("*.pcapng")
    assert made.stem.startswith("piped") and len(read_recordings(made)[0]) == 5
    said = child("info", "/dev/stdin", "--json", input=b"no capture")
    assert said.returncode == 1 and b"/dev/stdin: damaged at byte 0" in said.stderr


def test_a_pipe_is_read_once_for_text(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    keys = [bytes([0, 0, key, 0, 0, 0, 0, 0]) for key in (0x0B, 0, 0x0C, 0)]
    content = BEGIN + b"".join(packet(usbmon(report), n) for n, report in enumerate(keys))
    thread = threading.Thread(target=pipe.write_bytes, args=[content])
    thread.start()
    run = CliRunner().invoke(cli, ["text", str(pipe)])
    thread.join()
    assert run.stdout == "hi\n"
