"""Removing: what leaves a dataset lies in the trash beside it, and comes back as it was."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from zerotap.capture import (
    Dataset,
    LabelSpan,
    Packet,
    Recording,
    add_label,
    read_labels,
    remove,
    undo_removal,
)
from zerotap.capture.datasets.editing import removing
from zerotap.capture.datasets.editing.removing import trash_of
from zerotap.capture.session.session import Plan, Take
from zerotap.capture.sources.registry import find_source
from zerotap.cli import cli
from zerotap.errors import CaptureError, OutputError


def _recording(data: bytes) -> Recording:
    return Recording.from_packets([Packet(n * 10**9, 0x81, data) for n in range(3)])


@pytest.fixture
def moods(tmp_path):
    dataset = Dataset.create(tmp_path / "moods", synthetic=False)
    for number, label in enumerate(["calm", "calm", "tense"]):
        path = dataset.store(_recording(bytes([number])), label, label)
        dataset.note_sensor(path.stem, {"rate_hz": float(number)})
    return dataset


def _state(folder: Path):
    """All that is in a folder, by path."""
    files = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    content = {str(name): path.read_bytes() for name, path in files.items() if ".lock" not in name.name}
    return {**content, "zerotap.toml": tomllib.loads(content["zerotap.toml"].decode())}


def run(*arguments):
    return CliRunner().invoke(cli, [str(a) for a in arguments])


def test_a_recording_goes_and_comes_back(moods):
    before = _state(moods.path)
    done = remove(moods, ["calm-2"])
    assert ([path.name for path in done.recordings], done.classes) == (["calm-2.pcapng"], ())
    assert [entry.name for entry in moods.entries()] == ["calm", "tense"]
    assert moods.classes == ("calm", "tense") and set(moods.manifest.sensors) == {"calm", "tense"}
    assert done.trash == moods.path.with_name("moods.trash") / "0001"
    assert undo_removal(moods).recordings == done.recordings
    assert _state(moods.path) == before and not trash_of(moods.path).exists()


def test_a_class_goes_with_its_recordings_and_each_undo_takes_one_removal_back(moods):
    before = _state(moods.path)
    assert remove(moods, label="calm").classes == ("calm",)
    assert (moods.classes, [entry.label for entry in moods.entries()]) == (("tense",), ["tense"])
    assert remove(moods, ["recordings/tense.pcapng"]).classes == ("tense",)
    assert (moods.classes, moods.entries()) == ((), [])
    assert undo_removal(moods).classes == ("tense",)
    assert len(undo_removal(moods).recordings) == 2
    assert _state(moods.path) == before
    with pytest.raises(CaptureError, match="nothing was removed"):
        undo_removal(moods)


def test_what_took_the_name_meanwhile_stays(moods):
    remove(moods, ["tense"])
    moods.store(_recording(b"new"), "tense", "other")
    (back,) = undo_removal(moods).recordings
    assert back.name == "tense-2.pcapng"
    assert {entry.name: entry.label for entry in moods.entries()}["tense"] == "other"
    assert bytes(moods.load(moods.entries()[-1]).payload) == bytes([2] * 3)
    assert moods.manifest.sensors["tense-2"] == {"rate_hz": 2.0}
    assert moods.classes == ("calm", "other", "tense")


def test_a_class_without_recordings_goes(moods):
    moods.add_classes("empty")
    assert remove(moods, label="empty").recordings == () and "empty" not in moods.classes


@pytest.mark.parametrize(
    ("recordings", "label", "said"),
    [
        (["walk"], None, "has no recording walk: `zerotap label"),
        ([], "walk", "has no class walk: its classes are calm, tense"),
        ([], "tense", r"is labelled calm too: remove the label tense from it with `zerotap label \S+ --rem"),
        ([], None, "nothing to remove was named"),
    ],
)
def test_refusals_change_nothing(moods, recordings, label, said):
    add_label(moods.entries()[-1].path, LabelSpan(1.0, 2.0, "calm"))
    before = _state(moods.path)
    with pytest.raises(CaptureError, match=said):
        remove(moods, recordings, label)
    assert _state(moods.path) == before and not trash_of(moods.path).exists()


@pytest.mark.parametrize("place", ["..", "/", "/etc", "other/recordings", "../moods"])
def test_a_recording_of_another_folder_is_not_taken_for_one_of_the_same_name(moods, place):
    before = _state(moods.path)
    with pytest.raises(CaptureError, match="has no recording"):
        remove(moods, [f"{place}/calm.pcapng"])
    assert _state(moods.path) == before
    assert not trash_of(moods.path).exists()


def test_a_recording_is_named_by_its_path_too(moods, monkeypatch):
    monkeypatch.chdir(moods.path.parent)
    for name in ("moods/recordings/calm.pcapng", moods.path / "recordings" / "calm-2", "recordings/tense"):
        assert len(remove(moods, [str(name)]).recordings) == 1


def test_a_recording_with_damaged_labels_can_be_removed(moods):
    damaged = moods.path / "recordings/calm.labels.csv"
    damaged.write_text("nonsense")
    remove(moods, ["calm"])
    undo_removal(moods)
    assert damaged.read_text() == "nonsense"


@pytest.mark.parametrize("moved", range(1, 5))
def test_a_removal_that_fails_half_way_is_as_if_it_had_not_been(moods, monkeypatch, moved):
    before, really, calls = _state(moods.path), Path.replace, []

    def full(self, target):
        is_away = Path(target).parent.parent.name == "0001"
        calls.extend([target] * is_away)
        if is_away and len(calls) == moved:
            raise OSError(28, "No space left on device")
        return really(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="cannot be written"):
        remove(moods, label="calm")
    monkeypatch.undo()
    assert _state(moods.path) == before and not trash_of(moods.path).exists()


KILLED = """
import os, sys
from pathlib import Path
from zerotap.capture import remove, undo_removal
left, really = int(sys.argv[2]), Path.replace
def dying(self, target):
    global left
    left -= "recordings" in str(target) and ".pcapng" in str(target) + str(self)
    left -= "recordings" in str(target) and ".labels" in str(target)
    if left < 0:
        os._exit(9)
    return really(self, target)
