"""Models of one sketch: of one runtime they share its code, of two each computes its own bits."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from sketches import ZIG

from zerotap.firmware import MKR_ZERO, BuildOptions, export, random_inputs
from zerotap.firmware.c_code import runtime_library
from zerotap.firmware.library.runtime_names import with_runtime_names
from zerotap.firmware.oracles.oracle import Oracle
from zerotap.firmware.simulation.program import Program, _linker_script, harness_file, read_program
from zerotap.firmware.simulation.simulator import Simulator
from zerotap.firmware.simulation.toolchain import find_compiler
from zerotap.firmware.tflite.reader import read_tflite

SMALL = BuildOptions(optimise="size")
MAIN = """#include "first.h"
#include "second.h"

int8_t input[8] __attribute__((aligned(4)));
int8_t output[2];

int main(void)
{
    first_invoke(input, output);
    second_invoke(input, output);
    return 0;
}
"""
_IN_ASSEMBLY = re.compile(r"^\s+\.global (\w+)$", re.MULTILINE)
_IN_C = re.compile(r"^(?!static|typedef)[a-z]\w*(?: \w+)* \*?(\w+)\([^;{]*\)\n\{", re.MULTILINE)
ALTERED = ("zerotap_round_sums.S", "asrs r6, r6, r7\n", "mvns r6, r6\n    asrs r6, r6, r7\n")


def exported(model: Path, folder: Path, name: str, options: BuildOptions = SMALL) -> Path:
    return export(model, folder / name, name, options, bare=True).folder


@pytest.fixture
def alter(monkeypatch: pytest.MonkeyPatch):
    """Another version of the runtime, from here on: the sign of every scaled sum is another."""
    text = runtime_library._text

    def altered(name: str) -> str:
        given = text(name)
        file, before, after = ALTERED
        assert name != file or before in given
        return given.replace(before, after) if name == file else given

    return lambda: monkeypatch.setattr(runtime_library, "_text", altered)


def as_archives(folders: list[Path], place: Path) -> Program:
    """As Arduino links libraries with dot_a_linkage=true: an archive each."""
    compiler, archives = find_compiler(), []
    for folder in folders:
        units = [path for path in sorted(folder.iterdir()) if path.suffix in (".c", ".S")]
        objects = [place / f"{folder.name}_{path.name}.o" for path in units]
        for unit, made in zip(units, objects, strict=True):
            compiler.compile(unit, made)
        archives.append(place / f"{folder.name}.a")
        subprocess.run([*ZIG[:-1], "ar", "rcs", archives[-1], *objects], check=True)
    return _linked([*archives], folders, place)


def as_loose_sources(folders: list[Path], place: Path) -> Program:
    """As Arduino links two folders of a sketch's src/: every object."""
    compiler, objects = find_compiler(), []
    for folder in folders:
        for path in sorted(folder.iterdir()):
            if path.suffix in (".c", ".S"):
                objects.append(place / f"{folder.name}_{path.name}.o")
                compiler.compile(path, objects[-1])
    return _linked(objects, folders, place)


def _linked(units: list[Path], folders: list[Path], place: Path) -> Program:
    (place / "main.c").write_text(MAIN)
    (place / "startup.S").write_text(harness_file("startup.S"))
    (place / "board.ld").write_text(_linker_script(MKR_ZERO))
    includes = [f"-I{folder}" for folder in folders]
    ours = [place / "startup.S", place / "main.c"]
    find_compiler().link([*ours, *units], place / "board.ld", place / "both.elf", includes)
    return read_program(place / "both.elf")


def answers(program: Program, name: str, inputs: np.ndarray) -> np.ndarray:
    board = Simulator(program)
    source, target = program.symbols["input"], program.symbols["output"]
    made = []
    for sample in inputs:
        board.write(source, sample.tobytes())
        board.call(f"{name}_invoke", source, target)
        made.append(np.frombuffer(board.read(target, 2), np.int8))
    return np.array(made)


LINKED = pytest.mark.parametrize("linked", [as_archives, as_loose_sources])


@LINKED
def test_two_versions_compute_their_own_bits_each(linked, dense_file: Path, tmp_path: Path, alter) -> None:
    first = exported(dense_file, tmp_path, "first")
    alter()
    second = exported(dense_file, tmp_path, "second")
    inputs = random_inputs(read_tflite(dense_file), 12, seed=5)
    expected = Oracle(dense_file).invoke(inputs)
    for order in ([first, second], [second, first]):
        program = linked(order, tmp_path)
        assert np.array_equal(answers(program, "first", inputs), expected)
        assert (answers(program, "second", inputs) != expected).any(axis=1).all()


@LINKED
def test_two_models_of_one_version_share_its_code(linked, dense_file: Path, tmp_path: Path) -> None:
    folders = [exported(dense_file, tmp_path, name) for name in ("first", "second")]
    both = linked(folders, tmp_path)
    shared = [name for name in both.symbols if name.startswith("zerotap_")]
    assert shared and len({name.rpartition("_")[2] for name in shared}) == 1
    files = [{path.name for path in folder.glob("zerotap_*")} for folder in folders]
    assert files[0] == files[1]
    inputs = random_inputs(read_tflite(dense_file), 4, seed=6)
    assert np.array_equal(answers(both, "first", inputs), answers(both, "second", inputs))
    names = [name.rpartition("_")[0] for name in shared]
    assert len(set(names)) == len(names)


def test_every_function_of_the_runtime_may_be_there_twice() -> None:
    """A file defines the function that it is named for and no other: that one is weak."""
    defined = set()
    for file, text in runtime_library.whole_runtime().items():
        stem, _, suffix = file.rpartition(".")
        own = stem.removesuffix("_portable")
        found = (_IN_ASSEMBLY if suffix == "S" else _IN_C).findall(text)
        assert suffix == "h" or set(found) <= {own, "FUNCTION"}, file
        assert not found or set(re.findall(r"#define FUNCTION (\w+)", text)) <= {own}, file
        defined |= set(found)
    assert len(defined) > 150
    weak = with_runtime_names(runtime_library.whole_runtime())
    assert not any(".global" in text for text in weak.values())
    assert all(text.startswith("#pragma weak zerotap_") for file, text in weak.items() if file.endswith(".c"))


def test_functions_in_ram_are_other_functions() -> None:
    """A model whose functions run from RAM keeps its time beside one whose functions do not."""
    from zerotap.firmware.c_code.code_in_ram import moved

    files = runtime_library.runtime_files(["zerotap_sums_dot_16"])
    names = [set(with_runtime_names(each)) for each in (files, moved(files, ["zerotap_sums_dot_16"]))]
    assert not names[0] & names[1]
