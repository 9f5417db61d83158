"""Drawn calls of zerotap_scale_words_2 and its forms, and what NumPy and TFLite's arithmetic make of them."""

import numpy as np
from kernel_cases import INPUTS, SKEWS, activations, drawn, filled, words
from kernel_dots import drawn_outputs
from kernel_runner import Buffer, Case

from zerotap.firmware.operators.parts.requantisation import narrow_scales
from zerotap.firmware.operators.word_rows.rows import (
    KERNELS,
    NOT_FIRST,
    NOT_LAST,
    READY,
    Kernel,
    WordRows,
)

# What four inputs take more where they are not aligned.
UNALIGNED_CYCLES = 6
FUNCTIONS = {kernel.function: kernel for kernel in KERNELS}
MODES = (NOT_LAST, NOT_LAST | NOT_FIRST, NOT_FIRST)


def rows_of_words(name: str, seed: int) -> Case:
    """Every length and alignment: words are made, are there, are all; or it is one position of several."""
    rng, kernel = np.random.default_rng(seed), FUNCTIONS[name]
    inputs, count = INPUTS[seed % len(INPUTS)], int(rng.integers(1, 21))
    inputs = -(-inputs // 4) * 4 if kernel.fours else inputs
    weights = apart(drawn(rng, (count, inputs), -128, 127), kernel)
    values, outputs = activations(rng, weights), drawn_outputs(rng, weights)
    rows = WordRows(weights.astype(np.int8), scales_of(outputs), kernel.fours)
    if kernel.pools and seed % 4:
        return _one_of_several(kernel, rows, seed, MODES[seed % 4 - 1], values, outputs)
    makes, none = seed // len(INPUTS) % 2 == 0, seed % 10 == 7
    none = none and makes
    results = b"" if none else _results(rows, outputs, weights @ values)
    given = [
        Buffer(values.astype(np.int8).tobytes(), skew=seed % SKEWS)
        if makes
        else Buffer(made(values, kernel)),
        Buffer(words(rows.table())),
        Buffer(filled(len(results), rng), results, skew=seed // 3 % SKEWS),
        (0 if none else count) << 18 | (0 if makes else READY << 16) | inputs,
        Buffer(filled(len(made(values, kernel)), rng), made(values, kernel)) if makes else 0,
    ]
    cycles = kernel.cycles(inputs, 0 if none else count)
    cycles += kernel.making_cycles(inputs) if makes else 0
    if makes and kernel.fours and seed % SKEWS:
        cycles += UNALIGNED_CYCLES * inputs // 4 - 3
    assert len(given[1].data) == rows.table_bytes
    return Case(name, given, (inputs, count, makes, none), cycles, seed)


def apart(weights: np.ndarray, kernel: Kernel) -> np.ndarray:
    """Weights of which no two of one word are both -128."""
    first = np.arange(weights.shape[1]) % (4 if kernel.fours else 2) < 2
    first = first if kernel.fours else (np.arange(weights.shape[1]) + weights.shape[1]) % 2 == 0
    return np.where(first, weights, np.maximum(weights, -127))


def scales_of(outputs):
    scales = narrow_scales(outputs)
    assert scales is not None
    return scales


def made(values: np.ndarray, kernel: Kernel) -> bytes:
    """Words of neighbours, of an odd number the first alone, above; or of 0 and 2, 1 and 3 of every four."""
    if kernel.fours:
        pairs = values.reshape(-1, 2, 2).transpose(0, 2, 1).reshape(-1, 2)
    else:
        pairs = np.pad(values, (len(values) % 2, 0)).reshape(-1, 2)
    return words(pairs[:, 0] + (pairs[:, 1] << 16))


def _results(rows: WordRows, outputs, sums: np.ndarray) -> bytes:
    return bytes(int(outputs.rule(i)(sums[i : i + 1])[0]) & 0xFF for i in range(rows.count))


def _one_of_several(
    kernel: Kernel, rows: WordRows, seed: int, mode: int, values: np.ndarray, outputs
) -> Case:
    rng = np.random.default_rng(seed)
    lows = np.array([each.low for each in rows.scales])
    sums = rows.weights.astype(np.int64) @ values
    before = np.where(rng.random(rows.count) < 0.5, sums, 0) + rng.integers(-3000, 3000, rows.count)
    # No position's sum leaves what the scales are proven for.
    before = np.clip(before, outputs.low, outputs.high)
    largest = np.maximum(sums, before) if mode & NOT_FIRST else sums
    output = filled(rows.count, rng)
    kept = _in_lanes(largest - lows)
    given = [
        Buffer(made(values, kernel)),
        Buffer(words(rows.table())),
        Buffer(output, output if mode & NOT_LAST else _results(rows, outputs, largest)),
        rows.count << 18 | mode << 16 | rows.inputs,
        Buffer(_in_lanes(before - lows), kept if mode & NOT_LAST else _in_lanes(before - lows)),
    ]
    cycles = kernel.cycles(rows.inputs, rows.count, mode)
    return Case(kernel.function, given, (rows.inputs, rows.count, mode), cycles, seed)


def _in_lanes(sums: np.ndarray) -> bytes:
    """By fours, the last ones in the last lanes."""
    whole = len(sums) // 4 * 4
    return words(np.concatenate([sums[:whole], np.zeros(-len(sums) % 4, np.int64), sums[whole:]]))


CASES = dict.fromkeys(FUNCTIONS, rows_of_words)
