"""A dataset's own split: chosen, kept beside the recordings, and kept whole by all that changes them."""

import subprocess
import sys

import pytest

from zerotap.capture import (
    Dataset,
    Packet,
    Place,
    Recording,
    SplitChoice,
    choose_split,
    import_files,
    remove,
    undo_removal,
)
from zerotap.capture.datasets.splits.places import places_in, read_places, read_side_file, write_places
from zerotap.capture.datasets.splits.rule import SplitRule
from zerotap.capture.datasets.splits.side_names import sides_of
from zerotap.errors import CaptureError

NOON_NS = 1_750_000_000 * 10**9


def recording(content):
    return Recording.from_packets(
        [Packet(NOON_NS + content * 10**9 + n, 0x81, bytes([content])) for n in range(3)]
    )


@pytest.fixture
def moods(tmp_path):
    dataset = Dataset.create(tmp_path / "moods", synthetic=False)
    for n in range(10):
        dataset.store(recording(n), f"take-{n}", ["calm", "tense"][n % 2])
    return dataset


def on_test(dataset):
    split = Dataset.open(dataset.path).split()
    return sorted(one.name for one, _ in split.test)


def test_nothing_is_written_until_something_is_chosen(moods):
    before = (moods.path / "zerotap.toml").read_bytes()
    assert moods.split().note == "by recording, stratified by class, equal content on one side only"
    assert (moods.path / "zerotap.toml").read_bytes() == before
    assert b"[split]" not in before and not (moods.path / "splits.csv").exists()
    moods.set_split(by="hash")
    assert (moods.path / "zerotap.toml").read_bytes() == before


def test_exact_sides_from_python(moods):
    moods.set_split({f"take-{n}": "test" if n in (2, 7) else "train" for n in range(10)})
    assert on_test(moods) == ["take-2", "take-7"]
    assert Dataset.open(moods.path).manifest.split == SplitRule("column", 0.2)
    moods.set_split(by="hash")
    assert on_test(moods) != ["take-2", "take-7"]
    moods.set_split(by="column")  # the sides are still there
    assert on_test(moods) == ["take-2", "take-7"]
    moods.set_split({"take-1": "test", "take-4": "test"})
    assert on_test(moods) == ["take-1", "take-4"]


def test_by_time_and_by_groups(moods):
    moods.set_split(by="time", test_fraction=0.4)
    assert on_test(moods) == ["take-6", "take-7", "take-8", "take-9"]
    moods.set_split(groups={f"take-{n}": f"p{n // 2}" for n in range(10)})
    assert Dataset.open(moods.path).manifest.split == SplitRule("groups", 0.4)
    names = on_test(moods)
    assert len(names) == 4 and {int(name[-1]) // 2 for name in names} == {
        int(names[0][-1]) // 2,
        int(names[-1][-1]) // 2,
    }
    moods.set_split(by="time")
    assert Dataset.open(moods.path).places()["take-0"] == Place("", "p0")


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"sides": {"take-99": "test"}}, "has no recording take-99"),
        ({"sides": {"take-1": "both"}}, "the side 'both' is none"),
        ({"groups": {"take-1": "a\0b"}}, "is no text"),
        ({"by": "luck"}, "not divided by luck: choose one of hash, column, groups, time"),
        ({"by": "column"}, "no side was given to any recording"),
        ({"by": "time", "test_fraction": 1.5}, "leaves one side empty"),
        ({"sides": {"take-1": "test"}, "test_fraction": 0.5}, "a test fraction says nothing"),
    ],
)
def test_a_choice_that_is_none_changes_nothing(moods, chosen, said):
    before = (moods.path / "zerotap.toml").read_bytes()
    with pytest.raises(CaptureError, match=said):
        moods.set_split(**chosen)
    assert (moods.path / "zerotap.toml").read_bytes() == before
    assert not (moods.path / "splits.csv").exists()


def test_a_fraction_has_no_say_where_sides_were_given(moods):
    moods.set_split({f"take-{n}": "test" for n in (0, 1)})
    with pytest.raises(CaptureError, match="says nothing"):
        moods.split(0.5)


def test_what_would_leave_a_class_on_one_side_is_not_kept(moods):
    with pytest.raises(CaptureError, match="class tense: none of its recordings is to test"):
        choose_split(moods, SplitChoice(sides={"take-0": "test"}))
    assert not (moods.path / "splits.csv").exists()


def test_what_is_removed_takes_its_place_along_and_brings_it_back(moods):
    moods.set_split(
        {f"take-{n}": "test" if n < 4 else "train" for n in range(10)},
        groups={f"take-{n}": "anna, or ben" for n in range(3)},
    )
    before = read_places(moods.path)
    remove(moods, ["take-1", "take-5"])
    assert read_places(moods.path) == {k: v for k, v in before.items() if k not in ("take-1", "take-5")}
    moods.store(recording(99), "take-1", "calm")  # another one: it has no place
    assert "take-1" not in read_places(moods.path)
    undo_removal(moods)
    after = read_places(moods.path)
    assert after["take-1-2"] == before["take-1"] == Place("test", "anna, or ben")
    assert after["take-5"] == before["take-5"]


