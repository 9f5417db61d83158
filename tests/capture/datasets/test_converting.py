"""Converting between kinds of files: what each keeps, and what it refuses."""

import csv
import json
import stat
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.capture import (
    Dataset,
    DeviceIdentity,
    Event,
    LabelSpan,
    Packet,
    PcapngWriter,
    Recording,
    import_files,
    read_recordings,
)
from zerotap.capture.datasets.converting import WRITERS, convert
from zerotap.capture.datasets.importing import import_capture, read_streams
from zerotap.capture.datasets.typed_corpus import type_messages
from zerotap.capture.files.csv_files import read_csv
from zerotap.capture.labels import write_labels
from zerotap.capture.sensors.sensor_stream import frame_recording
from zerotap.cli import cli
from zerotap.errors import CaptureError, OutputError

KEYBOARD = DeviceIdentity(0x04D9, 0x1602, 3, 7, "Maker", "Keyboard", "0001")
START_NS = 1_700_000_000_123_456_789
REPORTS = [Packet(START_NS + 10**7 * i, 0x81, bytes([0, 0, 4 + i, 0, 0, 0, 0, 0])) for i in range(6)]
SAMPLES = "timestamp,acc x,accY\n1000,1.5,-2\n1010.000001,2,3e-2\n1020,0,.5\n"


def written(path, recording):
    with PcapngWriter(path, recording.device, recording.transfer) as writer:
        writer.write_all(recording)
    return path


@pytest.fixture
def keys(tmp_path):
    return written(tmp_path / "keys.pcapng", Recording.from_packets(REPORTS, KEYBOARD))


@pytest.fixture
def samples(tmp_path):
    path = tmp_path / "walk.csv"
    path.write_text(SAMPLES)
    return path


