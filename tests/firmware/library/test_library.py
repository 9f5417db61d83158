"""The Arduino library and the bare sources: layout, that they compile and run, that nothing is lost."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from sketches import compile_here, self_test

from zerotap.cli import cli
from zerotap.errors import ModelError, NotExactError, OutputError, ZerotapError
from zerotap.firmware import BuildOptions, export, random_inputs
from zerotap.firmware.oracles.oracle import Oracle
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.firmware.tflite.writer import rename_ends

ZIG_OPTIONS = BuildOptions(compiler="zig")


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, list(map(str, arguments)))


@pytest.fixture(scope="module")
def library(dense_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sketchbook") / "Mood"
    export(dense_file, out, "mood", ZIG_OPTIONS)
    return out


def test_the_library_has_what_the_arduino_ide_expects(library: Path) -> None:
    files = {str(path.relative_to(library)) for path in library.rglob("*") if path.is_file()}
    sources = {file for file in files if file.startswith("src/")}
    assert {"src/mood.h", "src/mood.c", "src/mood_classes.c"} <= sources
    assert {Path(file).suffix for file in sources} == {".c", ".h", ".S"}
    examples = {file for file in files if file.startswith("examples/")}
    assert {"examples/SelfTest/SelfTest.ino", "examples/SelfTest/vectors.h"} <= examples
    around = {"README.md", "library.properties", "keywords.txt", "LICENSE", "NOTICE", ".zerotap-files"}
    assert files - sources - examples == around
    lines = (library / "library.properties").read_text().splitlines()
    properties = dict(line.split("=", 1) for line in lines)
    required = (
        "name version author maintainer sentence paragraph category url architectures includes dot_a_linkage"
    )
    assert set(properties) == set(required.split())
    assert properties["name"] == "mood"
    assert properties["includes"] == "mood.h"
    assert properties["architectures"] == "samd"
    keywords = [line.split("\t") for line in (library / "keywords.txt").read_text().splitlines()]
    assert ["mood_invoke", "KEYWORD2"] in keywords
    assert "$" not in "".join(path.read_text() for path in library.rglob("*") if path.is_file())


def test_the_self_test_passes_and_waits_for_no_serial_monitor(library: Path, tmp_path: Path) -> None:
    windows, verdict = self_test(library, tmp_path)
    assert windows == "windows: 0 of 4 differ, 7 us, at most 7 us"
    assert re.fullmatch(r"mood: PASS, CRC [0-9A-F]{4}", verdict)


def test_the_self_test_of_several_outputs_compares_each(dense_file: Path, tmp_path: Path) -> None:
    content = dense_file.read_bytes()
    graph = read_tflite(content)
    outputs = [operator.outputs[0] for operator in graph.operators[1:]]
    content = rename_ends(content, (graph.inputs, outputs), (["x"], ["y", "y"]))
    (tmp_path / "right").mkdir()
    export(content, tmp_path / "lib", "mood", ZIG_OPTIONS)
    assert "mood: PASS" in self_test(tmp_path / "lib", tmp_path / "right")[-1]
    keywords = (tmp_path / "lib/keywords.txt").read_text()
    assert "mood_inputs\tKEYWORD1" in keywords and "mood_OUTPUT_y_2_SIZE\tLITERAL1" in keywords
    _spoil(tmp_path / "lib", 1)
    assert _verdicts(tmp_path / "lib", tmp_path) == ("windows: 1 of 4 differ", "mood: FAIL")


def _spoil(library: Path, most: int) -> None:
    """Change the first number of some expected answers: the last members of their rows are left."""
    file = library / "examples/SelfTest/vectors.h"
    begin, found, rest = file.read_text().partition("output_t expected")
    assert found
    wrong = re.sub(r"\{+-?\d+", lambda row: row[0].rstrip("-0123456789") + "99", rest, count=most)
    file.write_text(begin + found + wrong)


def _verdicts(library: Path, folder: Path) -> tuple[str, str]:
    windows, *_, verdict = self_test(library, folder)
    return windows.partition(",")[0], verdict.partition(",")[0]


def test_the_self_test_s_inputs_are_drawn_and_of_no_recording(library: Path, dense_file: Path) -> None:
    text = (library / "examples/SelfTest/vectors.h").read_text()
    rows = re.search(r"inputs\[VECTORS\]\[\d+\] = \{\n(.*?)\n\};", text, re.DOTALL)
    assert rows
    inputs = [[int(value) for value in re.findall(r"-?\d+", row)] for row in rows[1].splitlines()]
    assert inputs == random_inputs(read_tflite(dense_file), 4, seed=0).reshape(4, -1).tolist()


def test_the_self_test_finds_a_wrong_answer(library: Path, tmp_path: Path) -> None:
    shutil.copytree(library, tmp_path / "lib")
    _spoil(tmp_path / "lib", 2)
    assert _verdicts(tmp_path / "lib", tmp_path) == ("windows: 2 of 4 differ", "mood: FAIL")


def test_what_is_not_exact_is_not_exported(
    dense_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoke = Oracle.invoke
    monkeypatch.setattr(Oracle, "invoke", lambda self, x: invoke(self, x) ^ np.eye(4, 2, dtype=np.int8))
    with pytest.raises(NotExactError, match="2 of 4 outputs differ from"):
        export(dense_file, tmp_path / "lib", "mood", ZIG_OPTIONS)
    assert list(tmp_path.iterdir()) == []


def test_bare_sources_compile_without_a_flag_and_equal_the_oracle(dense_file: Path, tmp_path: Path) -> None:
    import ctypes

    out = tmp_path / "bare"
    result = _run(
        "export", dense_file, "--out", out, "--name", "mood", "--bare", "--compiler", "zig", "--json"
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["flash_bytes"] > 272
    assert all(path.is_file() for path in out.iterdir())
    assert compile_here(tmp_path, "-I", out, "-shared", *sorted(out.glob("*.c")), "-o", "mood.so") == ""
    invoke = ctypes.CDLL(str(tmp_path / "mood.so")).mood_invoke
    inputs = random_inputs(read_tflite(dense_file), 50, seed=3)
    outputs = np.empty((50, 2), np.int8)
    for sample, output in zip(inputs, outputs, strict=True):
        invoke(sample.ctypes.data_as(ctypes.c_void_p), output.ctypes.data_as(ctypes.c_void_p))
    assert np.array_equal(outputs, Oracle(dense_file).invoke(inputs))


def test_an_earlier_export_is_replaced_only_when_asked(dense_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "lib"
    command = ["export", dense_file, "--out", out, "--compiler", "zig", "--bare"]
    assert _run(*command, "--name", "first").exit_code == 0
    result = _run(*command, "--name", "second")
    assert isinstance(result.exception, ModelError)
    assert "--force" in str(result.exception)
    assert (out / "first.h").exists()
    assert _run(*command, "--name", "second", "--force").exit_code == 0
    assert not (out / "first.h").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["lib"]  # no leftovers beside it


def test_force_keeps_what_the_user_added(dense_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "lib"
    export(dense_file, out, "first", ZIG_OPTIONS, bare=True)
    (out / "lib.ino").write_text("my work")
    (out / "first.c").write_text((out / "first.c").read_text() + "/* my patch */")
    export(dense_file, out, "first", ZIG_OPTIONS, bare=True, force=True)
    assert (out / "lib.ino").read_text() == "my work"
    assert (out / "first.c.yours").read_text().endswith("/* my patch */")
    assert not (out / "first.c").read_text().endswith("/* my patch */")
    # A library of 0.1 has no list: what says so of itself, and Arduino's two descriptions, were ours.
    (out / ".zerotap-files").unlink()
    for name in ("library.properties", "keywords.txt", "notes.md"):
        (out / name).write_text("from 0.1")
    export(dense_file, out, "second", ZIG_OPTIONS, bare=True, force=True)
    kept = {"lib.ino", "first.c.yours", "notes.md", ".zerotap-files"}
    left = {path.name for path in out.iterdir() if not path.name.startswith(("second", "zerotap_"))}
    assert left == kept


def test_a_library_that_cannot_be_written_is_kept_elsewhere(
    dense_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zerotap import writing

    take_place, calls = writing._take_place, []

    def once(made: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == 1:
            raise OSError(28, "No space left on device")
        take_place(made, target)

    monkeypatch.setattr(writing, "_take_place", once)
    with pytest.raises(OutputError, match=r"lib cannot be written .*; what was made is in") as fault:
        export(dense_file, tmp_path / "lib", "first", ZIG_OPTIONS, bare=True)
    assert (Path(str(fault.value).rpartition(" ")[2]) / "first.h").is_file()
    assert not (tmp_path / "lib").exists()


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_other_things_are_never_overwritten(dense_file: Path, tmp_path: Path, force: list[str]) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "thesis.h").write_text("years of work")
    (tmp_path / "file").write_text("more of it")
    for out in ("lib", "file"):
        result = _run("export", dense_file, "--out", tmp_path / out, "--name", "mood", "--bare", *force)
        assert isinstance(result.exception, ModelError)
        assert out in str(result.exception)
    assert (tmp_path / "lib" / "thesis.h").read_text() == "years of work"
    assert (tmp_path / "file").read_text() == "more of it"


@pytest.mark.parametrize("name", ["2fast", "a-b", "int", "", "ArduinoMood", "mood.h"])
def test_names_that_c_or_arduino_refuse(dense_file: Path, tmp_path: Path, name: str) -> None:
    result = _run("export", dense_file, "--out", tmp_path / "lib", "--name", name)
    assert isinstance(result.exception, ZerotapError)
    assert list(tmp_path.iterdir()) == []
