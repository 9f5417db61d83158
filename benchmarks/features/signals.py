"""Measure statistics of windows on the host; spectra and filters on the simulated board and against SciPy.

Run it in the environment of `pip install -e .`, with arm-none-eabi-gcc on PATH if you have it:

    python benchmarks/features/signals.py

It writes signals.json beside it, prints the tables of README.md, and ends with 1 where a bar is missed.
"""

import json
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy
import scipy.signal

from zerotap.errors import ToolchainError
from zerotap.features.transforms.filters import Design
from zerotap.features.transforms.fourier_transform import LENGTHS, fourier
from zerotap.features.transforms.interface import Signal
from zerotap.features.transforms.spectrum import Spectrum
from zerotap.features.transforms.window_statistics import STATISTICS, Statistics
from zerotap.firmware.generation.transform_chain import generate_chain
from zerotap.firmware.simulation.toolchain import Compiler, find_compiler
from zerotap.firmware.simulation.transform_board import BoardChain

WINDOWS, LENGTH = 1_000_000, 32
REPEATS = 3
STATISTICS_BAR = 3.0
SPECTRUM_BAR_CYCLES = 60_000
# What one writes with NumPy for the same; the others have no single reduction there.
BARE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "mean": lambda x: x.mean(axis=1),
    "deviation": lambda x: x.std(axis=1),
    "min": lambda x: x.min(axis=1),
    "max": lambda x: x.max(axis=1),
    "range": lambda x: np.ptp(x, axis=1),
}
DESIGNS = [
    Design("lowpass", (10.0,), 100.0, 4),
    Design("lowpass", (1.0,), 100.0, 2),
    Design("highpass", (0.5,), 100.0, 3),
    Design("bandpass", (5.0, 20.0), 100.0, 2),
]