def test_recordings_of_another_dataset_bring_their_places(moods, tmp_path):
    moods.set_split({f"take-{n}": "test" if n < 2 else "train" for n in range(10)}, groups={"take-1": "ben"})
    calm = [moods.path / "recordings" / f"take-{n}.pcapng" for n in (0, 2, 4)]
    tense = [moods.path / "recordings" / f"take-{n}.pcapng" for n in (1, 3, 5)]
    import_files(calm, tmp_path / "more", label="calm")
    import_files(tense, tmp_path / "more", label="tense")
    other = Dataset.open(tmp_path / "more")
    assert other.manifest.split.by == "column"
    assert sorted(place for place in other.places().values()) == [
        ("test", ""),
        ("test", "ben"),
        *[("train", "")] * 4,
    ]
    assert len(other.split().test) == 2


def test_what_is_added_later_without_a_side_trains_and_the_note_says_so(moods):
    moods.set_split({f"take-{n}": "test" if n < 2 else "train" for n in range(10)})
    moods.store(recording(50), "late", "calm")
    split = Dataset.open(moods.path).split()
    assert "late" in [one.name for one, _ in split.train]
    assert "1 recordings without one train" in split.note


WRITER = """
import sys
from zerotap.capture import Dataset, Place
dataset, who = Dataset.open(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for n in range(2):
    dataset.add_places({f"take-{who}": Place("test" if n else "train", who)})
"""


def test_several_writers_lose_no_place(moods):
    pipe = subprocess.PIPE
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, moods.path, str(n)], stdin=pipe, stdout=pipe, text=True
        )
        for n in range(4)
    ]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.wait(60) for writer in writers] == [0] * 4
    assert read_places(moods.path) == {f"take-{n}": Place("test", str(n)) for n in range(4)}


def test_places_are_written_and_read_as_they_are(tmp_path):
    places = {"a, b": Place("train", 'x "y"'), "ü": Place("", "z\u2028z"), "c": Place("test", "")}
    write_places(tmp_path, {**places, "nothing": Place()})
    assert read_places(tmp_path) == places
    write_places(tmp_path, {})
    assert not (tmp_path / "splits.csv").exists() and read_places(tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1 must name"),
        ("recording\na\n", "line 1 must name"),
        ("recording,side,colour\n", "line 1 must name"),
        ("recording,side,side\n", "line 1 must name"),
        ("recording,side\na,test\na.pcapng,train\n", "line 3: a is named twice"),
        ("recording,side\n,test\n", "line 2: names no recording"),
        ("recording,side\na,left\n", "line 2: the side 'left' is none"),
        ('recording,side\n"a,test\n' + "x" * 200_000, "cannot be read"),
    ],
)
def test_a_damaged_file_of_places_is_one_sentence(tmp_path, text, said):
    with pytest.raises(CaptureError, match=said):
        places_in(text, tmp_path / "splits.csv")


def test_a_file_of_nothing_but_names_takes_no_more_memory_than_it_may(tmp_path):
    text = "recording,side\n" + "".join(f"{n:x},\n" for n in range(200_000))
    with pytest.raises(CaptureError, match="names more recordings than a dataset has"):
        places_in(text, tmp_path / "splits.csv")
    assert len(places_in(text[: len(text) // 8].rpartition("\n")[0], tmp_path / "splits.csv")) > 20_000


@pytest.mark.parametrize(
    "split",
    ["split = 3", '[split]\nby = "luck"', "[split]\ntest_fraction = 2", "[split]\ntest_fraction = true"],
)
def test_a_manifest_with_a_rule_that_is_none(moods, split):
    with (moods.path / "zerotap.toml").open() as file:
        text = file.read()
    (moods.path / "zerotap.toml").write_text(f"{split}\n{text}" if split[0] != "[" else f"{text}\n{split}\n")
    with pytest.raises(CaptureError, match="split"):
        Dataset.open(moods.path)


def test_a_third_side_tests_where_nothing_else_does(caplog):
    assert sides_of(["Train", "dev", ""]) == {"Train": "train", "dev": "test", "": ""}
    assert "dev: recordings of this side are to test" in caplog.text
    assert sides_of(["train", "Validation", "TEST"])["Validation"] == "train"
    with pytest.raises(CaptureError, match="'left' names no side"):
        sides_of(["left"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("recording,side\n", "gives no recording a side or a group"),
        ("recording,side\ntake-1,\n", "gives no recording a side or a group"),
        ("recording,side\ntake-1,test,anna\n", "line 2 has more cells than line 1"),
        ('recording,side\ntake-1,test\n"take-2,test\n', "cannot be read as UTF-8 CSV"),
    ],
)
def test_a_file_that_says_nothing_or_too_much_is_told(tmp_path, text, said):
    path = tmp_path / "sides.csv"
    path.write_text(text)
    with pytest.raises(CaptureError, match=said):
        read_side_file(path)


def test_what_spreadsheets_write_is_read(tmp_path):
    path = tmp_path / "sides.csv"
    path.write_bytes(b"\xef\xbb\xbfrecording;side\r\ntake-1;test\r\ntake-2;\r\n")
    assert read_side_file(path) == {"take-1": Place("test"), "take-2": Place()}
