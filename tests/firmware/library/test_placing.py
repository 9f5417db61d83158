"""A library as a ZIP and in Arduino's folder: where that is, and that nothing else is overwritten."""

import os
import stat
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zerotap.cli import cli
from zerotap.firmware.library import sketchbook
from zerotap.firmware.library.sketchbook import libraries_folder

CORE = ["arduino-cli compile --fqbn arduino:samd:mkrzero", "arduino-cli upload --fqbn arduino:samd:mkrzero"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without Arduino."""
    (tmp_path / "home").mkdir()
    monkeypatch.setattr(sketchbook, "home_folder", lambda: tmp_path / "home")
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.delenv("ARDUINO_DIRECTORIES_USER", raising=False)
    return tmp_path / "home"


def _export(folder: Path, out: Path, *more: str) -> Result:
    command = ["export", str(folder), "--out", str(out), "--name", "mood", *more]
    return CliRunner().invoke(cli, command)


def test_a_zip_has_one_folder_with_the_library_s_name(model_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "MoodNet"
    result = _export(model_folder, out, "--zip", "--json")
    assert result.exit_code == 0, result.output
    assert all(line in result.stderr for line in CORE)
    with zipfile.ZipFile(tmp_path / "MoodNet.zip") as archive:
        assert archive.testzip() is None
        assert {name.split("/")[0] for name in archive.namelist()} == {"mood"}
        for name in archive.namelist():
            assert archive.read(name) == (out / name.removeprefix("mood/")).read_bytes()
        assert len(archive.namelist()) == sum(path.is_file() for path in out.rglob("*"))
    first = (tmp_path / "MoodNet.zip").read_bytes()
    assert isinstance(_export(model_folder, out, "--zip").exception, Exception)
    assert _export(model_folder, out, "--zip", "--force").exit_code == 0
    assert (tmp_path / "MoodNet.zip").read_bytes() == first


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_another_s_zip_stays(model_folder: Path, tmp_path: Path, force: list[str]) -> None:
    with zipfile.ZipFile(tmp_path / "lib.zip", "w") as archive:
        archive.writestr("thesis.txt", "years of work")
    before = (tmp_path / "lib.zip").read_bytes()
    result = _export(model_folder, tmp_path / "lib", "--zip", *force)
    assert "lib.zip is there already: move it, or give another --out" in str(result.exception)
    assert (tmp_path / "lib.zip").read_bytes() == before and not (tmp_path / "lib").exists()


def test_it_is_installed_under_its_name_and_replaced_only_by_force(
    model_folder: Path, tmp_path: Path, home: Path
) -> None:
    assert _export(model_folder, tmp_path / "one", "--install").exit_code == 0
    library = home / "Arduino" / "libraries" / "mood"
    assert (library / "src/mood.h").read_bytes() == (tmp_path / "one/src/mood.h").read_bytes()
    (library / "mine.txt").write_text("a note")
    refused = _export(model_folder, tmp_path / "two", "--install")
    assert "libraries/mood holds an earlier export: add --force" in str(refused.exception)
    assert "choose another --name" in str(refused.exception) and not (tmp_path / "two").exists()
    assert _export(model_folder, tmp_path / "two", "--install", "--force").exit_code == 0
    assert (library / "mine.txt").read_text() == "a note"


def test_a_library_of_others_is_never_replaced(model_folder: Path, tmp_path: Path, home: Path) -> None:
    other = home / "Arduino/libraries/mood"
    other.mkdir(parents=True)
    (other / "mood.h").write_text("// another's")
    result = _export(model_folder, tmp_path / "one", "--install", "--force")
    assert "holds other things than an earlier export" in str(result.exception)
    assert [path.name for path in other.iterdir()] == ["mood.h"] and not (tmp_path / "one").exists()


def test_the_sketchbook_is_found_as_arduino_finds_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The more direct ones are before: variable, command, IDE 2, IDE 1.8, the home."""
    assert libraries_folder() == home / "Arduino" / "libraries"
    (home / ".arduino15").mkdir()
    (home / ".arduino15/preferences.txt").write_text("a=b\nsketchbook.path=/books/old\n")
    assert libraries_folder() == Path("/books/old/libraries")
    (home / ".arduinoIDE").mkdir()
    settings = "board_manager:\n    user: /no\ndirectories:\n    data: /d\n    user: '/books/new one'\n"
    (home / ".arduinoIDE/arduino-cli.yaml").write_text(settings)
    assert libraries_folder() == Path("/books/new one/libraries")
    command = tmp_path / "bin" / "arduino-cli"
    command.parent.mkdir()
    command.write_text('#!/bin/sh\n[ "$1 $2 $3" = "config get directories.user" ] && echo /books/cli\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.defpath}")
    assert libraries_folder() == Path("/books/cli/libraries")
    monkeypatch.setenv("ARDUINO_DIRECTORIES_USER", "relative")
    assert libraries_folder() == Path("/books/cli/libraries")
    monkeypatch.setenv("ARDUINO_DIRECTORIES_USER", str(tmp_path))
    assert libraries_folder() == tmp_path / "libraries"


@pytest.mark.parametrize(
    "said", ["exit 1", "echo relative/path", "echo /one; echo /two", "true", "printf '\\377'"]
)
def test_a_command_that_says_nothing_useful_is_passed_over(
    said: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "arduino-cli"
    command.write_text(f"#!/bin/sh\n{said}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.defpath}")
    assert libraries_folder() == home / "Arduino" / "libraries"


@pytest.mark.parametrize("option", ["--zip", "--install"])
def test_bare_sources_are_no_library(model_folder: Path, tmp_path: Path, option: str) -> None:
    result = _export(model_folder, tmp_path / "lib", "--bare", option)
    assert result.exit_code == 2 and "leave out --bare" in result.output