Path.replace = dying
if sys.argv[3] == "remove":
    remove(sys.argv[1], label="calm")
else:
    undo_removal(sys.argv[1])
os._exit(7)
"""


def _contents(folder: Path):
    return sorted(path.read_bytes() for path in folder.rglob("*.pcapng"))


@pytest.mark.parametrize("left", [0, 1, 2, 3, 9])
@pytest.mark.parametrize("what", ["remove", "undo"])
def test_one_that_is_killed_loses_nothing_and_is_undone(moods, left, what):
    before, recordings = {(e.name, e.label) for e in moods.entries()}, _contents(moods.path)
    if what == "undo":
        remove(moods, label="calm")
    done = subprocess.run([sys.executable, "-c", KILLED, str(moods.path), str(left), what], check=False)
    assert done.returncode in (9, 7)
    assert _contents(moods.path.parent) == recordings
    if trash_of(moods.path).exists():
        undo_removal(moods)
    again = Dataset.open(moods.path)
    assert _contents(moods.path) == recordings and again.classes == ("calm", "tense")
    if what == "remove":
        assert {(e.name, e.label) for e in again.entries()} == before
    assert sorted(e.label for e in again.checked_entries()) == ["calm", "calm", "tense"]


def test_two_at_once_both_stay_right(moods):
    for number in range(8):
        moods.store(_recording(bytes([number])), f"more-{number}", f"class-{number}")
    command = "import sys; from zerotap.capture import remove; remove(sys.argv[1], label=sys.argv[2])"
    running = [
        subprocess.Popen([sys.executable, "-c", command, str(moods.path), f"class-{number}"])
        for number in range(8)
    ]
    for number in range(8):
        moods.store(_recording(bytes([number])), "new", f"new-{number}")
    assert [process.wait(60) for process in running] == [0] * 8
    again = Dataset.open(moods.path)
    assert again.classes == ("calm", *(f"new-{n}" for n in range(8)), "tense")
    assert {entry.label for entry in again.checked_entries()} == set(again.classes)
    assert sorted(path.name for path in trash_of(moods.path).iterdir()) == [f"{n:04d}" for n in range(1, 9)]


def test_a_recording_that_is_removed_while_it_records_leaves_nothing_behind(moods):
    take = Take(find_source("virtual:sensor@100"), moods, Plan(("late",)))
    take.accept(Packet(1, 0x82, b"1\n"))
    remove(Dataset.open(moods.path), label="late")
    take.accept(Packet(2, 0x82, b"2\n"))
    take.finish("interrupted")
    assert "late" not in Dataset.open(moods.path).classes
    assert not list((moods.path / "recordings").glob("late*"))
    (back,) = undo_removal(moods).recordings
    assert len(moods.load(next(e for e in moods.entries() if e.path == back))) == 2


def test_a_class_that_is_dropped_before_its_first_packet_is_there_at_the_end(moods):
    moods.add_classes("late")
    take = Take(find_source("virtual:sensor@100"), moods, Plan(("late",)))
    take.accept(Packet(1, 0x82, b"1\n"))
    Dataset.open(moods.path).change(lambda known: removing.replace(known, classes=("calm", "tense")))
    take.finish("limit")
    assert "late" in Dataset.open(moods.path).classes


def test_the_trash_is_private_and_no_link_is_followed(moods, tmp_path):
    done = remove(moods, ["calm"])
    folders = (done.trash.parent, done.trash, done.trash / "recordings")
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}
    undo_removal(moods)
    (tmp_path / "elsewhere").mkdir()
    trash_of(moods.path).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="symbolic link"):
        remove(moods, ["calm"])
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_command(moods):
    result = run("remove", moods.path, "--label", "calm")
    assert result.exit_code == 0 and result.stdout.startswith("2 recordings, class calm moved to ")
    assert f"zerotap remove {moods.path} --undo" in result.stderr.replace("\n", " ")
    report = json.loads(run("remove", moods.path, "--undo", "--json").stdout)
    assert report["undone"] is True and len(report["recordings"]) == 2 and report["classes"] == ["calm"]
    assert run("remove", moods.path, "tense").stdout.startswith("1 recording, class tense moved to ")
    for arguments in ([], ["tense", "--undo"], ["tense", "--label", "calm"]):
        assert run("remove", moods.path, *arguments).exit_code == 2
    assert read_labels(Dataset.open(moods.path).entries()[0].path)
    assert not os.path.lexists(moods.path / "recordings/tense.labels.csv")
