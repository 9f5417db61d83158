"""The SelfTest sketch of a library, run on this machine."""

import subprocess
import sys
from pathlib import Path

ZIG = [sys.executable, "-m", "ziglang", "cc"]

# As much of the Arduino core as the sketch uses; Serial has no host and must not be waited for.
ARDUINO_H = """
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#define F(text) text
struct Print {
    bool connected;
    void begin(unsigned long) {}
    void print(const char *text) { printf("%s", text); }
    void print(int value) { printf("%d", value); }
    void print(unsigned long value) { printf("%lu", value); }
    void println(const char *text) { printf("%s\\n", text); }
    operator bool() const { return connected; }
};
static Print Serial = {false}, Serial1 = {true};
static inline unsigned long micros() { static unsigned long now; return now += 7; }
static inline void delay(unsigned long) {}
"""
SKETCH = '#include "Arduino.h"\n#include "SelfTest.ino"\nint main() { setup(); loop(); return 0; }\n'


def compile_here(folder: Path, *arguments: object) -> str:
    """Zig's clang for this machine; returns what it says, which fails where it is an error."""
    result = subprocess.run([*ZIG, *map(str, arguments)], cwd=folder, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stderr


def self_test(library: Path, folder: Path) -> str:
    """Run the sketch's setup() and loop() here, on a core that consists of what it uses."""
    example = library / "examples/SelfTest"
    (folder / "Arduino.h").write_text(ARDUINO_H)
    (folder / "sketch.cpp").write_text(SKETCH)
    includes = [f"-I{path}" for path in (folder, example, library / "src")]
    flags = ["-std=gnu++11", "-Wall", "-Wextra", "-Werror", "-fno-exceptions"]
    compile_here(folder, "-c", *flags, *includes, "sketch.cpp", "-o", "sketch.o")
    sources = sorted((library / "src").glob("*.c"))
    compile_here(folder, f"-I{library / 'src'}", *sources, "sketch.o", "-o", "sketch")
    return subprocess.run([folder / "sketch"], capture_output=True, text=True, timeout=10).stdout
