"""Measure every transform on the simulated board, and cutting windows on the host.

Run it in the environment of `pip install -e .`, with arm-none-eabi-gcc on PATH if you have it:

    python benchmarks/features/transforms.py

It writes transforms.json beside it, and into the package the costs that `zerotap transforms` shows; it prints
the tables of README.md.
"""

import dataclasses
import json
import platform
import statistics
import time
import tracemalloc
from pathlib import Path

import numpy as np

from zerotap.errors import ToolchainError
from zerotap.features.transforms.count_window import CountWindows
from zerotap.features.transforms.cutting import count_windows
from zerotap.features.transforms.decimate import Decimate
from zerotap.features.transforms.description import COSTS_FILE
from zerotap.features.transforms.elapsed_time import ElapsedTime
from zerotap.features.transforms.interface import Signal
from zerotap.features.transforms.item_times import timed
from zerotap.features.transforms.key_bits import KeyBits
from zerotap.features.transforms.keystroke_timing import KeystrokeTiming
from zerotap.features.transforms.range_scale import RangeScale
from zerotap.features.transforms.registry import TRANSFORMS
from zerotap.features.transforms.sample_scale import SampleScale
from zerotap.features.transforms.time_window import TimeWindows
from zerotap.firmware.board import MKR_ZERO
from zerotap.firmware.generation.transform_chain import generate_chain
from zerotap.firmware.simulation.toolchain import Compiler, find_compiler
from zerotap.firmware.simulation.transform_board import BoardChain

ITEMS = 200
WINDOWS = 1_000_000
REPORT, TIMED_REPORT, SAMPLE = Signal((8,), "uint8"), Signal((12,), "uint8"), Signal((3,), "int16")
# Sizes of the models that zerotap comes with; other transforms are measured by their first example.
TYPICAL = {
    "decimate": (Decimate(5), SAMPLE),
    "elapsed_time": (ElapsedTime(), TIMED_REPORT),
    "key_bits": (KeyBits(tuple(range(0x04, 0x1E))), REPORT),
    "keystroke_timing": (KeystrokeTiming(), TIMED_REPORT),
    "range_scale": (RangeScale((-16384,), (16383,)), SAMPLE),
    "sample_scale": (SampleScale((-8192,), (8191,)), Signal((3,), "int32")),
    "time_windows": (TimeWindows(96, 2000, 1000), TIMED_REPORT),
    "windows": (CountWindows(96, 48), REPORT),
}


def items_like(source: Signal) -> np.ndarray:
    """Keys struck one after another, every 20 ms; other items at random, ids small."""
    rng = np.random.default_rng(0)
    if source.dtype == "uint8" and source.shape in ((8,), (12,)):
        rows = np.zeros((ITEMS, 8), np.uint8)
        rows[::2, 2] = rng.integers(0x04, 0x2D, (ITEMS + 1) // 2)
        rows[:: ITEMS // 20, 2] = 0x2C
        return rows if source == REPORT else timed(np.arange(ITEMS, dtype=np.int64) * 20_000_000, rows)
    limits = np.iinfo(source.dtype)
    low, high = (0, 4096) if source.dtype == "int32" else (limits.min, limits.max)
    return rng.integers(low, high, (ITEMS, *source.shape)).astype(source.dtype)


def measure(name: str, compiler: Compiler) -> dict:
    transform, source = TYPICAL.get(name) or TRANSFORMS[name].examples()[0]
    chain = generate_chain("measured", [transform], source)
    board = BoardChain("measured", chain, compiler)
    cycles = board.run(items_like(source)).cycles[:-1]
    target = transform.output(source)
    return {
        "name": name,
        "transform": repr(transform),
        "fields": dataclasses.asdict(transform),
        "item": f"{source.dtype} {source.shape}",
        "result": f"{target.dtype} {target.shape}",
        "compiler": compiler.name,
        "cycles_median": round(statistics.median(cycles)),
        "cycles_max": max(cycles),
        "items_per_second": round(MKR_ZERO.clock_hz * len(cycles) / sum(cycles)),
        "state_bytes": chain.ram_bytes,
    }


def measure_windows() -> dict:
    """Cut a million windows of 96 reports: time and memory taken."""
    reports = np.zeros((WINDOWS + 95, 8), np.uint8)
    tracemalloc.start()
    begin = time.perf_counter()
    windows = count_windows(reports, 96, 1)
    elapsed_ms = (time.perf_counter() - begin) * 1000
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(windows) == WINDOWS
    return {"windows": WINDOWS, "ms": elapsed_ms, "bytes": peak_bytes, "bytes_if_copied": windows.nbytes}


def compilers() -> list[Compiler]:
    found = []
    for name in ("gcc", "zig"):
        try:
            found.append(find_compiler(name))
        except ToolchainError as error:
            print(f"left out: {error}")
    return found


def main() -> None:
    names = [name for name, kind in sorted(TRANSFORMS.items()) if not kind.host_only]
    rows = [measure(name, compiler) for name in names for compiler in compilers()]
    cut = measure_windows()
    setup = {"python": platform.python_version(), "numpy": np.__version__, "items": ITEMS}
    report = {"setup": setup, "board": rows, "windows": cut}
    Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    COSTS_FILE.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print("| transform | an item | compiler | cycles, median | most | items/s at 48 MHz | state, B |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for row in rows:
        figures = f"{row['cycles_median']:,} | {row['cycles_max']:,} | {row['items_per_second']:,}"
        name = row["transform"] if len(row["transform"]) <= 60 else f"{row['transform'][:57]}..."
        first = f"`{name}` | {row['item']} | {row['compiler']}"
        print(f"| {first} | {figures} | {row['state_bytes']:,} |")
    print(f"\n{cut['windows']:,} windows of 96 reports: {cut['ms']:.2f} ms, {cut['bytes']:,} B", end=" ")
    print(f"({cut['bytes_if_copied']:,} B if they were copied)")


if __name__ == "__main__":
    main()