packets = st.lists(
    st.builds(Packet, st.integers(0, (2**32 - 1) * 10**9), st.just(0x81), st.binary(min_size=1, max_size=70)),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize("suffix", [".pcapng", ".pcap", ".csv"])
@settings(deadline=None)  # the files are forced to the disk
@given(data=packets, transfer=st.sampled_from(["interrupt", "bulk"]))
def test_times_and_payloads_are_kept_to_the_bit(tmp_path_factory, suffix, data, transfer):
    folder = tmp_path_factory.mktemp("convert")
    original = Recording.from_packets(data, KEYBOARD)
    with PcapngWriter(folder / "a.pcapng", KEYBOARD, transfer) as writer:
        writer.write_all(original)
    try:
        frame_recording(read_recordings(folder / "a.pcapng")[0])
        is_sensor = transfer == "bulk"
    except CaptureError:
        is_sensor = False
    if suffix == ".csv" and is_sensor:
        return  # a sensor's samples are written instead of its packets: tested below
    convert(folder / "a.pcapng", folder / f"b{suffix}")
    convert(folder / f"b{suffix}", folder / "c.pcapng")
    (again,) = read_recordings(folder / "c.pcapng")
    assert list(again.packets()) == data
    assert again.transfer == transfer


def test_import_and_export_keep_failures_too(tmp_path):
    events = (
        Event(START_NS + 5, "failed", "status -71", -71),
        Event(START_NS + 10**9, "unplug", "status -19", -19),
    )
    with PcapngWriter(tmp_path / "a.pcapng", KEYBOARD) as writer:
        writer.write(REPORTS[0])
        writer.write_failure(events[0], 0x81)
        writer.write(REPORTS[1])
        writer.write_failure(events[1], 0x81)
    convert(tmp_path / "a.pcapng", tmp_path / "b.pcap")
    import_capture(tmp_path / "b.pcap", "typing", tmp_path / "d")
    dataset = Dataset.open(tmp_path / "d")
    kept = dataset.load(dataset.entries()[0])
    assert list(kept.packets()) == REPORTS[:2]
    assert kept.events == events
    assert (kept.device.bus, kept.device.address) == (3, 7)


def test_samples_become_what_a_board_would_send_and_come_back(samples, tmp_path):
    (recording,) = read_csv(samples)
    assert [packet.data for packet in recording.packets()] == [
        b"acc_x,accY\n",
        b"1.5,-2\n",
        b"2,3e-2\n",
        b"0,.5\n",
    ]
    assert recording.transfer == "bulk"
    stream = frame_recording(recording)
    assert stream.names == ("acc_x", "accY")
    np.testing.assert_array_equal(stream.values, [[1.5, -2], [2, 0.03], [0, 0.5]])
    assert stream.timestamps_ns.tolist() == [10**9, 1_010_000_001, 1_020_000_000]
    convert(samples, tmp_path / "walk.pcapng")
    convert(tmp_path / "walk.pcapng", tmp_path / "again.csv")
    with (tmp_path / "again.csv").open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["timestamp", "acc_x", "accY"]
    assert rows[2] == ["1010.000001", "2.0", "0.03"]
    assert list(frame_recording(read_csv(tmp_path / "again.csv")[0]).values.flat) == list(stream.values.flat)


@pytest.mark.parametrize(
    ("name", "ns"), [("time_s", 5 * 10**9), ("Timestamp_us", 5000), ("time_ns", 5), ("time", 5 * 10**6)]
)
def test_the_name_of_the_time_says_its_unit(tmp_path, name, ns):
    (tmp_path / "a.csv").write_text(f"{name},x\n5,1\n6,2\n")
    assert read_csv(tmp_path / "a.csv")[0].timestamps_ns[0] == ns


def test_samples_are_imported(samples, tmp_path):
    result = CliRunner().invoke(
        cli, ["import", str(samples), "--label", "walk", "--dataset", str(tmp_path / "d")]
    )
    assert result.exit_code == 0, result.output
    dataset = Dataset.open(tmp_path / "d")
    assert len(frame_recording(dataset.load(dataset.entries()[0]))) == 3


def test_edge_impulse(samples, keys, tmp_path):
    convert(samples, tmp_path / "walk.json")
    content = json.loads((tmp_path / "walk.json").read_text())
    assert content["protected"] == {"ver": "v1", "alg": "none", "iat": 1}
    assert content["signature"] == "0" * 64
    payload = content["payload"]
    assert payload["sensors"] == [{"name": "acc_x", "units": "N/A"}, {"name": "accY", "units": "N/A"}]
    assert payload["values"] == [[1.5, -2], [2, 0.03], [0, 0.5]]
    assert payload["interval_ms"] == 10
    convert(keys, tmp_path / "keys.json")
    payload = json.loads((tmp_path / "keys.json").read_text())["payload"]
    assert (payload["device_name"], payload["device_type"], payload["interval_ms"]) == (
        "04d9:1602:0001",
        "Keyboard",
        10,
    )
    assert payload["values"] == [list(packet.data) for packet in REPORTS]
    assert len(payload["sensors"]) == 8


def test_an_uneven_interval_is_said(tmp_path, caplog):
    uneven = [Packet(START_NS + 10**6 * i**3, 0x81, b"a") for i in range(4)]
    convert(written(tmp_path / "a.pcapng", Recording.from_packets(uneven)), tmp_path / "a.json")
    assert "one interval, 9.000 ms; the samples came 1.000 to 19.000 ms apart" in caplog.text


@pytest.mark.parametrize(
    ("suffix", "synthetic", "is_said"),
    [(".pcap", True, True), (".csv", True, True), (".pcapng", True, True), (".pcap", False, False)],
)
def test_a_file_that_forgets_that_it_is_synthetic_says_so(tmp_path, caplog, suffix, synthetic, is_said):
    dataset = Dataset.create(tmp_path / "dataset", synthetic)
    source = dataset.store(Recording.from_packets(REPORTS, KEYBOARD), "take", "x", source="import")
    convert(source, tmp_path / f"out{suffix}")
    assert ("counts as real" in caplog.text) == is_said


@pytest.mark.parametrize("serial", ["", "A1:B2"])
def test_an_edge_impulse_file_keeps_who_the_device_is(tmp_path, serial):
    board = DeviceIdentity(0x2341, 0x804F, 1, 2, "Arduino LLC", "Arduino MKR ZERO", serial)
    convert(written(tmp_path / "a.pcapng", Recording.from_packets(REPORTS, board)), tmp_path / "a.json")
    (again,) = read_streams(tmp_path / "a.json")
    assert again.device == replace(board, bus=0, address=0, manufacturer="")


@pytest.mark.parametrize("suffix", [".pcapng", ".pcap", ".json"])
def test_what_a_virtual_device_typed_stays_synthetic(tmp_path, caplog, suffix):
    (tmp_path / "messages.csv").write_text("label,text\nx,hi\n")
    typed = type_messages(tmp_path / "messages.csv", tmp_path / "typed")
    (source,) = (typed.path / "recordings").glob("*.pcapng")
    convert(source, tmp_path / f"out{suffix}")
    assert "counts as real" not in caplog.text
    caplog.clear()
    import_files([tmp_path / f"out{suffix}"], tmp_path / "again", label="x")
    assert Dataset.open(tmp_path / "again").synthetic and caplog.text == ""


names = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
ids = st.integers(0, 0xFFFF)


@settings(max_examples=50)
@given(device=st.builds(DeviceIdentity, ids, ids, ids, st.integers(0, 255), names, names, names))
def test_a_pcap_keeps_who_the_device_is(tmp_path_factory, device):
    folder = tmp_path_factory.mktemp("pcap")
    stream = Recording.from_packets(REPORTS, device)
    convert(written(folder / "a.pcapng", stream), folder / "a.pcap")
    (again,) = read_recordings(folder / "a.pcap")
    unknown = DeviceIdentity(bus=device.bus, address=device.address)
    assert again.device == (device if device.is_known else unknown)
    assert list(again.packets()) == REPORTS


def test_nothing_is_overwritten_and_files_are_private(keys, tmp_path):
    for suffix in WRITERS:
        convert(keys, tmp_path / f"out{suffix}")
        assert stat.S_IMODE((tmp_path / f"out{suffix}").stat().st_mode) == 0o600
        before = (tmp_path / f"out{suffix}").read_bytes()
        with pytest.raises(OutputError, match="not overwritten"):
            convert(keys, tmp_path / f"out{suffix}")
        assert (tmp_path / f"out{suffix}").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1 must name the time"),
        ("x,y\n1,2\n", "line 1 must name the time"),
        ("timestamp\n1\n", "at least one channel"),
        ("timestamp,x\n1,2\n\n2,3,4\n", "line 4 has 3 cells and the header 2"),
        ("timestamp,x\n1,2\n2,nan\n", "line 3: 'nan' is no number"),
        ("timestamp,x\n1,1_0\n", "line 2: '1_0' is no number"),
        ("timestamp,x\n2,1\n1,1\n", "line 3: the time 1 is before the last"),
        ("timestamp_s,x\n1e300,1\n", "line 2: the time 1e300"),
        ("timestamp_ns,endpoint,transfer,data\n1,0x81,bulk,xyz\n", "line 2: .*hex"),
        ("timestamp_ns,endpoint,transfer,data\n1,0x181,bulk,00\n", "line 2: .*out of range"),
        ("timestamp_ns,endpoint,transfer,data\n1,0x81,iso,00\n", r"line 2: .*interrupt or bulk"),
        ("timestamp,x\n", "no device sent"),
    ],
)
def test_csv_that_does_not_do(tmp_path, content, said):
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(CaptureError, match=said):
        convert(tmp_path / "a.csv", tmp_path / "b.pcapng")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize(
    ("recording", "target", "said"),
    [
        (REPORTS, "a.wav", r"unknown suffix '\.wav'; choose one of \.pcapng, \.pcap, \.csv, \.json"),
        ([REPORTS[0], Packet(START_NS + 9, 0x81, b"ab")], "a.json", "packets of 2 lengths .* \\.csv"),
        (REPORTS[:1], "a.json", "samples at two times"),
        ([Packet(2**32 * 10**9, 0x81, b"a")], "a.pcap", "pcap has no time 4294967296 s"),
        (REPORTS, "in.pcapng/a.csv", "cannot be written"),
    ],
)
def test_what_does_not_fit_leaves_nothing(tmp_path, recording, target, said):
    source = written(tmp_path / "in.pcapng", Recording.from_packets(recording))
    with pytest.raises((CaptureError, OutputError), match=said):
        convert(source, tmp_path / target)
    assert [path.name for path in tmp_path.iterdir()] == ["in.pcapng"]


