"""What we write, as tshark reads it."""

import re
import subprocess

import pytest

from zerotap.capture import DeviceIdentity, Event, Packet, PcapngWriter, read_recordings

pytestmark = pytest.mark.system("tshark", "capinfos")

PACKETS = [Packet(1_700_000_000_000_000_001 + i, 0x83, bytes(range(i, i + 5 + i))) for i in range(6)]


@pytest.fixture
def capture(tmp_path):
    path = tmp_path / "ours.pcapng"
    with PcapngWriter(path, DeviceIdentity(0x2341, 0x804F, 3, 9), "bulk") as writer:
        for packet in PACKETS:
            writer.write(packet)
        writer.write_failure(Event(1_700_000_001_000_000_000, "failed", "status -71", -71), 0x83)
    return path


def fields(path, *names):
    options = [option for name in names for option in ("-e", name)]
    command = ["tshark", "-r", path, "-T", "fields", *options]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "malformed" not in result.stdout.lower()
    return [line.split("\t") for line in result.stdout.splitlines()]


def test_times_and_payloads(capture):
    rows = fields(capture, "frame.time_epoch", "usb.capdata", "usb.src")
    wanted = [[f"1700000000.{i + 1:09d}", packet.data.hex(), "3.9.3"] for i, packet in enumerate(PACKETS)]
    assert rows[:-1] == wanted


def test_headers(capture):
    rows = fields(capture, "usb.urb_type", "usb.transfer_type", "usb.urb_status", "usb.data_len")
    assert rows[:-1] == [["'C'", "0x03", "0", str(len(p.data))] for p in PACKETS]
    assert rows[-1][2:] == ["-71", "0"]


def test_link_type_and_packet_count(capture):
    described = subprocess.run(
        ["capinfos", "-E", "-c", "-M", capture], capture_output=True, text=True, check=True
    )
    assert described.stderr == ""
    assert "usb-linux-mmap" in described.stdout
    assert re.search(r"Number of packets:\s+7\b", described.stdout)


def test_comments(capture):
    commented = fields(capture, "frame.number", "frame.comment")
    assert commented == [*([str(n), ""] for n in range(1, 7)), ["7", "failed: status -71"]]


def test_a_torn_recording_reads_up_to_its_end(capture):
    capture.write_bytes(capture.read_bytes()[:-1])
    command = ["tshark", "-r", capture, "-T", "fields", "-e", "frame.number"]
    shown = subprocess.run(command, capture_output=True, text=True)
    (ours,) = read_recordings(capture)
    assert len(shown.stdout.split()) == len(ours) == len(PACKETS)
    assert "cut short" in shown.stderr
