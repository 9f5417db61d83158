"""Fuzzing by seeded mutation: what each command in this folder shares.

A target is a small corpus of whole inputs and a function that takes the bytes of one. The function may raise
what its reader promises (``expected``) and nothing else; an input that takes longer than a bound counts as a
failure too. One seed gives the same inputs each time. Mutation in plain Python pays here: the readers take a
hundred times longer than a mutation, most of it in NumPy and ``re``, where coverage guides nobody.

Each command adds what it ran to results.json and writes the table of README.md from it; what failed is kept
as found/TARGET-SEED-NUMBER, which the command takes as an argument to run it again.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
RESULTS, README, FOUND = HERE / "results.json", HERE / "README.md", HERE / "found"
SLOWEST_S = 5.0
LARGEST_BYTES = 1 << 16
NUMBERS = (0, 1, 2, 3, 4, 7, 8, 12, 16, 20, 28, 32, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 1 << 31)
NUMBERS += (0x7FFFFFFF, 0xFFFFFFFF)


@dataclass(frozen=True)
class Target:
    """What is fuzzed: ``run`` takes one input, ``corpus`` makes whole ones, ``expected`` may be raised.

    ``mutate(rng, corpus)`` makes an input; byte mutation unless a target knows the structure of its own.
    """

    name: str
    run: Callable[[bytes], object]
    corpus: Callable[[], Sequence[bytes]]
    expected: tuple[type[BaseException], ...]
    mutate: Callable[[random.Random, Sequence[bytes]], bytes] | None = None

    def inputs(self, seed: int) -> Iterator[bytes]:
        """Inputs without end; the same seed gives the same."""
        corpus, rng = self.corpus(), random.Random(f"{self.name} {seed}")
        while True:
            yield (self.mutate or mutated)(rng, corpus)

    def fault(self, data: bytes) -> str:
        """What is wrong with how ``data`` was taken; "" if nothing is."""
        started = time.perf_counter()
        try:
            self.run(data)
        except self.expected:
            pass
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        seconds = time.perf_counter() - started
        return f"took {seconds:.1f} s" if seconds > SLOWEST_S else ""


def mutated(rng: random.Random, corpus: Sequence[bytes]) -> bytes:
    """One of the corpus with one to eight changes: bits, bytes, numbers, stretches, another one's middle."""
    data = bytearray(rng.choice(corpus))
    for _ in range(1 << rng.randrange(4)):
        rng.choice(_CHANGES)(rng, data, corpus)
    return bytes(data[:LARGEST_BYTES])


def _place(rng: random.Random, data: bytearray) -> int:
    return rng.randrange(len(data) + 1)


def _flip(rng: random.Random, data: bytearray, _corpus: Sequence[bytes]) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _set_byte(rng: random.Random, data: bytearray, _corpus: Sequence[bytes]) -> None:
    if data:
        data[rng.randrange(len(data))] = rng.randrange(256)


def _set_number(rng: random.Random, data: bytearray, _corpus: Sequence[bytes]) -> None:
    width, order = rng.choice((1, 2, 4, 8)), rng.choice(("little", "big"))
    at = _place(rng, data) // width * width
    number = (rng.choice(NUMBERS) + rng.randrange(-1, 2)) % (1 << 8 * width)
    data[at : at + width] = number.to_bytes(width, order)


def _cut(rng: random.Random, data: bytearray, _corpus: Sequence[bytes]) -> None:
    at = _place(rng, data)
    del data[at : at + rng.choice((1, 4, 16, 256))]


def _end(rng: random.Random, data: bytearray, _corpus: Sequence[bytes]) -> None:
    del data[_place(rng, data) :]


def _repeat(rng: random.Random, data: bytearray, _corpus: Sequence[bytes]) -> None:
    at = _place(rng, data)
    data[at:at] = data[at : at + rng.choice((1, 4, 28, 128))] * rng.choice((1, 2, 16))


def _splice(rng: random.Random, data: bytearray, corpus: Sequence[bytes]) -> None:
    other = rng.choice(corpus)
    start = rng.randrange(len(other) + 1)
    at = _place(rng, data)
    data[at : at + rng.choice((0, 8))] = other[start : start + rng.choice((4, 32, 512))]


_CHANGES = (_flip, _set_byte, _set_number, _cut, _end, _repeat, _splice)


def fuzz(target: Target, seed: int, count: int | None, seconds: float | None) -> tuple[int, list[bytes]]:
    """Run ``count`` inputs, or as many as ``seconds`` allow: how many were run, and which were at fault."""
    until = None if seconds is None else time.monotonic() + seconds
    faults: list[bytes] = []
    number = 0
    for number, data in enumerate(target.inputs(seed)):
        if number == count or (until is not None and time.monotonic() >= until):
            break
        if fault := target.fault(data):
            print(f"{target.name}, input {number} of seed {seed}: {fault}", file=sys.stderr)
            faults.append(data)
    return number, faults


def main(target: Target, arguments: Sequence[str] | None = None) -> int:
    """Run a target as a command, note what was run; 1 where an input was at fault."""
    parser = argparse.ArgumentParser(description=f"Fuzz {target.name}.")
    parser.add_argument("--seconds", type=float, default=60.0, help="for how long (60)")
    parser.add_argument("--count", type=int, help="how many inputs, in place of --seconds")
    parser.add_argument("--seed", type=int, help="of the mutations; a new one each time unless given")
    parser.add_argument("input", nargs="?", type=Path, help="run this input alone")
    options = parser.parse_args(arguments)
    if options.input:
        fault = target.fault(options.input.read_bytes())
        print(fault or "nothing is wrong with it")
        return int(bool(fault))
    seed = random.SystemRandom().randrange(1 << 32) if options.seed is None else options.seed
    seconds = None if options.count is not None else options.seconds
    number, faults = fuzz(target, seed, options.count, seconds)
    _keep(target.name, seed, faults)
    _note(target.name, number, len(faults))
    print(f"{target.name}: {number:,} inputs of seed {seed}, {len(faults)} at fault")
    return int(bool(faults))


def _keep(name: str, seed: int, faults: Sequence[bytes]) -> None:
    for number, data in enumerate(faults):
        FOUND.mkdir(exist_ok=True)
        (FOUND / f"{name.replace(' ', '-')}-{seed}-{number}").write_bytes(data)


def _note(name: str, executions: int, faults: int) -> None:
    """Add to results.json what was run, and write README.md's table anew."""
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    before = results.get(name, {"executions": 0, "faults": 0})
    results[name] = {
        "executions": before["executions"] + executions,
        "faults": before["faults"] + faults,
        "date": date.today().isoformat(),
    }
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    README.write_text(with_table(README.read_text(encoding="utf-8"), results), encoding="utf-8")


def with_table(text: str, results: dict[str, dict[str, int | str]]) -> str:
    """``text`` with the table of ``results`` between its <!-- results --> and <!-- end -->."""
    rows = ["| target | inputs so far | at fault | last run |", "| --- | ---: | ---: | --- |"]
    for name, row in sorted(results.items()):
        rows.append(f"| {name} | {row['executions']:,} | {row['faults']} | {row['date']} |")
    before, _, rest = text.partition("<!-- results -->\n")
    _, _, after = rest.partition("<!-- end -->")
    return f"{before}<!-- results -->\n" + "\n".join(rows) + f"\n<!-- end -->{after}"
