"""CONV_2D and MAX_POOL_2D over rows and columns as one layer: the map before the pooling never exists.

For each window of the pooling, the convolution's positions in it are summed one after the other, the largest
sums are kept, and these are requantised once. Padding of both and every stride are allowed; where windows
overlap, positions in several of them are summed again for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import zero_point
from zerotap.firmware.graph import Graph, Operator

from . import conv_2d
from .parts import weighted, window_positions
from .parts.interface import Emission, Implementation, data_tensor
from .parts.outputs import Outputs, Requantiser
from .parts.pool_kernels import Pool
from .parts.requantisation import chunks, requantisers
from .parts.row_kernels import RowKernel, row_kernels, stack_words, sums_calls
from .parts.window import Window

# Below every sum, and what zerotap_max_sums still takes.
_LEAST: Final = -(1 << 30)
# As counted in runtime/zerotap_max_sums.S.
_MAX_CALL_CYCLES: Final = 7
_MAX_CYCLES: Final = 12
# Fitted to arm-none-eabi-gcc 12 -O2: a window, a line of positions in it, a position with and without a copy.
_WINDOW_CYCLES: Final = 13
_LINE_CYCLES: Final = 6
_COPIED_CYCLES: Final = 30
_DIRECT_CYCLES: Final = 19
# A sum's start, in a loop or, where they are few, written out.
_START_CYCLES: Final = 5
_FEW_START_CYCLES: Final = 2
_FEW: Final = 16


@dataclass(frozen=True, slots=True)
class Grid:
    """The convolution's windows, and those of the pooling over its positions."""

    conv: Window
    pool: Window

    @property
    def copies(self) -> bool:
        """Whether a position's window has to be copied together: all but single positions at whole words."""
        whole = self.conv.kernel == (1, 1) and self.conv.padding == (0, 0)
        return not whole or self.conv.source[2] % 4 != 0

    def visits(self, axis: int) -> NDArray[np.int64]:
        """How many windows of the pooling each of the convolution's positions along an axis is in."""
        counts = np.zeros(self.conv.target[axis], np.int64)
        for target in range(self.pool.target[axis]):
            start = target * self.pool.stride[axis] - self.pool.padding[axis]
            counts[max(start, 0) : max(start + self.pool.kernel[axis], 0)] += 1
        return counts

    def row(self) -> str:
        """The C expression of a position's activations."""
        if self.copies:
            return "scratch"
        _, width, channels = self.conv.source
        down, right = self.conv.stride
        return f"input + {channels} * ({width * down} * row + {right} * column)"


def implementations(
    graph: Graph, first: Operator, grid: Grid, outputs: Outputs
) -> tuple[Implementation, ...]:
    """Every kernel with every way to requantise."""
    weights = conv_2d.matrix(graph, first)
    layer = _Layer(
        grid, outputs, (weights.shape[0], weights.shape[1]), int(zero_point(data_tensor(graph, first)))
    )
    return tuple(
        weighted.row_implementation(
            kernel, way, layer.cycles(kernel, way), partial(layer.emit, kernel, way), layer.extra
        )
        for kernel in row_kernels(weights)
        for way in requantisers(outputs)
    )


