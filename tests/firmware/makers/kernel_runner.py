"""One call of a runtime function, on the simulated board or on this machine, and all that it may change."""

import re
import struct
import subprocess
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np

from zerotap.firmware import find_compiler
from zerotap.firmware.board import MKR_ZERO
from zerotap.firmware.c_code.runtime_library import headers, runtime_files
from zerotap.firmware.simulation.program import harness_file, link
from zerotap.firmware.simulation.simulator import Simulator


@dataclass(eq=False)
class Buffer:
    """Memory that a call is given.

    ``expected``: what it holds afterwards, None the same; ``skew``: bytes from a multiple of four to where it
    begins; ``pointers``: which of its words hold the addresses of other buffers.
    """

    data: bytes
    expected: bytes | None = None
    skew: int = 0
    pointers: dict[int, "Buffer"] = field(default_factory=dict)


@dataclass
class Case:
    """One call; ``cycles`` by the cost model; ``shape``: what they depend on."""

    function: str
    arguments: list[int | Buffer]
    shape: tuple[int, ...]
    cycles: int
    seed: int

    @property
    def buffers(self) -> list[Buffer]:
        """Each once."""
        given = [each for each in self.arguments if isinstance(each, Buffer)]
        return list(dict.fromkeys(chain(given, *(each.pointers.values() for each in given))))


# Words from the header's prototypes become a call's arguments.
DRIVER = """{includes}
#include <stdio.h>
#include <stdlib.h>
{adapters}
static void (*const functions[])(const uintptr_t *) = {{{names}}};
static uint32_t word(void)
{{
    uint32_t value;
    if (fread(&value, 4, 1, stdin) != 1) {{
        exit(0);
    }}
    return value;
}}
int main(void)
{{
    for (;;) {{
        const uint32_t function = word(), count = word();
        uint32_t sizes[8];
        char *blocks[8], *buffers[8];
        uintptr_t arguments[8];
        for (uint32_t i = 0; i < count; i++) {{
            const uint32_t skew = word();
            sizes[i] = word();
            blocks[i] = malloc(sizes[i] + skew);
            buffers[i] = blocks[i] + skew;
            if (fread(buffers[i], 1, sizes[i], stdin) != sizes[i]) {{
                return 1;
            }}
        }}
        for (uint32_t left = word(); left != 0; left--) {{
            const uint32_t where = word(), offset = word();
            *(void **)(buffers[where] + offset) = buffers[word()];
        }}
        const uint32_t given = word();
        for (uint32_t i = 0; i < given; i++) {{
            const uint32_t is_buffer = word(), value = word();
            arguments[i] = is_buffer ? (uintptr_t)buffers[value] : value;
        }}
        functions[function](arguments);
        for (uint32_t i = 0; i < count; i++) {{
            fwrite(buffers[i], 1, sizes[i], stdout);
            free(blocks[i]);
        }}
    }}
}}
"""
MAIN = """{includes}
void *volatile keep;
uint32_t work[{words}];
int main(void)
{{
    keep = work;
{kept}    return 0;
}}
"""
GAP = 16
WORK = 20000


def includes(functions: list[str]) -> str:
    return "\n".join(f'#include "{header}"' for header in headers(functions))


