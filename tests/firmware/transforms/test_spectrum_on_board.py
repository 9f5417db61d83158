"""The spectrum's budget on the board, and its square root at every root."""

import subprocess
from importlib import resources

import numpy as np
import pytest

from zerotap.features.transforms.interface import Signal
from zerotap.features.transforms.spectrum import Spectrum
from zerotap.firmware.generation.transform_chain import generate_chain
from zerotap.firmware.simulation.toolchain import find_compiler
from zerotap.firmware.simulation.transform_board import BoardChain

# Below, at and above every square: where a root that is off by one shows.
ROOTS = """
#include <stdio.h>
#include "zerotap_spectrum.h"
#include "zerotap_statistics.h"

int main(void)
{
    for (uint32_t root = 1; root <= 0xFFFF; root++) {
        const uint32_t square = root * root;
        if (zerotap_magnitude(square) != root || zerotap_magnitude(square - 1) != root - 1
            || zerotap_magnitude(square + root) != root || zerotap_magnitude(square + 2 * root) != root
            || zerotap_square_root(square) != root || zerotap_square_root(square - 1) != root - 1) {
            printf("%u\\n", (unsigned)root);
            return 1;
        }
    }
    return zerotap_magnitude(0) != 0;
}
"""


@pytest.mark.system("arm-none-eabi-gcc")
def test_256_samples_take_at_most_60_000_cycles():
    source = Signal((256, 1), "int16")
    chain = generate_chain("spectrum", [Spectrum()], source)
    items = np.random.default_rng(0).integers(-32768, 32768, (10, 256, 1)).astype(np.int16)
    items[0] = 0
    items[1] = -32768
    run = BoardChain("spectrum", chain, find_compiler("gcc")).run(items)
    assert 20_000 < max(run.cycles) <= 60_000


def test_square_roots_in_c_are_exact(tmp_path, host_command):
    runtime = resources.files("zerotap.firmware") / "runtime"
    (tmp_path / "main.c").write_text(ROOTS)
    sources = [tmp_path / "main.c", *(runtime / f"zerotap_{name}.c" for name in ("magnitude", "square_root"))]
    build = [
        *host_command,
        "-std=c99",
        "-O1",
        "-I",
        str(runtime),
        *map(str, sources),
        "-o",
        tmp_path / "roots",
    ]
    subprocess.run(build, check=True)
    done = subprocess.run([tmp_path / "roots"], capture_output=True, text=True)
    assert done.returncode == 0, f"wrong at root {done.stdout}{done.stderr}"
