"""The sketchbook, where Arduino looks for libraries: found as its own programs find it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from zerotap.errors import ModelError
from zerotap.isolation import folder_from, home_folder, safe_environment
from zerotap.replacing import check_replaceable, replaceable_folder

from .exporting import EXPORT, Library

COMMAND: Final = "arduino-cli"
_VARIABLE: Final = "ARDUINO_DIRECTORIES_USER"
_SECONDS: Final = 20
_MOST: Final = 1 << 20  # bytes of a file of settings
_USER: Final = re.compile(r"^directories:[^\S\n]*\n(?:[ \t]+.*\n|\n)*?[ \t]+user:[ \t]*(.+)$", re.MULTILINE)
_SKETCHBOOK: Final = re.compile(r"^sketchbook\.path=(.+)$", re.MULTILINE)


def libraries_folder() -> Path:
    """Where Arduino's libraries are, on this machine and for this user; it may not be there yet.

    The sketchbook is what ARDUINO_DIRECTORIES_USER names, what arduino-cli says, what the settings of the IDE
    (2, then 1.8) say, or else the folder Arduino of the home or of its Documents.
    """
    return next(path for path in _sketchbooks() if path is not None) / "libraries"


def check_install(name: str, *, force: bool) -> Path:
    """Where the library ``name`` would be installed; raises ModelError or OutputError as install() would."""
    target = libraries_folder() / name
    try:
        check_replaceable(target, EXPORT, force)
    except ModelError as error:
        raise ModelError(
            f"{error}; it is Arduino's folder of that library: choose another --name, or leave out --install"
        ) from error
    return target


def install(library: Library, *, force: bool = False) -> Path:
    """Copy a library into Arduino's folder of libraries, under its name, and return where it is.

    It is there whole or not at all; ``force`` replaces an earlier export. Raises ModelError or OutputError.
    """
    target = check_install(library.name, force=force)
    with replaceable_folder(target, EXPORT, force=force) as fresh:
        shutil.copytree(library.folder, fresh, dirs_exist_ok=True)
    return target


def _sketchbooks() -> Iterator[Path | None]:
    home = home_folder()
    yield _absolute(os.environ.get(_VARIABLE, ""))
    yield _of_command()
    for settings, pattern in _settings(home):
        yield _of_settings(settings, pattern)
    yield home / "Arduino" if sys.platform.startswith("linux") else home / "Documents" / "Arduino"


def _settings(home: Path) -> Iterator[tuple[Path, re.Pattern[str]]]:
    """Files of settings, the newest program's first, and what is said in them."""
    data = home / ".arduino15"
    if sys.platform == "darwin":
        data = home / "Library" / "Arduino15"
    elif os.name == "nt":
        data = folder_from("LOCALAPPDATA", home / "AppData" / "Local") / "Arduino15"
    yield home / ".arduinoIDE" / "arduino-cli.yaml", _USER
    yield data / "arduino-cli.yaml", _USER
    yield data / "preferences.txt", _SKETCHBOOK


def _of_command() -> Path | None:
    """What arduino-cli says, where it is on PATH; one in the working folder is not run."""
    environment = safe_environment()
    command = shutil.which(COMMAND, path=environment.get("PATH"))
    if command is None:
        return None
    asked = [command, "config", "get", "directories.user"]
    try:
        said = subprocess.run(
            asked, check=False, capture_output=True, text=True, timeout=_SECONDS, env=environment
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    return _absolute(said.stdout.strip()) if said.returncode == 0 else None


def _of_settings(path: Path, pattern: re.Pattern[str]) -> Path | None:
    try:
        with path.open("rb") as stream:
            text = stream.read(_MOST).decode("utf-8", "replace")
    except OSError:
        return None
    found = pattern.search(text)
    return _absolute(found[1].strip().strip("\"'")) if found else None


def _absolute(text: str) -> Path | None:
    return Path(text) if text and "\n" not in text and Path(text).is_absolute() else None
