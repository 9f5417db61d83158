"""Measure hashing on the host and typed words on the simulated board.

Run it in the environment of `pip install -e .`, with arm-none-eabi-gcc on PATH if you have it:

    python benchmarks/features/hashing.py

It writes hashing.json beside it, prints the tables of README.md, and ends with 1 where the bar is missed.
"""

import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np

from zerotap.capture import US
from zerotap.errors import ToolchainError
from zerotap.features.text.hashing import hash_words, super_fast_hashes
from zerotap.features.text.words import WORD_MAX
from zerotap.features.transforms.typed_words import BOOT_REPORT, TypedWords
from zerotap.firmware.generation.transform_chain import generate_chain
from zerotap.firmware.simulation.toolchain import Compiler, find_compiler
from zerotap.firmware.simulation.transform_board import BoardChain

WORDS = 1_000_000
REPEATS = 5
BAR = 20
# Share of English running words by length, 1 to 14 letters (rounded from Norvig's counts of Google books).
LENGTH_SHARES = (3.0, 17.7, 20.5, 14.8, 10.7, 8.4, 7.9, 5.9, 4.4, 3.1, 1.8, 1.0, 0.5, 0.3)
TYPED = "The quick brown fox isn't jumping over 13 lazy dogs, extraordinarily.\n"


def ancestor_style(data: bytes) -> int:
    """SuperFastHash as one would write it in Python after the C: one function, no calls within."""
    h = length = len(data)
    if not length:
        return 0
    rest, at = length & 3, 0
    for _ in range(length >> 2):
        h = (h + (data[at] | data[at + 1] << 8)) & 0xFFFFFFFF
        h = ((h << 16) ^ ((data[at + 2] | data[at + 3] << 8) << 11) ^ h) & 0xFFFFFFFF
        h = (h + (h >> 11)) & 0xFFFFFFFF
        at += 4
    if rest == 3:
        h = (h + (data[at] | data[at + 1] << 8)) & 0xFFFFFFFF
        h ^= (h << 16) & 0xFFFFFFFF
        h ^= data[at + 2] << 18  # ASCII has no sign
        h = (h + (h >> 11)) & 0xFFFFFFFF
    elif rest == 2:
        h = (h + (data[at] | data[at + 1] << 8)) & 0xFFFFFFFF
        h ^= (h << 11) & 0xFFFFFFFF
        h = (h + (h >> 17)) & 0xFFFFFFFF
    elif rest == 1:
        h = (h + data[at]) & 0xFFFFFFFF
        h ^= (h << 10) & 0xFFFFFFFF
        h = (h + (h >> 1)) & 0xFFFFFFFF
    h ^= (h << 3) & 0xFFFFFFFF
    h = (h + (h >> 5)) & 0xFFFFFFFF
    h ^= (h << 4) & 0xFFFFFFFF
    h = (h + (h >> 17)) & 0xFFFFFFFF
    h ^= (h << 25) & 0xFFFFFFFF
    return (h + (h >> 6)) & 0xFFFFFFFF


def best_ms(run: Callable[[], object]) -> float:
    """The shortest of REPEATS times."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def measure_host() -> dict[str, float]:
    """Milliseconds for WORDS words, each way; the hashes are compared first."""
    rng = np.random.default_rng(0)
    shares = np.array(LENGTH_SHARES) / sum(LENGTH_SHARES)
    lengths = rng.choice(np.arange(1, len(shares) + 1), WORDS, p=shares)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    data = rng.integers(ord("a"), ord("z") + 1, int(offsets[-1]), np.uint8)
    content = data.tobytes()
    words = [content[start:end] for start, end in pairwise(offsets.tolist())]
    texts = [word.decode() for word in words]
    ways: dict[str, Callable[[], object]] = {
        "pure Python, list of bytes": lambda: [ancestor_style(word) for word in words],
        "ours, buffer and offsets": lambda: super_fast_hashes(data, offsets[:-1], np.diff(offsets)),
        "ours, list of str": lambda: hash_words(texts, WORD_MAX),
    }
    results = [np.asarray(run(), np.uint32) for run in ways.values()]
    assert all(np.array_equal(result, results[0]) for result in results)
    return {name: best_ms(run) for name, run in ways.items()}


def typed_reports() -> np.ndarray:
    """TYPED, each key down and up."""
    rows = [
        row
        for stroke in map(US.strokes.__getitem__, TYPED)
        for row in ([0x02 * stroke.shift, 0, stroke.usage, *[0] * 5], [0] * 8)
    ]
    return np.array(rows, np.uint8)


def measure_board(compiler: Compiler) -> list[dict[str, object]]:
    """Cycles a report of typed words, and what the program occupies, for two ways to find a bucket."""
    rows = []
    for transform in (TypedWords(), TypedWords(4096, "mask")):
        board = BoardChain("typed", generate_chain("typed", [transform], BOOT_REPORT), compiler)
        run = board.run(typed_reports())
        row = {
            "compiler": compiler.name,
            "buckets": f"{transform.buckets} ({transform.reduction})",
            "cycles_median": statistics.median(run.cycles),
            "cycles_max": max(run.cycles),
            "reports_per_s_at_48_MHz": 48_000_000 // max(run.cycles),
            "flash_bytes": board.program.flash_bytes,
            "ram_bytes": board.program.ram_bytes,
            "stack_bytes": run.stack_bytes,
        }
        rows.append(row)
    return rows


def compilers() -> list[Compiler]:
    """Those of the two that are there."""
    found = []
    for name in ("gcc", "zig"):
        try:
            found.append(find_compiler(name))
        except ToolchainError as error:
            print(error, file=sys.stderr)
    return found


def main() -> int:
    """Measure, write, print; 1 where the bar is missed."""
    host = measure_host()
    board = [row for compiler in compilers() for row in measure_board(compiler)]
    slow = host["pure Python, list of bytes"]
    results = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "words": WORDS,
        "repeats": REPEATS,
        "host_ms": host,
        "board": board,
    }
    text = json.dumps(results, indent=2) + "\n"
    Path(__file__).with_suffix(".json").write_text(text, encoding="utf-8")
    print("| 1,000,000 words | ms | times faster |\n| --- | --- | --- |")
    for name, ms in host.items():
        print(f"| {name} | {ms:.0f} | {slow / ms:.1f} |")
    print("\n| " + " | ".join(board[0]) + " |\n|" + " --- |" * len(board[0]))
    for row in board:
        print("| " + " | ".join(map(str, row.values())) + " |")
    return int(slow / host["ours, buffer and offsets"] < BAR)


if __name__ == "__main__":
    sys.exit(main())
