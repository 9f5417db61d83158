"""Every capture in ../shared/data/usb, against the streams that were published with it and against tshark."""

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from zerotap.capture import read_recordings
from zerotap.errors import CaptureError

USB = (Path(__file__).parents[2] / "../shared/data/usb").resolve()
CASES = sorted(path.parent for path in USB.glob("*/expected.json"))
DARWIN = "composite-bluepill-mac-linktype266"

needs_data = pytest.mark.skipif(not CASES, reason=f"no captures by others in {USB}")
each_case = pytest.mark.parametrize("case", [c for c in CASES if c.name != DARWIN], ids=lambda c: c.name)

# What expected.json lists leaves out transfers that the tool behind it took for disk commands (mass storage).
DISK_STREAMS = {
    ("composite-bluepill-windows", "1.4.2"),
    ("composite-microbit-windows", "6.4.2"),
    ("serial-bluepill-composite-ubuntu", "1.10.2"),
}


def lengths(recording):
    return {str(length): count for length, count in Counter(recording.lengths.tolist()).items()}


@needs_data
@each_case
def test_streams_are_the_published_ones(case):
    expected = json.loads((case / "expected.json").read_text())
    found = {r.name: r for r in read_recordings(case / expected["file"])}
    published = {s["src"]: s for s in expected["streams"]}
    disks = {source for name, source in DISK_STREAMS if name == case.name}
    assert found.keys() - disks == published.keys() - disks
    for source in published.keys() - disks:
        assert lengths(found[source]) == published[source]["payload_lens"]
        assert len(found[source]) == published[source]["n"]
    for source in published.keys() & disks:
        assert Counter(published[source]["payload_lens"]) <= Counter(lengths(found[source]))


@needs_data
def test_a_link_type_to_come_is_refused_by_name():
    with pytest.raises(CaptureError, match=r"link type 266 at byte 224 .*220 usbmon mmap.*249 USBPcap"):
        read_recordings(USB / DARWIN / "capture.pcapng")


@needs_data
@pytest.mark.system("tshark")
@each_case
def test_tshark_counts_the_same_packets(case):
    path = next(case.glob("capture.*"))
    wanted = (
        "(usb.transfer_type == 1 || usb.transfer_type == 3) && usb.endpoint_address.direction == 1 "
        "&& usb.data_len > 0 && (usb.urb_type == 67 || usb.irp_info.direction == 1) "
        "&& !(usb.urb_status != 0) && !(usb.usbd_status != 0)"
    )
    columns = ["-e", "usb.src", "-e", "usb.data_len", "-e", "frame.time_epoch"]
    command = ["tshark", "-r", path, "-Y", wanted, "-T", "fields", *columns]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    ours = [
        f"{r.name}\t{length}\t{ns // 10**9}.{ns % 10**9:09d}"
        for r in read_recordings(path)
        for length, ns in zip(r.lengths.tolist(), r.timestamps_ns.tolist(), strict=True)
    ]
    assert sorted(ours) == sorted(lines)
