"""`import` of files of numbers, as a user runs it: many at once, their classes, the summary, the question."""

import json
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from zerotap.capture import Dataset, DeviceIdentity, Packet, PcapngWriter, frame_recording, import_files
from zerotap.cli import cli
from zerotap.errors import CaptureError, OutputError, UnknownTimeError


def run(*arguments):
    return CliRunner().invoke(cli, [str(a) for a in arguments])


def imported(folder):
    """Every recording of a dataset by its label: (label, samples)."""
    dataset = Dataset.open(folder)
    return [(entry.label, frame_recording(dataset.load(entry))) for entry in dataset.entries()]


def write(path, scale=1.0, rows=100, step_ms=10, names="timestamp,x,y"):
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (f"{n * step_ms},{scale * math.sin(n):.3f},{n}\n" for n in range(rows))
    path.write_text(f"{names}\n" + "".join(lines))
    return path


@pytest.fixture
def moves(tmp_path):
    for label, scale in (("idle", 0.1), ("shake", 5)):
        for number in (1, 2, 10):
            write(tmp_path / "moves" / f"{label}_{number}.csv", scale)
    return tmp_path / "moves"


@pytest.mark.parametrize("given", [["*.csv"], ["."], ["idle_*.csv", "shake_?.csv", "shake_10.csv"]])
def test_patterns_and_folders_in_one_command(moves, monkeypatch, given):
    monkeypatch.chdir(moves)
    result = run("import", *given, "--label-from", "name", "--dataset", "../d", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["files"], report["left_out"], report["label"]) == (6, [], None)
    assert report["classes"] == [
        {"label": label, "recordings": 3, "samples": 300, "seconds": pytest.approx(3)}
        for label in ("idle", "shake")
    ]
    assert [channel["name"] for channel in report["channels"]] == ["x", "y"]
    assert report["channels"][1] == {"name": "y", "minimum": 0, "maximum": 99}
    assert report["rate_hz"] == pytest.approx(100)
    assert {label for label, _ in imported("../d")} == {"idle", "shake"}


def test_the_summary_says_what_came_of_it(moves, tmp_path):
    (moves / "README.md").write_text("# moves\n")
    (moves / "idle_3.csv").write_text("timestamp,x,y\n1,2\n")
    result = run("import", moves, "--label-from", "name", "--dataset", tmp_path / "d")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "6 files, 2 classes, 2 channels, 100.00 samples/s, jitter 0.00 ms",
        "  idle: 3 recordings, 300 samples, 3.0 s",
        "  shake: 3 recordings, 300 samples, 3.0 s",
        "channels:",
        "  x: -5 to 5",
        "  y: 0 to 99",
        f"left out: {moves}/README.md: damaged at byte 0: neither pcapng nor pcap begins so; capture again "
        "or restore the file from its source",
        f"left out: {moves}/idle_3.csv: line 2 has 2 cells and the header 3: mend it",
    ]
    assert result.stderr.count("left out") == 2


def test_one_of_each_is_said_so_and_a_file_names_no_device(tmp_path):
    (tmp_path / "a.csv").write_text("timestamp,x\n0,1\n10,2\n")
    result = run("import", tmp_path / "a.csv", "--label", "idle", "--dataset", tmp_path / "d")
    assert result.stdout.splitlines()[:2] == [
        "1 file, 1 class, 1 channel, 100.00 samples/s, jitter 0.00 ms",
        "  idle: 1 recording, 2 samples, 0.0 s",
    ]
    assert "device: unknown" in run("info", tmp_path / "d").stdout.splitlines()
    assert run("convert", tmp_path / "a.csv", tmp_path / "a.json").exit_code == 0
    assert "device_name" not in json.loads((tmp_path / "a.json").read_text())["payload"]
    assert run("import", tmp_path / "a.json", "--label", "b", "--dataset", tmp_path / "d").exit_code == 0


def test_text_of_a_file_of_numbers_names_the_commands_that_read_it(tmp_path):
    result = run("text", write(tmp_path / "a.csv"))
    assert result.exit_code == 1
    assert "a file of numbers is read by `zerotap info` and `zerotap import`" in str(result.exception)


def test_the_dataset_knows_its_channels_and_its_rate(moves, tmp_path):
    import_files([moves], tmp_path / "d", label_from="name")
    numbers = Dataset.open(tmp_path / "d").numbers()
    assert (numbers.framing, numbers.channels) == ("text", ("x", "y"))
    assert numbers.rate_hz == pytest.approx(100)
    for path in (tmp_path / "d" / "recordings").iterdir():
        path.unlink()
    assert Dataset.open(tmp_path / "d").numbers() is None


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("idle_3.csv", "idle"), ("idle-03.csv", "idle"), ("idle (2).csv", "idle"), ("idle3.csv", "idle"),
        ("idle.csv", "idle"), ("idle.2k3h4f.csv", "idle"), ("idle.json.2k3h4f.csv", "idle"),
        ("left_turn_2.csv", "left_turn"), ("idle_2024-05-01T12-30-05.csv", "idle"),
        ("idle_20240501_123005.csv", "idle"), ("idle.1.csv", "idle"),
    ],
)  # fmt: skip
def test_the_class_in_a_name(tmp_path, name, label):
    import_files([write(tmp_path / name)], tmp_path / "d", label_from="name")
    assert Dataset.open(tmp_path / "d").classes == (label,)


