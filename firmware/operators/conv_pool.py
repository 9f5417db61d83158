"""CONV_2D and MAX_POOL_2D, or REDUCE_MAX over all positions, as one layer: along a line, or over rows and
columns (conv_pool_grid).

Requantisation never turns a larger sum into a smaller result, so the maximum of raw sums is requantised once,
and what the convolution alone would write never takes up memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import activation_range, zero_point
from zerotap.firmware.graph import Graph, Operator

from . import conv_2d, conv_pool_grid
from .conv_pool_grid import Grid
from .fast_fir import conv as fast_conv
from .parts import weighted, window_positions
from .parts.dot_kernels import NOT_FIRST, NOT_LAST
from .parts.interface import Emission, Implementation, data_tensor, output_tensor
from .parts.outputs import Outputs, Requantiser
from .parts.reduction import reduction
from .parts.requantisation import chunks, requantisers
from .parts.row_kernels import (
    SCALED_CALL_CYCLES,
    RowKernel,
    row_ways,
    scaled_call,
    stack_words,
    sums_calls,
    sums_declared,
)
from .parts.window import Window, window
from .parts.window_positions import Line
from .straight import conv
from .toom_cook import layers as toom_cook
from .triples import layers as triples
from .word_rows import layers as word_layers

# As counted in runtime/zerotap_max_sums.S; the rest as gcc 12 -O2 makes it.
_MAX_CALL_CYCLES: Final = 7
_MAX_CYCLES: Final = 12
_CALL_CYCLES: Final = 10
_POOL_CYCLES: Final = 10
_STEP_CYCLES: Final = 3
_LAYER_CYCLES: Final = 40
# So many positions of a pooling window are written out one by one; more are a loop.
_WRITTEN_OUT: Final = 2


_Words = Callable[[NDArray[np.int8], Outputs], list[Implementation]]


@dataclass(frozen=True, slots=True)
class _Pool:
    """``windows`` of ``size`` convolution positions each, ``stride`` apart."""

    conv: Line
    size: int
    stride: int
    windows: int


def _pool_window(graph: Graph, first: Operator, second: Operator) -> Window:
    """Of REDUCE_MAX one window of all positions."""
    if second.name != "REDUCE_MAX":
        return window(graph, second, (second.options["filter_height"], second.options["filter_width"]))
    (height, width, channels), once = conv_2d.geometry(graph, first).target, (1, 1)
    every = height, width
    return Window((height, width, channels), (1, 1, channels), every, every, once, (0, 0))


def _pool(graph: Graph, first: Operator, second: Operator) -> _Pool | None:
    """The geometry, if every window is whole, none overlaps another, and the convolution needs no padding."""
    conv, pool = (
        window_positions.line(conv_2d.geometry(graph, first)),
        window_positions.line(_pool_window(graph, first, second)),
    )
    if conv is None or pool is None or conv.inside != (0, conv.positions) or pool.length != conv.positions:
        return None
    if not _is_apart(pool):
        return None
    return _Pool(conv, pool.kernel, pool.stride, pool.positions)


def _is_apart(pool: Line) -> bool:
    """Whether every window is whole, and none overlaps another."""
    return pool.inside == (0, pool.positions) and not pool.padding and pool.stride >= pool.kernel


def fuses(graph: Graph, first: Operator, second: Operator) -> bool:
    """A maximum of what a convolution gives, in windows that have the same channels."""
    if second.name == "REDUCE_MAX" and not _is_of_all(graph, first, second):
        return False
    return conv_2d.groups(graph, first) == 1 and _grid(graph, first, second) is not None


def _is_of_all(graph: Graph, first: Operator, second: Operator) -> bool:
    """Whether a reduction leaves one value a channel."""
    _, _, channels = conv_2d.geometry(graph, first).target
    over = reduction(graph, second)
    return (over.outer, over.inner, over.folded) == (1, channels, 1)


def always(graph: Graph, first: Operator, second: Operator) -> bool:
    """Along a line nothing is copied or summed twice."""
    return _pool(graph, first, second) is not None


def _grid(graph: Graph, first: Operator, second: Operator) -> Grid | None:
    grid = Grid(conv_2d.geometry(graph, first), _pool_window(graph, first, second))
    return grid if grid.conv.target == grid.pool.source else None


def _outputs(graph: Graph, first: Operator, second: Operator) -> Outputs:
    alone = conv_2d.outputs(graph, first)
    activation = second.options.get("fused_activation_function", 0)
    limits = activation_range(activation, output_tensor(graph, second))
    low, high = np.clip([alone.minimum, alone.maximum], *limits).tolist()
    return replace(alone, minimum=low, maximum=high)


def implementations(graph: Graph, first: Operator, second: Operator) -> tuple[Implementation, ...]:
    """Every kernel with every way to requantise."""
    pool, outputs = _pool(graph, first, second), _outputs(graph, first, second)
    weights, words = conv_2d.matrix(graph, first), partial(_by_words, graph, first, second)
    by_words = words(weights, outputs)
    if pool is None:
        grid = _grid(graph, first, second)
        assert grid is not None
        return (*by_words, *conv_pool_grid.implementations(graph, first, grid, outputs))
    return (*_straight(pool, weights, outputs, words), *by_words, *_by_rows(pool, weights, outputs))


def _by_rows(pool: _Pool, weights: NDArray[np.int8], outputs: Outputs) -> tuple[Implementation, ...]:
    return tuple(
        weighted.row_implementation(
            kernel,
            way,
            _cycles(pool, kernel, way, (weights.shape[0], weights.shape[1])),
            partial(_emit, pool, kernel, way, (weights.shape[0], weights.shape[1]), outputs),
            weighted.Extra(() if kernel.scaled or pool.size == 1 else ("zerotap_max_sums",)),
        )
        for kernel, way in row_ways(weights, outputs, requantisers(outputs))
        if pool.size == 1 or not kernel.scaled or kernel.scaled.run.pools
    )


def _by_words(
    graph: Graph, first: Operator, second: Operator, weights: NDArray[np.int8], outputs: Outputs
) -> list[Implementation]:
    """Along a line whose convolution may reach beyond its input."""
    windows, along = conv_2d.geometry(graph, first), window_positions.line(_pool_window(graph, first, second))
    line = window_positions.line(windows)
    if line is None or along is None or along.length != line.positions or not _is_apart(along):
        return []
    fill = zero_point(data_tensor(graph, first))
    pool = word_layers.Pool(along.kernel, along.stride, along.positions)
    return word_layers.pooled(windows, pool, weights, outputs, fill)


def _straight(
    pool: _Pool, weights: NDArray[np.int8], outputs: Outputs, words: _Words
) -> tuple[Implementation, ...]:
    if pool.size == 1:
        return ()
    if pool.size == 2:
        two = pool.conv, weights, outputs, pool.stride, pool.windows
        return fast_conv.beside(conv.pooled(*two), fast_conv.pooled(*two))
    rest = partial(_rest, pool, weights, outputs, words)
    lined = conv.topped(pool.conv, weights, outputs, pool.size, pool.stride, pool.windows, rest)
    if pool.windows > 1:
        return lined
    of_all = pool.conv, weights, outputs, pool.size
    beside = fast_conv.beside(lined, fast_conv.topped(*of_all))
    return (*beside, *triples.topped(*of_all), *toom_cook.topped(*of_all))


def _triples(pool: _Pool, weights: NDArray[np.int8], outputs: Outputs) -> Iterator[Implementation]:
    """The least flash first."""
    return triples.topped(pool.conv, weights, outputs, pool.size) if pool.windows == 1 else iter(())


def _rest(
    pool: _Pool, weights: NDArray[np.int8], outputs: Outputs, words: _Words, numbers: tuple[int, ...]
) -> Implementation:
    """These outputs by rows, as fast as can be: flash is short where some are not in straight line."""
    own, their = weights[list(numbers)], outputs.taken(numbers)
    least = islice(_triples(pool, own, their), 1)
    return min([*least, *words(own, their), *_by_rows(pool, own, their)], key=lambda each: each.cycles)


def _cycles(pool: _Pool, kernel: RowKernel, way: Requantiser, shape: tuple[int, int]) -> int:
    starts = [window * pool.stride + step for window in range(pool.windows) for step in range(pool.size)]
    even = sum(pool.conv.stride * pool.conv.channels * start % 4 == 0 for start in starts)
    total = _LAYER_CYCLES + pool.windows * _POOL_CYCLES
    if kernel.scaled:
        return total + _scaled_cycles(pool, kernel, shape, even)
    for _, count in chunks(shape[0]):
        calls = [kernel.cycles(shape[1], count, each) + _CALL_CYCLES for each in (True, False)]
        total += even * calls[0] + (len(starts) - even) * calls[1]
        maxima = (pool.size - 1) * (_MAX_CALL_CYCLES + _MAX_CYCLES * count)
        steps = _STEP_CYCLES * pool.size if pool.size > _WRITTEN_OUT else 0
        total += pool.windows * (maxima + steps + way.cycles(count) + _CALL_CYCLES)
    return total


def _scaled_cycles(pool: _Pool, kernel: RowKernel, shape: tuple[int, int], even: int) -> int:
    """Of all calls, of which so many read aligned inputs."""
    assert kernel.scaled
    run, total = kernel.scaled.run, 0
    odd = pool.windows * pool.size - even
    for _, count in chunks(shape[0]):
        calls = [run.cycles(shape[1], count, each) + SCALED_CALL_CYCLES for each in (True, False)]
        modes = sum(run.mode_cycles(count, run.mode(step, pool.size)) for step in range(pool.size))
        steps = _STEP_CYCLES * pool.size if pool.size > _WRITTEN_OUT else 0
        total += even * calls[0] + odd * calls[1] + pool.windows * (modes + steps)
    return total


def _emit(
    pool: _Pool, kernel: RowKernel, way: Requantiser, shape: tuple[int, int], outputs: Outputs, label: str
) -> Emission:
    words = stack_words(shape[0])
    calls = [
        call
        for first, count in chunks(shape[0])
        for call in _window(pool, kernel, way, label, shape, (first, count))
    ]
    lines = [*_declared(pool, kernel, words), *weighted.loop("x", 0, pool.windows, calls)]
    constants = weighted.range_comment(outputs) + kernel.constants(label) + way.constants(label)
    return Emission(constants, weighted.body(lines))


def _declared(pool: _Pool, kernel: RowKernel, words: int) -> list[str]:
    if pool.size == 1:
        return sums_declared(kernel, words)
    return [f"int32_t sums[{words}];" if kernel.scaled else f"int32_t sums[{words}], others[{words}];"]


def _window(
    pool: _Pool,
    kernel: RowKernel,
    way: Requantiser,
    label: str,
    shape: tuple[int, int],
    chunk: tuple[int, int],
) -> list[str]:
    """The statements of one pooling window, for a chunk (first, count) of the outputs."""
    first, count = chunk
    width = pool.conv.stride * pool.conv.channels
    row = f"input + {width * pool.stride} * x"
    target = f"output + {shape[0]} * x" + (f" + {first}" if first else "")
    if kernel.scaled:
        call = partial(_scaled_call, kernel, label, (first, count, shape[1]), target)
        return _positions(pool, row, width, call)

    def sums(at: str, into: str) -> list[str]:
        return sums_calls(kernel, label, at, first, (count, shape[1]), into)

    is_loop = pool.size > _WRITTEN_OUT
    larger = [
        *sums(f"{row} + {width}" + (" * step" if is_loop else ""), "others"),
        f"zerotap_max_sums(others, {count}, sums);",
    ]
    others = weighted.loop("step", 1, pool.size, larger) if is_loop else larger
    return [
        *sums(row, "sums"),
        *(others if pool.size > 1 else []),
        way.statement(label, "sums", first, count, target),
    ]


def _scaled_call(
    kernel: RowKernel, label: str, chunk: tuple[int, int, int], target: str, at: str, sums: str, mode: int
) -> str:
    first, count, inputs = chunk
    return scaled_call(kernel, label, at, target, first, (count, inputs), sums, mode)


def _positions(pool: _Pool, row: str, width: int, call: Callable[[str, str, int], str]) -> list[str]:
    """The calls for all positions of a window: those between the first and the last alike."""
    if pool.size == 1:
        return [call(row, "0", 0)]
    last = pool.size - 1
    return [
        call(row, "sums", NOT_LAST),
        *weighted.loop("step", 1, last, [call(f"{row} + {width} * step", "sums", NOT_FIRST | NOT_LAST)]),
        call(f"{row} + {width * last}", "sums", NOT_FIRST),
    ]
