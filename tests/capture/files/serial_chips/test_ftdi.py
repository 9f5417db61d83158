"""FTDI's status bytes: taken out where a chip of FTDI sent them, and nowhere else."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import import_capture, read_recordings
from zerotap.capture.files.reading import read_capture
from zerotap.capture.files.serial_chips.ftdi import LEAST_PACKETS, without_status_bytes
from zerotap.capture.files.transfers import DeviceKey
from zerotap.capture.files.usbmon.frames import usbmon_frame
from zerotap.capture.packet import DeviceIdentity, Packet, Recording
from zerotap.capture.sensors.sensor_stream import frame_recording

STEP_NS = 10_000_000
FTDI = DeviceIdentity(0x0403, 0x6001, 1, 5)
UNKNOWN = DeviceIdentity(bus=1, address=5)
QUIET = b"\x01\x60"
LINES = [f"{n / 2:.2f},{-n},{n % 7}\r\n".encode() for n in range(50)]


def recording_of(transfers, device=UNKNOWN, transfer="bulk", endpoint=0x82):
    packets = [Packet(n * STEP_NS, endpoint, data) for n, data in enumerate(transfers)]
    made = Recording.from_packets(packets, device, name="1.5.2")
    return Recording(
        *(made.timestamps_ns, made.endpoints, made.payload, made.offsets, device), (), (), "1.5.2", transfer
    )


def taken_out(recording, own=()):
    kept, notes = without_status_bytes([recording], own, "c.pcap")
    return [packet.data for one in kept for packet in one.packets()], notes


def framed(data: bytes, size: int, head: bytes = QUIET) -> bytes:
    """Bytes as a chip sends them in one transfer of USB packets of ``size``."""
    step = size - len(head)
    return b"".join(head + data[at : at + step] for at in range(0, max(1, len(data)), step))


def capture_file(path, transfers, descriptor=b""):
    """A pcap of usbmon, of a device that answers with ``descriptor`` or has been there all along."""
    device = DeviceIdentity(bus=1, address=5)
    frames = [usbmon_frame(n, device, "bulk", n * STEP_NS, 0x82, 0, data) for n, data in enumerate(transfers)]
    if descriptor:
        answer = bytearray(usbmon_frame(0, device, "bulk", 0, 0x80, 0, descriptor))
        answer[9] = 2  # a control transfer
        frames.insert(0, bytes(answer))
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 220)]
    for n, frame in enumerate(frames):
        parts += [struct.pack("<IIII", 0, n * STEP_NS // 1000, len(frame), len(frame)), frame]
    path.write_bytes(b"".join(parts))
    return path


def device_descriptor(vendor_id, product_id):
    return struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x200, 0, 0, 0, 8, vendor_id, product_id, 0x600, 1, 2, 3, 1)


def test_lines_of_numbers_come_out_of_a_capture(tmp_path):
    path = capture_file(tmp_path / "c.pcap", [QUIET + line for line in LINES])
    capture = read_capture(path)
    (recording,) = capture.recordings
    assert [packet.data for packet in recording.packets()] == LINES
    assert frame_recording(recording).values.shape[1] == 3
    (note,) = capture.notes
    assert "1.5.2 (by the shape of its packets)" in note


def test_it_is_said_once_and_what_is_imported_keeps_its_first_bytes(tmp_path, caplog):
    shaped_inside = [QUIET + QUIET + line for line in LINES]
    path = capture_file(tmp_path / "c.pcap", shaped_inside, device_descriptor(0x0403, 0x6001))
    (stored,) = import_capture(path, "walk", tmp_path / "data")
    assert [record.getMessage().count("status bytes") for record in caplog.records] == [1]
    caplog.clear()
    (recording,) = read_recordings(stored)
    assert [packet.data for packet in recording.packets()] == [QUIET + line for line in LINES]
    assert not caplog.records


def test_a_descriptor_is_enough_for_one_packet_of_any_bytes(tmp_path):
    path = capture_file(tmp_path / "c.pcap", [b"\x31\x62\xff\x00"], device_descriptor(0x0403, 0x6015))
    capture = read_capture(path)
    assert [packet.data for packet in capture.recordings[0].packets()] == [b"\xff\x00"]
    assert "by its descriptor" in capture.notes[0]
    assert [event.kind for event in capture.recordings[0].events] == ["gap"]  # its overrun bit


def test_another_makers_device_is_left_alone(tmp_path):
    path = capture_file(
        tmp_path / "c.pcap", [QUIET + line for line in LINES], device_descriptor(0x2341, 0x804F)
    )
    capture = read_capture(path)
    assert capture.recordings[0].payload[:2].tobytes() == QUIET
    assert not capture.notes


@pytest.mark.parametrize("size", [64, 512])
@pytest.mark.parametrize("device", [FTDI, UNKNOWN])
def test_each_usb_packet_of_a_transfer_has_its_own(size, device):
    rng = np.random.default_rng(size)
    sent = [
        bytes(rng.integers(0x20, 0x7F, length, np.uint8))
        for length in (1, 61, 62, 63, 124, 125, 600, 1999, 62)
    ]
    out, _ = taken_out(recording_of([framed(data, size) for data in sent], device))
    assert out == sent


@pytest.mark.parametrize("device", [FTDI, UNKNOWN])
def test_a_fast_chips_packet_is_not_taken_for_several(device):
    sent = [bytes([0x41 + n]) * 100 for n in range(9)]  # of no length that 64-byte packets could not have
    assert taken_out(recording_of([QUIET + data for data in sent], device))[0] == sent


def test_packets_of_an_idle_line_are_none():
    rng = np.random.default_rng(4)
    sent = [rng.bytes(20) for _ in range(9)]
    transfers = [part for data in sent for part in (QUIET, b"\x02\x60", QUIET + data)]
    out, _ = taken_out(recording_of(transfers))
    assert out == sent
    assert taken_out(recording_of([QUIET] * 9, FTDI))[0] == []


@pytest.mark.parametrize(
    "transfers",
    [
        LINES,
        [QUIET + bytes((n, 200, 7)) for n in range(50)],  # frames of a board that begin so
        [QUIET] * 50,
        [QUIET + line for line in LINES[: LEAST_PACKETS - 1]],
        [*(QUIET + line for line in LINES), b"\x01"],
        [*(QUIET + line for line in LINES), b"\x00\x60abc"],
        [b"\x01\x9f" + line for line in LINES],
    ],
)
def test_what_only_resembles_it_is_left_alone(transfers):
    out, notes = taken_out(recording_of(transfers))
    assert out == transfers
    assert not notes


@pytest.mark.parametrize("change", [{"transfer": "interrupt"}, {"endpoint": 0x02}])
def test_other_endpoints_are_left_alone(change):
    transfers = [QUIET + line for line in LINES]
    assert taken_out(recording_of(transfers, FTDI, **change))[0] == transfers


def test_what_zerotap_wrote_is_left_alone():
    transfers = [QUIET + line for line in LINES]
    assert taken_out(recording_of(transfers, FTDI), {DeviceKey(220, 1, 5)})[0] == transfers


@pytest.mark.drawn
@given(
    st.lists(st.binary(min_size=1, max_size=700), min_size=1, max_size=12), st.sampled_from([FTDI, UNKNOWN])
)
def test_random_bytes_give_data(bodies, device):
    transfers = [b"\x01" + body for body in bodies]
    out, notes = taken_out(recording_of(transfers, device))
    assert bool(notes) == (out != transfers)
    assert sum(map(len, out)) <= sum(map(len, transfers))
