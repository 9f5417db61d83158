"""Every transform of the registry that the board runs: stream == host C (sanitised) == simulated board."""

import re
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.features.transforms.registry import TRANSFORMS
from zerotap.firmware.generation.transform_chain import generate_chain
from zerotap.firmware.simulation.toolchain import find_compiler
from zerotap.firmware.simulation.transform_board import BoardChain
from zerotap.firmware.transforms import TWINS

ON_BOARD = {name: kind for name, kind in TRANSFORMS.items() if not kind.host_only}
EXAMPLES = {
    f"{name}_{number}": example
    for name, kind in ON_BOARD.items()
    for number, example in enumerate(kind.examples())
}
FIRST = [f"{name}_0" for name in ON_BOARD]
# How many recordings of each example: `make test-thorough` takes all.
SEEDS = [range(0, 25, 3), pytest.param(range(25), marks=pytest.mark.thorough)]
BOTH = ["zig", pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]

# Pushes the items of stdin in turn, each in memory of exactly its size; writes (count, results) for each item
# and for the flush. Every recording begins with a reset.
MAIN = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
{includes}
typedef struct {{
    int32_t (*push)(const void *, void *), (*more)(void *), (*flush)(void *);
    void (*reset)(void);
    size_t in, out;
}} chain_t;
{adapters}
static const chain_t chains[] = {{
{table}
}};
static void put(const chain_t *c, int32_t given, void *out, int32_t (*next)(void *))
{{
    char *results = malloc(c->out * 1000);
    uint32_t count = 0;
    for (; given; given = next(out)) memcpy(results + c->out * count++, out, c->out);
    fwrite(&count, 4, 1, stdout);
    fwrite(results, c->out, count, stdout);
    free(results);
}}
int main(int argc, char **argv)
{{
    const chain_t *c = &chains[atoi(argv[argc - 1])];
    char *in = malloc(c->in), *out = malloc(c->out);
    uint32_t items;
    while (fread(&items, 4, 1, stdin) == 1) {{
        c->reset();
        while (items-- && fread(in, c->in, 1, stdin) == 1) put(c, c->push(in, out), out, c->more);
        put(c, c->flush(out), out, c->flush);
    }}
    free(in); free(out);
    return 0;
}}
"""


@dataclass
class HostChains:
    """An executable that holds several chains."""

    executable: Path
    names: list[str]

    def run(self, name: str, recordings: list[np.ndarray], target) -> list[list[list[np.ndarray]]]:
        """Results by recording, by item and, last, of the flush."""
        fed = b"".join(struct.pack("<I", len(items)) + items.tobytes() for items in recordings)
        done = subprocess.run([self.executable, str(self.names.index(name))], input=fed, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()[-3000:]
        reader = iter_results(done.stdout, target)
        return [[next(reader) for _ in range(len(items) + 1)] for items in recordings]


def iter_results(content: bytes, target):
    size, place = target.nbytes, 0
    while place < len(content):
        (count,) = struct.unpack_from("<I", content, place)
        rows = np.frombuffer(content, target.dtype, count * target.size, place + 4)
        place += 4 + count * size
        yield list(rows.reshape(count, *target.shape))


@pytest.fixture(scope="module")
def host(tmp_path_factory, host_command) -> HostChains:
    """All examples in one program."""
    folder, adapters, table = tmp_path_factory.mktemp("chains"), [], []
    for name, (transform, source) in EXAMPLES.items():
        chain = generate_chain(name, [transform], source)
        for file, text in chain.files.items():
            (folder / file).write_text(text)
        adapters += [
            f"static int32_t {name}_p(const void *in, void *out) {{ return {name}_push(in, out); }}",
            *(
                f"static int32_t {name}_{d[0]}(void *out) {{ return {name}_{d}(out); }}"
                for d in ("more", "flush")
            ),
        ]
        sizes = f"{chain.source.nbytes}, {chain.target.nbytes}"
        table.append(f"    {{{name}_p, {name}_m, {name}_f, {name}_reset, {sizes}}},")
    includes = "\n".join(f'#include "{name}.h"' for name in EXAMPLES)
    parts = {"includes": includes, "adapters": "\n".join(adapters), "table": "\n".join(table)}
    (folder / "main.c").write_text(MAIN.format(**parts))
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-g", "-O1", "-I", str(folder)]
    sources = sorted(map(str, folder.glob("*.c")))
    done = subprocess.run(
        [*host_command, *flags, *sources, "-o", folder / "run"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return HostChains(folder / "run", list(EXAMPLES))


def streamed(transform, source, items) -> list[list[np.ndarray]]:
    stream = transform.stream(source)
    return [stream.push(item) for item in items] + [stream.flush()]


def assert_same(got, expected, what):
    assert [len(results) for results in got] == [len(results) for results in expected], what
    for place, (results, others) in enumerate(zip(got, expected, strict=True)):
        for result, other in zip(results, others, strict=True):
            assert np.array_equal(result, other), f"{what}, item {place}"


def test_every_transform_has_a_twin_or_says_why_not():
    assert set(TWINS) == set(ON_BOARD)


def test_the_runtime_is_integer_only():
    for name, (transform, source) in EXAMPLES.items():
        for file, text in generate_chain(name, [transform], source).files.items():
            code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
            assert not re.search(r"\b(float|double|malloc|math\.h|string\.h|stdlib\.h)\b", code), file


@pytest.mark.parametrize("seeds", SEEDS, ids=len)
@pytest.mark.parametrize("name", EXAMPLES)
def test_host_c_equals_stream(host, items_of, name, seeds):
    transform, source = EXAMPLES[name]
    recordings = [items_of(source, 3 * seed, seed) for seed in seeds]
    results = host.run(name, recordings, transform.output(source))
    for seed, items, got in zip(seeds, recordings, results, strict=True):
        assert_same(got, streamed(transform, source, items), f"seed {seed}")


@pytest.mark.parametrize(
    "name", [name if name in FIRST else pytest.param(name, marks=pytest.mark.thorough) for name in EXAMPLES]
)
@settings(max_examples=10, deadline=None)
@given(drawn=st.lists(st.tuples(st.integers(0, 70), st.integers(0, 2**32 - 1)), min_size=1, max_size=4))
def test_host_c_equals_stream_and_batch_on_what_hypothesis_draws(host, items_of, name, drawn):
    transform, source = EXAMPLES[name]
    recordings = [items_of(source, count, seed) for count, seed in drawn]
    results = host.run(name, recordings, transform.output(source))
    for items, got in zip(recordings, results, strict=True):
        assert_same(got, streamed(transform, source, items), drawn)
        rows = [result for given_for_item in got for result in given_for_item]
        assert_same([rows], [list(transform.batch(items))], drawn)


@pytest.mark.parametrize("compiler", BOTH)
@pytest.mark.parametrize("name", FIRST)
def test_simulated_board_equals_stream(items_of, name, compiler):
    transform, source = EXAMPLES[name]
    chain = generate_chain(name, [transform], source)
    board = BoardChain(name, chain, find_compiler(compiler))
    buffers = sum(-(-signal.nbytes // 4) * 4 for signal in (chain.source, chain.target))
    assert 0 <= board.program.ram_bytes - buffers - chain.ram_bytes <= 4, "its state, aligned, is as stated"
    for seed in range(5):
        items = items_of(source, 20, seed)
        run = board.run(items)
        assert_same(run.results, streamed(transform, source, items), f"seed {seed}")
        assert min(run.cycles) > 0
