"""Drawn calls of the assembly kernels that scale sums, and what TFLite's arithmetic makes of them."""

import re

import numpy as np
from kernel_cases import SKEWS, constants, drawn, filled, words
from kernel_runner import Buffer, Case

from zerotap.firmware.arithmetic import gemmlowp_int16, interpolated
from zerotap.firmware.arithmetic.fixed_point import divide_by_power_of_two, quantise_multiplier, requantise
from zerotap.firmware.arithmetic.gemmlowp_int16 import saturate_int16
from zerotap.firmware.arithmetic.scaling import thresholds
from zerotap.firmware.operators.parts.requantisation import (
    Outputs,
    Rounding,
    _find,
    _scale_call,
    _signs,
    uniform_scale,
)
from zerotap.firmware.operators.recurrent import curves
from zerotap.firmware.operators.recurrent import unidirectional_sequence_lstm as recurrent

# (wide, signed), and the powers of two between which factors are.
SCALES = {
    "zerotap_scale_sums": (False, False, (-9.5, -1)),
    "zerotap_scale_sums_signed": (False, True, (-9.5, -2)),
    "zerotap_scale_sums_wide": (True, False, (-16, -1)),
    "zerotap_scale_sums_wide_signed": (True, True, (-16, -2)),
}


# Once and for each cell, as the model adds them up with what is around them.
CELLS_CYCLES = {"zerotap_lstm_cells": (50, 35), "zerotap_lstm_cells_twice": (50, 39)}
STATE_CYCLES = (55, 48)
ACTIVATIONS = ("zerotap_lstm_activation", "zerotap_lstm_activation_small", "zerotap_lstm_interpolated")


def third(statement: str) -> int:
    """The third argument of a C call."""
    return eval(re.search(r"\([^,]+,[^,]+,([^,]+),", statement)[1].replace("u", ""))


