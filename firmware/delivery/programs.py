"""The programs that a sketch goes to a board by: arduino-cli builds it, bossac writes it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerotap.errors import BoardError, ToolchainError
from zerotap.firmware.simulation.toolchain import arduino_tools, on_path
from zerotap.isolation import safe_environment

if TYPE_CHECKING:
    from zerotap.firmware.board import Board

BOSSAC: Final = "bossac"
ARDUINO_CLI: Final = "arduino-cli"
WRITE_S: Final = 120.0
BUILD_S: Final = 900.0
_HELP_S: Final = 10.0
_PROPERTIES: Final = "library.properties"


@dataclass(frozen=True, slots=True)
class Bossac:
    """A bossac: since 1.8 it takes an ``offset``, Arduino's 1.7 has these boards' built in."""

    path: str
    takes_offset: bool

    def command(self, port: str, image: Path, board: Board) -> list[str]:
        """The command that erases, writes, verifies and restarts."""
        name, file = f"--port={_port_name(port)}", str(image)
        if file.startswith("-"):  # which is no option
            file = str(image.absolute())
        if self.takes_offset:
            where = ["--usb-port=1", f"--offset={board.flash_origin:#x}"]
            return [self.path, name, *where, "-e", "-w", "-v", file, "-R"]
        return [self.path, name, "-U", "true", "-i", "-e", "-w", "-v", file, "-R"]


def _port_name(port: str) -> str:
    """A port as every bossac takes it: without /dev/, which 1.7 puts in front itself."""
    if os.name == "nt":
        return port
    return str(Path(port).resolve()).removeprefix("/dev/")


def find_bossac() -> Bossac:
    """The bossac on PATH, or the newest that Arduino has installed; raises BoardError where there is none."""
    installed = sorted(arduino_tools(f"{BOSSAC}/*/{BOSSAC}"), key=lambda tool: tool.parent.name, reverse=True)
    path = on_path(BOSSAC) or next(map(str, installed), None)
    if path is None:
        raise BoardError(
            "there is no bossac, which writes the board: install bossa-cli (Debian, Ubuntu), bossa "
            "(Homebrew) or the board's core in the Arduino IDE"
        )
    said = run([path, "--help"], _HELP_S)
    return Bossac(path, "--offset" in said.stdout + said.stderr)


def build_command(sketch: Path, out: Path, board: Board) -> list[str]:
    """The arduino-cli command that builds the .ino ``sketch`` into ``out``, with the library it lies in.

    Raises BoardError for a sketch that is not in a folder of its name, as Arduino wants it, and where there
    is no arduino-cli.
    """
    if not sketch.is_file():
        raise BoardError(f"{sketch}: there is no such sketch; check the path")
    folder = sketch.resolve().parent
    if folder.name != sketch.stem:
        raise BoardError(f"{sketch} lies in {folder.name}/: Arduino wants it in a folder {sketch.stem}/")
    path = on_path(ARDUINO_CLI)
    if path is None:
        raise BoardError(
            f"there is no {ARDUINO_CLI} to build {sketch.name} with: install it, or build the sketch in the "
            "Arduino IDE (Sketch, Export Compiled Binary) and give the .bin"
        )
    library = folder.parent.parent
    with_library = ["--library", str(library)] if (library / _PROPERTIES).is_file() else []
    return [path, "compile", "--fqbn", board.fqbn, *with_library, "--output-dir", str(out), str(folder)]


def built_image(command: Sequence[str], sketch: Path, out: Path) -> Path:
    """Build a sketch; raises ToolchainError with what arduino-cli says."""
    done = run(command, BUILD_S)
    image = out / f"{sketch.name}.bin"
    if done.returncode or not image.is_file():
        raise ToolchainError(
            f"{ARDUINO_CLI} did not build {sketch.name}: {_last_words(done)}; install the board's core by "
            f"`{ARDUINO_CLI} core install` where that is missing"
        )
    return image


def run(command: Sequence[str], timeout_s: float) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; one that takes longer is ended, and its code is -1. Raises BoardError."""
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env=safe_environment(),
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, -1, "", f"it did not end within {timeout_s:g} s")
    except OSError as error:
        raise BoardError(f"{command[0]} does not run ({error.strerror}): install it again") from error


def _last_words(done: subprocess.CompletedProcess[str]) -> str:
    """The line of a program's output that tells most: its first error, or else its last line."""
    lines = [line.strip() for line in (done.stdout + "\n" + done.stderr).splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines[-1:] or ["it said nothing"])[0]
