"""Drawn calls of the assembly kernels that move, fill or add bytes, and what NumPy makes of them."""

import numpy as np
from kernel_cases import INPUTS, SKEWS, drawn, filled, words
from kernel_runner import Buffer, Case

from zerotap.firmware.operators.copying.rows import fill_cycles, rows_cycles
from zerotap.firmware.operators.pairwise.addition import elements_cycles


def add_elements(name: str, seed: int) -> Case:
    """Every count, in place or not; sums far beyond both limits, and next to them."""
    rng = np.random.default_rng(seed)
    count, shift = INPUTS[seed % len(INPUTS)], int(rng.integers(0, 22))
    factors = rng.integers(-(2 << shift), (2 << shift) + 1, 2)
    low = int(rng.integers(-128, 128))
    span, offset = int(rng.integers(0, 128 - low)), int(rng.integers(-(1 << 28), 1 << 28))
    first, second = (drawn(rng, (count,), -128, 127) for _ in "ab")
    sums = first * factors[0] + second * factors[1] + offset >> shift
    expected = (np.clip(sums, 0, span) + low).astype(np.int8).tobytes()
    operands = [Buffer(each.astype(np.int8).tobytes(), skew=int(rng.integers(4))) for each in (first, second)]
    layer = Buffer(words([*factors, offset, span, low, count, shift]))
    output = Buffer(filled(count, rng), expected, skew=int(rng.integers(4)))
    if seed % 4 == 3:
        output = operands[seed // 4 % 2]
        output.expected = expected
    return Case(name, [*operands, layer, output], (count,), elements_cycles(count), seed)


def copy_rows(name: str, seed: int) -> Case:
    """Every length of rows, that are all aligned, none, or some."""
    rng = np.random.default_rng(seed)
    size, count = INPUTS[seed % len(INPUTS)], int(rng.integers(1, 5))
    aligned = seed % 3 > 0
    skews = [0, 0] if aligned else rng.integers(0, 4, 2).tolist()
    gaps = [(-size % 4 + 4 * int(rng.integers(3))) if aligned else int(rng.integers(6)) for _ in "st"]
    places = [np.arange(count)[:, None] * (size + gap) + np.arange(size) for gap in gaps]
    source, target = (rng.integers(0, 256, int(each.max()) + 1, np.uint8) for each in places)
    after = target.copy()
    after[places[1]] = source[places[0]]
    starts = np.stack([each[:, 0] + skew for each, skew in zip(places, skews, strict=True)])
    even = int((starts % 4 == 0).all(axis=0).sum())
    arguments = [
        Buffer(source.tobytes(), skew=skews[0]),
        Buffer(words([count, size, *gaps])),
        Buffer(target.tobytes(), after.tobytes(), skew=skews[1]),
    ]
    return Case(name, arguments, (size, even, count - even), rows_cycles(size, even, count - even), seed)


def fill(name: str, seed: int) -> Case:
    """Every length and alignment."""
    rng = np.random.default_rng(seed)
    size, skew, value = INPUTS[seed % len(INPUTS)], seed // len(INPUTS) % SKEWS, int(rng.integers(-128, 128))
    target = Buffer(filled(size, rng), np.full(size, value, np.int8).tobytes(), skew=skew)
    return Case(name, [target, value, size], (size, skew), fill_cycles(size, is_aligned=skew == 0), seed)


CASES = {"zerotap_add_elements": add_elements, "zerotap_copy_rows": copy_rows, "zerotap_fill": fill}