def drawn_outputs(rng: np.random.Generator, count: int, once: bool, powers: tuple[float, float]) -> Outputs:
    factors = 2.0 ** rng.uniform(*powers, count)
    reach = np.minimum(rng.uniform(10, 900, count) / factors, 1 << 28).astype(np.int64)
    low, high = sorted(rng.integers(-128, 128, 2).tolist()) if rng.random() < 0.3 else (-128, 127)
    return Outputs(
        rng.integers(-reach // 2, reach // 2 + 1),
        factors.tolist(),
        -reach,
        reach,
        once,
        int(rng.integers(-128, 128)),
        low,
        high,
    )


def scaled(name: str, seed: int) -> Case:
    """Each output has its own scale; sums beside its thresholds, at its ends, or anywhere between."""
    wide, signed, powers = SCALES[name]
    rng = np.random.default_rng(seed)
    count, found, signs = 1 + seed % 9, [None], []
    while not all(found) or (signed and not any(signs)):
        outputs = drawn_outputs(rng, count, not signed, powers)
        signs = [_signs(outputs.one(output)) for output in range(count)]
        found = [_find(outputs.one(output), 16 if wide else 14) for output in range(count)]
    way = _scale_call(found, outputs.zero_point, signed, wide)
    sums = np.array([drawn_sum(rng, outputs, output) for output in range(count)])
    results = [int(outputs.rule(output)(sums[output : output + 1])[0]) for output in range(count)]
    arguments = [
        Buffer(words(sums)),
        Buffer(words(constants(way.constants("x")))),
        third(way.statement("x", "sums", 0, count, "output")),
        Buffer(filled(count, rng), np.array(results, np.int8).tobytes(), skew=seed % SKEWS),
    ]
    assert way.function == name
    assert len(arguments[1].data) == way.constant_bytes
    return Case(name, arguments, (count,), way.cycles(count), seed)


def drawn_sum(rng: np.random.Generator, outputs: Outputs, output: int) -> int:
    low, high = int(outputs.low[output]), int(outputs.high[output])
    _, reached = thresholds(outputs.rule(output), low, high)
    if reached.size and rng.random() < 0.6:
        return int(rng.choice(reached) - rng.integers(2))
    return int(rng.choice([low, high, rng.integers(low, high + 1)]))


def scaled_alike(name: str, seed: int) -> Case:
    """One scale for all outputs."""
    rng = np.random.default_rng(seed)
    count, found = 1 + seed % 9, None
    while found is None:
        values = int(2 ** rng.uniform(0, 16))
        scale = quantise_multiplier(float(2.0 ** rng.uniform(-3, 1)) / values)
        zero_point, offset = int(rng.integers(-128, 128)), -values * int(rng.integers(-128, 128))
        ends = -128 * values, 127 * values
        found = uniform_scale(scale, offset, ends, zero_point)

    def rule(sums: np.ndarray) -> np.ndarray:
        return np.clip(requantise(sums + offset, *scale) + zero_point, -128, 127)

    sums = drawn(rng, (count,), *ends)
    _, reached = thresholds(rule, *ends)
    if reached.size and seed % 4:
        sums = rng.choice(reached, count) - rng.integers(0, 2, count)
    arguments = [
        Buffer(words(sums)),
        Buffer(words(constants(found.constants("x")))),
        third(found.statement("x", "sums", count, "output")),
        Buffer(filled(count, rng), rule(sums).astype(np.int8).tobytes(), skew=seed % SKEWS),
    ]
    assert len(arguments[1].data) == found.constant_bytes
    return Case(name, arguments, (count,), found.cycles(count), seed)


def rounded(name: str, seed: int) -> Case:
    """One rounding or two, a scale for each output or one for all, shifts to the left and the right."""
    rng = np.random.default_rng(seed)
    count, once, uniform = 1 + seed % 9, bool(seed % 2), bool(seed // 2 % 2)
    scales = 1 if uniform else count
    shifts = rng.integers(-31, 0 if once else 8, scales)
    multipliers = rng.choice([1 << 30, (1 << 31) - 1, *rng.integers(1 << 30, 1 << 31, 5)], scales)
    totals = np.array([drawn_total(rng, multipliers[i % scales], shifts[i % scales]) for i in range(count)])
    bias = rng.integers(-100000, 100001, scales)
    low, high = sorted(rng.integers(-128, 128, 2).tolist()) if rng.random() < 0.5 else (-128, 127)
    zero_point = int(rng.integers(-128, 128))
    pairs = list(zip(multipliers.tolist(), shifts.tolist(), strict=True))
    table = Rounding(bias.tolist(), pairs, (zero_point, low, high), once, uniform)
    results = [
        int(np.clip(rounded_once(total, *pair) if once else requantise(total, *pair), -(1 << 40), 1 << 40))
        for total, pair in zip(totals, pairs * (count if uniform else 1), strict=True)
    ]
    content = table_bytes(table)
    assert len(content) == table.constant_bytes
    arguments = [
        Buffer(words(totals - bias)),
        Buffer(content),
        count,
        Buffer(
            filled(count, rng),
            np.clip(np.array(results) + zero_point, low, high).astype(np.int8).tobytes(),
            skew=seed % SKEWS,
        ),
    ]
    return Case(name, arguments, (count, once, uniform, int((shifts > 0).sum())), table.cycles(count), seed)


def drawn_total(rng: np.random.Generator, multiplier: int, shift: int) -> int:
    """A sum with its bias: any, one whose result int8 can hold, or one on a tie of the second rounding."""
    limit = (1 << 30) - 1 >> max(shift, 0)
    near = min(limit, int(300 * 2.0 ** (1 - shift)) + 1)
    kind, sign = rng.integers(4), int(rng.choice([-1, 1]))
    if kind == 0:
        return int(rng.choice([limit, near])) * sign
    if kind == 1 and -20 < shift < 0:
        high = (2 * int(rng.integers(100)) + 1) << (-shift - 1)
        return sign * round(high * 2.0**31 / multiplier)
    return int(rng.integers(-near, near + 1))


def rounded_once(total: int, multiplier: int, shift: int) -> int:
    return int(total) * multiplier + (1 << (30 - shift)) >> (31 - shift)


def table_bytes(table: Rounding) -> bytes:
    """The structure that its C text defines: its head, and three arrays."""
    values = constants(table.definition("x"))
    head, rest, count = values[:6], values[6:], len(table.scales)
    shifts = np.array(rest[2 * count :], np.int8).tobytes()
    content = np.array(head[:4], np.int8).tobytes() + np.array(head[4:], "<u2").tobytes()
    content += words(rest[: 2 * count]) + shifts
    return content + bytes(-len(content) % 4)


def lstm_activation(name: str, seed: int) -> Case:
    rng = np.random.default_rng(seed)
    count, curve = 1 + seed % 40, seed % 6
    values = drawn(rng, (count,), -(1 << 15), (1 << 15) - 1)
    values = np.where(rng.random(count) < 0.2, rng.integers(-3, 4, count), values)
    rule = interpolated if name == "zerotap_lstm_interpolated" else gemmlowp_int16
    results = rule.logistic(values) if curve == 0 else rule.tanh(values, curve - 1)
    before, after = (each.astype(np.int16).tobytes() for each in (values, results))
    buffer = Buffer(before, after, skew=2 * int(rng.integers(2)))
    once, each = curves.activation_cycles(name, curve)
    return Case(name, [buffer, count, curve], (count, curve), once + each * count, seed)


def lstm_gates(name: str, seed: int) -> Case:
    """Into where the sums lie every other time."""
    rng = np.random.default_rng(seed)
    cells = 1 + seed % 7
    right, multipliers = rng.integers(1, 21, (2, 4, 1)), rng.integers(1 << 30, 1 << 31, (2, 4, 1))
    room = ((1 << 31) - 1 - (1 << 10) - (1 << (10 + right)) << 20) // multipliers
    if name in ("zerotap_lstm_gates", "zerotap_lstm_gates_pairs"):
        room = np.minimum(room, 16382 * 2.0 ** (31 + right) / multipliers).astype(np.int64)
    bounds = np.broadcast_to(np.minimum(room, (1 << 20) - 1), (2, 4, cells))
    totals = rng.integers(-bounds, bounds + 1)
    kind = rng.integers(5, size=totals.shape)
    totals = np.select([kind == 0, kind == 1, kind == 2], [bounds, -bounds, totals % 7 - 3], totals)
    bias = rng.integers(-1000, 1001, totals.shape)
    gates = np.zeros((4, cells), np.int64)
    for half in range(2):
        scales = zip(multipliers[half, :, 0], -right[half, :, 0], strict=True)
        part = np.stack([requantise(totals[half, group], *scale) for group, scale in enumerate(scales)])
        gates = saturate_int16(gates + (saturate_int16(part) if name == "zerotap_lstm_gates_each" else part))
    pairs = np.stack([multipliers[..., 0], right[..., 0]], axis=-1).transpose(1, 0, 2)
    layer = Buffer(words([cells, 0, *pairs.ravel()]), pointers={1: Buffer(words(bias.ravel()))})
    sums, result = words((totals - bias).ravel()), gates.ravel().astype(np.int16).tobytes()
    given = Buffer(sums, result + sums[len(result) :]) if seed % 2 else Buffer(sums)
    target = given if seed % 2 else Buffer(filled(8 * cells, rng), result)
    return Case(name, [given, layer, target], (cells,), recurrent.gates_cycles(name, cells), seed)


def lstm_layer(rng: np.random.Generator, cells: int) -> tuple[list[int], Buffer]:
    """The fields of zerotap_lstm_t, and its bytes."""
    limit = int(rng.choice([(1 << 15) - 1, rng.integers(1, 1 << 15)]))
    low = -(1 << 15) if limit == (1 << 15) - 1 else -limit
    multiplier, right = int(rng.integers(1 << 30, 1 << 31)), int(rng.choice([1, 5, 6, 7, 8, 20, 31]))
    zero_points = rng.integers(-128, 128, 2).tolist()
    fields = [cells, int(rng.integers(5)), low, limit, multiplier, right, *zero_points]
    return fields, Buffer(words(fields))


def lstm_gate_values(rng: np.random.Generator, cells: int) -> np.ndarray:
    """Three groups of logistic values, one of tanh."""
    groups = [drawn(rng, (cells,), 0 if group < 3 else -32767, 32767) for group in range(4)]
    return np.stack(groups)


def int16s(values: np.ndarray) -> bytes:
    return values.astype(np.int16).tobytes()


def lstm_cells(name: str, seed: int) -> Case:
    rng = np.random.default_rng(seed)
    fields, layer = lstm_layer(rng, 1 + seed % 17)
    count, bits, low, high = fields[:4]
    gates, before = lstm_gate_values(rng, count), drawn(rng, (count,), low, high)
    if seed % 3:  # halves of both products, of both signs
        gates[:2] = 1 << 14
        gates[3] = 2 * rng.integers(-(1 << 10), 1 << 10, count) + 1 << bits
    twice = name == "zerotap_lstm_cells_twice"
    change, kept = gates[0] * gates[3], gates[1] * before
    if twice:
        change, kept = (change + 1) >> 1, (kept + 1) >> 1
    change = divide_by_power_of_two(change, 15 + bits - twice)
    after = np.clip(divide_by_power_of_two(kept, 15 - twice) + change, low, high)
    once, each = CELLS_CYCLES[name]
    cycles = once + each * count
    given = Buffer(int16s(gates), int16s(np.stack([*gates[:3], after])), skew=2 * int(rng.integers(2)))
    return Case(name, [given, layer, Buffer(int16s(before), int16s(after))], (count,), cycles, seed)


def lstm_state(name: str, seed: int) -> Case:
    rng = np.random.default_rng(seed)
    fields, layer = lstm_layer(rng, 1 + seed % 17)
    count, multiplier, right, zero_point = fields[0], *fields[4:7]
    gates = lstm_gate_values(rng, count)
    if seed % 3:  # results inside of int8, where the last bits of products show
        limit = int(min(32767, 2 ** ((right + 9) / 2)))
        gates[2:] = rng.integers([[0], [-limit]], limit + 1, (2, count))
    if seed % 6 == 1 and right < 14:  # halves, of both signs
        fields[4] = multiplier = 1 << 30
        layer = Buffer(words(fields))
        gates[2] = 1 << right
        gates[3] = 2 * rng.integers(-128, 128, count) + 1
    scaled = requantise(gates[2] * gates[3], multiplier, -right)
    after = np.clip(scaled + zero_point, -128, 127).astype(np.int8).tobytes()
    state, output = (Buffer(filled(count, rng), after, skew=int(rng.integers(SKEWS))) for _ in range(2))
    cycles = STATE_CYCLES[0] + STATE_CYCLES[1] * count
    return Case(name, [Buffer(int16s(gates)), layer, state, output], (count,), cycles, seed)


CASES = {
    **dict.fromkeys(SCALES, scaled),
    "zerotap_scale_uniform": scaled_alike,
    "zerotap_round_sums": rounded,
    **dict.fromkeys(ACTIVATIONS, lstm_activation),
    **dict.fromkeys(
        (f"zerotap_lstm_gates{form}" for form in ("", "_pairs", "_saturated", "_each")), lstm_gates
    ),
    **dict.fromkeys(CELLS_CYCLES, lstm_cells),
    "zerotap_lstm_state": lstm_state,
}
