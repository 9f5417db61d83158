"""Dense layers and convolutions, alone or with a pool behind them, by rows of words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.operators.parts import weighted, window_positions
from zerotap.firmware.operators.parts.interface import Emission, Implementation
from zerotap.firmware.operators.parts.outputs import Outputs
from zerotap.firmware.operators.parts.requantisation import narrow_scales
from zerotap.firmware.operators.parts.window import Window
from zerotap.firmware.operators.parts.window_positions import Line

from .copies import WORD_BYTES, Copies
from .rows import ALONE, BLOCK, NOT_FIRST, NOT_LAST, POOL, WordRows, blocks, call_cycles, making_cycles, words

_INPUTS_MOST: Final = 0xFFFF
_OUTPUTS_MOST: Final = 0x3FFF
# A call with its arguments, a turn of a loop, and the layer's function: fitted to arm-none-eabi-gcc 12 -O2.
_CALL_CYCLES: Final = 12
_TURN_CYCLES: Final = 10
_LAYER_CYCLES: Final = 4
_DECLARED: Final = "int32_t *words = (int32_t *)(void *)scratch;"
_READY: Final = "0"


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """The rows of one layer, computed by one of the functions."""

    function: str
    rows: WordRows

    def call(self, label: str, row: str, output: str, into: str = _READY, mode: int = 0) -> str:
        """C for one position: ``row`` are inputs whose words go ``into``, or words that are there."""
        shape = f"{self.rows.count}u << 18 | " + (f"{mode}u << 16 | " if mode else "")
        return f"{self.function}({row}, {label}_table, {output}, {shape}{self.rows.inputs}, {into});"

    def making(self, inputs: int, into: str) -> str:
        """C that makes the words of so many inputs of the layer's."""
        return f"{self.function}(input, 0, 0, {inputs}, {into});"

    def making_cycles(self, inputs: int) -> int:
        """Of that."""
        made = making_cycles(self.function, inputs)
        return _CALL_CYCLES + call_cycles(self.function, inputs, 0) + made

    def cycles(self, *, makes: bool = False, mode: int = 0) -> int:
        """Of a call for one position."""
        inputs = self.rows.inputs
        made = making_cycles(self.function, inputs) if makes else 0
        return _CALL_CYCLES + made + call_cycles(self.function, inputs, self.rows.count, mode)

    def implementation(
        self, cycles: int, emit: Callable[[str], Emission], more: weighted.Extra
    ) -> Implementation:
        """With the constants of the rows and ``more``."""
        return Implementation(
            self.function.removeprefix("zerotap_"),
            (self.function, *more.runtime),
            self.rows.table_bytes + more.constant_bytes,
            _LAYER_CYCLES + cycles,
            emit,
            more.scratch_bytes,
        )


def dense(weights: NDArray[np.int8], outputs: Outputs, rows: int) -> list[Implementation]:
    """So many rows of inputs, one behind another."""
    found = []
    for layer in _layers(weights, outputs):
        inputs = layer.rows.inputs
        turns = _TURN_CYCLES * rows if rows > 1 else 0
        more = weighted.Extra(scratch_bytes=WORD_BYTES * words(inputs))
        emit = partial(_emit_dense, layer, outputs, rows)
        found.append(layer.implementation(turns + rows * layer.cycles(makes=True), emit, more))
    return found


def _emit_dense(layer: _Layer, outputs: Outputs, rows: int, label: str) -> Emission:
    at = [(f"{name} + {size} * row" if rows > 1 else name) for name, size in _ends(layer)]
    calls = [layer.call(label, at[0], at[1], "words")]
    lines = weighted.loop("row", 0, rows, calls) if rows > 1 else calls
    return _emission(layer, outputs, label, [_DECLARED, *lines])


def _ends(layer: _Layer) -> list[tuple[str, int]]:
    return [("input", layer.rows.inputs), ("output", layer.rows.count)]


def stored(window: Window, weights: NDArray[np.int8], outputs: Outputs, fill: int) -> list[Implementation]:
    """A convolution: along a line its words are made once; windows that are copied are made words each."""
    line = window_positions.line(window)
    if line and line.length * line.channels > _INPUTS_MOST:
        return []
    return [_stored(layer, window, line, outputs, fill) for layer in _layers(weights, outputs)]


def _stored(layer: _Layer, window: Window, line: Line | None, outputs: Outputs, fill: int) -> Implementation:
    copied = window_positions.copies(window)
    alone = layer.cycles(), layer.cycles(makes=True)
    cycles = window_positions.cycles(window, alone[0], alone[0]) + copied * (alone[1] - alone[0])
    extra = window_positions.extra(window, layer.rows.inputs)
    scratch = _patch_bytes(layer) if copied else 0
    copies = _inside(line) if line else None
    if copies:
        scratch += copies.size_bytes
        cycles += sum(layer.making_cycles(count) for _, count in copies.made)
    more = weighted.Extra(extra.runtime, extra.constant_bytes, scratch)
    return layer.implementation(cycles, partial(_emit_stored, layer, window, copies, outputs, fill), more)


def _inside(line: Line) -> Copies | None:
    inside = range(*line.inside)
    return Copies(line, inside) if inside else None


