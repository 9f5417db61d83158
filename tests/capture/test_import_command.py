"""The commands `import` and `info`, as a user runs them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from zerotap.capture import Dataset
from zerotap.cli import cli
from zerotap.errors import CaptureError

HI = Path(__file__).parents[1] / "data" / "hi.pcapng"


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
