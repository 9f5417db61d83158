"""USB 2.0 packets to transfers: NAKs, toggles, checksums, control, bulk, splits; tshark beside it."""

import struct
import subprocess

import pytest
from usb_wire import (
    ACK,
    DATA0,
    DATA1,
    IN,
    NAK,
    NYET,
    OUT,
    PING,
    STALL,
    START_S,
    control_in,
    control_out,
    data,
    handshake,
    nak,
    pcap,
    poll_in,
    send,
    sof,
    split,
    token,
)

from zerotap.capture import read_captured_reports, read_recordings
from zerotap.capture.files.reading import read_capture
from zerotap.features.text.typed_streams import typed_streams

H, K, NONE = bytes([0, 0, 0x0B, 0, 0, 0, 0, 0]), bytes([0, 0, 0x0C, 0, 0, 0, 0, 0]), bytes(8)
DEVICE = bytes.fromhex("1201000200000008d904021600010102 0301")
KEYBOARD = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810195057501050819012905910295017503910195067508"
    "1500256505071900296581 00c0"
)
CONFIGURATION = bytes.fromhex(
    "09023b00010100a032 090400000203010100 092111010001223f00 0705810308000a 0705020220000a"
)
GET_DEVICE, GET_CONFIGURATION = bytes.fromhex("8006000100001200"), bytes.fromhex("8006000200000001")
GET_REPORTS = bytes.fromhex("8106002200003f00")
SET_ADDRESS, SET_CONFIGURATION = bytes.fromhex("0005050000000000"), bytes.fromhex("0009010000000000")


def write(tmp_path, packets, **options):
    path = tmp_path / "c.pcap"
    path.write_bytes(pcap(packets, **options))
    return path


def read(tmp_path, packets, **options):
    return {r.name: r for r in read_recordings(write(tmp_path, packets, **options))}


def payloads(recording):
    return [packet.data for packet in recording.packets()]


def typed():
    toggles = (DATA0, DATA1, DATA0, DATA1)
    for toggle, report in zip(toggles, (H, NONE, K, NONE), strict=True):
        yield from [sof(9), *nak(5, 1), sof(10), *nak(5, 1), *poll_in(5, 1, toggle, report)]


@pytest.mark.parametrize("link_type", [288, 293, 294, 295])
def test_a_keyboard_is_read_without_its_naks(link_type, tmp_path):
    packets = list(typed())
    path = write(tmp_path, packets, link_type=link_type, step_ns=2_000_000)
    (recording,) = read_recordings(path)
    assert (recording.name, recording.transfer, recording.link_type) == ("0.5.1", "interrupt", link_type)
    assert payloads(recording) == [H, NONE, K, NONE]
    assert recording.timestamps_ns[0] == START_S * 10**9 + 8 * 2_000_000
    assert [stream.text for stream in typed_streams(path)] == ["hi"]


def test_what_is_sent_again_counts_once_and_is_said(tmp_path):
    lost = [token(IN, 5, 1), data(DATA0, H)]  # the host has it, its ACK is lost: the device sends it again
    packets = [*poll_in(5, 1, DATA0, H), *poll_in(5, 1, DATA0, H), *poll_in(5, 1, DATA1, NONE)]
    path = write(tmp_path, [*packets, *lost], step_ns=10**6)
    assert payloads(read_recordings(path)[0]) == [H, NONE]
    (note,) = read_capture(path).notes
    assert "left out 1 USB packets that were sent again" in note


def test_what_nobody_acknowledged_is_not_there(tmp_path):
    packets = [token(IN, 5, 1), data(DATA0, K), *nak(5, 1), *poll_in(5, 1, DATA0, H)]
    assert payloads(read(tmp_path, packets, step_ns=10**6)["0.5.1"]) == [H]


