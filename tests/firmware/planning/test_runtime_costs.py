"""The tables of runtime_costs.py against the compiler that they were measured with."""

import re
import subprocess
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from zerotap.firmware import find_compiler
from zerotap.firmware.c_code import runtime_library
from zerotap.firmware.planning import runtime_costs
from zerotap.firmware.planning.runtime_costs import HELPERS, RUNTIME, Code
from zerotap.firmware.simulation.program import harness_file, link
from zerotap.firmware.simulation.stack_bound import stack_bound

HEADERS = ("lstm", "pairs", "pooling", "runtime", "straight", "stream", "svdf")
MEASURED_WITH = "arm-none-eabi-gcc 12.2"
RUNTIME_FOLDER = Path(runtime_costs.__file__).parents[1] / "runtime"
FLAGS = ["-O2", "-std=c99", "-ffreestanding", "-ffunction-sections", "-fdata-sections"]
# What reads a function's address keeps it in the program.
KEEP = """extern void {0}(void);
int main(void)
{{
    void (*volatile keep)(void) = {0};
    return keep != 0;
}}
"""

pytestmark = pytest.mark.system("arm-none-eabi-gcc")


def functions() -> list[str]:
    """What the models' headers declare and runtime/ has: not the functions of what feeds models."""
    texts = [(RUNTIME_FOLDER / f"zerotap_{name}.h").read_text() for name in HEADERS]
    declared = set(re.findall(r"\b(zerotap_\w+)\(", "".join(texts)))
    return sorted(name for name in declared if source(name).exists())


def source(function: str) -> Path:
    assembly = RUNTIME_FOLDER / f"{function}.S"
    return assembly if assembly.exists() else RUNTIME_FOLDER / f"{function}.c"


@cache
def compiled(function: str) -> tuple[int, tuple[str, ...]]:
    """(bytes, what it calls) of one function by itself; 0 bytes where only the portable C has it."""
    command = [*find_compiler("gcc").command, "-mcpu=cortex-m0plus", "-mthumb", *FLAGS, f"-I{RUNTIME_FOLDER}"]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "function.o")
        done = subprocess.run(
            [*command, "-c", source(function), "-o", target], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return object_facts(target)


def object_facts(path: Path) -> tuple[int, tuple[str, ...]]:
    with path.open("rb") as stream:
        elf = ELFFile(stream)
        allocated = (section for section in elf.iter_sections() if section["sh_flags"] & 2)
        size = sum(-(-section["sh_size"] // 4) * 4 for section in allocated)
        symbols = elf.get_section_by_name(".symtab").iter_symbols()
        return size, tuple(sorted(s.name for s in symbols if s["st_shndx"] == "SHN_UNDEF" and s.name))


def kept(function: str):
    """A program that holds one function and all that it calls."""
    startup = {"startup.S": harness_file("startup.S"), "keep.c": KEEP.format(function)}
    files = runtime_library.runtime_files([function] if function.startswith("zerotap_") else [])
    return link({**startup, **files}, find_compiler("gcc"))


def bounds_by_zig(names: list[str]) -> dict[str, int]:
    """The stack of every function as clang makes it, from one program that holds them all."""
    lines = "".join(f"    keep = {name};\n" for name in names)
    text = "".join(f"extern void {name}(void);\n" for name in names)
    text += f"int main(void)\n{{\n    void (*volatile keep)(void);\n{lines}    return keep != 0;\n}}\n"
    startup = {"startup.S": harness_file("startup.S"), "keep.c": text}
    program = link({**startup, **runtime_library.runtime_files(names)}, find_compiler("zig"))
    return {name: stack_bound(program, name) for name in names}


def measured() -> tuple[dict[str, Code], dict[str, int]]:
    runtime, helpers = {}, set()
    for function in functions():
        size, calls = compiled(function)
        if size == 0:
            continue
        runtime[function] = Code(size, stack_bound(kept(function), function), calls)
        helpers |= {name for name in calls if not name.startswith("zerotap_")}
    nothing = kept("halt").flash_bytes
    for name, bound in bounds_by_zig(list(runtime)).items():
        runtime[name] = replace(runtime[name], stack_bytes=max(bound, runtime[name].stack_bytes))
    return runtime, {name: kept(name).flash_bytes - nothing for name in sorted(helpers)}


def as_source(runtime: dict[str, Code], helpers: dict[str, int]) -> str:
    rows = [f'    "{name}": {code!r},'.replace("'", '"') for name, code in runtime.items()]
    rows = [re.sub(r"\w+_bytes=|, calls=\(\)|calls=", "", row) for row in rows]
    lines = [
        "RUNTIME: Final[dict[str, Code]] = {",
        *rows,
        "}",
        "",
        "# Flash of the compiler's own functions, with what they call.",
    ]
    return "\n".join(
        [*lines, "HELPERS: Final[dict[str, int]] = {", *(f'    "{n}": {b},' for n, b in helpers.items()), "}"]
    )


def test_every_figure_is_what_gcc_makes_of_the_function():
    if not find_compiler("gcc").name.startswith(MEASURED_WITH):
        pytest.skip(f"the tables are those of {MEASURED_WITH}")
    found = measured()
    assert found == (RUNTIME, HELPERS), f"put this into runtime_costs.py of planning/:\n{as_source(*found)}"


@pytest.mark.parametrize("function", functions())
def test_no_call_is_missing_from_the_table_of_files(function: str):
    """What assembly does by itself, its portable C may call: that table may list more."""
    calls = {name for name in compiled(function)[1] if name.startswith("zerotap_")}
    assert calls <= set(runtime_library.with_calls([function]))
