"""What hid-recorder and usbhid-dump write: reports, descriptors, several devices, damage, torn ends."""

import pytest

from zerotap.capture import read_captured_reports, read_recordings
from zerotap.capture.files.reading import read_capture
from zerotap.errors import CaptureError
from zerotap.features.text.typed_streams import typed_streams

DESCRIPTOR = (
    "05 01 09 06 a1 01 05 07 19 e0 29 e7 15 00 25 01 75 01 95 08 81 02 95 01 75 08 81 01 95 05 75 01 05 08 "
    "19 01 29 05 91 02 95 01 75 03 91 01 95 06 75 08 15 00 25 65 05 07 19 00 29 65 81 00 c0"
)
NONE = "00 00 00 00 00 00 00 00"
REPORTS = ("00 00 0b 00 00 00 00 00", NONE, "00 00 0c 00 00 00 00 00", NONE)
RECORDED = (
    f"# a comment\nR: 63 {DESCRIPTOR}\nN: A keyboard\nP: usb-1/input0\nI: 3 04d9 1602\n# ReportID: none\n"
    + "".join(f"E: {n // 2:06d}.{n % 2 * 10:06d} 8 {report}\n" for n, report in enumerate(REPORTS))
)
DUMPED = "Starting dumping interrupt transfer stream\nwith 1 minute timeout.\n\n" + "".join(
    f"001:005:000:STREAM             1700000000.{n:06d}\n {report.upper()}\n\n"
    for n, report in enumerate(REPORTS)
)


def write(tmp_path, text):
    path = tmp_path / "given.txt"
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(("text", "name"), [(RECORDED, "0.1.1"), (DUMPED, "1.5.1")])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_was_typed(text, name, newline, tmp_path):
    (stream,) = typed_streams(write(tmp_path, text.replace("\n", newline)))
    assert (stream.name, stream.text) == (name, "hi")


def test_hid_recorder_says_who_when_and_how(tmp_path):
    path = write(tmp_path, RECORDED)
    (recording,) = read_recordings(path)
    device = recording.device
    assert (device.vendor_id, device.product_id, device.product) == (0x04D9, 0x1602, "A keyboard")
    assert recording.timestamps_ns.tolist() == [0, 10_000, 10**9, 10**9 + 10_000]
    assert read_captured_reports(path)["0.1.1"][0].application == 0x00010006


def test_hid_recorder_of_several_devices(tmp_path):
    two = "D: 0\nE: 0.000000 1 01\nD: 1\nE: 0.000001 2 02 03\nD: 0\nE: 0.000002 1 04\n"
    streams = {r.name: [p.data for p in r.packets()] for r in read_recordings(write(tmp_path, two))}
    assert streams == {"0.1.1": [b"\x01", b"\x04"], "0.2.1": [b"\x02\x03"]}


@pytest.mark.parametrize("line", ["E: 0.000000 8 00 00", "E: nonsense", "R: 9 05", "something", "I: 3 4"])
def test_hid_recorder_damaged(line, tmp_path):
    number = RECORDED.count("\n") + 1
    with pytest.raises(CaptureError, match=rf"given.txt: line {number} is not of hid-recorder"):
        read_recordings(write(tmp_path, f"{RECORDED}{line}\nE: 5.000000 1 00\n"))
    capture = read_capture(write(tmp_path, RECORDED + line), accept_torn=True)
    assert len(capture.recordings[0]) == 4
    assert capture.tear and capture.tear.at == len(RECORDED)


def test_usbhid_dump_of_long_reports_and_several_interfaces(tmp_path):
    lines = "".join(f" {' '.join(['5A'] * 16)}\n" for _ in range(4))
    text = f"003:002:001:STREAM 12.5\n{lines}\n003:002:000:STREAM 12.000001\n 01\n\n"
    streams = {r.name: r for r in read_recordings(write(tmp_path, text))}
    assert streams["3.2.2"].payload.tobytes() == b"\x5a" * 64
    assert streams["3.2.2"].timestamps_ns.tolist() == [12_500_000_000]
    assert streams["3.2.1"].payload.tobytes() == b"\x01"


def test_usbhid_dump_of_descriptors(tmp_path):
    text = f"001:005:000:DESCRIPTOR         1700000000.000000\n {DESCRIPTOR.upper()}\n\n{DUMPED}"
    assert read_captured_reports(write(tmp_path, text))["1.5.1"][0].application == 0x00010006


@pytest.mark.parametrize("line", ["nonsense", " 0", " 00 0", "001:005:099:STREAM 1.0"])
def test_usbhid_dump_damaged(line, tmp_path):
    with pytest.raises(CaptureError, match=r"given.txt: line 1[67]: |line 16 is not of usbhid-dump"):
        read_recordings(write(tmp_path, f"{DUMPED}{line}\n 00\n"))
