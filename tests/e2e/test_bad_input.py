"""Bad input: one sentence on stderr with the file and the way out, the right code, nothing left behind."""

import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from forked_commands import ForkedCommands

from zerotap.cli import cli


def empty_capture(folder: Path) -> list[str]:
    (folder / "empty.pcap").touch()
    return ["import", "empty.pcap", "--label", "a", "--dataset", "new"]


def missing_capture(folder: Path) -> list[str]:
    return ["import", "missing.pcap", "--label", "a", "--dataset", "new"]


def truncated_capture(folder: Path) -> list[str]:
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 220)
    (folder / "torn.pcap").write_bytes(header + struct.pack("<IIII", 0, 0, 64, 64) + bytes(60))
    return ["import", "torn.pcap", "--label", "a", "--dataset", "new"]


def unknown_link_type(folder: Path) -> list[str]:
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 147)
    (folder / "odd.pcap").write_bytes(header + struct.pack("<IIII", 0, 0, 4, 4) + b"data")
    return ["import", "odd.pcap", "--label", "a", "--dataset", "new"]


def text_of_no_capture(folder: Path) -> list[str]:
    (folder / "notes.txt").write_text("no capture")
    return ["text", "notes.txt"]


def csv_without_columns(folder: Path) -> list[str]:
    (folder / "bare.csv").write_text("mood,line\ncalm,hello\n")
    return ["type", "bare.csv", "--dataset", "new"]


def one_class_only(folder: Path) -> list[str]:
    (folder / "one.csv").write_text("label,text\ncalm,hello\ncalm,goodbye\n")
    _typed(folder, "one")
    return ["train", "--dataset", "one", "--model", "text", "--out", "new"]


def label_without_recordings(folder: Path) -> list[str]:
    (folder / "two.csv").write_text("label,text\ncalm,hello\ncalm,goodbye\ntense,oh\n")
    _typed(folder, "two")
    for file in (folder / "two" / "recordings").glob("message-000003*"):
        file.unlink()
    return ["train", "--dataset", "two", "--model", "text", "--out", "new"]


def unknown_model(folder: Path) -> list[str]:
    (folder / "two.csv").write_text("label,text\ncalm,hello\ntense,oh\n")
    _typed(folder, "two")
    return ["train", "--dataset", "two", "--model", "transformer", "--out", "new"]


def no_dataset(folder: Path) -> list[str]:
    return ["compare", "nowhere", "--out", "new"]


def no_model(folder: Path) -> list[str]:
    (folder / "odd.tflite").write_bytes(b"\x1c\0\0\0TFL3 and then nothing")
    return ["export", "odd.tflite", "--out", "new", "--name", "mood"]


def foreign_operator(folder: Path) -> list[str]:
    """The first operator's code becomes one that zerotap does not have."""
    from tensorflow.lite.python.schema_py_generated import BuiltinOperator
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(_dense_model(8)))
    model.operatorCodes[0].builtinCode = model.operatorCodes[0].deprecatedBuiltinCode = BuiltinOperator.SIN
    (folder / "dense.tflite").write_bytes(flatbuffer_utils.convert_object_to_bytearray(model))
    return ["export", "dense.tflite", "--out", "new", "--name", "mood"]


def odd_samples(folder: Path) -> list[str]:
    (folder / "dense.tflite").write_bytes(_dense_model(8))
    np.save(folder / "wide.npy", np.zeros((4, 9), np.float32))
    return ["verify", "dense.tflite", "--samples", "wide.npy"]


def too_large_for_flash(folder: Path) -> list[str]:
    (folder / "large.tflite").write_bytes(_dense_model(600))
    return ["export", "large.tflite", "--out", "new", "--name", "mood", "--compiler", "zig"]


def too_large_for_ram(folder: Path) -> list[str]:
    (folder / "wide.tflite").write_bytes(_pool_model())
    return ["export", "wide.tflite", "--out", "new", "--name", "mood", "--compiler", "zig"]


def pipeline_without_a_field(folder: Path) -> list[str]:
    """It is found before TensorFlow loads and the dataset is looked for."""
    (folder / "wrong.toml").write_text('name = "a"\nstages = [{transform = "windows", length = 4}]')
    return ["train", "--dataset", "two", "--model", "dense", "--pipeline", "wrong.toml", "--out", "new"]


