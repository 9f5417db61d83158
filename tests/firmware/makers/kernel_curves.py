"""Drawn calls of the LSTM's curves from tables, and what gemmlowp's arithmetic makes of the values."""

import numpy as np
from kernel_cases import drawn, words
from kernel_runner import Buffer, Case

from zerotap.firmware.arithmetic import gemmlowp_int16
from zerotap.firmware.operators.recurrent.curve_tables import CurveTable, curve_table

CURVES = {
    "zerotap_lstm_logistic_bytes": (0,),
    "zerotap_lstm_logistic_nibbles": (0,),
    "zerotap_lstm_tanh_bytes": (1, 2, 3),
    "zerotap_lstm_tanh_nibbles": (1, 2, 3, 4),
}


def lstm_curve(name: str, seed: int) -> Case:
    """Values up to the bound of a table, and both ends of int16 where it has all."""
    rng = np.random.default_rng(seed)
    count, curve = 1 + seed % 40, CURVES[name][seed % len(CURVES[name])]
    bound = 1 << 15 if seed % 5 == 0 else int(rng.integers(1, 12_000))
    table = curve_table(curve, name.rpartition("_")[2], bound)
    assert table is not None
    assert table.function == name
    values = drawn(rng, (count,), max(-bound, -(1 << 15)), min(bound, (1 << 15) - 1))
    values = np.where(rng.random(count) < 0.2, rng.integers(-1, 2, count), values)
    results = gemmlowp_int16.tanh(values, curve - 1) if curve else gemmlowp_int16.logistic(values, 3)
    before, after = (each.astype(np.int16).tobytes() for each in (values, results))
    buffer = Buffer(before, after, skew=2 * int(rng.integers(2)))
    once, each = table.cycles()
    cycles = once + each * count + 2 * (count % 2)
    # An even seed has the runner put the steps, which RAM has no room for, where flash ends.
    return Case(name, [buffer, count, *_stored(table)], (count, curve, bound), cycles, 2 * seed)


def _stored(table: CurveTable) -> list[Buffer]:
    steps = Buffer(table.steps.astype(np.uint8).tobytes())
    if table.form == "nibbles":
        return [steps, Buffer(words(table.segments))]
    return [steps, Buffer(table.segments.astype("<u2").tobytes())]


CASES = dict.fromkeys(CURVES, lstm_curve)
