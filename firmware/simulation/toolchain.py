"""The C compiler for the board: found, named, and run.

Order: what the caller names, ``arm-none-eabi-gcc`` on PATH, the one inside an Arduino installation, and last
Zig's clang from the PyPI package ``ziglang``, which is always there.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

from zerotap.errors import ToolchainError
from zerotap.interrupts import held
from zerotap.isolation import folder_from, home_folder, safe_environment

GCC = "arm-none-eabi-gcc"
OPTIMISATION = "-O2"

_COMMON_FLAGS = (
    OPTIMISATION,
    "-g",
    "-std=c99",
    "-ffreestanding",
    "-ffunction-sections",
    "-fdata-sections",
    "-Wall",
    "-Wextra",
)
_GCC_FLAGS = ("-mcpu=cortex-m0plus", "-mthumb", "-nostartfiles", "--specs=nano.specs", "--specs=nosys.specs")
# Never -nostdlib with Zig: it drops the compiler's division and memcpy. Without -g its ELF has no symbols.
_ZIG_FLAGS = ("-target", "thumb-freestanding-eabi", "-mcpu=cortex_m0plus")


@dataclass(frozen=True, slots=True)
class Compiler:
    """A compiler for the board; ``name`` is what every report quotes."""

    name: str
    command: tuple[str, ...]
    flags: tuple[str, ...]

    @property
    def recipe(self) -> tuple[str, ...]:
        """All that an object depends on, apart from its text."""
        return (self.name, *self.command, *self.flags, *_COMMON_FLAGS)

    def compile(self, source: Path, output: Path, options: Iterable[str] = ()) -> None:
        """Compile one file of C or assembly into an object; it includes files of its own folder.

        Raises ToolchainError with the compiler's first error.
        """
        self._call(output.parent, f"-I{source.parent}", *options, "-c", str(source), "-o", str(output))

    def link(self, sources: Iterable[Path], script: Path, elf: Path, options: Iterable[str] = ()) -> None:
        """Compile C and assembly ``sources`` and link them, and objects, by ``script`` into ``elf``.

        Raises ToolchainError with the compiler's first error.
        """
        linker = ("-Wl,--gc-sections", "-Wl,-e,Reset_Handler", f"-Wl,-T,{script}")
        self._call(elf.parent, *options, *linker, *map(str, sources), "-o", str(elf))

    def _call(self, scratch: Path, *arguments: str) -> None:
        result = _run([*self.command, *self.flags, *_COMMON_FLAGS, *arguments], scratch)
        if result.returncode != 0:
            raise ToolchainError(f"{self.name} refused the program: {_first_error(result.stderr)}")


def find_compiler(requested: str | Path | None = None) -> Compiler:
    """Find the compiler for the board.

    ``requested``: a path or command name of a GCC for arm-none-eabi, or the word "gcc" or "zig"; None takes
    the first that is there. Raises ToolchainError if what is asked for is missing or does not run.
    """
    wanted = None if requested is None else str(requested)
    if wanted == "zig":
        return _zig()
    if wanted not in (None, "gcc"):
        return _gcc(_existing(str(wanted)))
    found = on_path(GCC) or next(iter(_arduino_compilers()), None)
    if found is None and wanted == "gcc":
        raise ToolchainError(
            f"{GCC} is neither on PATH nor in an Arduino installation: install it, or use --compiler zig"
        )
    return _zig() if found is None else _gcc(str(found))


def host_library(sources: Sequence[Path], output: Path) -> None:
    """Compile C files into a shared object for this machine, with Zig's clang.

    Raises ToolchainError if the compiler refuses.
    """
    command = [*_zig_command(), "-shared", "-fPIC", "-O2", *map(str, sources), "-o", str(output)]
    result = _run(command, output.parent)
    if result.returncode != 0:
        names = " and ".join(source.name for source in sources)
        raise ToolchainError(f"Zig could not compile {names} for this machine: {_first_error(result.stderr)}")


def on_path(command: str) -> str | None:
    """Where a command is on PATH, the working folder left out."""
    return shutil.which(command, path=safe_environment().get("PATH"))


def _existing(requested: str) -> str:
    found = on_path(requested) if Path(requested).name == requested else shutil.which(requested)
    if found is None:
        raise ToolchainError(f"no compiler at {requested}: give the path of an {GCC}, or --compiler zig")
    return found


def _arduino_compilers() -> list[Path]:
    """Every arm-none-eabi-gcc that the Arduino IDE or arduino-cli has installed, newest version first."""
    found = arduino_tools(f"{GCC}/*/bin/{GCC}")
    return sorted(found, key=lambda compiler: compiler.parts[-3], reverse=True)


def arduino_tools(pattern: str) -> list[Path]:
    """Programs that the Arduino IDE or arduino-cli has installed, by where they are among its tools."""
    home = home_folder()
    roots = (
        home / ".arduino15",
        home / "Library/Arduino15",
        folder_from("LOCALAPPDATA", home) / "Arduino15",
    )
    places = [root / "packages/arduino/tools" for root in roots]
    return [tool for place in places for end in ("", ".exe") for tool in place.glob(f"{pattern}{end}")]


def _gcc(path: str) -> Compiler:
    version = _run([path, "-dumpfullversion"]).stdout.strip()
    machine = _run([path, "-dumpmachine"]).stdout.strip()
    if machine != "arm-none-eabi" or not version:
        raise ToolchainError(
            f"{path} is no GCC for arm-none-eabi: give the path of an {GCC}, or --compiler zig"
        )
    return Compiler(f"{GCC} {version} {OPTIMISATION}", (path,), _GCC_FLAGS)


def _zig_command() -> tuple[str, ...]:
    package = PathFinder.find_spec("ziglang", _installed_folders())
    if package is None or package.origin is None:
        raise ToolchainError("no compiler was found: run `pip install ziglang`, or install gcc-arm-none-eabi")
    # What `python -m ziglang` would run, without a Python for each file.
    return (str(Path(package.origin).with_name("zig.exe" if os.name == "nt" else "zig")), "cc")


def _installed_folders() -> list[str]:
    """Where Python looks for packages, the working folder left out: what lies there is not run."""
    here = Path.cwd()
    return [folder for folder in sys.path if Path(folder).is_absolute() and Path(folder).resolve() != here]


def _zig() -> Compiler:
    command = _zig_command()
    version = _run([*command[:-1], "version"]).stdout.strip()
    clang = re.search(r"clang version (\d+)", _run([*command, "--version"]).stdout)
    return Compiler(f"zig {version} (clang {clang[1] if clang else '?'}) {OPTIMISATION}", command, _ZIG_FLAGS)


def _run(command: list[str], scratch: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a compiler, which keeps what is temporary in ``scratch``; an interrupt ends all that it started."""
    process = None
    try:
        with held():
            process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=safe_environment(LC_ALL="C", **_temporary(scratch)),
                process_group=0 if os.name == "posix" else None,
            )
        said = process.communicate()
    except OSError as error:
        raise ToolchainError(
            f"{command[0]} does not run ({error.strerror}): give another with --compiler"
        ) from error
    except BaseException:
        if process:
            _end(process)
        raise
    return subprocess.CompletedProcess(command, process.returncode, *said)


def _temporary(scratch: Path | None) -> dict[str, str]:
    return dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(scratch)) if scratch else {}


def _end(process: subprocess.Popen[str]) -> None:
    """End a compiler and the passes that it started: none writes on in a folder that is being removed."""
    with held(), suppress(OSError, ValueError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.communicate()  # to the end of the pipes, which is the last pass's


def _first_error(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"\berror:|undefined (reference|symbol)", line)]
    return (errors or lines or ["it said nothing"])[0]
