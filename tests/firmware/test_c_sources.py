"""C source that holds an int8 .tflite goes wherever a .tflite goes, by command and from Python."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from zerotap.cli import cli
from zerotap.errors import ModelError
from zerotap.firmware import CArray, Oracle, is_int8, verify
from zerotap.firmware.c_code.model_source import model_as_c
from zerotap.firmware.options import BuildOptions
from zerotap.workflow import analyse

OTHER = "const float mean[3] = {0.5, 1, 2};\n"


def run(*arguments: object) -> dict:
    result = CliRunner().invoke(cli, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def source(dense_file: Path, tmp_path: Path) -> Path:
    text = model_as_c(dense_file.read_bytes(), "g_model", "model.h")
    (tmp_path / "model.h").write_text(OTHER + text)
    return tmp_path / "model.h"


@pytest.fixture
def several(dense_file: Path, source: Path) -> Path:
    other = model_as_c(b"\x1c\0\0\0TFL3", "broken", "model.h")
    (source.parent / "several.ino").write_text(other + source.read_text())
    return source.parent / "several.ino"


@pytest.mark.parametrize("command", ["analyse", "info"])
def test_analyse_and_info_say_the_same_of_it(
    command: str, dense_file: Path, source: Path, several: Path
) -> None:
    of_file = run(command, dense_file)
    of_source = run(command, source)
    assert {**of_source, "file": ""} == {**of_file, "file": ""}
    assert {**run(command, several, "--array", "g_model"), "file": ""} == {**of_file, "file": ""}
    assert of_source["file"] == str(source)


def test_verify_and_export_take_it(dense_file: Path, dense_samples: np.ndarray, source: Path) -> None:
    np.save(source.parent / "x.npy", dense_samples[:4])
    report = run("verify", source, "--samples", source.parent / "x.npy", "--compiler", "zig")
    assert (report["samples"], report["mismatches"]) == (4, 0)
    texts = {}
    for model in (source, dense_file):
        out = source.parent / f"of-{model.suffix[1:]}"
        run("export", model, "--out", out, "--name", "net", "--bare", "--compiler", "zig")
        texts[model] = {file.name: _apart(file, model.name) for file in out.glob("*.[chS]")}
    assert texts[source] == texts[dense_file]


def _apart(file: Path, model: str) -> str:
    """A source without the model's file name, and without the hash that is of it too."""
    return re.sub(r'_BUILD "\w+"', "", file.read_text().replace(model, ""))


def test_one_of_several_from_python(dense_file: Path, dense_samples: np.ndarray, several: Path) -> None:
    chosen = CArray(several, "g_model")
    assert is_int8(chosen)
    assert analyse(chosen)["file"] == f"{several}: array g_model"
    report = verify(chosen, dense_samples[:2], BuildOptions(compiler="zig"))
    assert report.mismatches == 0
    expected = Oracle(dense_file).invoke(np.zeros((1, 8), np.int8))
    assert np.array_equal(Oracle(chosen).invoke(np.zeros((1, 8), np.int8)), expected)
    with pytest.raises(
        ModelError, match=r"several models \(broken, g_model\); choose one with --array broken"
    ):
        analyse(several)
    with pytest.raises(ModelError, match=r"is a \.tflite, which has no array g_model"):
        analyse(CArray(dense_file, "g_model"))


def test_convert_there_and_back(dense_file: Path, source: Path, several: Path) -> None:
    out = source.parent
    report = run("convert", several, out / "m.tflite", "--array", "g_model")
    assert report == {"path": str(out / "m.tflite"), "array": "g_model", "bytes": dense_file.stat().st_size}
    assert run("convert", out / "m.tflite", out / "again.cc")["array"] == "again"
    run("convert", out / "again.cc", out / "n.tflite")
    assert (out / "n.tflite").read_bytes() == dense_file.read_bytes()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("convert model.h x.csv", "x.csv: a model is written as one of .tflite"),
        ("convert model.h x.tflite --device 1.2", "captures, not for a model"),
        ("convert x.pcapng x.csv --array g_model", "for a model, not for a capture"),
        ("convert x.pcapng x.tflite", "not a .tflite file"),
        ("info . --array g_model", "C source"),
        ("analyse . --array g_model", "is a folder"),
        ("analyse several.ino", "--array broken"),
    ],
)
def test_what_does_not_suit(several: Path, monkeypatch, line: str, message: str) -> None:
    monkeypatch.chdir(several.parent)
    Path("x.pcapng").write_bytes(b"\x0a\x0d\x0d\x0a" + bytes(100))
    result = CliRunner().invoke(cli, line.split())
    assert result.exit_code
    assert message in result.output + str(result.exception)
    assert not Path("x.tflite").exists()