def test_the_class_in_a_folder_or_in_a_column(tmp_path):
    for label in ("idle", "shake"):
        write(tmp_path / "data" / label / "1.csv")
    import_files([tmp_path / "data"], tmp_path / "d", label_from="folder")
    assert Dataset.open(tmp_path / "d").classes == ("idle", "shake")
    rows = "".join(f"{n * 10},{n},{'rest' if n < 50 else 'wave'}\n" for n in range(90))
    (tmp_path / "day.csv").write_text("timestamp,x,activity\n" + rows)
    import_files([tmp_path / "day.csv"], tmp_path / "e", label_from="column:activity")
    assert [(label, len(samples)) for label, samples in imported(tmp_path / "e")] == [
        ("rest", 50),
        ("wave", 40),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["--label", "a", "--label-from", "name"], ["--label-from", "suffix"], ["--label-from", "column:"],
        ["--label", "a", "--rate-hz", "0"], ["--label", "a", "--time-unit", "h"],
    ],
)  # fmt: skip
def test_wrong_use_is_exit_2(tmp_path, arguments):
    assert run("import", write(tmp_path / "a.csv"), "--dataset", tmp_path / "d", *arguments).exit_code == 2
    assert not (tmp_path / "d").exists()


SECONDS = "timestamp,x\n" + "".join(f"{n / 100:.2f},{n}\n" for n in range(50))


