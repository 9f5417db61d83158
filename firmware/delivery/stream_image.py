"""SerialStream of an exported library as an image on a small core of our own, for the simulated board."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerotap.errors import ModelError
from zerotap.firmware.simulation.kept_objects import compiled

if TYPE_CHECKING:
    from zerotap.firmware.simulation.toolchain import Compiler

EXAMPLE: Final = "SerialStream"
_ARDUINOS: Final = "port_arduino.cpp"
_SCRIPT: Final = "board.ld"
_OF_OTHERS: Final = ("port_own.cpp", "analog.c")
_C: Final = ("-std=gnu11",)
_CPP: Final = ("-x", "c++", "-std=gnu++11", "-fno-threadsafe-statics", "-fno-rtti", "-fno-exceptions")


def stream_image(library: Path, folder: Path, compiler: Compiler) -> Path:
    """Compile and link the SerialStream of ``library`` into ``folder``, and return the ELF.

    Raises ModelError for a library without one, or ToolchainError.
    """
    sketch = library / "examples" / EXAMPLE
    if not sketch.is_dir():
        raise ModelError(
            f"{library} has no {EXAMPLE}: the model takes neither one input nor a pipeline's items; verify "
            "it without --on"
        )
    core = {file: text for file, text in _core().items() if file not in _OF_OTHERS}
    sources = {path.name: path.read_text(encoding="utf-8") for path in sorted((library / "src").iterdir())}
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(sketch.iterdir())}
    texts.pop(_ARDUINOS)
    for file, text in (core | sources | texts).items():
        (folder / file).write_text(text, encoding="utf-8")
    objects = compiled({**sources, **core}, folder, compiler, _C)
    for file in (f"{EXAMPLE}.ino", *(file for file in core if file.endswith(".cpp"))):
        objects.append(folder / f"{file}.o")
        compiler.compile(folder / file, objects[-1], _CPP)
    elf = folder / "sketch.elf"
    compiler.link(objects, folder / _SCRIPT, elf)
    return elf


def _core() -> Mapping[str, str]:
    """The files of the core, by name."""
    folder = resources.files("zerotap.firmware.library") / "core"
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
