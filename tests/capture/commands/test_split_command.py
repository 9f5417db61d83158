"""`zerotap split`, and the sides, groups and labels that `type` and `import` take along."""

import csv
import json

import pytest
from click.testing import CliRunner

from zerotap.capture import Dataset, DeviceIdentity, Packet, Place, Recording
from zerotap.cli import cli
from zerotap.errors import CaptureError


def run(*arguments):
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def shown(*arguments):
    result = run("split", *arguments, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.fixture
def messages(tmp_path):
    """Twelve different texts of two labels; two to test, of one writer."""
    rows = [
        (f"text {'abcdefghijkl'[n]}", ["ham", "spam"][n % 2], "test" if n < 2 else "train", f"w{n // 2}")
        for n in range(12)
    ]
    return write(tmp_path / "messages.csv", [("text", "label", "split", "writer"), *rows])


def test_a_split_column_is_followed(messages, tmp_path):
    result = run("type", messages, "--dataset", tmp_path / "d", "--split-column", "split")
    assert result.exit_code == 0, result.output
    report = shown(tmp_path / "d")
    assert (report["by"], report["groups"], report["equal"]) == ("column", [], [])
    assert report["classes"] == [
        {"label": "ham", "train": 5, "test": 1},
        {"label": "spam", "train": 5, "test": 1},
    ]
    assert [row["recording"] for row in report["recordings"] if row["side"] == "test"] == [
        "message-000001",
        "message-000002",
    ]


def test_a_group_column_keeps_writers_apart(messages, tmp_path):
    result = run("type", messages, "--dataset", tmp_path / "d", "--group-column", "writer")
    assert result.exit_code == 0, result.output
    report = shown(tmp_path / "d")
    assert report["by"] == "groups"
    assert sorted(row["train"] * row["test"] for row in report["groups"]) == [0] * 6
    assert sum(row["test"] for row in report["groups"]) == 2


def test_what_is_shown_for_a_person(messages, tmp_path):
    run("type", messages, "--dataset", tmp_path / "d")
    result = run("split", tmp_path / "d", "--by", "time", "--test-fraction", 0.5)
    assert result.stdout.splitlines() == [
        "by time: the last 50% of each class",
        "  label  train  test",
        "  ham    3      3",
        "  spam   3      3",
    ]
    assert "Next: zerotap train" in result.stderr
    assert shown(tmp_path / "d")["test_fraction"] == 0.5
    described = run("info", tmp_path / "d").stdout
    assert "split: by time: the last of each class, or of each group, test, 50% to test" in described


def test_sides_are_set_from_a_file_and_it_trains_by_them(messages, tmp_path):
    run("type", messages, "--dataset", tmp_path / "d")
    sides = write(
        tmp_path / "sides.csv",
        [
            ("recording", "side"),
            *((f"message-{n:06}", "test" if n in (5, 8) else "train") for n in range(1, 13)),
        ],
    )
    report = shown(tmp_path / "d", "--set", sides)
    assert report["by"] == "column" and report["note"] == "by the sides that were given"
    split = Dataset.open(tmp_path / "d").split()
    assert sorted(one.name for one, _ in split.test) == ["message-000005", "message-000008"]
    groups = write(tmp_path / "groups.csv", [("recording", "group"), ("message-000001", "anna")])
    report = shown(tmp_path / "d", "--set", groups, "--by", "column")
    assert report["groups"] == [{"group": "anna", "train": 1, "test": 0}]
    assert "split: by the sides that were given\n" in run("info", tmp_path / "d").stdout
    assert Dataset.open(tmp_path / "d").places()["message-000005"] == Place("test", "")


def test_groups_by_the_names_of_recordings(tmp_path):
    for person in ("anna", "ben", "cleo"):
        for n in (1, 2):
            for c, label in enumerate(("walk", "rest")):
                path = tmp_path / label / f"{person}_{n}.csv"
                path.parent.mkdir(exist_ok=True)
                path.write_text(
                    "time_ms,x\n"
                    + "".join(f"{i * 10},{ord(person[0]) * n + i * (c + 1)}\n" for i in range(9))
                )
    result = run(
        "import", tmp_path / "walk", tmp_path / "rest", "--label-from", "folder", "--dataset", tmp_path / "d"
    )
    assert result.exit_code == 0, result.output
    report = shown(tmp_path / "d", "--group-from", "name")
    assert [row["group"] for row in report["groups"]] == ["anna", "ben", "cleo"]
    assert sorted((row["train"], row["test"]) for row in report["groups"]) == [(0, 4), (4, 0), (4, 0)]


def of_devices(folder, serials):
    """A dataset of recordings, calm and tense by turns, each of the device of a serial number, "" of none."""
    dataset = Dataset.create(folder, synthetic=True)
    for number, serial in enumerate(serials):
        device = DeviceIdentity(0x2341, 0x8054, serial=serial) if serial else DeviceIdentity()
        packets = [Packet(n * 10**6, 0x81, bytes([number, n, 7])) for n in range(200)]
        dataset.store(Recording.from_packets(packets, device), "take", ["calm", "tense"][number % 2])
    return dataset.path


def test_a_device_is_a_group(tmp_path):
    folder = of_devices(tmp_path / "d", [f"SN{number // 4}" for number in range(20)])
    report = shown(folder, "--group-from", "device", "--test-fraction", "0.25")
    assert report["by"] == "groups"
    assert [row["group"] for row in report["groups"]] == [f"2341:8054:SN{number}" for number in range(5)]
    assert all(row["train"] * row["test"] == 0 for row in report["groups"])


def test_a_recording_of_no_known_device_has_no_group_by_it(tmp_path):
    folder = of_devices(tmp_path / "d", ["A", "A", "B", "B", "", "C"])
    result = run("split", folder, "--group-from", "device")
    assert isinstance(result.exception, CaptureError)
    assert "does not say which device it is of: give groups with `zerotap split" in str(result.exception)
    assert not (folder / "splits.csv").exists()


def test_recordings_of_one_device_cannot_be_divided_by_it(tmp_path):
    folder = of_devices(tmp_path / "d", ["A"] * 8)
    result = run("split", folder, "--group-from", "device")
    assert isinstance(result.exception, CaptureError) and "1 group (2341:8054:A)" in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--by", "luck"], 2),
        (["--test-fraction", "1"], 2),
        (["--set", "nothing.csv"], 2),
    ],
)
def test_usage(messages, tmp_path, arguments, code):
    run("type", messages, "--dataset", tmp_path / "d")
    assert run("split", tmp_path / "d", *arguments).exit_code == code


