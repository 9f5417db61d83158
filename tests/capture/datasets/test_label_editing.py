"""Labels of parts of a recording: the work functions, the command, and what a dataset makes of them."""

import errno
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.capture import Dataset, DeviceIdentity, LabelSpan, Packet, Recording, record
from zerotap.capture.datasets.editing.label_editing import add_label, labels_of, remove_label
from zerotap.capture.labels import labels_path, read_labels, spans_of, write_labels
from zerotap.cli import cli
from zerotap.errors import CaptureError, OutputError

END = float("inf")


@pytest.fixture
def take(tmp_path):
    """Ten packets, one a second, labelled calm from beginning to end."""
    packets = [Packet(5 + second * 10**9, 0x81, bytes([second] * 8)) for second in range(10)]
    recording = Recording.from_packets(packets, DeviceIdentity(1, 2, 3, 4))
    return Dataset.create(tmp_path / "moods", synthetic=True).store(recording, "take", "calm")


def run(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_spans_become_parts_of_the_dataset(take):
    raw = take.read_bytes()
    add_label(take, LabelSpan(3, 6, "tense"))
    add_label(take, LabelSpan(4, 4, "sneeze"))
    dataset = Dataset.open(take.parents[1])
    assert dataset.classes == ("calm", "tense")  # a point makes no class
    parts = {entry.name: (entry.label, dataset.load(entry)) for entry in dataset.entries()}
    seconds = {
        name: (label, [packet.data[0] for packet in part.packets()]) for name, (label, part) in parts.items()
    }
    assert seconds == {
        "take-1": ("calm", [0, 1, 2]),
        "take-2": ("tense", [3, 4, 5]),
        "take-3": ("calm", [6, 7, 8, 9]),
    }
    assert LabelSpan(1, 1, "sneeze") in parts["take-2"][1].labels
    assert take.read_bytes() == raw
    split = dataset.split(guard_reports=1)
    assert sorted({label for side in (split.train, split.test) for _, label in side}) == [0, 1]


def test_a_part_without_packets_is_named(take):
    add_label(take, LabelSpan(3.2, 3.4, "tense"))
    dataset = Dataset.open(take.parents[1])
    (empty,) = [entry for entry in dataset.entries() if entry.label == "tense"]
    with pytest.raises(CaptureError, match=r"no packets from 3\.2 to 3\.4 s, labelled tense: .*--remove"):
        dataset.load(empty)


def test_spans_that_overlap_are_named(take):
    write_labels(take, [LabelSpan(0, 5, "a"), LabelSpan(4, 6, "b")])
    with pytest.raises(CaptureError, match=r"take\.labels\.csv: the labels a .* and b \(from 4 s\) overlap"):
        Dataset.open(take.parents[1]).entries()


@settings(deadline=None)  # files are forced to the disk
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from("abc")), max_size=8))
def test_no_moment_ever_has_two_labels(tmp_path_factory, added):
    path = Path(__file__).parents[2] / "data" / "hi.pcapng"
    copy = tmp_path_factory.mktemp("labels") / "hi.pcapng"
    copy.write_bytes(path.read_bytes())
    newest = {}
    for start, end, label in added:
        span = LabelSpan(min(start, end) / 100, max(start, end) / 100, label)
        add_label(copy, span)
        newest |= dict.fromkeys(range(min(start, end), max(start, end)), label)
    spans = spans_of(read_labels(copy))
    held = {t: s.label for s in spans for t in range(round(s.start_s * 100), round(s.end_s * 100))}
    assert held == newest


def test_a_person_may_edit_the_file(take):
    labels_path(take).write_text(
        '\ufeffsource,label,start_s,end_s\nme, "so, so" ,0,2.5\n,calm,2.5,inf\n'.replace(' "', '"').replace(
            '" ', '"'
        ),
        encoding="utf-8",
    )
    assert read_labels(take) == (LabelSpan(0, 2.5, "so, so", "me"), LabelSpan(2.5, END, "calm", "user"))


def test_listing_adding_and_removing_by_command(take):
    assert run("label", take, "--add", 2, 4, "tense").exit_code == 0
    assert run("label", take, "--point", 3, "sneeze").exit_code == 0
    listed = json.loads(run("label", take.parents[1], "--json").stdout)["labels"]
    assert [(row["number"], row["start_s"], row["end_s"], row["label"]) for row in listed] == [
        (1, 0, 2, "calm"),
        (2, 2, 4, "tense"),
        (3, 3, 3, "sneeze"),
        (4, 4, None, "calm"),
    ]
    plain = run("label", take, "--remove", 2).stdout
    assert "sneeze" in plain
    assert "tense" not in plain
    assert [label.label for label in labels_of(take)[take]] == ["calm", "sneeze", "calm"]
    assert sorted(path.name for path in take.parent.iterdir()) == ["take.labels.csv", "take.pcapng"]


def test_two_changes_at_once_are_a_usage_error(take):
    assert run("label", take, "--remove", 1, "--point", 3, "x").exit_code == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda take: add_label(take, LabelSpan(4, 3, "x")), "0 <= start_s <= end_s"),
        (lambda take: add_label(take, LabelSpan(float("nan"), 3, "x")), "0 <= start_s"),
        (lambda take: add_label(take, LabelSpan(0, 3, " ")), "needs a name"),
        (lambda take: add_label(take, LabelSpan(9.5, 12, "x")), r"lasts 9\.000 s, so nothing is at 9\.5 s"),
        (lambda take: remove_label(take, 2), "has 1 labels and no number 2"),
        (lambda take: remove_label(take, 0), "no number 0"),
        (lambda take: labels_of(take.with_name("none.pcapng")), "no recording is there"),
        (lambda take: labels_of(take.parent), "is no dataset"),
    ],
)
def test_what_cannot_be_labelled_changes_nothing(take, change, said):
    before = labels_path(take).read_bytes()
    with pytest.raises(CaptureError, match=said):
        change(take)
    assert labels_path(take).read_bytes() == before


def test_a_fault_names_the_file_as_it_was_typed(tmp_path, monkeypatch):
    """In the recordings' own folder too, where only the whole path tells the dataset."""
    record("virtual:reports@500", tmp_path / "d", "idle", packets=5)

    def refuse(_old, _new):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    for folder, recording, labels, manifest in (
        ("d/recordings", "idle.pcapng", "idle.labels.csv", f"{tmp_path}/d/zerotap.toml"),
        (".", "d/recordings/idle.pcapng", "d/recordings/idle.labels.csv", "d/zerotap.toml"),
    ):
        monkeypatch.chdir(tmp_path / folder)
        for label, named in (("idle", labels), ("still", manifest)):
            with pytest.raises(OutputError, match=f"^{named} cannot be written .*free some space"):
                add_label(Path(recording), LabelSpan(0, 1, label))