def test_a_unit_that_cannot_be_right_ends_it_where_nobody_can_answer(tmp_path):
    write(tmp_path / "good.csv")
    (tmp_path / "s.csv").write_text(SECONDS)
    command = [
        sys.executable,
        "-m",
        "zerotap",
        "import",
        "good.csv",
        "s.csv",
        "--label",
        "a",
        "--dataset",
        "d",
        "--quiet",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert "--time-unit" in done.stderr and "--rate-hz" in done.stderr and done.stderr.count("\n") == 1
    assert list((tmp_path / "d" / "recordings").iterdir()) == []
    for option in (["--time-unit", "s"], ["--rate-hz", "100"]):
        assert (
            run("import", tmp_path / "s.csv", "--label", "a", "--dataset", tmp_path / "d", *option).exit_code
            == 0
        )
    assert [samples.rate_hz for _, samples in imported(tmp_path / "d")] == [pytest.approx(100)] * 2


@pytest.mark.parametrize(
    ("content", "question", "answer"),
    [
        (SECONDS, "Unit of the time (s, ms, us, ns)", b"s\n"),
        ("x,y\n1,2\n3,4\n5,6\n", "Samples a second", b"100\n"),
    ],
)
def test_on_a_terminal_it_asks(tmp_path, content, question, answer):
    (tmp_path / "a.csv").write_text(content)
    controller, terminal = os.openpty()
    os.write(controller, answer)
    command = [sys.executable, "-m", "zerotap", "import", "a.csv", "--label", "a", "--dataset", "d"]
    done = subprocess.run(
        command, cwd=tmp_path, stdin=terminal, stderr=terminal, stdout=subprocess.PIPE, text=True, timeout=60
    )
    os.close(terminal)
    asked = os.read(controller, 4096).decode()
    os.close(controller)
    assert done.returncode == 0, asked
    assert question in asked
    assert "100.00 samples/s" in done.stdout


def test_files_that_do_not_fit_the_dataset_are_left_out(moves, tmp_path):
    import_files([moves], tmp_path / "d", label_from="name")
    for names in ("timestamp,y,x", "timestamp,x,label"):
        path = write(tmp_path / "other.csv", names=names)
        if "label" in names:
            path.write_text("timestamp,x\n0,1\n10,2\n")
        with pytest.raises(CaptureError, match="and the dataset x, y"):
            import_files([path], tmp_path / "d", label="a")
    assert len(imported(tmp_path / "d")) == 6


def test_captures_and_numbers_in_one_command(tmp_path):
    with PcapngWriter(tmp_path / "keys.pcapng", DeviceIdentity(0x04D9, 0x1602, 3, 4)) as writer:
        writer.write(Packet(7, 0x81, bytes(8)))
    write(tmp_path / "walk.csv")
    done = import_files([tmp_path / "keys.pcapng", tmp_path / "walk.csv"], tmp_path / "d", label_from="name")
    assert [one.label for one in done.stored] == ["keys", "walk"]
    assert done.lines()[0] == f"keys: {tmp_path}/d/recordings/keys-3_4_1.pcapng"
    with pytest.raises(CaptureError, match="has no columns"):
        import_files([tmp_path / "keys.pcapng"], tmp_path / "d", label_from="column:x")


def test_a_fault_on_the_way_takes_everything_back(moves, tmp_path, monkeypatch):
    store = Dataset.store

    def stored_once(dataset, recording, name, *arguments, **named):
        if name == "shake_1":
            raise OutputError("no more room")
        return store(dataset, recording, name, *arguments, **named)

    monkeypatch.setattr(Dataset, "store", stored_once)
    with pytest.raises(OutputError):
        import_files([moves], tmp_path / "d", label_from="name")
    assert list((tmp_path / "d" / "recordings").iterdir()) == []
    assert Dataset.open(tmp_path / "d").classes == ()


def test_a_refusal_half_way_leaves_the_classes_that_were_there(moves, tmp_path):
    write(tmp_path / "rest_1.csv")
    import_files([tmp_path / "rest_1.csv"], tmp_path / "d", label_from="name")
    Dataset.open(tmp_path / "d").add_classes("planned")
    write(moves / "zz_1.csv", names="a,x,y")
    with pytest.raises(UnknownTimeError):
        import_files([moves], tmp_path / "d", label_from="name")
    assert Dataset.open(tmp_path / "d").classes == ("planned", "rest")
    assert [label for label, _ in imported(tmp_path / "d")] == ["rest"]


def test_what_convert_wrote_is_imported(tmp_path):
    write(tmp_path / "walk.csv")
    assert run("convert", tmp_path / "walk.csv", tmp_path / "walk.json").exit_code == 0
    assert json.loads((tmp_path / "walk.json").read_text())["payload"]["interval_ms"] == 10
    import_files([tmp_path / "walk.csv", tmp_path / "walk.json"], tmp_path / "d", label="walk")
    (_, first), (_, second) = imported(tmp_path / "d")
    assert np.array_equal(first.values, second.values)
    assert first.rate_hz == pytest.approx(second.rate_hz)
    report = json.loads(run("info", tmp_path / "walk.json", "--json").stdout)
    assert report["sensors"][0]["channels"] == ["x", "y"]


def test_the_interval_is_that_of_the_measured_rate(tmp_path):
    """Boards send several samples in a packet: from the first packet to the last there is one packet less."""
    with PcapngWriter(tmp_path / "a.pcapng", DeviceIdentity(0x2341, 0x804F, 1, 5), "bulk") as writer:
        writer.write(Packet(0, 0x82, b"a,b\n"))
        for number in range(20):
            writer.write(Packet(number * 5_000_000, 0x82, b"1,2\n" * 5))
    run("convert", tmp_path / "a.pcapng", tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text())["payload"]["interval_ms"] == 1


def test_a_folder_without_files_or_with_none_that_is_read(tmp_path):
    (tmp_path / "empty").mkdir()
    for given in ("empty", "*.csv"):
        with pytest.raises(CaptureError, match="no file is there"):
            import_files([tmp_path / given], tmp_path / "d", label="a")
    (tmp_path / "a.csv").write_text("nothing\n")
    (tmp_path / "b.csv").write_text("")
    with pytest.raises(CaptureError, match=r"none of 2 files was imported; .*a.csv"):
        import_files([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "d", label="a")
    with pytest.raises(UnknownTimeError):
        import_files([write(tmp_path / "c.csv", names="when,x,y")], tmp_path / "d", label="a")
    assert not (tmp_path / "d").exists()


def test_movements_that_others_recorded(shared_data, tmp_path):
    """Four movements of a smart watch, 10 s at 10 Hz each, as the files that a phone writes of them."""
    rows = (shared_data / "sensor/basicmotions/BasicMotions_TRAIN.ts").read_text().split("@data\n")[1].split()
    sent = []
    for number, row in enumerate(rows):
        *series, label = row.split(":")
        columns = [list(map(float, part.split(","))) for part in series]
        values = list(zip(*columns, strict=True))
        sent.append((label, values))
        lines = [";".join([f"{n / 10:.1f}", *map(str, value)]) for n, value in enumerate(values)]
        text = "\r\n".join(["Time (s);ax;ay;az;gx;gy;gz", *lines, ""]).replace(".", ",")
        (tmp_path / f"{label}_{number}.csv").write_bytes(text.encode())
    done = import_files([tmp_path / "*.csv"], tmp_path / "d", label_from="name")
    assert not done.left_out and len(done.stored) == len(rows) == 40
    found = imported(tmp_path / "d")
    assert {(label, str(samples.values.tolist())) for label, samples in found} == {
        (label, str([list(row) for row in values])) for label, values in sent
    }
    assert Dataset.open(tmp_path / "d").numbers().rate_hz == pytest.approx(10)


def test_several_files_show_how_far_it_is_and_one_shows_nothing(moves, tmp_path):
    seen = []
    import_files([moves], tmp_path / "d", label_from="name", on_progress=lambda *said: seen.append(said))
    assert seen == [("importing", number, 6) for number in range(1, 7)]
    assert (
        "importing"
        not in run("import", moves / "idle_1.csv", "--label", "x", "--dataset", tmp_path / "e").stderr
    )
