"""A disk that is full, or fills up half-way: one sentence, and nothing that stands in the retry's way.

The disk is a real one, a tmpfs of a megabyte, on which a file leaves as much room as a test wants.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from zerotap import cli

pytestmark = [
    pytest.mark.system("mount", "umount"),
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root mounts a disk"),
]

DISK_BYTES = 1 << 20
BLOCK = 4096
MESSAGES = 24


@dataclass
class Disk:
    """A small disk at ``path`` and what commands that run here say."""

    path: Path
    capture: pytest.CaptureFixture
    patch: pytest.MonkeyPatch

    def run(self, *arguments: object) -> tuple[int, str, str]:
        """Run a command of zerotap here: exit code, stdout, stderr."""
        self.patch.setattr(sys, "argv", ["zerotap", *map(str, arguments)])
        self.capture.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
        return code, *self.capture.readouterr()

    def done(self, *arguments: object) -> None:
        """Run a command that is to succeed."""
        code, _, err = self.run(*arguments)
        assert code == 0, err

    def used(self) -> int:
        """Bytes that are taken."""
        found = os.statvfs(self.path)
        return (found.f_blocks - found.f_bfree) * found.f_frsize

    @contextmanager
    def with_room(self, room: int):
        """Leave so many bytes free within the block."""
        filler = self.path / "filler"
        filler.write_bytes(bytes(DISK_BYTES - self.used() - room // BLOCK * BLOCK))
        yield
        filler.unlink()

    def refuses(self, room: int, *arguments: object) -> str:
        """Run a command that finds no more than ``room``: one sentence, and the disk as it was before."""
        before = _contents(self.path)
        with self.with_room(room):
            code, _, err = self.run(*arguments)
            words = [line for line in err.splitlines() if not line.endswith(" ...")]
        assert code == 1, (room, err)
        assert len(words) == 1, err
        assert words[0].startswith("zerotap: ")
        assert "/.zerotap-" not in words[0], "the name is the one that the user knows"
        assert re.search("No space left|disk full|the disk took", words[0]), words
        assert _contents(self.path) == before
        return words[0]


def _contents(folder: Path) -> dict[str, bytes | None]:
    return {str(p): p.read_bytes() if p.is_file() else None for p in folder.rglob("*") if p.name != "filler"}


@pytest.fixture
def disk(tmp_path, capsys, monkeypatch):
    """An empty small disk; what is kept elsewhere goes to a folder of the test's own."""
    path, temporary = tmp_path / "disk", tmp_path / "tmp"
    path.mkdir()
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")  # the command line leaves descriptor 2 alone
    mounted = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "zerotap-test", str(path)]
    done = subprocess.run(mounted, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    yield Disk(path, capsys, monkeypatch)
    subprocess.run(["umount", "--lazy", str(path)], check=True)


def _make(folder: Path, *commands: str) -> None:
    patch = pytest.MonkeyPatch()
    patch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    for words in commands:
        patch.setattr(sys, "argv", ["zerotap", *words.format(made=folder).split()])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert not end.value.code
    patch.undo()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Messages, a dataset typed and one recorded, on a disk that has room."""
    folder = tmp_path_factory.mktemp("made")
    rows = "".join(f"{'ab'[n % 2]},hello {n}\n" for n in range(MESSAGES))
    (folder / "messages.csv").write_text(f"label,text\n{rows}")
    _make(
        folder,
        "type {made}/messages.csv --dataset {made}/data",
        "record virtual:reports@2000 --label a --packets 400 --dataset {made}/recorded",
    )
    return folder


@pytest.fixture(scope="module")
def model(made):
    """A trained and quantised model beside them: one that TensorFlow made."""
    _make(
        made,
        "train --dataset {made}/data --model dense --epochs 1 --out {made}/model",
        "quantise {made}/model --dataset {made}/data",
    )


CAPTURE = "{made}/recorded/recordings/a.pcapng"
COMMANDS = {
    "type": "type {made}/messages.csv --dataset {disk}/out",
    "convert": f"convert {CAPTURE} {{disk}}/out.csv",
}
WITH_A_MODEL = {
    "windows": "windows {made}/data --pipeline {made}/model --side all --out {disk}/out.npy",
    "export": "export {made}/model --out {disk}/out --name mood",
    "quantise": "quantise {made}/model --dataset {made}/data --out {disk}/out.tflite",
}


def _check_no_room(disk: Disk, words: list[str]) -> None:
    disk.refuses(0, *words)
    disk.done(*words)
    size = disk.used()
    for path in disk.path.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    disk.refuses(max(BLOCK, size // 2), *words)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_finds_no_room_leaves_nothing_in_the_way_of_its_retry(disk, made, name):
    _check_no_room(disk, COMMANDS[name].format(disk=disk.path, made=made).split())


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("name", WITH_A_MODEL)
def test_a_command_with_a_model_that_finds_no_room_leaves_nothing(disk, made, name):
    _check_no_room(disk, WITH_A_MODEL[name].format(disk=disk.path, made=made).split())


def test_a_trained_model_is_kept_elsewhere_and_said(disk, made):
    words = f"train --dataset {made}/data --model dense --epochs 1 --out {disk.path}/out".split()
    assert "what was made is in" not in disk.refuses(0, *words), "nothing was made for a disk that is full"
    said = disk.refuses(3 * BLOCK, *words)
    kept = {path.name for path in Path(said.rpartition("; what was made is in ")[2]).iterdir()}
    assert {"model.keras", "model.toml", "pipeline.toml"} <= kept


def test_a_comparison_keeps_elsewhere_what_is_finished(disk, made, monkeypatch):
    monkeypatch.setattr("zerotap.models.training.checkpoints.EVERY_S", 600.0)  # as on a machine with time
    words = f"compare {made}/data --models dense --seeds 1 --out {disk.path}/out".split()
    disk.refuses(0, *words)
    said = disk.refuses(120_000, *words)
    assert re.search(rf"{disk.path}/out\.unfinished/\w+/dense/arduino cannot be written", said)
    assert (Path(said.rpartition("; what was made is in ")[2]) / "dense" / "model.tflite").is_file()


def test_a_recording_keeps_what_the_disk_took(disk):
    words = f"record virtual:reports@2000 --label a --packets 2000 --dataset {disk.path}/out".split()
    disk.refuses(0, *words)
    with disk.with_room(80_000):
        code, _, err = disk.run(*words)
    assert code == 1
    assert "disk full" in err
    assert "packets are kept in" in err
    disk.done("info", disk.path / "out")
    disk.done(*words, "--name", "again")


def test_a_dataset_grows_by_whole_recordings_or_not_at_all(disk, made):
    capture = CAPTURE.format(made=made)
    disk.refuses(0, "import", capture, "--label", "c", "--dataset", disk.path / "out")
    disk.done("import", capture, "--label", "c", "--dataset", disk.path / "out")
    disk.refuses(2 * BLOCK, "import", capture, "--label", "d", "--dataset", disk.path / "out")
    disk.done("import", capture, "--label", "d", "--dataset", disk.path / "out")


def test_labels_stay_as_they_were(disk, made):
    shutil.copytree(made / "recorded", disk.path / "out")
    recording = disk.path / "out" / "recordings" / "a.pcapng"
    words = ("label", recording, "--add", "0.01", "0.02", "sneeze")
    disk.refuses(0, *words)
    disk.done(*words)
    disk.refuses(0, "label", recording, "--point", "0.03", "cough")


def test_a_demo_stops_at_once_or_while_it_types(disk):
    words = ("demo", "--messages", "600", "--out", disk.path / "out")
    disk.refuses(0, *words)
    disk.refuses(200_000, *words)


def test_a_report_on_a_full_disk_is_one_sentence(disk, made):
    command = [sys.executable, "-m", "zerotap", "info", str(made / "data"), "--json", "--quiet"]
    with disk.with_room(0), (disk.path / "report").open("w") as report:
        done = subprocess.run(command, stdout=report, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("zerotap: standard output (No space left on device): ")
    assert done.stderr.count("\n") == 1