class KernelBoard:
    """A program that holds functions, and memory to put what they are given."""

    def __init__(self, functions: list[str], compiler: str) -> None:
        kept = "".join(f"    keep = (void *){name};\n" for name in functions)
        files = {
            "startup.S": harness_file("startup.S"),
            "main.c": MAIN.format(includes=includes(functions), kept=kept, words=WORK // 4),
        }
        program = link(files | runtime_files(functions), find_compiler(compiler))
        self.work = program.symbols["work"]
        self.board = Simulator(program)

    def run(self, case: Case) -> int:
        """The cycles of a call, after which every byte of memory is as it must be."""
        places = self._places(case)
        arguments = [places[each] if isinstance(each, Buffer) else each for each in case.arguments]
        after = bytearray(self._fill(case, places))
        for buffer, address in places.items():
            if buffer.expected is not None:
                start = address - self.work
                after[start : start + len(buffer.data)] = buffer.expected
        run = self.board.call(case.function, *(each % (1 << 32) for each in arguments))
        got = np.frombuffer(self.board.read(self.work, len(after)), np.int8)
        differ = np.flatnonzero(got != np.frombuffer(after, np.int8))
        where = {address - self.work: len(buffer.data) for buffer, address in places.items()}
        assert differ.size == 0, (case.function, case.seed, case.shape, "differs at", differ[:8], "of", where)
        return run.cycles

    def _places(self, case: Case) -> dict[Buffer, int]:
        """Addresses; one of the constants ends where flash does: what is read behind it faults."""
        read = [each for each in case.buffers if each.expected is None]
        last = read[case.seed % len(read)] if read else None
        places, address = {}, self.work + GAP
        for buffer in case.buffers:
            if buffer is last:
                end = MKR_ZERO.flash_origin + MKR_ZERO.flash_bytes - len(buffer.data)
                places[buffer] = end - (end - buffer.skew) % 4
            else:
                places[buffer] = address + buffer.skew
                address = -(-(places[buffer] + len(buffer.data) + GAP) // 4) * 4
        assert address - self.work <= WORK, "the work area is too small"
        return places

    def _fill(self, case: Case, places: dict[Buffer, int]) -> bytes:
        rng = np.random.default_rng(case.seed)
        self.board.write(self.work, rng.integers(0, 256, WORK, np.uint8).tobytes())
        for buffer, address in places.items():
            data = bytearray(buffer.data)
            for index, target in buffer.pointers.items():
                data[4 * index : 4 * index + 4] = struct.pack("<I", places[target])
            self.board.write(address, bytes(data))
        return self.board.read(self.work, WORK)


class KernelHost:
    """An executable of the portable functions."""

    def __init__(self, functions: list[str], command: list[str], folder: Path) -> None:
        self.functions = functions
        files = runtime_files(functions)
        prototypes = "".join(text for name, text in files.items() if name.endswith(".h"))
        adapters = "".join(_adapter(name, prototypes) for name in functions)
        names = ", ".join(f"call_{name}" for name in functions)
        files = {
            **files,
            "main.c": DRIVER.format(includes=includes(functions), adapters=adapters, names=names),
        }
        for name, text in files.items():
            (folder / name).write_text(text)
        sources = [str(folder / name) for name in files if name.endswith(".c")]
        flags = ["-std=c99", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-I", str(folder)]
        self.executable = folder / "kernels"
        done = subprocess.run([*command, *flags, *sources, "-o", str(self.executable)], capture_output=True)
        assert done.returncode == 0, done.stderr.decode()

    def run(self, cases: list[Case]) -> None:
        """Make the calls; every buffer is as it must be afterwards."""
        commands = b"".join(self._command(case) for case in cases)
        done = subprocess.run([str(self.executable)], input=commands, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        at = 0
        for case in cases:
            for buffer in case.buffers:
                size = len(_on_host(buffer)[0])
                got, at = done.stdout[at : at + size], at + size
                if not buffer.pointers:
                    assert got == (buffer.expected or buffer.data), (case.function, case.seed, case.shape)
        assert at == len(done.stdout)

    def _command(self, case: Case) -> bytes:
        buffers = case.buffers
        command = struct.pack("<2I", self.functions.index(case.function), len(buffers))
        relocations = []
        for number, buffer in enumerate(buffers):
            data, offsets = _on_host(buffer)
            command += struct.pack("<2I", buffer.skew, len(data)) + data
            relocations += [(number, offset, buffers.index(target)) for offset, target in offsets]
        values = [
            (1, buffers.index(each)) if isinstance(each, Buffer) else (0, each % (1 << 32))
            for each in case.arguments
        ]
        tail = [len(relocations), *chain(*relocations), len(values), *chain(*values)]
        return command + struct.pack(f"<{len(tail)}I", *tail)


def _on_host(buffer: Buffer) -> tuple[bytes, list[tuple[int, Buffer]]]:
    """A structure as this machine lays it out, and where in it addresses of 8 bytes are."""
    data, offsets, begin = b"", [], 0
    for index, target in sorted(buffer.pointers.items()):
        data += buffer.data[begin : 4 * index]
        data += bytes(-len(data) % 8)
        offsets.append((len(data), target))
        data += bytes(8)
        begin = 4 * index + 4
    return data + buffer.data[begin:], offsets


def _adapter(name: str, header: str) -> str:
    found = re.search(rf"^void {name}\(([^)]*)\);", header, re.MULTILINE)
    assert found, f"{name} has no prototype"
    types = [re.sub(r"\w+$", "", " ".join(each.split())) for each in found[1].split(",")]
    values = ", ".join(f"({kind})arguments[{i}]" for i, kind in enumerate(types))
    return f"static void call_{name}(const uintptr_t *arguments)\n{{\n    {name}({values});\n}}\n"
