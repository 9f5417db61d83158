"""The kernels of MAX_POOL_2D, AVERAGE_POOL_2D and REDUCE_MAX: any window by bytes, or whole ones by words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import Final

import numpy as np

from zerotap.firmware.arithmetic.fixed_point import INT8_MAX, INT8_MIN
from zerotap.firmware.c_code import c_source

from .interface import Emission, Implementation, require
from .window import Window

_POOL_BYTES: Final = 4 * 13
_WORDS_BYTES: Final = 4 * 8
_AVERAGE_BYTES: Final = 4 * 3
_MULTIPLY_BYTES: Final = 4 * 2

# (sum * multiplier + 2**22) >> 23 stays in int32 and is exact for windows of up to so many positions.
_DIVISION_BITS: Final = 23
_MULTIPLIED_MAX: Final = 255


@dataclass(frozen=True, slots=True)
class Pool:
    """A pooling: its windows, the interval that it clamps to, and whether both tensors lie at whole words."""

    window: Window
    limits: tuple[int, int]
    aligned: bool

    @property
    def by_words(self) -> bool:
        """Whether four channels can be taken at once: nothing is clipped, clamped or unaligned."""
        whole = all(len(set(self.spans(axis))) == 1 and self._ends_inside(axis) for axis in (0, 1))
        channels = self.window.source[2]
        return self.aligned and whole and channels % 4 == 0 and self.limits == (INT8_MIN, INT8_MAX)

    def _ends_inside(self, axis: int) -> bool:
        return self.window.padding[axis] == 0 and self.spans(axis)[0] == self.window.kernel[axis]

    def spans(self, axis: int) -> tuple[int, ...]:
        """How many positions of each window of this axis lie inside of the input."""
        window = self.window
        starts = np.arange(window.target[axis]) * window.stride[axis] - window.padding[axis]
        ends = np.minimum(starts + window.kernel[axis], window.source[axis])
        return tuple((ends - np.maximum(starts, 0)).tolist())

    def shapes(self) -> set[tuple[int, int]]:
        """The (lines, columns) that windows have inside of the input."""
        return {(lines, columns) for lines in self.spans(0) for columns in self.spans(1)}

    def visits(self) -> tuple[int, int, int, int]:
        """Rows of windows, windows, and inside of the input all their lines and positions."""
        lines, columns = self.spans(0), self.spans(1)
        return len(lines), len(lines) * len(columns), sum(lines) * len(columns), sum(lines) * sum(columns)


def check_extents(place: str, shape: tuple[int, ...]) -> None:
    """Require what the kernels can count in 16 bits.

    Raises:
        ModelError: more.
    """
    require(max(shape) < 1 << 16, place, f"its input {shape} is too large for any board")


def max_implementations(pool: Pool) -> tuple[Implementation, ...]:
    """The largest value of each window."""
    general = Implementation(
        "max_pool_2d",
        ("zerotap_max_pool_2d",),
        _POOL_BYTES,
        _max_cycles(pool),
        partial(_emit_max, pool),
    )
    words = Implementation(
        "max_pool_words",
        ("zerotap_max_pool_words",),
        _WORDS_BYTES,
        _max_words_cycles(pool),
        partial(_emit_max_words, pool),
    )
    return (words, general) if pool.by_words else (general,)


def average_implementations(pool: Pool) -> tuple[Implementation, ...]:
    """The mean of each window, halves away from zero."""
    general = Implementation(
        "average_pool_2d",
        ("zerotap_average_pool_2d",),
        _POOL_BYTES + _AVERAGE_BYTES + 4 * len(_multipliers(pool)),
        _average_cycles(pool),
        partial(_emit_average, pool),
    )
    words = Implementation(
        "average_pool_words",
        ("zerotap_average_pool_words",),
        _WORDS_BYTES + _MULTIPLY_BYTES,
        _average_words_cycles(pool),
        partial(_emit_average_words, pool),
    )
    return (words, general) if pool.by_words and _multipliers(pool) else (general,)


@cache
def division_multiplier(count: int) -> int:
    """The multiplier that divides every sum of ``count`` int8 values, 1 to 255, with halves away from zero.

    A little more than 2**23 / count: a half then falls on the far side of zero for both signs.

    Raises:
        ArithmeticError: some sum would be rounded otherwise; there is no such count.
    """
    multiplier = (1 << _DIVISION_BITS) // count + 1
    sums = np.arange(INT8_MIN * count, INT8_MAX * count + 1, dtype=np.int64)
    products = sums * multiplier + (1 << (_DIVISION_BITS - 1))
    exact = np.sign(sums) * ((np.abs(sums) + count // 2) // count)
    if np.max(np.abs(products)) >= 1 << 31 or np.any(products >> _DIVISION_BITS != exact):
        raise ArithmeticError(f"no multiplier divides sums of {count}")
    return multiplier


def _multipliers(pool: Pool) -> list[int]:
    """One for each size from the smallest window's to the largest's; none where that is too large."""
    sizes = {lines * columns for lines, columns in pool.shapes()}
    if max(sizes) > _MULTIPLIED_MAX:
        return []
    return [division_multiplier(size) for size in range(min(sizes), max(sizes) + 1)]


def _max_cycles(pool: Pool) -> int:
    rows, windows, lines, taps = pool.visits()
    channels = pool.window.source[2]
    clamped = 21 * windows if pool.limits != (INT8_MIN, INT8_MAX) else 0
    values = 16 * lines - 12 * windows + 12 * taps + clamped
    return 76 + 41 * rows + 47 * windows + 45 * lines + channels * values


def _max_words_cycles(pool: Pool) -> int:
    rows, windows, lines, taps = pool.visits()
    words = pool.window.source[2] // 4
    copied = 2 * windows if pool.window.kernel[1] == 1 else 0
    return 60 + 40 * rows + 12 * windows + 56 * lines + words * (15 * lines + 22 * (taps - windows) + copied)


def _average_cycles(pool: Pool) -> int:
    rows, windows, lines, taps = pool.visits()
    mean = 46 if _multipliers(pool) else 179
    return 57 + 48 * rows + 95 * windows + pool.window.source[2] * (mean * windows + 9 * lines + 9 * taps)


def _average_words_cycles(pool: Pool) -> int:
    rows, windows, lines, taps = pool.visits()
    words = pool.window.source[2] // 4
    return 36 + 16 * rows + 73 * windows + words * (49 * windows + 7 * lines + 11 * taps)


def _emit_max(pool: Pool, label: str) -> Emission:
    return Emission(_pool_constant(pool, label), f"zerotap_max_pool_2d(input, &{label}, output);")


def _emit_max_words(pool: Pool, label: str) -> Emission:
    constants = c_source.struct("zerotap_pool_words_t", label, _words_fields(pool))
    return Emission(constants, f"zerotap_max_pool_words(input, &{label}, output);")


def _emit_average(pool: Pool, label: str) -> Emission:
    multipliers = _multipliers(pool)
    table = c_source.array("int32_t", f"{label}_multipliers", multipliers) if multipliers else ""
    fields: dict[str, int | str] = {
        "pool": f"&{label}_pool",
        "multipliers": f"{label}_multipliers" if multipliers else "0",
        "fewest": min(lines * columns for lines, columns in pool.shapes()),
    }
    constants = _pool_constant(pool, f"{label}_pool") + table
    constants += c_source.struct("zerotap_average_pool_2d_t", label, fields)
    return Emission(constants, f"zerotap_average_pool_2d(input, &{label}, output);")


def _emit_average_words(pool: Pool, label: str) -> Emission:
    (multiplier,) = _multipliers(pool)
    zero = pool.window.taps * INT8_MIN * multiplier
    offset = ((1 << (_DIVISION_BITS - 1)) + zero) % (1 << 32)
    fields = {f"pool.{field}": value for field, value in _words_fields(pool).items()}
    fields |= {"multiplier": multiplier, "offset": f"{offset}u"}
    constants = c_source.struct("zerotap_average_pool_words_t", label, fields)
    return Emission(constants, f"zerotap_average_pool_words(input, &{label}, output);")


def _pool_constant(pool: Pool, name: str) -> str:
    window, (low, high) = pool.window, pool.limits
    fields: dict[str, int | str] = {"channels": window.source[2], "output_min": low, "output_max": high}
    for field, (vertical, horizontal) in {
        "input": window.source[:2],
        "output": window.target[:2],
        "kernel": window.kernel,
        "stride": window.stride,
        "padding": window.padding,
    }.items():
        fields |= {f"{field}_height": vertical, f"{field}_width": horizontal}
    return c_source.struct("zerotap_pool_2d_t", name, fields)


def _words_fields(pool: Pool) -> dict[str, int | str]:
    window = pool.window
    words = window.source[2] // 4
    line_words = window.source[1] * words
    return {
        "words": words,
        "output_height": window.target[0],
        "output_width": window.target[1],
        "kernel_height": window.kernel[0],
        "kernel_width": window.kernel[1],
        "row_words": window.stride[0] * line_words,
        "column_words": window.stride[1] * words,
        "line_words": line_words,
    }