def windows_of_another_device(folder: Path) -> list[str]:
    """Keyboard reports, and a pipeline of a sensor's frames."""
    (folder / "two.csv").write_text("label,text\ncalm,all is well\ntense,hurry up\n")
    _typed(folder, "two")
    (folder / "motion.toml").write_text(
        'name = "a"\nsource = "frames"\nreport_bytes = 6\n'
        'stages = [{transform = "windows", length = 4, hop = 4}, {transform = "range_scale", low = [0], '
        "high = [1]}]"
    )
    return ["windows", "two", "--pipeline", "motion.toml", "--out", "new.npy"]


def no_such_option(folder: Path) -> list[str]:
    return ["import", "--sideways"]


CASES: list[tuple[Callable[[Path], list[str]], int, str]] = [
    (empty_capture, 1, "empty.pcap"),
    (missing_capture, 1, "missing.pcap"),
    (truncated_capture, 1, "torn.pcap: truncated"),
    (unknown_link_type, 1, "147"),
    (text_of_no_capture, 1, "notes.txt"),
    (csv_without_columns, 1, "bare.csv"),
    (one_class_only, 1, "calm"),
    (label_without_recordings, 1, "tense"),
    (unknown_model, 1, "choose one of dense, conv, separable"),
    (no_dataset, 1, "nowhere"),
    (no_model, 1, "odd.tflite"),
    (foreign_operator, 1, "SIN"),
    (odd_samples, 1, "(4, 9)"),
    (pipeline_without_a_field, 1, "wrong.toml: stage 1 (windows): hop is missing"),
    (windows_of_another_device, 1, 'give a --pipeline with source = "reports" and report_bytes = 8'),
    (too_large_for_flash, 3, "FULLY_CONNECTED"),
    (too_large_for_ram, 3, "MAX_POOL_2D"),
]


@pytest.mark.parametrize(("prepare", "code", "named"), CASES, ids=[case[0].__name__ for case in CASES])
def test_one_sentence_and_the_right_code(
    prepare: Callable[[Path], list[str]],
    code: int,
    named: str,
    tmp_path: Path,
    zerotap_commands: ForkedCommands,
) -> None:
    arguments = prepare(tmp_path)
    before = sorted(tmp_path.iterdir())
    done = zerotap_commands.run(tmp_path, *arguments)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("zerotap: ")
    assert done.stderr.count("\n") == 1
    assert named in done.stderr
    assert sorted(tmp_path.iterdir()) == before


def test_usage_is_told_by_click(tmp_path: Path, zerotap_commands: ForkedCommands) -> None:
    done = zerotap_commands.run(tmp_path, *no_such_option(tmp_path))
    assert done.returncode == 2
    assert "Usage:" in done.stderr


def _typed(folder: Path, name: str) -> None:
    """A dataset of that name, from its table."""
    arguments = ["type", str(folder / f"{name}.csv"), "--dataset", str(folder / name)]
    CliRunner().invoke(cli, arguments, catch_exceptions=False)


def _dense_model(width: int) -> bytes:
    return _quantised((width,), lambda keras: [keras.layers.Dense(width), keras.layers.Dense(2)])


def _pool_model() -> bytes:
    return _quantised((512, 128), lambda keras: [keras.layers.MaxPooling1D(), keras.layers.Flatten()])


def _quantised(shape: tuple[int, ...], layers: Callable[..., list[object]]) -> bytes:
    import keras

    from zerotap.firmware import quantise

    samples = np.random.default_rng(0).normal(size=(4, *shape)).astype(np.float32)
    return quantise(keras.Sequential([keras.Input(shape), *layers(keras)]), samples)


@pytest.mark.skipif(sys.platform == "win32", reason="no shell that closes streams")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_standard_stream_that_is_closed_is_no_traceback(closed: str, tmp_path: Path) -> None:
    for words, code in (
        ("record virtual:sensor@200 --label a --dataset data --packets 3", 0),
        ("classify data virtual:sensor", 1),
    ):
        command = [sys.executable, "-m", "zerotap", *words.split()]
        done = subprocess.run(
            ["sh", "-c", f'exec "$@" {closed}', "sh", *command], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == code and "Traceback" not in done.stderr, done.stderr
        assert ("is no trained model" in done.stderr) == (code == 1 and "2>" not in closed)
    assert list((tmp_path / "data/recordings").glob("*.pcapng"))