def test_labels_go_into_pcapng_alone(keys, tmp_path):
    with pytest.raises(CaptureError, match=r"\.csv files hold no labels"):
        convert(keys, tmp_path / "a.csv", with_labels=True)


@pytest.mark.system("tshark")
def test_labels_are_comments_in_wireshark(keys, tmp_path):
    write_labels(
        keys,
        [
            LabelSpan(0, 0.03, "calm"),
            LabelSpan(0.03, float("inf"), "tense", "me"),
            LabelSpan(0.025, 0.025, "é"),
        ],
    )
    out = tmp_path / "out.pcapng"
    result = CliRunner().invoke(cli, ["convert", str(keys), str(out), "--labels", "--json"])
    assert json.loads(result.stdout) == {"path": str(out), "stream": "3.7.1", "packets": 6}
    command = [
        "tshark",
        "-r",
        out,
        "-T",
        "fields",
        "-e",
        "frame.number",
        "-e",
        "frame.comment",
        "-Y",
        "frame.comment",
    ]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert shown == [
        "1\tlabel calm from 0 s to 0.03 s (user)",
        "4\tlabel tense from 0.03 s to the end (me); label é at 0.025 s (user)",
    ]
    assert list(read_recordings(out)[0].packets()) == REPORTS


@pytest.mark.system("tshark")
def test_tshark_reads_our_pcap(keys, tmp_path):
    convert(keys, tmp_path / "a.pcap")
    command = [
        "tshark",
        "-r",
        tmp_path / "a.pcap",
        "-Y",
        "usb.transfer_type == 1",  # the others are what a capture knows the device by
        "-T",
        "fields",
        "-e",
        "frame.time_epoch",
        "-e",
        "usbhid.data",
        "-e",
        "usb.src",
    ]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    times = [f"{p.timestamp_ns // 10**9}.{p.timestamp_ns % 10**9:09d}" for p in REPORTS]
    assert [row.split("\t")[0] for row in shown] == times
    assert {row.split("\t")[2] for row in shown} == {"3.7.1"}


@pytest.mark.system("tshark")
def test_tshark_reads_who_the_device_is(keys, tmp_path):
    convert(keys, tmp_path / "a.pcap")
    fields = ("usb.idVendor", "usb.idProduct", "usb.bString")
    command = ["tshark", "-r", tmp_path / "a.pcap", "-T", "fields", *(f"-e{name}" for name in fields)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert shown.split() == ["0x04d9", "0x1602", "Maker", "Keyboard", "0001"]