def test_a_fraction_of_given_sides_is_refused(messages, tmp_path):
    run("type", messages, "--dataset", tmp_path / "d", "--split-column", "split")
    failed = run("split", tmp_path / "d", "--test-fraction", 0.3).exception
    assert isinstance(failed, CaptureError) and "says nothing" in str(failed)


def sensor_file(path, scale, columns="", cells=lambda _: ""):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = (f"{n * 10},{scale * n}{cells(n)}\n" for n in range(40))
    path.write_text(f"time_ms,x{columns}\n" + "".join(rows))


@pytest.mark.parametrize("third", ["test", "Validation"])
def test_folders_are_sides(tmp_path, third):
    for number, side in enumerate(("train", third)):
        for c, label in enumerate(("idle", "walk")):
            for take in (1, 2):
                sensor_file(tmp_path / "data" / side / label / f"{take}.csv", 10 * number + 2 * c + take)
    result = run(
        *("import", tmp_path / "data", "--label-from", "folder", "--split-from", "folder"),
        *("--dataset", tmp_path / "d"),
    )
    assert result.exit_code == 0, result.output
    assert "sides: 4 test, 4 train" in result.stdout
    assert result.stderr.count("importing ...") == 1
    report = shown(tmp_path / "d")
    assert report["by"] == "column"
    assert [(row["train"], row["test"]) for row in report["classes"]] == [(2, 2), (2, 2)]


def test_columns_of_side_and_group_cut_runs_and_are_no_channels(tmp_path):
    for c, label in enumerate(("idle", "walk")):
        sensor_file(
            tmp_path / f"{label}.csv",
            c + 1,
            ",who,split",
            lambda n: f",{n // 10},{'test' if n > 29 else 'train'}",
        )
    result = run(
        *("import", tmp_path / "idle.csv", tmp_path / "walk.csv", "--label-from", "name"),
        *(
            "--split-from",
            "column:split",
            "--group-from",
            "column:who",
            "--dataset",
            tmp_path / "d",
            "--json",
        ),
    )
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["sides"], report["groups"]) == ({"test": 2, "train": 6}, ["0", "1", "2", "3"])
    assert [channel["name"] for channel in report["channels"]] == ["x"]
    places = Dataset.open(tmp_path / "d").places()
    assert places["idle-4"] == Place("test", "3") and places["walk"] == Place("train", "0")


