"""Every capture in ../shared/data/usb, against the streams that were published with it and against tshark."""

import hashlib
import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from zerotap.capture import read_recordings

USB = (Path(__file__).parents[3] / "../shared/data/usb").resolve()
CASES = sorted(path.parent for path in USB.glob("*/expected.json"))
DARWIN = "composite-bluepill-mac-linktype266"

needs_data = pytest.mark.skipif(not CASES, reason=f"no captures by others in {USB}")
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)

# What expected.json lists leaves out transfers that the tool behind it took for disk commands (mass storage):
# some or all of these bulk streams. They are packets like any other here, so the file holds more of them.
DISK_STREAMS = {
    (DARWIN, "20.26.1"),
    (DARWIN, "20.26.2"),
    ("composite-bluepill-windows", "1.4.2"),
    ("composite-microbit-windows", "6.4.2"),
    ("serial-bluepill-composite-ubuntu", "1.10.2"),
}


def lengths(recording):
    return {str(length): count for length, count in Counter(recording.lengths.tolist()).items()}


@needs_data
def test_all_eleven_are_here_and_as_published():
    assert len(CASES) == 11
    for case in CASES:
        expected = json.loads((case / "expected.json").read_text())
        content = (case / expected["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == expected["sha256"], case.name


@needs_data
@each_case
def test_streams_are_the_published_ones(case):
    expected = json.loads((case / "expected.json").read_text())
    found = {r.name: r for r in read_recordings(case / expected["file"])}
    published = {s["src"]: s for s in expected["streams"]}
    disks = {source for name, source in DISK_STREAMS if name == case.name}
    assert found.keys() - disks == published.keys() - disks
    assert disks <= found.keys()
    for source in published.keys() - disks:
        assert lengths(found[source]) == published[source]["payload_lens"]
        assert len(found[source]) == published[source]["n"]
        assert found[source].link_type in expected["linktypes"]
    for source in published.keys() & disks:
        assert Counter(published[source]["payload_lens"]) <= Counter(lengths(found[source]))


@needs_data
@pytest.mark.system("tshark")
@each_case
def test_tshark_counts_the_same_packets(case):
    path = next(case.glob("capture.*"))
    if case.name == DARWIN:
        transfer = "usb.darwin.endpoint_type in {2, 3} && usb.darwin.io_len > 0"
        wanted = f"{transfer} && usb.darwin.request_type == 1 && usb.darwin.io_status == 0"
        length = "usb.darwin.io_len"
    else:
        transfer = "(usb.transfer_type == 1 || usb.transfer_type == 3) && usb.data_len > 0"
        done = "(usb.urb_type == 67 || usb.irp_info.direction == 1)"
        good = "!(usb.urb_status != 0) && !(usb.usbd_status != 0) && usb.endpoint_address.direction == 1"
        wanted = f"{transfer} && {done} && {good}"
        length = "usb.data_len"
    columns = ["-e", "usb.src", "-e", length, "-e", "frame.time_epoch"]
    command = ["tshark", "-r", path, "-Y", wanted, "-T", "fields", *columns]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    ours = [
        f"{r.name}\t{length}\t{ns // 10**9}.{ns % 10**9:09d}"
        for r in read_recordings(path)
        for length, ns in zip(r.lengths.tolist(), r.timestamps_ns.tolist(), strict=True)
    ]
    assert len(ours) > 0
    assert sorted(ours) == sorted(lines)


@needs_data
@pytest.mark.system("tshark")
def test_darwin_payloads_are_what_tshark_shows():
    path = USB / DARWIN / "capture.pcapng"
    command = ["tshark", "-r", path, "-T", "fields", "-e", "usb.src", "-e", "usb.capdata"]
    rows = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    shown = Counter(row for row in rows if row.split("\t")[0] in ("20.26.3", "20.26.4") and row[-1] != "\t")
    ours = {r.name: r for r in read_recordings(path)}
    streams = (ours["20.26.3"], ours["20.26.4"])
    assert Counter(f"{r.name}\t{p.data.hex()}" for r in streams for p in r.packets()) == shown
    assert [e.kind for e in ours["20.26.4"].events] == ["failed"] * 16
    assert {e.status & 0xFFFFFFFF for e in ours["20.26.4"].events} == {0xE00002EB}  # kIOReturnAborted