def _patch_bytes(layer: _Layer) -> int:
    """Of a window that is copied, and its words."""
    inputs = layer.rows.inputs
    return -(-inputs // 4) * 4 + WORD_BYTES * words(inputs)


def _emit_stored(
    layer: _Layer, window: Window, copies: Copies | None, outputs: Outputs, fill: int, label: str
) -> Emission:
    patch = window_positions.patch_constants(window, label, fill, repeat=1)
    before = -(-layer.rows.inputs // 4) if patch else 0
    declared = [_DECLARED.replace("scratch", f"(scratch + {4 * before})") if before else _DECLARED]

    def copied(row: str, output: str) -> list[str]:
        return [layer.call(label, row, output, "words")]

    lines = [*declared, *_made(layer, copies, words(layer.rows.inputs) if patch else 0)]
    inner = partial(_turns, layer, label, copies, words(layer.rows.inputs) if patch else 0)
    lines += window_positions.loops(window, label, layer.rows.count, copied, inside=inner if copies else None)
    return _emission(layer, outputs, label, lines, patch)


def _made(layer: _Layer, copies: Copies | None, before: int) -> list[str]:
    """C that makes the copies, behind so many other words."""
    made = copies.made if copies else []
    return [layer.making(count, _moved("words", begin + before)) for begin, count in made]


def _turns(layer: _Layer, label: str, copies: Copies, before: int) -> list[str]:
    """The loop over positions inside, two a turn where they begin at even and at odd inputs."""
    step = 1 if copies.stride % 2 == 0 else 2
    turns, left = divmod(len(copies.positions), step)
    calls = [_position(layer, label, copies, before, place, step) for place in range(step)]
    last = [_position(layer, label, copies, before, len(copies.positions) - 1, 0)] if left else []
    return [*weighted.loop("x", 0, turns, calls), *last]


def _position(layer: _Layer, label: str, copies: Copies, before: int, place: int, step: int) -> str:
    """The call for a position inside and, with a step, for those further on."""
    position = copies.positions[place]
    row = _moved("words", before + copies.place(position), step * copies.stride // 2)
    output = _moved("output", layer.rows.count * position, step * layer.rows.count)
    return layer.call(label, f"(const int8_t *)({row})", output)


def _moved(base: str, offset: int, step: int = 0, index: str = "x") -> str:
    moving = f" + {step} * {index}" if step else ""
    return f"{base}{f' + {offset}' if offset else ''}{moving}"


@dataclass(frozen=True, slots=True)
class Pool:
    """``windows`` of ``size`` positions of a line each, ``every`` so many; the line needs no padding."""

    line: Line
    size: int
    every: int
    windows: int


def pooled(pool: Pool, weights: NDArray[np.int8], outputs: Outputs) -> list[Implementation]:
    """A convolution along a line and the maximum over positions."""
    copies = Copies(pool.line, range(pool.line.positions))
    is_even = copies.stride % 2 == 0
    if pool.line.length * pool.line.channels > _INPUTS_MOST or not (
        is_even or (pool.size <= 2 and pool.every % 2 == 0)
    ):
        return []
    return [
        _pooled(layer, pool, copies, outputs)
        for layer in _layers(weights, outputs)
        if layer.function == POOL or pool.size == 1
    ]


def _pooled(layer: _Layer, pool: Pool, copies: Copies, outputs: Outputs) -> Implementation:
    modes = [_mode(step, pool.size) for step in range(pool.size)]
    steps = _TURN_CYCLES + sum(layer.cycles(mode=mode) for mode in modes)
    cycles = pool.windows * steps + sum(layer.making_cycles(count) for _, count in copies.made)
    emit = partial(_emit_pooled, layer, pool, copies, outputs)
    return layer.implementation(cycles, emit, weighted.Extra(scratch_bytes=copies.size_bytes))


def _mode(step: int, size: int) -> int:
    return (NOT_LAST if step < size - 1 else 0) | (NOT_FIRST if step else 0)


def _emit_pooled(layer: _Layer, pool: Pool, copies: Copies, outputs: Outputs, label: str) -> Emission:
    call = partial(_step, layer, label, pool, copies)
    last = pool.size - 1
    calls = [call(0), *(_between(call, copies, last)), *([call(last)] if last else [])]
    sums = [f"int32_t sums[{BLOCK * blocks(layer.rows.count)}];"] if last else []
    lines = [_DECLARED, *sums, *_made(layer, copies, 0), *weighted.loop("x", 0, pool.windows, calls)]
    return _emission(layer, outputs, label, lines)


def _between(call: Callable[..., str], copies: Copies, last: int) -> list[str]:
    """Positions between a window's first and its last are alike."""
    if last < 2:
        return []
    return weighted.loop("step", 1, last, [call(1, moving=copies.stride // 2)])


def _step(layer: _Layer, label: str, pool: Pool, copies: Copies, step: int, moving: int = 0) -> str:
    """The call for one position of every window, or for those on from it."""
    place = copies.place(step) - moving
    row = _moved("words", place, pool.every * copies.stride // 2) + (f" + {moving} * step" if moving else "")
    output = _moved("output", 0, layer.rows.count)
    kept = "sums" if pool.size > 1 else _READY
    return layer.call(label, f"(const int8_t *)({row})", output, kept, _mode(step, pool.size))


def _layers(weights: NDArray[np.int8], outputs: Outputs) -> list[_Layer]:
    """One for each function, where both are exact."""
    scales = narrow_scales(outputs)
    if scales is None or weights.shape[1] > _INPUTS_MOST or len(weights) > _OUTPUTS_MOST:
        return []
    rows = WordRows(weights, scales)
    return [_Layer(function, rows) for function in (ALONE, POOL)] if rows.is_exact else []


def _emission(
    layer: _Layer, outputs: Outputs, label: str, lines: Sequence[str], constants: str = ""
) -> Emission:
    tables = weighted.range_comment(outputs) + layer.rows.definition(label) + constants
    return Emission(tables, weighted.body(lines))
