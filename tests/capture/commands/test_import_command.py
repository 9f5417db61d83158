"""The commands `import` and `info`, as a user runs them."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner

from zerotap.capture import Dataset, DeviceIdentity, Packet, PcapngWriter, record
from zerotap.capture.commands.next_commands import after_info
from zerotap.capture.datasets import importing
from zerotap.capture.datasets.importing import read_streams
from zerotap.cli import cli
from zerotap.errors import CaptureError, OutputError

HI = Path(__file__).parents[2] / "data" / "hi.pcapng"


def run(*arguments):
    return CliRunner().invoke(cli, [str(a) for a in arguments])


def test_import_then_info(tmp_path):
    folder = tmp_path / "d"
    result = run("import", HI, "--label", "hello", "--dataset", folder, "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert [entry.path for entry in Dataset.open(folder).entries()] == [Path(p) for p in report["recordings"]]
    described = json.loads(run("info", folder, "--json").stdout)
    assert described["data"] == "real"
    assert described["classes"] == [{"label": "hello", "recordings": 1, "packets": 4, "seconds": 0.3}]


def test_the_plain_reports_name_what_matters(tmp_path):
    plain = run("info", HI).stdout
    assert "3.7.1" in plain
    assert "04d9:1602" in plain
    assert "usbmon mmap" in plain
    assert "hello: " in run("import", HI, "--label", "hello", "--dataset", tmp_path / "d").stdout
    assert "data: real" in run("info", tmp_path / "d").stdout


@pytest.mark.parametrize("arguments", [["info"], ["import", "--label", "a", "--dataset", "d"]])
def test_faults_are_capture_errors(tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments, "missing.pcapng")
    assert isinstance(result.exception, CaptureError)
    assert "missing.pcapng: cannot be read" in str(result.exception)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def two_streams(tmp_path):
    path = tmp_path / "two.pcapng"
    with PcapngWriter(path, DeviceIdentity(0x04D9, 0x1602, 3, 4)) as writer:
        writer.write(Packet(7, 0x81, bytes(8)))
        writer.write(Packet(8, 0x82, b"ab"))
    return path


def test_on_a_terminal_it_asks(two_streams, tmp_path):
    controller, terminal = os.openpty()
    os.write(controller, b"3.4.2\n")
    command = [
        sys.executable,
        "-m",
        "zerotap",
        "import",
        two_streams,
        "--label",
        "a",
        "--dataset",
        tmp_path / "d",
    ]
    done = subprocess.run(
        command, stdin=terminal, stderr=terminal, stdout=subprocess.PIPE, text=True, timeout=60
    )
    os.close(terminal)
    asked = os.read(controller, 4096).decode()
    os.close(controller)
    assert done.returncode == 0, asked
    assert "3.4.1 (04d9:1602, 1 packets of 8 bytes)" in asked
    (entry,) = Dataset.open(tmp_path / "d").entries()
    assert entry.name == "two-3_4_2"
    assert done.stdout == f"a: {entry.path}\n"


def test_a_device_is_chosen_by_its_ids_too(two_streams, tmp_path):
    assert (
        run(
            "import", two_streams, "--label", "a", "--dataset", tmp_path / "d", "--device", "04D9:1602"
        ).exit_code
        == 0
    )
    assert len(Dataset.open(tmp_path / "d").entries()) == 2


def test_a_torn_recording_is_said_on_stderr_and_in_info(two_streams, tmp_path):
    two_streams.write_bytes(two_streams.read_bytes()[:-1])
    command = [
        sys.executable,
        "-m",
        "zerotap",
        "import",
        two_streams,
        "--label",
        "a",
        "--dataset",
        tmp_path / "d",
        "--quiet",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert f"{two_streams}: torn: it ends inside the block at byte" in done.stderr
    assert done.stderr.count("\n") == 1
    report = json.loads(run("info", two_streams, "--json").stdout)
    assert [stream["packets"] for stream in report["streams"]] == [1]
    assert report["torn_at_byte"] > 0
    assert "torn" in report["warnings"][0]


def test_each_command_names_the_next_to_type(two_streams, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def said(*arguments):
        result = run(*arguments)
        assert result.exit_code == 0, result.output
        assert (quiet := run(*arguments, "--quiet")).stderr == "" or quiet.exception, quiet.stderr
        return result.stderr.splitlines()[-1]

    assert said("info", two_streams) == f"Next: zerotap import {two_streams} --label LABEL --dataset DIR"
    assert said("import", HI, "--label", "a", "--dataset", "d") == (
        "Next: zerotap import FILE --label ANOTHER --dataset d"
    )
    assert said("import", HI, "--label", "b", "--dataset", "d") == "Next: zerotap info d"
    assert said("info", "d") == "Next: zerotap train --dataset d --model linear --out MODEL"
    Dataset.create("empty", synthetic=True)
    assert said("info", "empty") == "Next: zerotap record DEVICE --label LABEL --dataset empty"
    assert said("label", "d") == "Next: zerotap info d"
    assert said("convert", HI, "a b.pcap") == "Next: zerotap info 'a b.pcap'"
    assert said("convert", HI, "hi.json") == "Next: edge-impulse-uploader hi.json"
    (tmp_path / "m.csv").write_text("label,text\na,hello\nb,oh\n")
    assert said("type", "m.csv", "--dataset", "typed") == "Next: zerotap info typed"


def test_typing_says_a_line_where_there_is_no_terminal(tmp_path):
    (tmp_path / "m.csv").write_text("label,text\na,hello\nb,oh\n")
    result = run("type", tmp_path / "m.csv", "--dataset", tmp_path / "d")
    assert result.stderr.splitlines()[0] == "typing ..."
    taken = run("type", tmp_path / "m.csv", "--dataset", tmp_path / "d")
    assert isinstance(taken.exception, OutputError) and taken.stderr == "", "it is known before any work"


def test_reports_for_a_person_fit_a_terminal(two_streams, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("import", HI, "--label", "a", "--dataset", "d")
    for path in (two_streams.name, HI, "d"):
        lines = run("info", path).stdout.splitlines()
        assert max(len(line) for line in lines if not line.startswith("path:")) <= 80
    assert "link_type_name usbmon mmap" in " ".join(run("info", two_streams.name).stdout.split())
    for line in run("label", "d").stdout.splitlines():
        assert len(line) <= 80


def test_info_measures_sensor_data(tmp_path):
    rows = [f"{10 * number},{number},{-number}\n" for number in range(50)]
    (tmp_path / "walk.csv").write_text("timestamp,x,y\n" + "".join(rows))
    (sensor,) = json.loads(run("info", tmp_path / "walk.csv", "--json").stdout)["sensors"]
    assert (sensor["channels"], sensor["samples"], sensor["framing"]) == (["x", "y"], 50, "text")
    assert sensor["rate_hz"] == pytest.approx(100)
    assert "walk.csv" in run("info", tmp_path / "walk.csv").stdout


def test_info_names_what_fits_a_dataset_of_a_sensor(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    record("virtual:sensor@500", "moves", "idle", packets=20)
    shown = run("info", "moves")
    assert "device: 1209:0003 zerotap Virtual sensor" in shown.stdout
    assert "--model dense --out MODEL" in shown.stderr
    shown = run("info", "moves/recordings/idle.pcapng")
    assert "endpoint 0x83" in shown.stdout
    assert shown.stderr.splitlines()[-1] == "Next: zerotap label moves/recordings/idle.pcapng"


def test_info_of_half_a_model_folder_names_what_is_missing_and_what_comes_next(tmp_path):
    model = tmp_path / "model"
    copytree(HI.parent / "zerotap-0.1" / "model", model)
    (model / "model.tflite").unlink()
    assert f"Next: zerotap quantise {model} --dataset DIR" in run("info", model).stderr
    (model / "table.npz").write_bytes(b"")
    assert after_info("model", model) == f"zerotap export {model} --out LIBRARY --name NAME"
    (model / "table.npz").unlink()
    (model / "pipeline.toml").unlink()
    assert "pipeline.toml" in str(run("info", model).exception)


@pytest.mark.parametrize("fault", [KeyboardInterrupt, OutputError])
def test_an_import_that_ends_between_two_streams_takes_the_first_back(
    two_streams, tmp_path, monkeypatch, fault
):
    streams = read_streams(two_streams)
    monkeypatch.setattr(importing, "choose_streams", lambda *_: streams)
    store = Dataset.store

    def stored_once(dataset, recording, *arguments, **named):
        if recording is streams[1]:
            raise fault("no more")
        return store(dataset, recording, *arguments, **named)

    monkeypatch.setattr(Dataset, "store", stored_once)
    with pytest.raises(fault):
        importing.import_capture(two_streams, "a", tmp_path / "d")
    assert list((tmp_path / "d" / "recordings").iterdir()) == []
    monkeypatch.setattr(Dataset, "store", store)
    assert len(importing.import_capture(two_streams, "a", tmp_path / "d")) == 2


MESSAGES = b"label,text\ncalm,hello\ntense,now\n"


@pytest.mark.parametrize(
    ("line", "given", "out", "err"),
    [
        ("import - --label hello --dataset d", HI.read_bytes(), "piped-3_7_1.pcapng", "import FILE"),
        ("info -", HI.read_bytes(), "3.7.1", "Next: zerotap import FILE --label"),
        ("text -", HI.read_bytes(), "Hi", ""),
        ("type - --dataset d", MESSAGES, "2 messages", "Next: zerotap info d"),
        ("convert - hi.pcap", HI.read_bytes(), "hi.pcap: 4 packets", "Next: zerotap info hi.pcap"),
    ],
)
def test_standard_input_is_a_file_and_its_name_is_told_to_nobody(tmp_path, line, given, out, err):
    command = [sys.executable, "-m", "zerotap", *line.split()]
    done = subprocess.run(command, cwd=tmp_path, input=given, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert out in done.stdout.decode()
    assert err in done.stderr.decode()
    assert b"/dev/stdin" not in done.stderr


def test_a_pipe_by_name_is_no_name_for_a_recording(tmp_path):
    pipe = tmp_path / "63"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(HI.read_bytes(),))
    writer.start()
    result = run("import", pipe, "--label", "hello", "--dataset", tmp_path / "d")
    writer.join()
    assert result.exit_code == 0, result.output
    assert [entry.name for entry in Dataset.open(tmp_path / "d").entries()] == ["piped-3_7_1"]