def test_groups_by_folder_are_above_the_class_and_by_file_each_file(tmp_path):
    for person in ("anna", "ben"):
        for c, label in enumerate(("idle", "walk")):
            sensor_file(tmp_path / "data" / person / label / "log.csv", ord(person[0]) + c)
    common = ("import", tmp_path / "data", "--label-from", "folder")
    run(*common, "--group-from", "folder", "--dataset", tmp_path / "d")
    assert (
        sorted(place.group for place in Dataset.open(tmp_path / "d").places().values())
        == ["anna"] * 2 + ["ben"] * 2
    )
    assert Dataset.open(tmp_path / "d").manifest.split.by == "groups"
    run(*common, "--group-from", "file", "--dataset", tmp_path / "e")
    assert {place.group for place in Dataset.open(tmp_path / "e").places().values()} == {"log.csv"}


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--split-from", "folder"), "no folder above it is named train"),
        (("--split-from", "column:y"), "names no side"),
        (("--split-from", "column:side"), "has no column side: choose --split-from"),
        (("--group-from", "column:who"), "has no column who: choose --group-from"),
    ],
)
def test_what_says_no_side_is_refused_and_leaves_nothing(tmp_path, option, said):
    sensor_file(tmp_path / "a.csv", 1, ",y", lambda n: f",{n}")
    failed = run("import", tmp_path / "a.csv", "--label", "a", *option, "--dataset", tmp_path / "d").exception
    assert isinstance(failed, CaptureError) and said in str(failed)
    assert not list((tmp_path / "d").glob("recordings/*"))


@pytest.mark.parametrize(
    "option", [("--split-from", "name"), ("--group-from", "luck"), ("--group-from", "column:")]
)
def test_a_rule_that_is_none_is_a_usage_error(tmp_path, option):
    sensor_file(tmp_path / "a.csv", 1)
    assert (
        run("import", tmp_path / "a.csv", "--label", "a", *option, "--dataset", tmp_path / "d").exit_code == 2
    )


def test_several_labels_a_text(tmp_path):
    rows = [("id", "comment", "toxic", "insult")]
    rows += [(n, f"text {'abcdefgh'[n]}", n % 2, int(n % 4 > 1)) for n in range(8)]
    comments = write(tmp_path / "comments.csv", rows)
    result = run(
        *("type", comments, "--dataset", tmp_path / "d", "--text-column", "comment"),
        *("--label-columns", "toxic, insult", "--json"),
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["classes"] == ["insult", "none", "toxic", "toxic+insult"]
    report = shown(tmp_path / "d")
    assert [row["label"] for row in report["classes"]] == ["insult", "none", "toxic", "toxic+insult"]


@pytest.mark.parametrize(
    ("columns", "cell", "said"),
    [
        ("toxic,insult", "2", "line 2: '2' in column toxic is neither 0 nor 1"),
        ("toxic,other", "1", "must name the columns toxic, other and text"),
        ("toxic,toxic", "1", "name one twice"),
        ("toxic,", "1", "the label '' cannot be one of several"),
        ("a+b", "1", "the label 'a+b' cannot be one of several"),
        ("none,toxic", "1", "the label 'none' cannot"),
    ],
)
def test_labels_that_no_class_can_be_made_of(tmp_path, columns, cell, said):
    comments = write(tmp_path / "c.csv", [("text", "toxic", "insult"), ("hello", cell, "0")])
    failed = run("type", comments, "--dataset", tmp_path / "d", "--label-columns", columns).exception
    assert isinstance(failed, CaptureError) and said in str(failed)


def test_class_names_of_several_labels_stand_everywhere(tmp_path):
    """In folders, files' names, labels, the manifest, reports and the trash."""
    sensor_file(tmp_path / "toxic+insult" / "a.csv", 1)
    sensor_file(tmp_path / "toxic+insult_2.csv", 2)
    sensor_file(tmp_path / "none" / "b.csv", 3)
    dataset = tmp_path / "d"
    files = [tmp_path / "toxic+insult", tmp_path / "none"]
    assert run("import", *files, "--label-from", "folder", "--dataset", dataset).exit_code == 0
    more = ("import", tmp_path / "toxic+insult_2.csv", "--label-from", "name", "--dataset", dataset)
    assert run(*more).exit_code == 0
    assert Dataset.open(dataset).classes == ("none", "toxic+insult")
    assert [entry.label for entry in Dataset.open(dataset).entries()] == [
        "toxic+insult",
        "none",
        "toxic+insult",
    ]
    described = json.loads(run("info", dataset, "--json").stdout)
    assert [(row["label"], row["recordings"]) for row in described["classes"]] == [
        ("none", 1),
        ("toxic+insult", 2),
    ]
    assert run("remove", dataset, "--label", "toxic+insult").exit_code == 0
    assert Dataset.open(dataset).classes == ("none",)
    assert run("remove", dataset, "--undo").exit_code == 0
    assert Dataset.open(dataset).classes == ("none", "toxic+insult")
