"""Several programs write one dataset at the same time, and nothing of any is lost."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from zerotap.capture import Dataset, LabelSpan, Packet, Recording, add_label, read_labels
from zerotap.capture.datasets.dataset import check_dataset_folder
from zerotap.capture.labels import write_labels
from zerotap.capture.session.session import Plan, Take
from zerotap.capture.sources.registry import find_source
from zerotap.errors import OutputError

WRITERS, EACH = 8, 2
WRITER = """
import sys, time
from pathlib import Path
from zerotap.capture import Dataset, LabelSpan, Packet, Recording, add_label
folder, who, each = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
recording = Recording.from_packets([Packet(n * 10**9, 0x81, bytes([who])) for n in range(100)])
print("ready", flush=True)
sys.stdin.readline()
for n in range(each):
    dataset = Dataset.open_or_create(folder, synthetic=False)
    path = dataset.store(recording, "take", f"label-{who}-{n}")
    dataset.note_sensor(path.stem, {"rate_hz": float(who)})
    add_label(folder.parent / "shared.pcapng", LabelSpan(10.0 * who + n, 10.0 * who + n, f"point-{who}-{n}"))
print("done", flush=True)
if sys.stdin.readline():
    from zerotap.writing import locked
    with locked(folder):
        print("locked", flush=True)
        time.sleep(60)
"""


def _recording(packets: int = 100) -> Recording:
    return Recording.from_packets([Packet(n * 10**9, 0x81, b"x") for n in range(packets)])


def _begin(folder: Path, who: int) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", WRITER, str(folder), str(who), str(EACH)]
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)


def test_eight_writers_lose_nothing_and_one_that_is_killed_holds_nobody_up(tmp_path):
    dataset, shared = tmp_path / "moods", Dataset.create(tmp_path / "other", synthetic=False)
    shared.store(_recording(), "shared", "a").rename(tmp_path / "shared.pcapng")
    writers = [_begin(dataset, who) for who in range(WRITERS)]
    assert [writer.stdout.readline() for writer in writers] == ["ready\n"] * WRITERS
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.stdout.readline() for writer in writers] == ["done\n"] * WRITERS
    writers[0].stdin.write("hold it\n")
    writers[0].stdin.flush()
    assert writers[0].stdout.readline() == "locked\n"
    writers[0].kill()
    for writer in writers:
        writer.communicate()
    began_s = time.monotonic()
    Dataset.open(dataset).add_classes("after")
    assert time.monotonic() - began_s < 5
    opened, pairs = Dataset.open(dataset), [(who, n) for who in range(WRITERS) for n in range(EACH)]
    assert opened.classes == tuple(sorted(["after", *(f"label-{who}-{n}" for who, n in pairs)]))
    assert len(opened.entries()) == len(opened.manifest.sensors) == WRITERS * EACH
    assert {opened.load(entry).payload[0] for entry in opened.entries()} == set(range(WRITERS))
    points = {span.label for span in read_labels(tmp_path / "shared.pcapng")}
    assert points == {f"point-{who}-{n}" for who, n in pairs}
    left = {path.name for path in dataset.iterdir()}
    assert left <= {"recordings", "zerotap.toml", ".zerotap.lock"}


def test_what_another_wrote_since_it_was_opened_stays(tmp_path):
    mine = Dataset.create(tmp_path / "d", synthetic=False)
    theirs = Dataset.open(tmp_path / "d")
    theirs.add_classes("b")
    theirs.note_sensor("x", {"rate_hz": 1.0})
    mine.add_classes("a")
    assert mine.classes == Dataset.open(tmp_path / "d").classes == ("a", "b")
    assert Dataset.open(tmp_path / "d").manifest.sensors == {"x": {"rate_hz": 1.0}}


def test_a_dataset_that_begins_is_no_other_things(tmp_path):
    """Between the folder and its manifest another program, or the retry after a crash, finds these."""
    (tmp_path / "d" / "recordings").mkdir(parents=True)
    (tmp_path / "d" / ".zerotap.lock").touch()
    (tmp_path / "d" / ".zerotap-abc").mkdir()
    check_dataset_folder(tmp_path / "d")
    assert Dataset.open_or_create(tmp_path / "d", synthetic=False).classes == ()
    (tmp_path / "e" / "recordings").mkdir(parents=True)
    (tmp_path / "e" / "recordings" / "mine").touch()
    with pytest.raises(OutputError, match="already holds something"):
        Dataset.open_or_create(tmp_path / "e", synthetic=False)


def test_a_label_edited_while_its_recording_goes_on_stays(tmp_path):
    source, dataset = find_source("virtual:sensor@100"), Dataset.create(tmp_path / "d", synthetic=True)
    take = Take(source, dataset, Plan(("a", "b")))
    take.accept(Packet(source.clock_ns(), 0x81, b"x"))
    path = tmp_path / "d" / "recordings" / "a.pcapng"
    edited = (LabelSpan(0.0, 0.0, "sneeze"), LabelSpan(0.0, float("inf"), "a"))
    write_labels(path, edited)
    take.obey("2")
    labels = read_labels(path)
    assert labels[0] == edited[0] and [span.label for span in labels] == ["sneeze", "a", "b"]
    take.finish("interrupted")
    assert read_labels(path) == labels


def test_an_edit_sees_the_edit_before_it(tmp_path):
    dataset = Dataset.create(tmp_path / "d", synthetic=False)
    path = dataset.store(_recording(), "take", "a")
    for n in range(3):
        add_label(path, LabelSpan(float(n), float(n), f"point-{n}"))
    assert len(read_labels(path)) == 4
    assert sorted(file.name for file in path.parent.iterdir()) == ["take.labels.csv", "take.pcapng"]