@pytest.mark.parametrize("place", range(4))
def test_a_wrong_bit_is_found_by_its_checksum(place, tmp_path):
    good, bad = poll_in(5, 1, DATA1, NONE), poll_in(5, 1, DATA0, H)
    wrong = bytearray(bad[place // 2])
    wrong[place % 2 * 2] ^= 0x10
    bad[place // 2] = bytes(wrong)
    path = write(tmp_path, [*bad, *good], step_ns=10**6)
    assert payloads(read_recordings(path)[0]) == [NONE]
    assert "left out 1 USB packets whose identifier, length or checksum" in read_capture(path).notes[0]


def test_toggles_begin_anew_with_the_configuration(tmp_path):
    again = control_out(5, SET_CONFIGURATION)
    halted = control_out(5, bytes.fromhex("0201000081000000"))
    packets = poll_in(5, 1, DATA0, H)
    recording = read(tmp_path, [*packets, *again, *packets, *halted, *packets], step_ns=10**6)["0.5.1"]
    assert payloads(recording) == [H, H, H]


def test_a_device_that_is_plugged_in_is_known_and_described(tmp_path):
    packets = [
        *control_out(0, SET_ADDRESS),
        *control_in(5, GET_DEVICE, DEVICE),
        *control_in(5, GET_CONFIGURATION, CONFIGURATION),
        *control_out(5, SET_CONFIGURATION),
        *control_in(5, GET_REPORTS, KEYBOARD),
        *typed(),
        *send(5, 2, DATA0, bytes(32)),
        *send(5, 2, DATA1, b"end"),
    ]
    path = write(tmp_path, packets)
    streams = {r.name: r for r in read_recordings(path)}
    assert (streams["0.5.1"].device.vendor_id, streams["0.5.1"].device.product_id) == (0x04D9, 0x1602)
    # Polled as a bulk endpoint would be; but the descriptors say which is which.
    assert (streams["0.5.1"].transfer, streams["0.5.2"].transfer) == ("interrupt", "bulk")
    assert payloads(streams["0.5.2"]) == [bytes(32) + b"end"]
    (report, *_) = read_captured_reports(path)["0.5.1"]
    assert report.application == 0x00010006


def test_a_bulk_transfer_ends_with_a_short_packet(tmp_path):
    blocks = [bytes([n]) * 64 for n in range(3)]
    packets = [
        *nak(5, 2) * 3,
        *poll_in(5, 2, DATA0, blocks[0]),
        *poll_in(5, 2, DATA1, blocks[1]),
        *poll_in(5, 2, DATA0, b"end"),
        *poll_in(5, 2, DATA1, blocks[2]),
        *poll_in(5, 2, DATA0, b""),
        *poll_in(5, 2, DATA1, b"next"),
    ]
    recording = read(tmp_path, packets, link_type=294)["0.5.2"]
    assert recording.transfer == "bulk"
    assert payloads(recording) == [blocks[0] + blocks[1] + b"end", blocks[2], b"next"]


def test_a_transfer_without_an_end_is_cut_in_pieces(tmp_path):
    packets = []
    for number in range(129):
        packets += poll_in(5, 2, DATA1 if number % 2 else DATA0, bytes(512))
    recording = read(tmp_path, packets, link_type=295)["0.5.2"]
    assert recording.lengths.tolist() == [65536, 512]


def test_what_goes_out_is_taken_when_the_device_takes_it(tmp_path):
    packets = [
        *send(5, 2, DATA0, b"ab", answer=NAK),
        token(PING, 5, 2),
        handshake(NAK),
        token(PING, 5, 2),
        handshake(ACK),
        *send(5, 2, DATA0, b"ab", answer=NYET),
        *poll_in(5, 2, DATA0, b"cd"),
    ]
    streams = read(tmp_path, packets, step_ns=10**6)
    assert {name: payloads(r) for name, r in streams.items()} == {"0.5.2in": [b"cd"], "0.5.2out": [b"ab"]}


def test_a_stall_is_an_event(tmp_path):
    packets = [*poll_in(5, 1, DATA0, H), token(IN, 5, 1), handshake(STALL)]
    recording = read(tmp_path, packets, step_ns=10**6)["0.5.1"]
    assert [(event.kind, event.status) for event in recording.events] == [("failed", -32)]
    assert recording.events[0].timestamp_ns == START_S * 10**9 + 4 * 10**6


def test_a_slow_device_behind_a_fast_hub(tmp_path):
    asked = [split(False, 3), token(IN, 5, 1)]
    packets = [
        *[*asked, split(True, 3), token(IN, 5, 1), handshake(NYET)],
        *[split(True, 3), token(IN, 5, 1), data(DATA0, H)],
        *[*asked, split(True, 3), token(IN, 5, 1), handshake(NAK)],
        *[*asked, split(True, 3), token(IN, 5, 1), data(DATA1, NONE)],
        *[split(False, 2), *send(5, 2, DATA0, b"ab")],
        *[split(True, 2), token(OUT, 5, 2), handshake(NYET)],
        *[split(True, 2), token(OUT, 5, 2), handshake(ACK)],
        *poll_in(6, 1, DATA0, K),  # another device, not split
    ]
    streams = read(tmp_path, packets, link_type=295, step_ns=10**6)
    assert payloads(streams["0.5.1"]) == [H, NONE] and streams["0.5.1"].transfer == "interrupt"
    assert payloads(streams["0.5.2"]) == [b"ab"] and streams["0.5.2"].transfer == "bulk"
    assert payloads(streams["0.6.1"]) == [K]


def test_two_interfaces_are_two_wires(tmp_path):
    def block(kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    parts = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    parts += [block(1, struct.pack("<HHI", 294, 0, 0))] * 2
    for number, packet in enumerate(poll_in(5, 1, DATA0, H)):
        for wire in range(2):
            fields = struct.pack("<5I", wire, 0, number * 1000 + wire, len(packet), len(packet))
            parts.append(block(6, fields + packet))
    path = tmp_path / "two.pcapng"
    path.write_bytes(b"".join(parts))
    (recording,) = read_recordings(path)
    assert payloads(recording) == [H, H]


@pytest.mark.system("tshark")
def test_tshark_finds_the_same_checksums_and_reports(tmp_path):
    packets = [*control_in(5, GET_DEVICE, DEVICE), *typed()]
    wrong = bytearray(data(DATA0, b"xyz"))
    wrong[2] ^= 1
    path = write(tmp_path, [*packets, bytes(wrong)], step_ns=10**6)
    shown = subprocess.run(
        ["tshark", "-r", path, "-T", "fields", "-e", "usbll.pid", "-e", "usbll.data", "-e", "_ws.expert"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert [number for number, line in enumerate(shown) if "CRC" in line] == [len(packets)]
    (recording,) = read_recordings(path)
    reports = [report.hex() for report in payloads(recording)]
    said = "".join(shown)
    assert all(report in said for report in reports)
    assert "left out 1 USB packets" in read_capture(path).notes[0]
