"""From raw reports to ids in C: on typed text, with the bits of Python, on the host and simulated."""

import struct
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.capture import is_keyboard, read_recordings
from zerotap.errors import FeatureError
from zerotap.features import super_fast_hash
from zerotap.features.transforms.count_window import CountWindows
from zerotap.features.transforms.pad_ids import PadIds
from zerotap.features.transforms.typed_grams import TypedGrams
from zerotap.features.transforms.typed_words import BOOT_REPORT, TypedWords
from zerotap.features.transforms.whole_text import TypedText
from zerotap.firmware.generation.transform_chain import generate_chain
from zerotap.firmware.simulation.program import harness_file, link
from zerotap.firmware.simulation.simulator import Simulator
from zerotap.firmware.simulation.toolchain import find_compiler
from zerotap.firmware.simulation.transform_board import BoardChain

BOTH = ["zig", pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]
# Every key that writes, others, rollover errors; often those that edit.
USAGES = [*range(0x04, 0x3A), 0x4F, *range(0x53, 0x69), 0xDF, *[1, 1, 0x04, 0x2A, 0x2C, 0x34] * 8]
STROKES = st.lists(
    st.tuples(st.sampled_from([0, 0, 0, 0x02, 0x20, 0x01, 0x40]), st.sampled_from(USAGES), st.booleans()),
    min_size=60,
    max_size=200,
)
RAW = st.binary(max_size=400).map(
    lambda data: np.frombuffer(data[: len(data) // 8 * 8], np.uint8).reshape(-1, 8)
)
CHAINS = {
    "runs": [TypedWords()],
    "ancestor": [TypedWords(8192, "mask", split="spaces")],
    "dvorak": [TypedWords(37, word_max=2, layout="dvorak")],
    "grams": [TypedGrams()],
    "grams_alone": [TypedGrams(1000, 1, 8, words=False, seed=9, split="spaces", word_max=4, layout="dvorak")],
    "grams_padded": [TypedGrams(4096, 3, 3, seed=1), PadIds(20, "tail")],
    "windows": [TypedWords(), CountWindows(3, 2)],
    "head": [TypedWords(), PadIds(4)],
    "middle": [TypedWords(), PadIds(5, "middle")],
    "tail": [TypedWords(), PadIds(4, "tail")],
}

# One recording: reports from stdin, every result to stdout.
MAIN = """
#include <stdio.h>
#include "{name}.h"
int main(void)
{{
    uint8_t report[8];
    int32_t out[{name}_OUT_SIZE];
    {name}_reset();
    while (fread(report, 8, 1, stdin) == 1) {{
        for (int32_t given = {name}_push(report, out); given; given = {name}_more(out)) {{
            fwrite(out, sizeof(out), 1, stdout);
        }}
    }}
    while ({name}_flush(out)) {{
        fwrite(out, sizeof(out), 1, stdout);
    }}
    return 0;
}}
"""

HASH_MAIN = """
#include <stdio.h>
#include <stdlib.h>
#include "zerotap_text.h"
int main(void)
{
    for (int length = getchar(); length != EOF; length = getchar()) {
        uint8_t *word = malloc((size_t)length);
        if (fread(word, 1, (size_t)length, stdin) != (size_t)length) return 1;
        const uint32_t hash = zerotap_super_fast_hash(word, (uint32_t)length, (uint32_t)length);
        fwrite(&hash, 4, 1, stdout);
        free(word);
    }
    return 0;
}
"""


def batch(transforms, reports):
    for transform in transforms:
        reports = transform.batch(reports)
    return reports


@pytest.fixture(scope="module")
def compiled(tmp_path_factory, host_command):
    """(files, main) -> an executable, with sanitisers."""

    def build(files, main):
        folder = tmp_path_factory.mktemp("text")
        for name, text in {**files, "main.c": main}.items():
            (folder / name).write_text(text)
        flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-g", "-I", str(folder)]
        sources = sorted(map(str, folder.glob("*.c")))
        done = subprocess.run([*host_command, *flags, *sources, "-o", folder / "run"], capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return folder / "run"

    return build


@pytest.fixture(scope="module")
def programs(compiled):
    """Every chain as a host program."""
    chains = {name: generate_chain(name, transforms, BOOT_REPORT) for name, transforms in CHAINS.items()}
    return {name: compiled(chain.files, MAIN.format(name=name)) for name, chain in chains.items()}


def run(program, data: bytes) -> bytes:
    done = subprocess.run([program], input=data, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def assert_the_same_ids(program, name: str, reports) -> None:
    expected = batch(CHAINS[name], reports)
    got = np.frombuffer(run(program, reports.tobytes()), np.int32)
    assert np.array_equal(got.reshape(expected.shape), expected)


@pytest.mark.parametrize("name", CHAINS)
@settings(max_examples=8, deadline=None)
@given(strokes=STROKES, raw=RAW)
def test_host_c_gives_the_ids_of_what_is_typed_and_of_any_reports(programs, typing, name, strokes, raw):
    for reports in (typing(strokes), raw):
        assert_the_same_ids(programs[name], name, reports)


@pytest.mark.thorough
@pytest.mark.parametrize("name", CHAINS)
@settings(max_examples=40, deadline=None)
@given(strokes=STROKES, raw=RAW)
def test_host_c_gives_the_ids_of_many_more(programs, typing, name, strokes, raw):
    for reports in (typing(strokes), raw):
        assert_the_same_ids(programs[name], name, reports)


def test_host_c_reads_the_keypad(programs, typing):
    reports = typing(
        [(0, 0x04, False), *((0, usage, False) for usage in range(0x59, 0x63)), (0, 0x58, False)]
    )
    [word] = np.frombuffer(run(programs["runs"], reports.tobytes()), np.int32)
    assert word == 1 + super_fast_hash(b"a1234567890") % 4095


def test_host_c_gives_the_ids_of_keyboards_recorded_by_others(programs, shared_data):
    typed = 0
    for path in sorted(shared_data.glob("usb/*/capture.*")):
        for recording in read_recordings(path):
            reports = recording.reports(8)
            expected = batch(CHAINS["runs"], reports)
            assert np.array_equal(np.frombuffer(run(programs["runs"], reports.tobytes()), np.int32), expected)
            typed += is_keyboard(reports) and len(expected) > 0
    assert typed >= 4


def test_what_only_the_host_does_is_refused_by_name():
    with pytest.raises(FeatureError, match=r"typed_text runs on the host only .*typed_words"):
        generate_chain("x", [TypedText(cleaning=("urls",))], BOOT_REPORT)


def golden_words() -> list[bytes]:
    """Every length from 0 to 40 with last bytes on both sides of 127."""
    return [
        bytes((97 + step * at) % 256 for at in range(size)) for step in (1, 37, 255) for size in range(41)
    ]


def test_super_fast_hash_on_the_host(compiled):
    files = generate_chain("x", CHAINS["runs"], BOOT_REPORT).files
    needed = {name: files[name] for name in ("zerotap_text.h", "zerotap_super_fast_hash.c")}
    data = b"".join(bytes([len(word)]) + word for word in golden_words())
    hashes = np.frombuffer(run(compiled(needed, HASH_MAIN), data), np.uint32)
    assert hashes.tolist() == [super_fast_hash(word) for word in golden_words()]


# The word lies at an odd address.
BOARD_MAIN = """
#include "zerotap_text.h"
ZEROTAP_ALIGNED uint8_t word[48];
uint32_t numbers[5] = {0, 0, 1, 0, 0};
int main(void)
{
    volatile uint32_t *n = numbers;
    n[3] = zerotap_super_fast_hash(word + 1, n[0], n[0]);
    n[4] = zerotap_remainder(n[1], n[2]);
    return 0;
}
"""


@pytest.mark.parametrize("compiler", BOTH)
def test_hash_and_remainder_on_the_board(compiler):
    files = generate_chain("x", CHAINS["runs"], BOOT_REPORT).files
    names = ("zerotap_text.h", "zerotap_super_fast_hash.c", "zerotap_remainder.c")
    sources = {"harness_startup.S": harness_file("startup.S"), "main.c": BOARD_MAIN}
    program = link(sources | {name: files[name] for name in names}, find_compiler(compiler))
    board = Simulator(program)
    numbers, rng = program.symbols["numbers"], np.random.default_rng(0)
    divisors = [1, 2, 3, 4095, 4096, 65_535, 65_536, *rng.integers(1, 65_537, 116).tolist()]
    values = [2**32 - 1] * 7 + rng.integers(0, 2**32, 116).tolist()
    for word, value, divisor in zip(golden_words(), values, divisors, strict=True):
        board.write(program.symbols["word"] + 1, word)
        board.write(numbers, struct.pack("<3I", len(word), value, divisor))
        board.call("main")
        results = struct.unpack("<2I", board.read(numbers + 12, 8))
        assert results == (super_fast_hash(word), value % divisor)


@pytest.mark.parametrize("compiler", BOTH)
@pytest.mark.parametrize("name", ["ancestor", "dvorak", "grams", "grams_alone", "windows", "middle"])
def test_the_simulated_board_gives_the_same_ids(typing, name, compiler):
    board = BoardChain(name, generate_chain(name, CHAINS[name], BOOT_REPORT), find_compiler(compiler))
    rng = np.random.default_rng(3)
    for _ in range(3):
        strokes = [
            (int(rng.choice([0, 0, 0, 2, 1])), int(rng.choice(USAGES)), bool(rng.random() < 0.3))
            for _ in range(60)
        ]
        reports = typing(strokes)
        results = [result for given in board.run(reports).results for result in given]
        expected = batch(CHAINS[name], reports)
        assert np.array_equal(np.array(results, np.int32).reshape(expected.shape), expected)
