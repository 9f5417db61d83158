"""The SelfTest sketch of a library, run on this machine."""

import subprocess
import sys
from pathlib import Path

ZIG = [sys.executable, "-m", "ziglang", "cc"]

# What port.h declares, on this machine: a read of the clock takes 7 us.
PORT = """
#include <stdio.h>
#include "SelfTest.ino"
void port_begin(void) {}
uint32_t port_now_ms(void) { return 0; }
uint32_t port_now_us(void) { static uint32_t now; return now += 7; }
uint32_t port_room(void) { return 256; }
void port_write(const uint8_t *bytes, uint32_t count) { fwrite(bytes, 1, count, stdout); }
int main() { setup(); loop(); return 0; }
"""


def compile_here(folder: Path, *arguments: object) -> str:
    """Zig's clang for this machine; returns what it says, which fails where it is an error."""
    result = subprocess.run([*ZIG, *map(str, arguments)], cwd=folder, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stderr


def self_test(library: Path, folder: Path) -> list[str]:
    """Run the sketch's setup() and loop() here, on a port that consists of what it uses; its lines."""
    example = library / "examples/SelfTest"
    (folder / "sketch.cpp").write_text(PORT)
    includes = [f"-I{path}" for path in (folder, example, library / "src")]
    flags = ["-std=gnu++11", "-Wall", "-Wextra", "-Werror", "-fno-exceptions", "-fno-threadsafe-statics"]
    compile_here(folder, "-c", *flags, *includes, "sketch.cpp", "-o", "sketch.o")
    sources = sorted((library / "src").glob("*.c"))
    compile_here(folder, f"-I{library / 'src'}", *sources, "sketch.o", "-o", "sketch")
    ran = subprocess.run([folder / "sketch"], capture_output=True, text=True, timeout=10)
    return ran.stdout.splitlines()
