"""Drawn calls of the assembly kernels that add, copy and pool, and what NumPy makes of them."""

import re

import numpy as np
from kernel_runner import Buffer, Case

from zerotap.firmware.operators import bag, conv_pool, depthwise_conv_2d
from zerotap.firmware.operators.column_sums import sums_cycles, words_cycles
from zerotap.firmware.operators.parts import dot_kernels, row_kernels, window_positions
from zerotap.firmware.operators.parts.nonzero import nonzero_kernel
from zerotap.firmware.operators.parts.pool_kernels import division_multiplier
from zerotap.firmware.operators.straight.packing import block_cycles, pack_cycles
from zerotap.firmware.planning.rows import slides

INPUTS = [*range(1, 18), 23, 24, 25, 40, 48, 63]
SKEWS = 4
# What an unaligned input costs zerotap_depthwise_words before it calls zerotap_depthwise_sums.
DETOUR_CYCLES = 19
RUNS = {run.function: run for run in (*dot_kernels.STRAIGHT, dot_kernels.ROLLED)}
LIMITS = {
    "zerotap_sums_bytes": (-128, 127),
    "zerotap_sums_nibbles": (-8, 7),
    "zerotap_sums_nonzero": (-128, 127),
}
LIMITS |= dict.fromkeys(RUNS, (-128, 127))
STORED = {"int8_t": np.int8, "int32_t": np.int32, "uint16_t": np.uint16}


def words(values) -> bytes:
    """As 32-bit words, signed or unsigned."""
    return (np.asarray(values, np.int64) & 0xFFFFFFFF).astype("<u4").tobytes()


def filled(size: int, rng: np.random.Generator) -> bytes:
    """What an output holds before."""
    return rng.integers(0, 256, size, np.uint8).tobytes()


def constants(text: str) -> list[int]:
    """The values of one C definition, in order."""
    values = text[text.index("= {") :].replace("(-2147483647 - 1)", str(-(1 << 31)))
    return [int(each) for each in re.findall(r"-?\d+", values)]


def drawn(rng: np.random.Generator, shape: tuple[int, ...], low: int, high: int) -> np.ndarray:
    """All least, all greatest, one that is not zero, the two ends, or anything."""
    kind = int(rng.integers(6))
    if kind < 2:
        return np.full(shape, (low, high)[kind])
    if kind == 2:
        values = np.zeros(shape, np.int64)
        values.flat[rng.integers(values.size)] = rng.choice([low, high])
        return values
    return rng.choice([low, high], shape) if kind == 3 else rng.integers(low, high + 1, shape)