def best_ms(call: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        call()
        times.append((time.perf_counter() - begin) * 1000)
    return min(times)


def layouts() -> dict[str, np.ndarray]:
    """Windows as they come: a view of a recording; and as NumPy reduces them fastest."""
    samples = np.random.default_rng(0).integers(-32768, 32768, (WINDOWS * LENGTH, 2)).astype(np.int16)
    view = np.lib.stride_tricks.sliding_window_view(samples[: WINDOWS + LENGTH - 1], LENGTH, axis=0)
    return {
        "overlapping, two channels": np.moveaxis(view, -1, 1),
        "contiguous, one channel": np.ascontiguousarray(samples[:, :1]).reshape(WINDOWS, LENGTH, 1),
    }


def measure_statistics(layout: str, windows: np.ndarray) -> list[dict]:
    """Each statistic beside NumPy's own, and beside NumPy's sum of the same windows."""
    sum_ms = best_ms(lambda: windows.sum(axis=1))
    rows = []
    for name in STATISTICS:
        if name == "correlation" and windows.shape[2] == 1:
            continue
        ms = best_ms(lambda name=name: Statistics((name,)).batch(windows))
        row = {"layout": layout, "statistic": name, "ms": ms, "sum_ms": sum_ms, "of_sum": ms / sum_ms}
        if name in BARE:
            row["numpy_ms"] = best_ms(lambda name=name: BARE[name](windows))
        rows.append(row)
    return rows


def noise_ratio_db(wanted: np.ndarray, got: np.ndarray) -> np.ndarray:
    return 10 * np.log10((np.abs(wanted) ** 2).sum(axis=-1) / (np.abs(got - wanted) ** 2).sum(axis=-1))


def measure_spectrum(length: int, compiler: Compiler) -> dict:
    source = Signal((length, 1), "int16")
    rng = np.random.default_rng(length)
    noise = rng.integers(-32768, 32768, (200, length)).astype(np.int16)
    bins = fourier(noise, "hann")
    wanted = scipy.fft.rfft(noise * scipy.signal.get_window("hann", length), axis=1)
    ratios = noise_ratio_db(wanted, (bins.real + 1j * bins.imaginary) * 2.0**bins.exponent)
    chain = generate_chain("measured", [Spectrum()], source)
    board = BoardChain("measured", chain, compiler)
    run = board.run(noise[:20, :, np.newaxis])
    return {
        "samples": length,
        "compiler": compiler.name,
        "cycles_max": max(run.cycles[:-1]),
        "noise_ratio_median_db": float(np.median(ratios)),
        "noise_ratio_worst_db": float(ratios.min()),
        "ram_bytes": chain.ram_bytes,
        "stack_bytes": run.stack_bytes,
    }


def measure_filter(design: Design, compiler: Compiler) -> dict:
    rounded = design.filter()
    noise = np.random.default_rng(1).normal(0, 4000, (5000, 1)).astype(np.int16)
    wanted = scipy.signal.sosfilt(rounded.second_order_sections(), noise[:, 0].astype(float))
    chain = generate_chain("measured", [rounded], Signal((1,), "int16"))
    run = BoardChain("measured", chain, compiler).run(noise[:50])
    return {
        "filter": f"{design.band} {design.edges_hz} of {design.rate_hz} Hz, order {design.order}",
        "compiler": compiler.name,
        "gain_error": design.response_error(rounded),
        "noise_ratio_db": float(noise_ratio_db(wanted, rounded.batch(noise)[:, 0].astype(float))),
        "cycles_a_sample": max(run.cycles[:-1]),
    }


def compilers() -> list[Compiler]:
    found = []
    for name in ("gcc", "zig"):
        try:
            found.append(find_compiler(name))
        except ToolchainError as error:
            print(f"left out: {error}")
    return found


def print_tables(report: dict) -> None:
    print(f"| {WINDOWS:,} windows of {LENGTH} | statistic | ms | NumPy's own, ms | times NumPy's sum |")
    print("| --- | --- | --- | --- | --- |")
    for row in report["statistics"]:
        bare = f"{row['numpy_ms']:.0f}" if "numpy_ms" in row else ""
        figures = f"{row['ms']:.0f} | {bare} | {row['of_sum']:.2f}"
        print(f"| {row['layout']} | {row['statistic']} | {figures} |")
    print("\n| samples | compiler | cycles, most | SNR, median dB | worst dB | RAM, B | stack, B |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for row in report["spectrum"]:
        ratios = f"{row['noise_ratio_median_db']:.1f} | {row['noise_ratio_worst_db']:.1f}"
        memory = f"{row['ram_bytes']} | {row['stack_bytes']}"
        print(f"| {row['samples']} | {row['compiler']} | {row['cycles_max']:,} | {ratios} | {memory} |")
    print("\n| filter | compiler | gain error | SNR, dB | cycles a sample |")
    print("| --- | --- | --- | --- | --- |")
    for row in report["filters"]:
        figures = f"{row['gain_error']:.5f} | {row['noise_ratio_db']:.1f} | {row['cycles_a_sample']}"
        print(f"| {row['filter']} | {row['compiler']} | {figures} |")


def missed_bars(report: dict) -> list[str]:
    slow = [row["statistic"] for row in report["statistics"] if row["of_sum"] > STATISTICS_BAR]
    spectra = [row for row in report["spectrum"] if row["samples"] == 256 and "gcc" in row["compiler"]]
    return slow + [f"spectrum of 256: {row['cycles_max']}" for row in spectra
                   if row["cycles_max"] > SPECTRUM_BAR_CYCLES]  # fmt: skip


def main() -> int:
    report = {
        "setup": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "windows": [WINDOWS, LENGTH],
        },
        "statistics": [
            row for name, windows in layouts().items() for row in measure_statistics(name, windows)
        ],
        "spectrum": [measure_spectrum(length, compiler) for compiler in compilers() for length in LENGTHS],
        "filters": [measure_filter(design, compiler) for compiler in compilers() for design in DESIGNS],
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print_tables(report)
    missed = missed_bars(report)
    print(f"bars missed: {', '.join(missed)}" if missed else "no bar missed", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
