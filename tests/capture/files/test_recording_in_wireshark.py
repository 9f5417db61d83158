"""What `zerotap record` writes, as Wireshark's own tools read it."""

import subprocess

import pytest

from zerotap.capture.datasets.dataset import Dataset
from zerotap.capture.files.reading import read_recordings
from zerotap.capture.packet import Event
from zerotap.capture.session.session import Plan, record
from zerotap.capture.sources.registry import find_source
from zerotap.capture.sources.source import opened


def _fields(path, *names):
    options = [option for name in names for option in ("-e", name)]
    command = ["tshark", "-r", path, "-T", "fields", *options]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.split("\t") for line in lines]


@pytest.mark.system("tshark", "capinfos")
@pytest.mark.parametrize("name", ["keyboard", "sensor"])
def test_payloads_times_statuses_and_comments_are_read_by_tshark(tmp_path, name):
    with opened(find_source(f"virtual:{name}")) as source:
        packets = source.packets

        def packets_and_a_gap():
            for count, item in enumerate(packets()):
                yield item
                if count == 5:
                    yield Event(source.clock_ns(), "gap", "nobody read for 2.0 s", -70)

        source.packets = packets_and_a_gap
        dataset = Dataset.open_or_create(tmp_path / "data", True)
        (result,) = record(source, dataset, Plan(("a",), packets=8))
    (recording,) = read_recordings(result.path)
    wanted = "frame.time_epoch", "usb.capdata", "usbhid.data", "usb.urb_status", "frame.comment"
    rows = _fields(result.path, *wanted)
    said = [(time_s, bulk or hid) for time_s, bulk, hid, status, _ in rows if status == "0"]
    assert [payload for _, payload in said] == [packet.data.hex() for packet in recording.packets()]
    assert [int(time_s.replace(".", "")) for time_s, _ in said] == recording.timestamps_ns.tolist()
    assert [row[3:] for row in rows if row[3] != "0"] == [["-70", "gap: nobody read for 2.0 s"]]
    infos = subprocess.run(["capinfos", "-c", "-E", "-T", "-r", result.path], capture_output=True, text=True)
    assert infos.stdout.split() == [str(result.path), "usb-linux-mmap", "9"]
