"""Drawn calls of zerotap_scale_dot_16 and its forms, and what NumPy and TFLite's arithmetic make of them."""

import numpy as np
from kernel_cases import INPUTS, SKEWS, activations, apart, drawn, filled, words
from kernel_runner import Buffer, Case

from zerotap.firmware.operators.parts import dot_kernels
from zerotap.firmware.operators.parts.dot_kernels import ScaledRows, ScaledRun
from zerotap.firmware.operators.parts.outputs import Outputs
from zerotap.firmware.operators.parts.requantisation import narrow_scales
from zerotap.firmware.operators.parts.row_kernels import sum_range

RUNS = {run.function: run for run in dot_kernels.SCALED_RUNS}
_ALONE, _FIRST, _MIDDLE, _LAST = 0, 1, 3, 2


def scaled_rows(name: str, seed: int) -> Case:
    """Every length and alignment; alone, or the first, a middle or the last position of a pool."""
    rng = np.random.default_rng(seed)
    run, skew, count = RUNS[name], seed // len(INPUTS) % SKEWS, int(rng.integers(1, 21))
    inputs = INPUTS[seed % len(INPUTS)] if seed % 3 else int(rng.integers(run.inputs))
    inputs = max(dot_kernels.LEAST, 1 + (inputs - 1) % run.inputs)
    count = count if run.rests else 4 * -(-count // 4)
    mode = (_ALONE, _FIRST, _MIDDLE, _LAST)[seed % 4] if run.pools else _ALONE
    weights = apart(drawn(rng, (count, inputs), -128, 127))
    outputs = drawn_outputs(rng, weights)
    scales = narrow_scales(outputs)
    assert scales is not None
    rows = ScaledRows(run, weights.astype(np.int8), scales, [(0, count)])
    values = activations(rng, weights)
    lows = np.array([each.low for each in scales])
    padded = 4 * -(-count // 4)
    sums = np.pad(weights @ values - lows, (0, padded - count))
    before = np.where(rng.random(padded) < 0.5, sums, 0) + rng.integers(-3000, 3000, padded)
    # No position's sum leaves what the scales are proven for.
    before[:count] = np.clip(before[:count], outputs.low - lows, outputs.high - lows)
    largest = np.maximum(sums, before) if mode in (_MIDDLE, _LAST) else sums
    return _case(run, seed, rows, (values, skew, mode), (before, largest), outputs)


def drawn_outputs(rng: np.random.Generator, weights: np.ndarray) -> Outputs:
    """Ranges of sums that a narrow scale can have."""
    low, high = sum_range(weights.astype(np.int8))
    factors = 10 ** rng.uniform(-0.3, 1.3, len(weights)) / np.maximum(np.maximum(high, -low), 100) * 120
    factors = np.maximum(factors, 2.0**-9)
    ends = sorted(rng.integers(-128, 128, 2).tolist()) if rng.random() < 0.3 else (-128, 127)
    offsets = rng.integers(-2000, 2001, len(weights))
    zero_point = int(rng.integers(-128, 128))
    return Outputs(offsets, factors.tolist(), low, high, True, zero_point, *ends)


def _case(
    run: ScaledRun,
    seed: int,
    rows: ScaledRows,
    given: tuple[np.ndarray, int, int],
    pool: tuple[np.ndarray, np.ndarray],
    outputs: Outputs,
) -> Case:
    (values, skew, mode), (before, largest) = given, pool
    count, inputs = rows.weights.shape
    results = [int(outputs.rule(i)(largest[i : i + 1] + rows.scales[i].low)[0]) for i in range(count)]
    rng = np.random.default_rng(seed)
    kept, untouched = words(largest), filled(count, rng)
    output = untouched if mode in (_FIRST, _MIDDLE) else np.array(results, np.int8).tobytes()
    arguments = [
        Buffer(values.astype(np.int8).tobytes(), skew=skew),
        Buffer(words(rows.words())),
        Buffer(untouched, output, skew=seed // 3 % SKEWS),
        count << 18 | mode << 16 | inputs,
    ]
    assert len(arguments[1].data) == rows.table_bytes
    if run.pools:
        sums = Buffer(words(before), kept if mode in (_FIRST, _MIDDLE) else words(before))
        arguments.append(sums if mode else 0)
    cycles = run.cycles(inputs, count, skew == 0) + run.mode_cycles(count, mode)
    return Case(run.function, arguments, (inputs, count, skew, mode), cycles, seed)


CASES = dict.fromkeys(RUNS, scaled_rows)
