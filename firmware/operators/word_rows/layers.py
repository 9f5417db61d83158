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

from .copies import WORD_BYTES, Copies
from .rows import BLOCK, KERNELS, NOT_FIRST, NOT_LAST, READY, Kernel, WordRows, blocks, words
from .source import INPUTS_MOST, Source, declared, moved, words_at

_OUTPUTS_MOST: Final = 0x3FFF
# A call with its arguments, a turn of a loop, and the layer's function: fitted to arm-none-eabi-gcc 12 -O2.
_CALL_CYCLES: Final = 12
_TURN_CYCLES: Final = 10
# Of a position of a line, where all of a turn's are alike and where two are in a turn.
_MOVING_CYCLES: Final = (5, 2)
_LAYER_CYCLES: Final = 4
_NONE: Final = "0"


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """The rows of one layer, computed by one of the functions."""

    kernel: Kernel
    rows: WordRows

    def call(self, label: str, row: str, output: str, into: str, mode: int = 0) -> str:
        """C for one position: ``row`` are inputs whose words go ``into``, or by its mode words."""
        shape = f"{self.rows.count}u << 18 | " + (f"{mode}u << 16 | " if mode else "")
        return f"{self.kernel.function}({row}, {label}_table, {output}, {shape}{self.rows.inputs}, {into});"

    def making(self, source: str, inputs: int, into: str) -> str:
        """C that makes the words of so many inputs."""
        return f"{self.kernel.function}({source}, 0, 0, {inputs}, {into});"

    def making_cycles(self, inputs: int) -> int:
        """Of that."""
        made = self.kernel.making_cycles(inputs)
        return _CALL_CYCLES + self.kernel.cycles(inputs, 0) + made

    def cycles(self, *, makes: bool = False, mode: int = 0) -> int:
        """Of a call for one position."""
        inputs = self.rows.inputs
        made = self.kernel.making_cycles(inputs) if makes else 0
        return _CALL_CYCLES + made + self.kernel.cycles(inputs, self.rows.count, mode)

    def implementation(
        self, cycles: int, emit: Callable[[str], Emission], more: weighted.Extra
    ) -> Implementation:
        """With the constants of the rows and ``more``."""
        return Implementation(
            self.kernel.function.removeprefix("zerotap_"),
            (self.kernel.function, *more.runtime),
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
    return _emission(layer, outputs, label, [declared(), *lines])


def _ends(layer: _Layer) -> list[tuple[str, int]]:
    return [("input", layer.rows.inputs), ("output", layer.rows.count)]


def stored(window: Window, weights: NDArray[np.int8], outputs: Outputs, fill: int) -> list[Implementation]:
    """A convolution: along a line words are made once; other windows are copied and made words each."""
    source = Source.of(window, fill)
    if source is None:
        return [_copied(layer, window, outputs, fill) for layer in _layers(weights, outputs)]
    if not source.is_possible:
        return []
    return [
        _stored(layer, source, outputs)
        for layer in _layers(weights, outputs)
        if source.copies(layer.kernel.fours).is_possible
    ]


def _copied(layer: _Layer, window: Window, outputs: Outputs, fill: int) -> Implementation:
    each = layer.cycles(makes=True)
    extra = window_positions.extra(window, layer.rows.inputs)
    scratch = words_at(layer.rows.inputs) + WORD_BYTES * words(layer.rows.inputs)
    more = weighted.Extra(extra.runtime, extra.constant_bytes, scratch)
    emit = partial(_emit_copied, layer, window, outputs, fill)
    return layer.implementation(window_positions.cycles(window, each, each), emit, more)


def _emit_copied(layer: _Layer, window: Window, outputs: Outputs, fill: int, label: str) -> Emission:
    def statements(row: str, output: str) -> list[str]:
        return [layer.call(label, row, output, "words")]

    lines = window_positions.loops(window, label, layer.rows.count, statements)
    patch = window_positions.patch_constants(window, label, fill, repeat=1)
    return _emission(layer, outputs, label, [declared(words_at(layer.rows.inputs)), *lines], patch)


def _stored(layer: _Layer, source: Source, outputs: Outputs) -> Implementation:
    moving = _MOVING_CYCLES[source.copies(layer.kernel.fours).stride % 2]
    cycles = _made_cycles(layer, source) + source.line.positions * (moving + layer.cycles())
    return layer.implementation(cycles, partial(_emit_stored, layer, source, outputs), source.extra)


def _made_cycles(layer: _Layer, source: Source) -> int:
    return source.cycles + sum(
        layer.making_cycles(count) for _, count in source.copies(layer.kernel.fours).made
    )


def _emit_stored(layer: _Layer, source: Source, outputs: Outputs, label: str) -> Emission:
    lines = [
        *source.lines(label),
        *_made(layer, source),
        *_turns(layer, label, source.copies(layer.kernel.fours)),
    ]
    return _emission(layer, outputs, label, lines, source.constants(label))


def _made(layer: _Layer, source: Source) -> list[str]:
    """C that makes the copies."""
    made = source.copies(layer.kernel.fours).made
    return [layer.making(source.name, count, moved("words", begin)) for begin, count in made]


def _turns(layer: _Layer, label: str, copies: Copies) -> list[str]:
    """The loop over positions, two a turn where they begin at even and at odd inputs."""
    step = 1 if copies.stride % 2 == 0 else 2
    turns, left = divmod(copies.line.positions, step)
    last = [_position(layer, label, copies, copies.line.positions - 1, 0)] if left else []
    if not turns:
        return last
    calls = [_position(layer, label, copies, place, step) for place in range(step)]
    return [*weighted.loop("x", 0, turns, calls), *last]


def _position(layer: _Layer, label: str, copies: Copies, position: int, step: int) -> str:
    """The call for a position and, with a step, for those further on."""
    row = moved("words", copies.place(position), step * copies.stride // 2)
    output = moved("output", layer.rows.count * position, step * layer.rows.count)
    return layer.call(label, f"(const int8_t *)({row})", output, _NONE, READY)


@dataclass(frozen=True, slots=True)
class Pool:
    """``windows`` of ``size`` positions each, ``every`` so many; none overlaps another."""

    size: int
    every: int
    windows: int


def pooled(
    window: Window, pool: Pool, weights: NDArray[np.int8], outputs: Outputs, fill: int
) -> list[Implementation]:
    """A convolution along a line and the maximum over positions."""
    source = Source.of(window, fill)
    if source is None or not source.is_possible or not _moves_evenly(source.copies(), pool):
        return []
    return [
        _pooled(layer, pool, source, outputs)
        for layer in _layers(weights, outputs)
        if layer.kernel.pools or pool.size == 1
    ]


def _moves_evenly(copies: Copies, pool: Pool) -> bool:
    """Whether the same position of all windows has its words in the same copy."""
    return copies.stride % 2 == 0 or (pool.size <= 2 and pool.every % 2 == 0)


def _pooled(layer: _Layer, pool: Pool, source: Source, outputs: Outputs) -> Implementation:
    modes = [_mode(step, pool.size) for step in range(pool.size)]
    steps = _TURN_CYCLES + sum(layer.cycles(mode=mode) for mode in modes)
    cycles = _made_cycles(layer, source) + pool.windows * steps
    emit = partial(_emit_pooled, layer, pool, source, outputs)
    return layer.implementation(cycles, emit, source.extra)


def _mode(step: int, size: int) -> int:
    return (NOT_LAST if step < size - 1 else 0) | (NOT_FIRST if step else 0)


def _emit_pooled(layer: _Layer, pool: Pool, source: Source, outputs: Outputs, label: str) -> Emission:
    call = partial(_step, layer, label, pool, source.copies(layer.kernel.fours))
    last = pool.size - 1
    calls = [
        call(0),
        *_between(call, source.copies(layer.kernel.fours), last),
        *([call(last)] if last else []),
    ]
    sums = [f"int32_t sums[{BLOCK * blocks(layer.rows.count)}];"] if last else []
    made = [*source.lines(label), *_made(layer, source)]
    lines = [*sums, *made, *weighted.loop("x", 0, pool.windows, calls)]
    return _emission(layer, outputs, label, lines, source.constants(label))


def _between(call: Callable[..., str], copies: Copies, last: int) -> list[str]:
    """Positions between a window's first and its last are alike."""
    return weighted.loop("step", 1, last, [call(1, moving=copies.stride // 2)]) if last > 1 else []


def _step(layer: _Layer, label: str, pool: Pool, copies: Copies, step: int, moving: int = 0) -> str:
    """The call for one position of every window, or for those on from it."""
    place = copies.place(step) - moving
    row = moved("words", place, pool.every * copies.stride // 2) + (f" + {moving} * step" if moving else "")
    output = moved("output", 0, layer.rows.count)
    kept, mode = ("sums", _mode(step, pool.size)) if pool.size > 1 else (_NONE, READY)
    return layer.call(label, f"(const int8_t *)({row})", output, kept, mode)


def _layers(weights: NDArray[np.int8], outputs: Outputs) -> list[_Layer]:
    """One for each function, where both are exact."""
    scales = narrow_scales(outputs)
    if scales is None or weights.shape[1] > INPUTS_MOST or len(weights) > _OUTPUTS_MOST:
        return []
    every = {fours: WordRows(weights, scales, fours) for fours in (False, True)}
    return [_Layer(kernel, every[kernel.fours]) for kernel in KERNELS if every[kernel.fours].is_exact]


def _emission(
    layer: _Layer, outputs: Outputs, label: str, lines: Sequence[str], constants: str = ""
) -> Emission:
    tables = weighted.range_comment(outputs) + layer.rows.definition(label) + constants
    return Emission(tables, weighted.body(lines))
