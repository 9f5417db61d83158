"""usbmon's text: 1u, the older 1t, what was sent, what failed, what was cut, the clock's turn, torn ends."""

import pytest

from zerotap.capture import read_recordings
from zerotap.capture.files.reading import read_capture
from zerotap.errors import CaptureError
from zerotap.features.text.typed_streams import typed_streams

TYPED = """\
# captured with cat
ffff8803fdf61a80 1427430234 C Ii:1:005:1 0:8 8 = 00000b00 00000000
ffff8803fdf61a80 1427430260 S Ii:1:005:1 -115:8 8 <
ffff8803fdf61a80 1427438234 C Ii:1:005:1 0:8 8 = 00000000 00000000

ffff8803fdf61a80 1427446234 C Ii:1:005:1 0:8 8 = 00000c00 00000000
ffff8803fdf61a80 1427454234 C Ii:1:005:1 0:8 8 = 00000000 00000000
"""


def write(tmp_path, text: str):
    path = tmp_path / "1u.txt"
    path.write_bytes(text.encode())
    return path


def read(tmp_path, *lines: str):
    return read_recordings(write(tmp_path, "".join(f"{line}\n" for line in lines)))


@pytest.mark.parametrize("text", [TYPED, TYPED.replace("\n", "\r\n"), TYPED.replace(":1:005:1", ":005:01")])
def test_what_was_typed(text, tmp_path):
    (stream,) = typed_streams(write(tmp_path, text))
    assert (stream.name, stream.text) == ("1.5.1" if "1:005" in text else "0.5.1", "hi")


def test_times_payloads_and_a_failure(tmp_path):
    (recording,) = read(
        tmp_path,
        "ffff88 10 C Bi:2:007:3 0 5 = 01020304 05",
        "ffff88 20 C Bi:2:007:3 -71 0",
        "ffff88 30 E Bi:2:007:3 -19 0",
    )
    (packet,) = recording.packets()
    assert (packet.timestamp_ns, packet.endpoint, packet.data) == (10_000, 0x83, bytes([1, 2, 3, 4, 5]))
    assert (recording.name, recording.transfer, recording.link_type) == ("2.7.3", "bulk", 220)
    assert [(e.timestamp_ns, e.kind, e.status) for e in recording.events] == [
        (20_000, "failed", -71),
        (30_000, "unplug", -19),
    ]


def test_the_kernel_keeps_32_bytes_of_a_transfer(tmp_path):
    words = " ".join(["00112233"] * 8)
    (recording,) = read(tmp_path, f"ffff88 10 C Bi:2:007:3 0 64 = {words}")
    assert [event.detail for event in recording.events] == ["32 of 64 bytes"]


def test_the_clock_turns_over_every_4096_seconds(tmp_path):
    line = "ffff88 {} C Ii:1:005:1 0:8 1 = 00"
    times = [4_095_999_000, 1_000, 4_095_999_999, 5]
    (recording,) = read(tmp_path, *(line.format(time) for time in times))
    turn = 4_096_000_000
    expected = [times[0], turn + 1_000, turn + times[2], 2 * turn + 5]
    assert recording.timestamps_ns.tolist() == [1000 * time for time in expected]


def test_what_the_host_sends_and_isochronous_packets_are_no_streams(tmp_path):
    lines = (
        "ffff88 1 S Bo:1:005:2 -115 31 = 55534243 5e000000",
        "ffff88 2 C Bo:1:005:2 0 31 >",
        "ffff88 3 C Zi:1:005:3 0:1:1234:0 2 0:0:192 0:192:192 384 = 00112233",
        "ffff88 4 S Ci:1:001:0 s a3 00 0000 0003 0004 4 <",
        "ffff88 5 C Co:1:001:0 0 0",
    )
    assert read(tmp_path, *lines) == []


def test_a_device_that_was_plugged_in_is_known(tmp_path):
    descriptor = "12010002 00000040 d9040216 00010102 0301"
    (recording,) = read(
        tmp_path, f"ffff88 1 C Ci:1:005:0 0 18 = {descriptor}", "ffff88 2 C Ii:1:005:1 0:8 1 = 00"
    )
    assert (recording.device.vendor_id, recording.device.product_id) == (0x04D9, 0x1602)


def test_a_line_of_something_else_is_named(tmp_path):
    with pytest.raises(CaptureError, match=r"1u.txt: line 3 is no event"):
        read(tmp_path, *TYPED.splitlines()[:2], "nonsense", "more")


def test_data_of_half_a_byte_is_refused(tmp_path):
    with pytest.raises(CaptureError, match="half a byte"):
        read(tmp_path, "ffff88 1 C Ii:1:005:1 0:8 1 = 001")


def test_a_torn_last_line(tmp_path):
    path = write(tmp_path, TYPED + "ffff8803fdf61a80 14274542")
    with pytest.raises(CaptureError, match=f"truncated: the line at byte {len(TYPED)}"):
        read_recordings(path)
    capture = read_capture(path, accept_torn=True)
    assert len(capture.recordings[0]) == 4
    assert capture.tear and capture.tear.lost_bytes == 25