@dataclass(frozen=True, slots=True)
class _Layer:
    """``shape``: outputs, and inputs of one position; ``fill`` stands for what lies outside of the input."""

    grid: Grid
    outputs: Outputs
    shape: tuple[int, int]
    fill: int

    @property
    def extra(self) -> weighted.Extra:
        if not self.grid.copies:
            return weighted.Extra(("zerotap_max_sums",))
        return weighted.Extra(("zerotap_max_sums", "zerotap_patch"), 4 * 9, self.shape[1])

    def cycles(self, kernel: RowKernel, way: Requantiser) -> int:
        pool, visits = self.grid.pool, (self.grid.visits(0), self.grid.visits(1))
        around = _COPIED_CYCLES if self.grid.copies else _DIRECT_CYCLES
        positions = int(visits[0].sum() * visits[1].sum())
        copied = window_positions.copy_cycles(self.grid.conv, visits) if self.grid.copies else 0
        total = 0
        for _, count in chunks(self.shape[0]):
            start = count * (_FEW_START_CYCLES if count <= _FEW else _START_CYCLES)
            once = _WINDOW_CYCLES + start + way.cycles(count)
            each = kernel.cycles(self.shape[1], count, True) + _MAX_CALL_CYCLES + _MAX_CYCLES * count
            total += pool.positions * once + positions * (each + around) + copied
            total += _LINE_CYCLES * int(visits[0].sum()) * pool.target[1]
        return total

    def emit(self, kernel: RowKernel, way: Requantiser, label: str) -> Emission:
        words, pool = stack_words(self.shape[0]), self.grid.pool
        constants = weighted.range_comment(self.outputs) + kernel.constants(label) + way.constants(label)
        if self.grid.copies:
            constants += window_positions.patch_constant(self.grid.conv, label, self.fill, repeat=1)
        parts = [line for chunk in chunks(self.shape[0]) for line in self._chunk(kernel, way, label, chunk)]
        inner = weighted.loop("x", 0, pool.target[1], [*_ends("left", "right", "x", self._axis(1)), *parts])
        rows = weighted.loop("y", 0, pool.target[0], [*_ends("top", "bottom", "y", self._axis(0)), *inner])
        return Emission(constants, weighted.body([f"int32_t sums[{words}], others[{words}];", *rows]))

    def _axis(self, axis: int) -> tuple[int, int, int, int, bool]:
        """Stride, padding, kernel and extent of the pooling, and whether a window may leave the extent."""
        pool = self.grid.pool
        spans = Pool(pool, (0, 0), aligned=False).spans(axis)
        leaves = pool.padding[axis] > 0 or set(spans) != {pool.kernel[axis]}
        return pool.stride[axis], pool.padding[axis], pool.kernel[axis], pool.source[axis], leaves

    def _chunk(self, kernel: RowKernel, way: Requantiser, label: str, chunk: tuple[int, int]) -> list[str]:
        """The statements of one pooling window, for a chunk (first, count) of the outputs."""
        first, count = chunk
        target = f"output + {self.shape[0]} * ({self.grid.pool.target[1]} * y + x)"
        each = [
            *self._copy(label),
            *sums_calls(kernel, label, self.grid.row(), first, (count, self.shape[1]), "others"),
            f"zerotap_max_sums(others, {count}, sums);",
        ]
        columns = _loop("column", "left", "right", each)
        return [
            *weighted.loop("i", 0, count, [f"sums[i] = {_LEAST};"]),
            *_loop("row", "top", "bottom", columns),
            way.statement(label, "sums", first, count, target + (f" + {first}" if first else "")),
        ]

    def _copy(self, label: str) -> list[str]:
        if not self.grid.copies:
            return []
        conv = self.grid.conv
        ends = zip(conv.stride, conv.padding, ("row", "column"), strict=True)
        top, left = (window_positions.start(*each) for each in ends)
        return [f"zerotap_patch(input, &{label}_patch, {top}, {left}, scratch);"]


def _ends(low: str, high: str, index: str, axis: tuple[int, int, int, int, bool]) -> list[str]:
    """The first of the convolution's positions in a window, and the one after the last."""
    stride, padding, kernel, extent, leaves = axis
    start = f"{stride} * {index}" + (f" - {padding}" if padding else "")
    if not leaves:
        return [f"const int32_t {low} = {start}, {high} = {low} + {kernel};"]
    end = f"{start} + {kernel}"
    return [
        f"const int32_t {low} = {start} < 0 ? 0 : {start};",
        f"const int32_t {high} = {end} > {extent} ? {extent} : {end};",
    ]


def _loop(name: str, first: str, last: str, statements: list[str]) -> list[str]:
    head = f"for (int32_t {name} = {first}; {name} < {last}; {name}++) {{"
    return [head, *(f"    {statement}" for statement in statements), "}"]
