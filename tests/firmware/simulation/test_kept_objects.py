"""Objects are kept by compiler, flags and text; a program is the same with them and without."""

from dataclasses import replace
from pathlib import Path

import pytest

from zerotap.errors import ToolchainError
from zerotap.firmware.c_code.runtime_library import runtime_files
from zerotap.firmware.simulation.kept_objects import compiled
from zerotap.firmware.simulation.program import Program, harness_file, link
from zerotap.firmware.simulation.toolchain import Compiler, find_compiler
from zerotap.firmware.simulation.user_cache import kept

COMPILERS = ["zig", pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]
MAIN = """#include "zerotap_runtime.h"
void *volatile keep;
int main(void)
{
    keep = (void *)zerotap_scale_sums;
    keep = (void *)zerotap_sums_dot_16;
    return 0;
}
"""
SOURCES = {
    "harness_startup.S": harness_file("startup.S"),
    **runtime_files(["zerotap_scale_sums"]),
    "main.c": MAIN,
    **runtime_files(["zerotap_sums_dot_16"]),
}
UNITS = [name for name in SOURCES if name.endswith((".c", ".S"))]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "zerotap"


@pytest.fixture(params=COMPILERS)
def compiler(request: pytest.FixtureRequest) -> Compiler:
    return find_compiler(request.param)


def in_one_call(compiler: Compiler) -> Program:
    """Every unit is compiled where an option is none of the harness's."""
    return link(SOURCES, compiler, ("-DANY=1",))


def test_a_program_is_the_same_from_sources_and_from_objects_made_and_found(cache, compiler):
    from_sources = in_one_call(compiler)
    assert not cache.exists()
    made = link(SOURCES, compiler)
    assert len(list(cache.iterdir())) == len(UNITS) - 1
    found = link(SOURCES, compiler)
    assert made == from_sources
    assert found == from_sources


def test_what_is_found_is_not_compiled_again_and_what_a_model_generates_is(cache, tmp_path, monkeypatch):
    link(SOURCES, find_compiler("zig"))
    asked = []
    compile_unit = Compiler.compile

    def noted(self, source, output, options=()):
        asked.append(source.name)
        compile_unit(self, source, output, options)

    monkeypatch.setattr(Compiler, "compile", noted)
    link(SOURCES, find_compiler("zig"))
    assert asked == ["main.c"]


def objects(folder: Path, sources: dict[str, str], compiler: Compiler, options=()) -> list[str]:
    folder.mkdir(exist_ok=True)
    for name, text in sources.items():
        (folder / name).write_text(text)
    return [path.name for path in compiled(sources, folder, compiler, options)]


def test_another_text_header_flag_or_definition_is_another_object(cache, tmp_path):
    zig, folder = find_compiler("zig"), tmp_path / "units"
    sources = {
        "zerotap_one.c": '#include "zerotap_first.h"\nint one(void) { return ONE; }\n',
        "zerotap_first.h": '#include "zerotap_second.h"\n',
        "zerotap_second.h": "#define ONE 1\n",
        "harness_two.c": "int two(void) { return 2; }\n",
    }
    one, two = objects(folder, sources, zig)
    assert objects(folder, sources, zig) == [one, two]
    others = [
        objects(folder, sources | {"zerotap_one.c": sources["zerotap_one.c"] + "\n"}, zig)[0],
        objects(folder, sources | {"zerotap_second.h": "#define ONE 2\n"}, zig)[0],
        objects(folder, sources, replace(zig, flags=(*zig.flags, "-O1")))[0],
        objects(folder, sources, replace(zig, name="zig of another year"))[0],
    ]
    assert len({one, *others}) == 5
    again, defined = objects(folder, sources, zig, ("-DINPUT_SIZE=2",))
    assert again == one
    assert defined != two


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, monkeypatch):
    (tmp_path / "zerotap").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    zig = find_compiler("zig")
    assert link(SOURCES, zig) == in_one_call(zig)


def test_a_unit_that_is_refused_leaves_nothing(cache):
    with pytest.raises(ToolchainError, match=r"zerotap_broken\.c:1.*error"):
        link({"zerotap_broken.c": "int broken(void) { return nonsense; }\n"}, find_compiler("zig"))
    assert list(cache.iterdir()) == []


def test_a_file_appears_whole_or_not_at_all(cache):
    def torn(path: Path) -> None:
        path.write_text("ha")
        raise ToolchainError("no more")

    with pytest.raises(ToolchainError):
        kept("half", torn)
    assert list(cache.iterdir()) == []
    assert kept("whole", lambda path: path.write_text("a")).read_text() == "a"
    assert kept("whole", lambda path: path.write_text("b")).read_text() == "a"
