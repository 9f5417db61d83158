"""Relative folders in the environment are not obeyed: the working folder may be anybody's."""

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from zerotap.firmware.simulation import toolchain
from zerotap.firmware.simulation.user_cache import kept
from zerotap.isolation.environment import FOLDERS, LISTS, drop_relative, home_folder, safe_environment

HOME = Path(pwd.getpwuid(os.getuid()).pw_dir)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_relative_folder_is_no_folder(name):
    for relative in ("", ".", "here", "../here"):
        environment = {name: relative}
        drop_relative(environment)
        assert environment == {}
    environment = {name: "/tmp"}
    drop_relative(environment)
    assert environment == {name: "/tmp"}


@pytest.mark.parametrize("name", LISTS)
def test_lists_keep_their_absolute_folders(name):
    environment = {name: ":.:/usr/bin:bin:"}
    drop_relative(environment)
    assert environment == {name: "/usr/bin"}
    environment = {name: ":."}
    drop_relative(environment)
    assert environment == ({name: os.devnull} if name == "PATH" else {})


def test_the_cache_is_never_in_the_working_folder(tmp_path, monkeypatch):
    home, here = tmp_path / "home", tmp_path / "here"
    (here / "cache/zerotap").mkdir(parents=True)
    (here / "cache/zerotap/hook.so").write_text("a stranger's")
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("HOME", str(home))
    made = kept("hook.so", lambda path: path.write_text("ours"))
    assert made.is_relative_to(home) and made.read_text() == "ours"


def test_a_relative_home_is_not_believed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", ".")
    monkeypatch.setenv("LOCALAPPDATA", ".")
    assert home_folder() == HOME
    tool = tmp_path / f"Arduino15/packages/arduino/tools/{toolchain.GCC}/99/bin/{toolchain.GCC}"
    tool.parent.mkdir(parents=True)
    tool.touch()
    assert not [path for path in toolchain._arduino_compilers() if path.resolve() == tool]
    assert "HOME" not in safe_environment()


def test_a_path_of_nothing_but_the_working_folder_runs_nothing_of_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("ourtool").write_text("#!/bin/sh\n")
    Path("ourtool").chmod(0o755)
    monkeypatch.setenv("PATH", ".")
    assert shutil.which("ourtool") and toolchain.on_path("ourtool") is None


def test_the_command_line_keeps_nothing_in_a_relative_tmpdir(tmp_path):
    code = (
        "import sys, tempfile; sys.argv[1:] = ['--version']\n"
        "from zerotap.cli import main\n"
        "try: main()\nexcept SystemExit: print(tempfile.gettempdir())"
    )
    (tmp_path / "tmp").mkdir()
    environment = {**os.environ, "TMPDIR": "tmp"}
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(told.stdout.splitlines()[-1]) != tmp_path / "tmp"
