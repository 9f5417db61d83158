"""A sketch with its library as an image for the MKR Zero: on our own core, by the flags of Arduino's."""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from zerotap.firmware import library
from zerotap.firmware.simulation.toolchain import find_compiler

HERE = Path(__file__).parent
CORE, ARDUINO = Path(library.__file__).parent / "core", HERE / "arduino"

# platform.txt of Arduino's SAMD core 1.8.14, except that warnings are errors and not silenced (-w).
MACHINE = ["-Os", "-g", "-ffunction-sections", "-fdata-sections"]
STRICT = ["-Wall", "-Wextra", "-Werror"]
C = ["-std=gnu11"]
CPP = ["-std=gnu++11", "-fno-threadsafe-statics", "-fno-rtti", "-fno-exceptions"]
DEFINED = ["-DF_CPU=48000000L", "-DARDUINO=10819", "-DARDUINO_SAMD_MKRZERO", "-DARDUINO_ARCH_SAMD"]
OF_GCC = ["--param", "max-inline-insns-single=500"]
OF_ZIG = ["-ffreestanding"]
LANGUAGES = {".c": C, ".S": [], ".cpp": [*CPP, "-x", "c++"], ".ino": [*CPP, "-x", "c++"]}


@dataclass(frozen=True)
class SketchCompiler:
    """gcc or zig, as Arduino's builder would call it."""

    name: str

    def objects(self, sources: Iterable[Path], out: Path, includes: Iterable[Path]) -> list[Path]:
        """Compile each; raises AssertionError with what the compiler says."""
        out.mkdir(parents=True, exist_ok=True)
        paths = [Path(source).resolve() for source in sources]
        given = [*STRICT, *DEFINED, *(f"-I{path}" for path in includes)]
        made = [out / f"{path.name}.o" for path in paths]
        for path, target in zip(paths, made, strict=True):
            how = [*self._flags(), *LANGUAGES[path.suffix], *given]
            self._run([*how, "-c", str(path), "-o", str(target)], out)
        return made

    def link(self, objects: Iterable[Path], elf: Path) -> Path:
        """Link by the core's script; raises AssertionError."""
        how = ["-Wl,--gc-sections", "-Wl,-e,Reset_Handler", f"-Wl,-T,{CORE / 'board.ld'}"]
        plain = ["-nostartfiles", "--specs=nano.specs", "--specs=nosys.specs"] if self.name == "gcc" else []
        self._run([*self._flags(), *plain, *how, *map(str, objects), "-o", str(elf)], elf.parent)
        return elf

    def _flags(self) -> list[str]:
        compiler = find_compiler(self.name)
        machine = [flag for flag in compiler.flags if not flag.startswith(("-nostartfiles", "--specs"))]
        own = OF_GCC if self.name == "gcc" else OF_ZIG
        return [*compiler.command, *machine, *MACHINE, *own]

    def _run(self, command: list[str], folder: Path) -> None:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def core_objects(compiler: SketchCompiler, out: Path) -> list[Path]:
    """Everything of the core but the port."""
    return compiler.objects(sorted([*CORE.glob("*.c"), CORE / "sketch.cpp"]), out, [CORE])


def library_objects(compiler: SketchCompiler, library: Path, out: Path) -> list[Path]:
    """The sources of an exported library, as Arduino's builder compiles them."""
    sources = library / "src"
    return compiler.objects(sorted([*sources.glob("*.c"), *sources.glob("*.S")]), out, [sources])


def sketch_objects(
    compiler: SketchCompiler, sketch: Path, libraries: Iterable[Path], out: Path, port: str = "port_own.cpp"
) -> list[Path]:
    """The .ino, and in place of its port_arduino.cpp one of the core's."""
    includes = [sketch, CORE, *(library / "src" for library in libraries)]
    return compiler.objects([*sketch.glob("*.ino"), CORE / port], out, includes)
