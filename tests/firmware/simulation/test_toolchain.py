"""Finding the compiler, in the order promised, and passing on what it says."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from zerotap.errors import ToolchainError
from zerotap.firmware.simulation import toolchain
from zerotap.firmware.simulation.program import MemoryOverflowError, build_empty, link
from zerotap.firmware.simulation.toolchain import Compiler, find_compiler

FAKE = '#!/bin/sh\ncase "$1" in -dumpfullversion) echo {version};; -dumpmachine) echo {machine};; esac\n'


def _fake_gcc(path: Path, version: str = "7.2.1", machine: str = "arm-none-eabi") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(FAKE.format(version=version, machine=machine))
    path.chmod(0o755)
    return path


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No compiler on PATH and an empty home."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin")
    monkeypatch.setattr(
        toolchain.shutil,
        "which",
        lambda name, path=None, which=toolchain.shutil.which: (
            which(name, path=str(tmp_path / "bin")) if "/" not in name else which(name)
        ),
    )
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return tmp_path


def test_zig_is_the_last_resort(bare_machine: Path) -> None:
    compiler = find_compiler()
    assert compiler.name.startswith("zig 0.17")
    assert "clang" in compiler.name
    assert compiler.name.endswith("-O2")


def test_the_one_of_an_arduino_installation_comes_before_zig(bare_machine: Path) -> None:
    tools = bare_machine / ".arduino15/packages/arduino/tools/arm-none-eabi-gcc"
    _fake_gcc(tools / "4.8.3-2014q1/bin/arm-none-eabi-gcc", "4.8.3")
    _fake_gcc(tools / "7-2017q4/bin/arm-none-eabi-gcc")
    assert find_compiler().name == "arm-none-eabi-gcc 7.2.1 -O2"


def test_path_comes_before_an_arduino_installation(bare_machine: Path) -> None:
    tools = bare_machine / ".arduino15/packages/arduino/tools/arm-none-eabi-gcc"
    _fake_gcc(tools / "7-2017q4/bin/arm-none-eabi-gcc")
    _fake_gcc(bare_machine / "bin/arm-none-eabi-gcc", "12.2.1")
    assert find_compiler().name == "arm-none-eabi-gcc 12.2.1 -O2"
    assert find_compiler("gcc").name == "arm-none-eabi-gcc 12.2.1 -O2"
    assert find_compiler("zig").name.startswith("zig")


def test_a_named_compiler_comes_first(bare_machine: Path) -> None:
    _fake_gcc(bare_machine / "bin/arm-none-eabi-gcc", "12.2.1")
    other = _fake_gcc(bare_machine / "mine/gcc", "14.1.0")
    assert find_compiler(str(other)).name == "arm-none-eabi-gcc 14.1.0 -O2"


def test_what_is_no_compiler_for_the_board_is_refused(bare_machine: Path) -> None:
    with pytest.raises(ToolchainError, match="neither on PATH nor"):
        find_compiler("gcc")
    with pytest.raises(ToolchainError, match="/no/such"):
        find_compiler("/no/such/gcc")
    with pytest.raises(ToolchainError, match="is no GCC for arm-none-eabi"):
        find_compiler(str(_fake_gcc(bare_machine / "mine/gcc", machine="x86_64-linux-gnu")))


BOTH = ["zig", pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]


@pytest.mark.parametrize("name", BOTH)
def test_the_first_error_is_passed_on(name: str) -> None:
    with pytest.raises(ToolchainError, match=r"broken\.c:2.*error"):
        link({"broken.c": "int main(void)\n{ return nonsense; }\n"}, find_compiler(name))


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize(
    ("memory", "array"), [("flash", "const char big[260000] = {1};"), ("RAM", "char big[40000];")]
)
def test_an_overflow_says_of_what_and_by_how_much(name: str, memory: str, array: str) -> None:
    code = f"{array} void Reset_Handler(void) {{ (void)*(volatile const char *)big; }}"
    with pytest.raises(MemoryOverflowError) as caught:
        link({"large.c": code}, find_compiler(name))
    assert caught.value.memory == memory
    least = {"flash": 260_000 - 253_952, "RAM": 40_000 - 32_768}[memory]
    assert least <= caught.value.excess_bytes < least + 64


@pytest.mark.parametrize("name", BOTH)
def test_the_empty_program_lies_where_the_bootloader_expects_it(name: str) -> None:
    program = build_empty("int8", 8, 2, find_compiler(name))
    address, code = program.segments[0]
    assert address == 0x2000
    assert int.from_bytes(code[:4], "little") == 0x2000_8000  # initial SP: the top of RAM
    assert int.from_bytes(code[4:8], "little") == program.symbols["Reset_Handler"] | 1
    assert program.flash_bytes < 512
    assert 10 <= program.ram_bytes <= 16


def test_nothing_in_the_working_folder_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ziglang.py").write_text("open('PWNED', 'w')")
    for script in (tmp_path / "arm-none-eabi-gcc", tmp_path / "zig"):
        script.write_text("#!/bin/sh\ntouch PWNED\n")
        script.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "sys.path", ["", str(tmp_path), *sys.path]
    )  # as `python -m zerotap` and a notebook have
    monkeypatch.setenv("PATH", ":.")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert find_compiler().name.startswith("zig")
    for named in ("gcc", "arm-none-eabi-gcc"):
        with pytest.raises(ToolchainError):
            find_compiler(named)
    assert not (tmp_path / "PWNED").exists()


SLOW = """#!/bin/sh
echo $$ > {pids}; sleep 60 & echo $! >> {pids}
touch "$TMPDIR/cc1.o"; echo begun > {begun}; wait
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell and groups of processes")
def test_an_interrupted_compiler_ends_with_its_passes_and_leaves_nothing(tmp_path: Path) -> None:
    pids, begun, script = tmp_path / "pids", tmp_path / "begun", tmp_path / "gcc"
    script.write_text(SLOW.format(pids=pids, begun=begun))
    script.chmod(0o755)
    compiler = Compiler("slow", (str(script),), ())
    patient = threading.Thread(target=_interrupt_when, args=(begun,))
    patient.start()
    folder = tmp_path / "scratch"
    folder.mkdir()
    with pytest.raises(KeyboardInterrupt):
        compiler.compile(folder / "a.c", folder / "a.o")
    patient.join()
    assert (folder / "cc1.o").exists(), "what is temporary lies in the scratch folder"
    assert [
        pid
        for pid in pids.read_text().split()
        if Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes()
    ] == []


def _interrupt_when(file: Path) -> None:
    until_s = time.monotonic() + 20
    while not file.exists() and time.monotonic() < until_s:
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)
