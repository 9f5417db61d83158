"""The commands `import` and `info`, as a user runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from zerotap.capture import Dataset, DeviceIdentity, Packet, PcapngWriter
from zerotap.cli import cli
from zerotap.errors import CaptureError

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
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert f"{two_streams}: torn: it ends inside the block at byte" in done.stderr
    assert done.stderr.count("\n") == 1
    report = json.loads(run("info", two_streams, "--json").stdout)
    assert [stream["packets"] for stream in report["streams"]] == [1]
    assert report["torn_at_byte"] > 0
    assert "torn" in report["warnings"][0]


def test_info_measures_sensor_data(tmp_path):
    rows = [f"{10 * number},{number},{-number}\n" for number in range(50)]
    (tmp_path / "walk.csv").write_text("timestamp,x,y\n" + "".join(rows))
    (sensor,) = json.loads(run("info", tmp_path / "walk.csv", "--json").stdout)["sensors"]
    assert (sensor["channels"], sensor["samples"], sensor["framing"]) == (["x", "y"], 50, "text")
    assert sensor["rate_hz"] == pytest.approx(100)
    assert "walk.csv" in run("info", tmp_path / "walk.csv").stdout
