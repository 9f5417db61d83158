"""The LSTM's logistic function and tanh as exact tables of all magnitudes that values can have.

Both are made of 2 / (1 + exp(-a)) in Q2.13, which is what a table holds: the logistic function is twice that,
tanh four times what it has beyond 1. A byte an input is the faster form, two inputs a byte the smaller one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic import gemmlowp_int16
from zerotap.firmware.arithmetic.gemmlowp_int16 import INT16_MAX, INT16_MIN, Raw
from zerotap.firmware.c_code import c_source

LOGISTIC: Final = 0
"""The curve of the logistic function; of tanh it is the number of integer bits plus 1."""
_GATE_BITS: Final = 3
_ONE: Final = 1 << 13
_ONE_Q15: Final = 1 << 15
_SEGMENT: Final = 256
_TANH_SEGMENT: Final = 128
_NIBBLE: Final = 16
_SHIFT: Final = 16
# Once, and for each value, as counted in runtime/zerotap_lstm_curve_run.h: bytes, nibbles.
_CALL_CYCLES: Final = {"bytes": (22, 22), "nibbles": (22, 26)}
_CYCLES: Final = {"bytes": (19, 19), "nibbles": (29, 32)}


@dataclass(frozen=True, slots=True, eq=False)
class CurveTable:
    """A table of one ``curve`` in one ``form``: ``steps`` of each magnitude, ``segments`` of many of them."""

    curve: int
    form: str
    steps: NDArray[np.int64]
    segments: NDArray[np.int64]

    @property
    def function(self) -> str:
        """The runtime function that reads it."""
        return f"zerotap_lstm_{_name(self.curve)}_{self.form}"

    @property
    def label(self) -> str:
        """What its constants' names begin with."""
        bits = f"_{self.curve - 1}" if self.curve else ""
        return f"{_name(self.curve)}{bits}_{self.form}"

    @property
    def constant_bytes(self) -> int:
        """Bytes in flash, both arrays in whole words."""
        width = 2 if self.form == "bytes" else 4
        return -(-self.steps.size // 4) * 4 + -(-width * self.segments.size // 4) * 4

    @property
    def definition(self) -> str:
        """Both C constants: the layers of a model share them."""
        return _definition(self)

    def call(self, values: str, count: int) -> str:
        """The C statement that puts so many values through it in place."""
        segments = "begins" if self.form == "bytes" else "lines"
        return f"{self.function}({values}, {count}, {self.label}_steps, {self.label}_{segments});"

    def cycles(self) -> tuple[int, int]:
        """Of a call, and for each value."""
        is_tanh = self.curve != LOGISTIC
        return _CALL_CYCLES[self.form][is_tanh], _CYCLES[self.form][is_tanh]


# Every kernel of every recurrent layer names it, when it is planned and when it is written.
@lru_cache(maxsize=64)
def _definition(table: CurveTable) -> str:
    steps = c_source.array("uint8_t", f"{table.label}_steps", table.steps)
    if table.form == "bytes":
        kind = "int16_t" if table.curve else "uint16_t"
        return steps + c_source.array(kind, f"{table.label}_begins", table.segments)
    rows = "".join(f"    {{{begin}, {slope}}},\n" for begin, slope in table.segments.reshape(-1, 2).tolist())
    kind = f"static const zerotap_lstm_line_t {table.label}_lines[{table.segments.size // 2}]"
    return f"{steps}{kind} = {{\n{rows}}};\n"


def _name(curve: int) -> str:
    return "tanh" if curve else "logistic"


@lru_cache(maxsize=64)
def curve_table(curve: int, form: str, bound: int) -> CurveTable | None:
    """The table for values in [-bound, bound]; None where this form cannot be exact."""
    content = _content(curve)[: min(bound, -INT16_MIN) + 1]
    if content.size == 0:
        return None
    made = _nibbles(content) if form == "nibbles" else _bytes(content, curve)
    return CurveTable(curve, form, *made) if made is not None else None


@lru_cache(maxsize=8)
def _content(curve: int) -> NDArray[np.int64]:
    """x of the magnitudes 0 to 2**15; nothing where the curve is not made of it alone."""
    values = np.arange(INT16_MIN, -INT16_MIN)
    results = _every(curve)(values)
    below = results[: 1 - INT16_MIN][::-1]  # of 0 and of negative values
    if curve == LOGISTIC:
        content = (INT16_MAX - below) // 2
    else:
        content = (_ONE_Q15 - below + (below == -INT16_MAX)) // 4
    content[0] = _ONE
    exact = np.array_equal(applied(content, curve, values), results)
    return content if exact else np.zeros(0, np.int64)


def applied(content: NDArray[np.int64], curve: int, values: Raw) -> Raw:
    """What the functions make of values, whose magnitudes' x are ``content``."""
    x = content[np.abs(values)]
    if curve == LOGISTIC:
        return np.where(values < 0, INT16_MAX - 2 * x, 2 * x)
    return np.sign(values) * (4 * x - _ONE_Q15 - (x >> 14))


def _every(curve: int) -> Callable[[Raw], Raw]:
    if curve == LOGISTIC:
        return lambda values: gemmlowp_int16.logistic(values, _GATE_BITS)
    return lambda values: gemmlowp_int16.tanh(values, curve - 1)


Made = tuple[NDArray[np.int64], NDArray[np.int64]]


def _bytes(content: NDArray[np.int64], curve: int) -> Made | None:
    """(steps, begins); those of tanh are of what x has beyond 1, and never saturate."""
    if curve != LOGISTIC and np.max(content) >= 2 * _ONE:
        return None
    segment, beyond = (_SEGMENT, content) if curve == LOGISTIC else (_TANH_SEGMENT, content - _ONE)
    parts = np.split(beyond, range(segment, content.size, segment))
    begins = np.array([part.min() for part in parts])
    steps = beyond - np.repeat(begins, [part.size for part in parts])
    return (steps, begins) if np.max(steps) <= 0xFF else None


def _nibbles(content: NDArray[np.int64]) -> Made | None:
    """(pairs of steps, beginning and slope of each line)."""
    parts = np.split(content, range(_SEGMENT, content.size, _SEGMENT))
    lines = [_line(part, _SEGMENT * number) for number, part in enumerate(parts)]
    known = [line for line in lines if line is not None]
    if len(known) < len(lines):
        return None
    begins, slopes = np.repeat(np.array(known), [part.size for part in parts], axis=0).T
    steps = content - ((begins + slopes * np.arange(content.size)) >> _SHIFT)
    padded = np.pad(steps, (0, steps.size % 2))
    return padded[::2] + (padded[1::2] << 4), np.array(known).ravel()


def _line(part: NDArray[np.int64], first: int) -> tuple[int, int] | None:
    """(begin, slope) of a line that lies at most 15 below each of the values; the nearest of a few slopes."""
    places = np.arange(part.size) + first
    rise = int((part[-1] - part[0] << _SHIFT) // max(part.size - 1, 1))
    best = min(
        (_begin(part, places, rise + (tilt << _SHIFT) // _SEGMENT) for tilt in range(-4, 5)),
        key=lambda each: each[2],
    )
    return best[:2] if best[2] < _NIBBLE else None


def _begin(part: NDArray[np.int64], places: NDArray[np.int64], slope: int) -> tuple[int, int, int]:
    """The begin with which the line of a slope is never above the values, the slope, and the largest step."""
    begin = int(np.min((part << _SHIFT) - slope * places))
    steps = part - ((begin + slope * places) >> _SHIFT)
    return begin, slope, int(np.max(steps))
