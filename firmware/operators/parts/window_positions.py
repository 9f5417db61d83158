"""Where the windows of a convolution lie: in place in the input, or to be copied together first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code import c_source

from .weighted import Extra, loop
from .window import Window

# A turn of the loop over columns, over rows, and a call of zerotap_patch: fitted to arm-none-eabi-gcc 12 -O2.
_POSITION_CYCLES: Final = 10
_LINE_CYCLES: Final = 13
_COPY_CYCLES: Final = 8
# As counted in runtime/zerotap_patch.S: a call, a row of the kernel, and its positions inside and outside.
_PATCH_CYCLES: Final = 42
_ROW_CYCLES: Final = 11
_INSIDE_CYCLES: Final = 31
_REPEATED_CYCLES: Final = 29
_OUTSIDE_CYCLES: Final = 24

Statements = Callable[[str, str], list[str]]
"""(C expression of a row's activations, of its output) -> statements."""


@dataclass(frozen=True, slots=True)
class Line:
    """A convolution along one axis: extents in positions, ``padding`` what lies before the first one.

    Taps lie ``dilation`` apart.
    """

    length: int
    channels: int
    kernel: int
    stride: int
    padding: int
    positions: int
    dilation: int = 1

    @property
    def reach(self) -> int:
        """Positions of the input from a window's first tap to its last."""
        return (self.kernel - 1) * self.dilation + 1

    @property
    def inside(self) -> tuple[int, int]:
        """The first position whose window lies wholly in the input, and the one after the last."""
        first = min(-(-self.padding // self.stride), self.positions)
        last = (self.length - self.reach + self.padding) // self.stride + 1
        return first, max(first, min(last, self.positions))

    def row(self, position: str) -> str:
        """The C expression of a window inside of the input."""
        offset = self.padding * self.channels
        return f"input + {self.stride * self.channels} * {position}" + (f" - {offset}" if offset else "")

    def aligned(self, positions: range) -> int:
        """How many of these windows begin at a multiple of 4 bytes."""
        starts = ((position * self.stride - self.padding) * self.channels for position in positions)
        return sum(start % 4 == 0 for start in starts)


def line(window: Window) -> Line | None:
    """The window as one along a line of contiguous memory, if it is that."""
    along = dilated_line(window)
    return along if along and along.dilation == 1 else None


def dilated_line(window: Window) -> Line | None:
    """The same, whose taps may lie apart."""
    height, width, channels = window.source
    if window.kernel == (1, 1) and window.stride == (1, 1):
        return Line(height * width, channels, 1, 1, 0, height * width)
    for axis, other in ((1, 0), (0, 1)):
        if window.source[other] == window.kernel[other] == window.target[other] == 1:
            return Line(
                window.source[axis],
                channels,
                window.kernel[axis],
                window.stride[axis],
                window.padding[axis],
                window.target[axis],
                window.dilation[axis] if window.kernel[axis] > 1 else 1,
            )
    return None


def copies(window: Window, repeat: int = 1) -> int:
    """How many windows have to be copied together: all where channels are to be repeated."""
    along = line(window) if repeat == 1 else None
    if along is None:
        return window.positions
    first, last = along.inside
    return along.positions - (last - first)


def patch_constants(window: Window, label: str, fill: int, repeat: int) -> str:
    """LABEL_patch for zerotap_patch, if any window has to be copied."""
    return patch_constant(window, label, fill, repeat) if copies(window, repeat) else ""


def patch_constant(window: Window, label: str, fill: int, repeat: int) -> str:
    """LABEL_patch for zerotap_patch."""
    fields: dict[str, int | str] = {
        "input_height": window.source[0],
        "input_width": window.source[1],
        "channels": window.source[2],
        "kernel_height": window.kernel[0],
        "kernel_width": window.kernel[1],
        "dilation_height": window.dilation[0],
        "dilation_width": window.dilation[1],
        "repeat": repeat,
        "fill": fill,
    }
    return c_source.struct("zerotap_patch_t", f"{label}_patch", fields)


def extra(window: Window, row_bytes: int, repeat: int = 1) -> Extra:
    """What copying windows of so many bytes needs beside the kernels."""
    return Extra(("zerotap_patch",), 4 * 9, row_bytes) if copies(window, repeat) else Extra()


def loops(window: Window, label: str, outputs: int, statements: Statements, repeat: int = 1) -> list[str]:
    """C loops over all positions, ``outputs`` int8 each."""
    along = line(window) if repeat == 1 else None
    if along is None:
        return _grid(window, label, outputs, statements)
    first, last = along.inside
    copied = [_patch(window, label, "x"), *statements("scratch", _output(outputs, "x"))]
    return [
        *loop("x", 0, first, copied),
        *loop("x", first, last, statements(along.row("x"), _output(outputs, "x"))),
        *loop("x", last, along.positions, copied),
    ]


def _output(outputs: int, position: str) -> str:
    return f"output + {outputs} * {position}"


def _patch(window: Window, label: str, position: str) -> str:
    """The copy of a window on a line: the other axis has one position."""
    along = [start(*each, position) for each in zip(window.stride, window.padding, strict=True)]
    top, left = ("0", along[1]) if window.target[0] == 1 else (along[0], "0")
    return f"zerotap_patch(input, &{label}_patch, {top}, {left}, scratch);"


def start(stride: int, padding: int, position: str) -> str:
    """The C expression of where a window begins."""
    moved = position if stride == 1 else f"{stride} * {position}"
    return f"{moved} - {padding}" if padding else moved


def _grid(window: Window, label: str, outputs: int, statements: Statements) -> list[str]:
    top, left = (start(*each) for each in zip(window.stride, window.padding, "yx", strict=True))
    copy = f"zerotap_patch(input, &{label}_patch, {top}, {left}, scratch);"
    inner = [copy, *statements("scratch", f"output + {outputs} * ({window.target[1]} * y + x)")]
    return loop("y", 0, window.target[0], loop("x", 0, window.target[1], inner))


def cycles(window: Window, aligned: int, unaligned: int, repeat: int = 1) -> int:
    """Cycles of the loops, for statements that take so many where the activations are aligned or are not."""
    along = line(window) if repeat == 1 else None
    copied = copies(window, repeat) * (aligned + _POSITION_CYCLES + _COPY_CYCLES) + _copied_cycles(
        window, repeat
    )
    if along is None:
        return copied + _LINE_CYCLES * window.target[0]
    inside = range(*along.inside)
    even = along.aligned(inside)
    turns = len(inside) * _POSITION_CYCLES if len(inside) > 1 else 0
    return copied + even * aligned + (len(inside) - even) * unaligned + turns


def _copied_cycles(window: Window, repeat: int) -> int:
    """Cycles of all copies; a position is inside of the input if both its row and its column are."""
    inside, total = _copied_positions(window, repeat)
    channels = window.source[2]
    once = _INSIDE_CYCLES + 7 * channels
    repeated = _REPEATED_CYCLES + channels * (6 + 6 * repeat)
    each = once if repeat == 1 else repeated
    outside = _OUTSIDE_CYCLES + 5 * channels * repeat
    calls = copies(window, repeat) * (_PATCH_CYCLES + _ROW_CYCLES * window.kernel[0])
    return calls + inside * each + (total - inside) * outside


def channel_copy_cycles(window: Window, channels: int) -> int:
    """Cycles of copying every window, of so many of its channels."""
    single = replace(window, source=(*window.source[:2], 1))
    inside = int(single.patches(np.ones(single.source, np.int64), outside=0).sum())
    outside = window.positions * window.taps - inside
    each = inside * (_INSIDE_CYCLES + 7 * channels) + outside * (_OUTSIDE_CYCLES + 5 * channels)
    return each + window.positions * (_PATCH_CYCLES + _ROW_CYCLES * window.kernel[0] + _COPY_CYCLES)


def copy_cycles(window: Window, visits: tuple[NDArray[np.int64], NDArray[np.int64]]) -> int:
    """Cycles of zerotap_patch for the windows, of which rows and columns are taken so many times."""
    times = np.multiply.outer(*visits).ravel()
    inside, channels = _inside(window), window.source[2]
    taken, total = int((inside * times).sum()), int(times.sum())
    each, outside = _INSIDE_CYCLES + 7 * channels, _OUTSIDE_CYCLES + 5 * channels
    calls = total * (_PATCH_CYCLES + _ROW_CYCLES * window.kernel[0])
    return calls + taken * each + (total * window.taps - taken) * outside


def _inside(window: Window) -> NDArray[np.int64]:
    """How many positions of each window lie in the input."""
    mask = np.ones(window.source, np.int64)[..., :1]
    single = replace(window, source=(*window.source[:2], 1))
    counts: NDArray[np.int64] = single.patches(mask, outside=0).sum(axis=(2, 3, 4)).ravel()
    return counts


def _copied_positions(window: Window, repeat: int) -> tuple[int, int]:
    """Of all positions in windows that are copied: how many lie in the input, and how many there are."""
    counts = _inside(window)
    along = line(window) if repeat == 1 else None
    if along is not None:
        first, last = along.inside
        counts = np.concatenate([counts[:first], counts[last:]])
    return int(counts.sum()), counts.size * window.taps
