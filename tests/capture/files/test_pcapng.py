"""Our own capture files: written, read back, damaged."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.capture import DeviceIdentity, Event, Packet, PcapngWriter, Recording, read_recordings
from zerotap.capture.files.reading import read_capture
from zerotap.errors import CaptureError

KEYBOARD = DeviceIdentity(0x04D9, 0x1602, 3, 7, "Maker", "Keyboard \u00e9", "0001")
OWN_FILE = Path(__file__).parents[2] / "data" / "hi.pcapng"
KEYS_HI = [b"\2\0\x0b\0\0\0\0\0", bytes(8), b"\0\0\x0c\0\0\0\0\0", bytes(8)]

packets_of_one_endpoint = st.integers(0x80, 0x8F).flatmap(
    lambda endpoint: st.lists(
        st.builds(
            Packet,
            timestamp_ns=st.integers(0, 9_223_372_034 * 10**9),
            endpoint=st.just(endpoint),
            data=st.binary(min_size=1, max_size=70),
        ),
        min_size=1,
        max_size=12,
    )
)


def write(path, packets, **options):
    with PcapngWriter(path, KEYBOARD, **options) as writer:
        for packet in packets:
            writer.write(packet)
    return path


def hi():
    return [Packet(1_700_000_000_123_456_789 + 10**8 * i, 0x81, data) for i, data in enumerate(KEYS_HI)]


@given(packets_of_one_endpoint, st.sampled_from(["interrupt", "bulk"]))
def test_round_trip(tmp_path_factory, packets, transfer):
    path = write(tmp_path_factory.mktemp("trip") / "a.pcapng", packets, transfer=transfer)
    (recording,) = read_recordings(path)
    assert list(recording.packets()) == packets
    assert (recording.device, recording.transfer, recording.link_type) == (KEYBOARD, transfer, 220)
    assert recording.events == ()


def test_endpoints_become_recordings(tmp_path):
    packets = [Packet(i, endpoint, bytes([i])) for i, endpoint in enumerate([0x82, 0x81, 0x82, 0x8F])]
    recordings = read_recordings(write(tmp_path / "a.pcapng", packets))
    assert [r.name for r in recordings] == ["3.7.1", "3.7.2", "3.7.15"]
    assert list(recordings[1].packets()) == [packets[0], packets[2]]


def test_failed_transfers_are_events_and_survive_a_copy(tmp_path):
    failure = Event(150, "failed", "status -71", -71)
    with PcapngWriter(tmp_path / "a.pcapng", KEYBOARD) as writer:
        writer.write(Packet(100, 0x81, b"a"))
        writer.write_failure(failure, 0x81)
        writer.write(Packet(200, 0x81, b"b"))
    (recording,) = read_recordings(tmp_path / "a.pcapng")
    assert [p.data for p in recording.packets()] == [b"a", b"b"]
    assert recording.events == (failure,)
    with PcapngWriter(tmp_path / "b.pcapng", KEYBOARD) as writer:
        writer.write_all(recording)
    assert (tmp_path / "b.pcapng").read_bytes() == (tmp_path / "a.pcapng").read_bytes()


def test_file_is_valid_after_every_packet_and_private(tmp_path):
    path = tmp_path / "a.pcapng"
    with PcapngWriter(path, KEYBOARD) as writer:
        assert read_recordings(path) == []
        for count, packet in enumerate(hi(), 1):
            writer.write(packet)
            assert len(read_recordings(path)[0]) == count
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_is_overwritten(tmp_path):
    path = write(tmp_path / "a.pcapng", hi())
    before = path.read_bytes()
    with pytest.raises(CaptureError, match="ever overwritten"):
        PcapngWriter(path, KEYBOARD)
    assert path.read_bytes() == before


def test_an_address_that_no_header_holds_is_refused(tmp_path):
    with pytest.raises(CaptureError, match="address 256"):
        PcapngWriter(tmp_path / "a.pcapng", DeviceIdentity(address=256))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_whole_packets(tmp_path, monkeypatch):
    path = tmp_path / "a.pcapng"
    with PcapngWriter(path, KEYBOARD) as writer:
        writer.write(hi()[0])
        whole = os.write
        monkeypatch.setattr("os.write", lambda file, block: whole(file, block[:50]))
        with pytest.raises(CaptureError, match="free some space"):
            writer.write(hi()[1])
        monkeypatch.undo()
        writer.write(hi()[2])
    assert [p.data for p in read_recordings(path)[0].packets()] == [KEYS_HI[0], KEYS_HI[2]]


def test_truncated_at_every_length(tmp_path):
    whole = write(tmp_path / "a.pcapng", hi()).read_bytes()
    ends = _block_ends(whole)
    cut = tmp_path / "cut.pcapng"
    for length in range(len(whole)):
        cut.write_bytes(whole[:length])
        if length in ends:
            packets = [p for r in read_recordings(cut, accept_torn=False) for p in r.packets()]
            assert packets == hi()[: max(0, ends.index(length) - 1)]
            continue
        said = r"truncated: .* at byte \d+" if length >= 4 else "empty|neither pcapng nor pcap"
        with pytest.raises(CaptureError, match=said):
            read_recordings(cut, accept_torn=False)
        whole_blocks = sum(end <= length for end in ends)
        if whole_blocks < 2:  # nothing yet says that the file is ours
            with pytest.raises(CaptureError):
                read_recordings(cut)
        else:
            packets = [p for r in read_recordings(cut) for p in r.packets()]
            assert packets == hi()[: whole_blocks - 2]
            tear = read_capture(cut).tear
            assert (tear.at, tear.lost_bytes) == (ends[whole_blocks - 1], length - ends[whole_blocks - 1])


def test_zeros_that_a_power_cut_left_are_a_tear(tmp_path):
    path = write(tmp_path / "a.pcapng", hi())
    path.write_bytes(path.read_bytes() + bytes(4096))
    assert list(read_recordings(path)[0].packets()) == hi()
    assert read_capture(path).tear.lost_bytes == 4096


def _block_ends(whole):
    """Return where each block ends: the section's header, the interface's description, the packets."""
    ends, at = [], 0
    while at < len(whole):
        at += int.from_bytes(whole[at + 4 : at + 8], "little")
        ends.append(at)
    return ends


@settings(max_examples=400)
@given(st.data())
def test_a_changed_byte_gives_packets_or_a_capture_error(tmp_path_factory, data):
    content = bytearray(OWN_FILE.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("changed") / "a.pcapng"
    path.write_bytes(content)
    try:
        recordings = read_recordings(path)
    except CaptureError as error:
        assert str(path) in str(error)
    else:
        assert all(len(list(r.packets())) == len(r) for r in recordings)


@given(st.binary(max_size=200), st.sampled_from(["0a0d0d0a", "d4c3b2a1", "a1b23c4d", ""]))
def test_garbage_gives_packets_or_a_capture_error(tmp_path_factory, garbage, magic):
    path = tmp_path_factory.mktemp("garbage") / "a.pcap"
    path.write_bytes(bytes.fromhex(magic) + garbage)
    try:
        read_recordings(path)
    except CaptureError as error:
        assert str(path) in str(error)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", r"empty \(0 bytes\)"),
        (b"\x1f\x8b\x08\0", "not a whole gzip file"),
        (b"label,text\nham,hi\n", "text, but neither usbmon's nor that of"),
    ],
)
def test_files_that_are_no_captures(tmp_path, content, said):
    path = tmp_path / "a.pcap"
    path.write_bytes(content)
    with pytest.raises(CaptureError, match=said):
        read_recordings(path)


def test_missing_files_and_folders(tmp_path):
    for path in (tmp_path / "none.pcap", tmp_path):
        with pytest.raises(CaptureError, match="cannot be read"):
            read_recordings(path)


def test_the_file_in_tests_data_is_ours(tmp_path):
    assert write(tmp_path / "hi.pcapng", hi()).read_bytes() == OWN_FILE.read_bytes()
    (recording,) = read_recordings(OWN_FILE)
    assert isinstance(recording, Recording)
    assert list(recording.packets()) == hi()


def test_every_kind_of_event_survives_two_copies(tmp_path):
    events = (
        Event(150, "failed", "status -71", -71),
        Event(160, "gap", "status -70", -70),
        Event(300, "unplug", "status -19", -19),
    )
    with PcapngWriter(tmp_path / "a.pcapng", KEYBOARD) as writer:
        writer.write(Packet(100, 0x81, b"a"), comment="kept for Wireshark, not an event")
        for event in events[:2]:
            writer.write_failure(event, 0x81)
        writer.write(Packet(200, 0x81, b"b"))
        writer.write_failure(events[2], 0x81)
    (recording,) = read_recordings(tmp_path / "a.pcapng")
    assert recording.events == events
    with PcapngWriter(tmp_path / "b.pcapng", KEYBOARD) as writer:
        writer.write_all(recording)
    assert read_recordings(tmp_path / "b.pcapng")[0].events == events