def activations(rng: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    """int8 inputs for weights (outputs, inputs): among them those that one output grows largest with."""
    if rng.random() < 0.3:
        row = weights[rng.integers(len(weights))] * rng.choice([-1, 1])
        return np.where(row < 0, -128, 127)
    return drawn(rng, weights.shape[1:], -128, 127)


def row_sums(name: str, seed: int) -> Case:
    """Every length and alignment of the input in turn."""
    rng = np.random.default_rng(seed)
    inputs, skew = INPUTS[seed % len(INPUTS)], seed // len(INPUTS) % SKEWS
    weights = drawn(rng, (int(rng.integers(1, 21)), inputs), *LIMITS[name])
    kernel = row_kernel(name, weights)
    values = activations(rng, weights)
    blocks = -(-len(weights) // 4)
    sums = np.zeros(4 * blocks, np.int64)
    sums[: len(weights)] = weights @ values
    arguments = [
        Buffer(values.astype(np.int8).tobytes(), skew=skew),
        Buffer(stored_weights(kernel)),
        Buffer(filled(16 * blocks, rng), words(sums)),
        4 * blocks << 16 | inputs,
    ]
    cycles = kernel.cycles(inputs, len(weights), skew == 0)
    return Case(name, arguments, (inputs, len(weights), skew), cycles, seed)


def stored_weights(kernel: row_kernels.RowKernel) -> bytes:
    """What the kernel's C constant holds."""
    text = kernel.constants("x")
    stored = np.array(constants(text), STORED[re.search(r"const (\w+)", text)[1]]).tobytes()
    assert len(stored) == kernel.weight_bytes
    return stored


def row_kernel(name: str, weights: np.ndarray) -> row_kernels.RowKernel:
    blocks = row_kernels._blocks(weights.astype(np.int8))
    return row_kernels._bytes(blocks) if name == "zerotap_sums_bytes" else row_kernels._nibbles(blocks)


def dot_sums(name: str, seed: int) -> Case:
    """Every length that a call may have and every alignment; some calls add to sums."""
    rng = np.random.default_rng(seed)
    run, skew = RUNS[name], seed // len(INPUTS) % SKEWS
    inputs = 1 + (INPUTS[seed % len(INPUTS)] - 1 if seed % 3 else int(rng.integers(run.inputs))) % run.inputs
    weights = apart(drawn(rng, (int(rng.integers(1, 21)), inputs), *LIMITS[name]))
    values, adds = activations(rng, weights), seed % 4 == 3
    kernel = row_kernels._dot(weights.astype(np.int8), run, [(0, len(weights))])
    blocks = -(-len(weights) // 4)
    before = drawn(rng, (4 * blocks,), -(1 << 28), 1 << 28)
    sums = before * adds
    sums[: len(weights)] += weights @ values
    arguments = [
        Buffer(values.astype(np.int8).tobytes(), skew=skew),
        Buffer(stored_weights(kernel)),
        Buffer(words(before), words(sums)),
        4 * blocks + adds << 16 | inputs,
    ]
    cycles = kernel.cycles(inputs, len(weights), skew == 0)
    cycles += adds * (dot_kernels._ADD_CYCLES + dot_kernels._ADD_BLOCK_CYCLES * blocks)
    return Case(name, arguments, (inputs, len(weights), skew, adds), cycles, seed)


def apart(weights: np.ndarray) -> np.ndarray:
    """Weights of which no word has two of -128, and some have one."""
    inputs = np.arange(weights.shape[1])
    later = np.where(inputs < len(inputs) // 4 * 4, inputs % 4 >= 2, (inputs - len(inputs) // 4 * 4) == 1)
    return np.where(later, np.maximum(weights, -127), weights)


def nonzero_sums(name: str, seed: int) -> Case:
    """Over a list of what is not the zero point, from none to all inputs."""
    rng = np.random.default_rng(seed)
    inputs = INPUTS[seed % len(INPUTS)]
    zero_point = int(rng.choice([-128, 127, rng.integers(-128, 128)]))
    weights = drawn(rng, (int(rng.integers(1, 21)), inputs), *LIMITS[name])
    values = np.where(rng.random(inputs) < rng.choice([0, 0.3, 1]), activations(rng, weights), zero_point)
    kernel = nonzero_kernel(weights.astype(np.int8), zero_point)
    listed = np.flatnonzero(values != zero_point)
    entries = listed << 18 | (values[listed] - zero_point) & 0xFFFF
    blocks = -(-len(weights) // 4)
    sums = np.zeros(4 * blocks, np.int64)
    sums[: len(weights)] = weights @ values
    arguments = [
        Buffer(words([listed.size, *entries])),
        Buffer(words(constants(kernel.constants("x")))),
        Buffer(filled(16 * blocks, rng), words(sums)),
        4 * blocks << 16 | inputs,
    ]
    cycles = kernel.cycles(listed.size, len(weights), True) + (0 if listed.size else 2 * blocks)
    return Case(name, arguments, (listed.size, len(weights)), cycles, seed)


def depthwise_sums(name: str, seed: int) -> Case:
    rng = np.random.default_rng(seed)
    by_words, skew = name == "zerotap_depthwise_words", seed % SKEWS
    taps, channels = INPUTS[seed % len(INPUTS)], int(rng.integers(1, 21))
    channels = 4 * -(-channels // 4) if by_words else channels
    weights = drawn(rng, (taps, channels), -128, 127)
    values = np.stack([activations(rng, row[None]) for row in weights])
    arguments = [
        Buffer(values.astype(np.int8).tobytes(), skew=skew),
        Buffer(weights.astype(np.int8).tobytes(), skew=0 if by_words else int(rng.integers(SKEWS))),
        Buffer(filled(4 * channels, rng), words((weights * values).sum(axis=0))),
        channels << 16 | taps,
    ]
    if by_words and skew == 0:
        cycles = depthwise_conv_2d.words_cycles(channels, taps)
    else:
        cycles = depthwise_conv_2d.sums_cycles(channels, taps) + DETOUR_CYCLES * by_words
    return Case(name, arguments, (taps, channels), cycles, seed)


def column_sums(name: str, seed: int) -> Case:
    rng = np.random.default_rng(seed)
    count, columns = int(rng.choice([*INPUTS, 300])), int(rng.integers(1, 21))
    values = drawn(rng, (count, columns), -128, 127)
    arguments = [
        Buffer(values.astype(np.int8).tobytes(), skew=seed % SKEWS),
        Buffer(filled(4 * columns, rng), words(values.sum(axis=0))),
        columns << 16 | count,
    ]
    return Case(name, arguments, (count, columns), sums_cycles(columns, count), seed)


def column_words(name: str, seed: int) -> Case:
    """As many rows as there may be, too; columns that are 4 more than eights."""
    rng = np.random.default_rng(seed)
    count, columns = int(rng.choice([*INPUTS, 257])), 4 * int(rng.integers(2, 9))
    values = drawn(rng, (count, columns), -128, 127)
    arguments = [
        Buffer(values.astype(np.int8).tobytes()),
        Buffer(filled(4 * columns, rng), words(values.sum(axis=0))),
        columns << 16 | count,
    ]
    return Case(name, arguments, (count, columns), words_cycles(columns, count), seed)


def max_sums(name: str, seed: int) -> Case:
    rng = np.random.default_rng(seed)
    count, limit = INPUTS[seed % len(INPUTS)], 1 << 30
    first, second = (drawn(rng, (count,), -limit, limit - 1) for _ in range(2))
    second = np.where(rng.random(count) < 0.3, first + rng.integers(-1, 2, count), second)
    second = np.clip(second, -limit, limit - 1)
    arguments = [Buffer(words(first)), count, Buffer(words(second), words(np.maximum(first, second)))]
    cycles = conv_pool._MAX_CALL_CYCLES + conv_pool._MAX_CYCLES * count
    return Case(name, arguments, (count,), cycles, seed)


def bag_sums(name: str, seed: int) -> Case:
    """Ids inside and outside of the table; the longest bag of the largest values too."""
    rng = np.random.default_rng(seed)
    storage = next(each for each in bag._STORAGES if each.function == name)
    count = 257 if seed % 10 == 0 else INPUTS[seed % len(INPUTS)]
    table = drawn(
        rng, (int(rng.integers(1, 40)), 8 * int(rng.integers(1, 6))), -storage.stored, storage.stored - 1
    )
    if seed % 20 == 0:
        table[:] = storage.stored - 1
    size, columns = table.shape
    ids = rng.integers(-3, size + 3, count)
    ids[rng.random(count) < 0.1] = rng.choice([-(1 << 31), (1 << 31) - 1, size, -1])
    inside = np.where((ids >= 0) & (ids < size), ids, 0)
    packed = storage.packed(table.astype(np.int8)).astype(np.uint8).tobytes()
    arguments = [
        Buffer(words(ids)),
        Buffer(words([size]) + packed),
        Buffer(filled(4 * columns, rng), words((table[inside] + storage.stored).sum(axis=0))),
        columns << 16 | count,
    ]
    once, each_pass, each_row = storage.cycles
    cycles = once + columns // 8 * (each_pass + each_row * count)
    return Case(name, arguments, (columns, count), cycles, seed)


def patch(name: str, seed: int) -> Case:
    """Windows that lie inside, across the edges of the input, and beyond them."""
    rng = np.random.default_rng(seed)
    (height, width), (lines, taps) = rng.integers(1, 7, 2), rng.integers(1, 5, 2)
    dilation, channels = rng.integers(1, 4, 2), int(rng.choice([1, 2, 3, 4, 5, 8]))
    repeat, fill = int(rng.choice([1, 1, 2, 3])), int(rng.choice([-128, 127, rng.integers(-128, 128)]))
    top, left = (int(rng.integers(-9, size + 5)) for size in (height, width))
    values = rng.integers(-128, 128, (height, width, channels))
    window = np.full((lines, taps, channels), fill)
    y, x = top + dilation[0] * np.arange(lines), left + dilation[1] * np.arange(taps)
    within = ((y >= 0) & (y < height))[:, None] & ((x >= 0) & (x < width))[None]
    window[within] = values[y.clip(0, height - 1)][:, x.clip(0, width - 1)][within]
    copy = np.repeat(window, repeat, axis=2).astype(np.int8).tobytes()
    fields = [height, width, channels, lines, taps, *dilation, repeat, fill & 0xFF]
    arguments = [
        Buffer(values.astype(np.int8).tobytes(), skew=seed % SKEWS),
        Buffer(words(fields)),
        top,
        left,
        Buffer(filled(len(copy), rng), copy, skew=int(rng.integers(SKEWS))),
    ]
    inside, above = int(within.sum()), int(((y < 0) | (y >= height)).sum() * taps)
    beside = window.shape[0] * window.shape[1] - inside - above
    each = window_positions._INSIDE_CYCLES + 7 * channels
    if repeat > 1:
        each = window_positions._REPEATED_CYCLES + channels * (6 + 6 * repeat)
    # The model counts the call itself too, and the mean of what lies outside by its row and by its column.
    cycles = (
        window_positions._PATCH_CYCLES - 3 + window_positions._ROW_CYCLES * int(lines) + 2 * (beside - above)
    )
    cycles += inside * each + (beside + above) * (window_positions._OUTSIDE_CYCLES + 5 * channels * repeat)
    return Case(name, arguments, (int(lines), int(taps), channels, repeat, inside, beside), cycles, seed)


# Cycles of a call, of four channels, of a tap of them, of a line of a window: what the files' heads count.
LINE_MAX_CYCLES = (41, 15, 22)
WINDOW_MEANS_CYCLES = (55, 49, 7, 11)


def line_max(name: str, seed: int) -> Case:
    """Into the start itself every third time."""
    rng = np.random.default_rng(seed)
    count, taps = int(rng.integers(1, 9)), seed % 7
    start, line = drawn(rng, (count, 4), -128, 127), drawn(rng, (taps, count, 4), -128, 127) if taps else None
    pairs = [start] if line is None else [start, *line]
    largest = np.max(pairs, axis=0).astype(np.int8).tobytes()
    before = start.astype(np.int8).tobytes()
    output = Buffer(before if seed % 3 == 0 else filled(4 * count, rng), largest)
    taken = Buffer(bytes(4) if line is None else line.astype(np.int8).tobytes())
    arguments = [output if seed % 3 == 0 else Buffer(before), taken, count << 16 | taps, output]
    once, each, tap = LINE_MAX_CYCLES
    cycles = once + count * (each + (tap * taps or 2))
    return Case(name, arguments, (count, taps), cycles, seed)


def window_means(name: str, seed: int) -> Case:
    rng = np.random.default_rng(seed)
    count, lines, columns = (int(rng.integers(1, most)) for most in (6, 8, 15))
    line_words = count * (columns + int(rng.integers(4)))
    values = drawn(rng, (lines, line_words, 4), -128, 127)
    taken = values[:, : columns * count].reshape(-1, 4 * count)
    size, sums = lines * columns, taken.sum(axis=0)
    means = np.sign(sums) * ((np.abs(sums) + size // 2) // size)
    multiplier = division_multiplier(size)
    fields = [count, 1, 1, lines, columns, 0, 0, line_words, multiplier]
    end = (lines - 1) * line_words + columns * count
    arguments = [
        Buffer(values.reshape(-1, 4)[:end].astype(np.int8).tobytes()),
        Buffer(words([*fields, (1 << 22) - 128 * size * multiplier])),
        Buffer(filled(4 * count, rng), means.astype(np.int8).tobytes(), skew=seed % SKEWS),
    ]
    once, each, line, tap = WINDOW_MEANS_CYCLES
    cycles = once + count * (each + lines * (line + tap * columns))
    return Case(name, arguments, (count, lines, columns), cycles, seed)


def pack_pairs(name: str, seed: int) -> Case:
    """Each position at each alignment."""
    rng = np.random.default_rng(seed)
    count, skews = INPUTS[seed % len(INPUTS)], (seed % SKEWS, int(rng.integers(2)) * int(rng.integers(SKEWS)))
    first, second = (drawn(rng, (count,), -128, 127) for _ in range(2))
    arguments = [
        Buffer(first.astype(np.int8).tobytes(), skew=skews[0]),
        Buffer(second.astype(np.int8).tobytes(), skew=skews[1]),
        Buffer(filled(4 * count, rng), words(first + (second << 16))),
        count,
    ]
    cycles = pack_cycles(not any(skews), count)
    return Case(name, arguments, (count, *skews), cycles, seed)


def pack_blocks(name: str, seed: int) -> Case:
    """Blocks of a few inputs with a few between them."""
    rng = np.random.default_rng(seed)
    fours, blocks, gap = (int(rng.integers(1, most)) for most in (6, 7, 5))
    size, taken = (4 * fours + 4 * gap) * blocks, np.arange(blocks)[:, None] * 4 * (fours + gap)
    first, second = (drawn(rng, (size,), -128, 127) for _ in range(2))
    inside = (taken + np.arange(4 * fours)).ravel()
    packed = first[inside] + (second[inside] << 16)
    arguments = [
        *(Buffer(each.astype(np.int8).tobytes()) for each in (first, second)),
        Buffer(filled(4 * packed.size, rng), words(packed)),
        4 * gap << 20 | blocks << 8 | fours,
    ]
    return Case(name, arguments, (fours, blocks, gap), block_cycles(fours, blocks), seed)


def slide(name: str, seed: int) -> Case:
    """Steps of a word and more; what moves overlaps with where it goes."""
    rng = np.random.default_rng(seed)
    count, step = INPUTS[seed % len(INPUTS)], int(rng.integers(1, 12))
    values = rng.integers(0, 1 << 32, count + step)
    moved = np.concatenate([values[step:], values[count:]])
    arguments = [Buffer(words(values), words(moved)), 4 * step, count]
    return Case(name, arguments, (count,), slides.slide_cycles(count), seed)


CASES = {
    **dict.fromkeys(RUNS, dot_sums),
    **dict.fromkeys(("zerotap_sums_bytes", "zerotap_sums_nibbles"), row_sums),
    **dict.fromkeys((each.function for each in bag._STORAGES), bag_sums),
    "zerotap_column_sums": column_sums,
    "zerotap_column_words": column_words,
    "zerotap_depthwise_sums": depthwise_sums,
    "zerotap_depthwise_words": depthwise_sums,
    "zerotap_line_max": line_max,
    "zerotap_max_sums": max_sums,
    "zerotap_pack_blocks": pack_blocks,
    "zerotap_pack_pairs": pack_pairs,
    "zerotap_patch": patch,
    "zerotap_slide": slide,
    "zerotap_sums_nonzero": nonzero_sums,
    "zerotap_window_means": window_means,
}
