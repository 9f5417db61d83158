"""One damaged file never takes its dataset along: it is named, and the others go on."""

import json
import logging

import pytest
from click.testing import CliRunner

from zerotap.capture import Dataset, Packet, Recording
from zerotap.cli import cli
from zerotap.errors import CaptureError
from zerotap.features import Pipeline

MILLISECOND_NS = 1_000_000


@pytest.fixture
def dataset(tmp_path):
    made = Dataset.create(tmp_path / "moods", synthetic=False)
    for number in range(6):
        packets = [Packet(n * MILLISECOND_NS, 0x81, bytes([number, n, 0, 0, 0, 0, 0, 0])) for n in range(200)]
        made.store(Recording.from_packets(packets), f"take{number}", "ab"[number % 2])
    return made


def files(dataset):
    return sorted((dataset.path / "recordings").glob("*.pcapng"))


DAMAGES = {
    "overwritten": lambda path: path.write_bytes(b"\xff" * 500),
    "empty": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(bytes(100_000)),
    "labels": lambda path: path.with_suffix(".labels.csv").write_bytes(b"\xff\xfe\0\0"),
    "a length": lambda path: path.write_bytes(path.read_bytes()[:4] + b"\7" + path.read_bytes()[5:]),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_info_lists_it_and_counts_the_others(dataset, damage):
    DAMAGES[damage](files(dataset)[2])
    run = CliRunner().invoke(cli, ["info", str(dataset.path), "--json"])
    assert run.exit_code == 0, run.output
    report = json.loads(run.stdout)
    assert [row["recordings"] for row in report["classes"]] == [2, 3]
    (fault,) = report["damaged"]
    assert "take2" in fault and "Traceback" not in run.output


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_split_goes_on_and_names_it(dataset, damage, caplog):
    DAMAGES[damage](files(dataset)[2])
    with caplog.at_level(logging.WARNING):
        split = Dataset.open(dataset.path).split()
    assert len(split.train) + len(split.test) == 5
    assert "left out: " in caplog.text and "take2" in caplog.text


def test_windows_are_cut_from_the_others(dataset, tmp_path):
    files(dataset)[0].write_bytes(b"damaged")
    pipeline, out = tmp_path / "p.toml", tmp_path / "x.npy"
    pipeline.write_text(Pipeline.raw("p", 50, 50).to_toml())
    options = ["--pipeline", str(pipeline), "--out", str(out), "--side", "all", "--json"]
    run = CliRunner().invoke(cli, ["windows", str(dataset.path), *options])
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout)["windows"] == 5 * 4


def test_a_class_without_a_readable_recording_is_an_error(dataset):
    for path in files(dataset)[::2]:
        path.write_bytes(b"damaged")
    with pytest.raises(CaptureError, match=r"no recording of a can be read: .*take0.*damaged at byte 0"):
        dataset.split()


def test_a_torn_recording_counts_up_to_its_tear(dataset, caplog):
    path = files(dataset)[1]
    path.write_bytes(path.read_bytes()[:-10])
    run = CliRunner().invoke(cli, ["info", str(dataset.path), "--json"])
    report = json.loads(run.stdout)
    assert [row["packets"] for row in report["classes"]] == [600, 599]
    assert report["damaged"] == [] and "torn" in caplog.text
