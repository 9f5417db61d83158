"""CONV_2D whose filters each see one group of the channels.

A group is a window of its own over an image that is ``groups`` times as wide: the channels of a position lie
side by side as that many columns, so that zerotap_patch copies one group together and a row kernel takes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .parts import weighted, window_positions
from .parts.interface import Emission, Implementation
from .parts.outputs import Outputs, Requantiser
from .parts.requantisation import chunks, requantisers
from .parts.row_kernels import BLOCK, RowKernel, calls_at, row_cycles, row_kernels, stack_words
from .parts.weighted import Extra, loop
from .parts.window import Window

_TURN_CYCLES: Final = 24


@dataclass(frozen=True, slots=True)
class Groups:
    """``count`` groups of the windows over all channels; ``weights`` (outputs, taps of one group)."""

    window: Window
    count: int
    weights: NDArray[np.int8]
    fill: int

    @property
    def outputs(self) -> int:
        """Of one group."""
        return len(self.weights) // self.count

    @property
    def wide(self) -> Window:
        """The image whose columns are one group of a position each; group 0."""
        height, width, channels = self.window.source
        vertical, horizontal = self.window.dilation
        return replace(
            self.window,
            source=(height, width * self.count, channels // self.count),
            dilation=(vertical, horizontal * self.count),
        )

    @property
    def padded(self) -> NDArray[np.int8]:
        """Weights of which every group begins a block of its own."""
        groups = self.weights.reshape(self.count, self.outputs, -1)
        rows = -(-self.outputs // BLOCK) * BLOCK
        return np.pad(groups, ((0, 0), (0, rows - self.outputs), (0, 0))).reshape(self.count * rows, -1)

    @property
    def pieces(self) -> list[tuple[int, int]]:
        """(first, count) of the outputs that are computed at once."""
        return self._pieces(self.outputs)

    @property
    def padded_pieces(self) -> list[tuple[int, int]]:
        """The same of the rows in ``padded``."""
        return self._pieces(len(self.padded) // self.count)

    def _pieces(self, rows: int) -> list[tuple[int, int]]:
        return [(group * rows + first, count) for group in range(self.count) for first, count in chunks(rows)]


def implementations(groups: Groups, outputs: Outputs) -> tuple[Implementation, ...]:
    """Every kernel with every way to requantise."""
    taps = groups.weights.shape[1]
    extra = Extra(("zerotap_patch",), 4 * 9, taps)
    return tuple(
        weighted.row_implementation(
            kernel, way, _cycles(groups, kernel, way), partial(_emit, groups, outputs, kernel, way), extra
        )
        for kernel in row_kernels(groups.padded, groups.padded_pieces)
        for way in requantisers(outputs, groups.pieces)
    )


def _cycles(groups: Groups, kernel: RowKernel, way: Requantiser) -> int:
    row = row_cycles(kernel, way, (groups.outputs, groups.weights.shape[1]), aligned=True)
    one = window_positions.channel_copy_cycles(groups.window, groups.weights.shape[1] // groups.window.taps)
    return groups.count * (one + groups.window.positions * (row + _TURN_CYCLES))


def _emit(groups: Groups, outputs: Outputs, kernel: RowKernel, way: Requantiser, label: str) -> Emission:
    constants = (
        weighted.range_comment(outputs)
        + kernel.constants(label)
        + way.constants(label)
        + window_positions.patch_constant(groups.wide, label, groups.fill, repeat=1)
    )
    statements = partial(_statements, groups, kernel, way, label)
    if way.function == "zerotap_round_sums":  # a table for each group
        inner = [line for group in range(groups.count) for line in statements(group)]
    else:
        inner = loop("g", 0, groups.count, statements("g"))
    lines = loop("y", 0, groups.window.target[0], loop("x", 0, groups.window.target[1], inner))
    return Emission(constants, weighted.body([f"int32_t sums[{stack_words(groups.outputs)}];", *lines]))


def _statements(
    groups: Groups, kernel: RowKernel, way: Requantiser, label: str, group: int | str
) -> list[str]:
    """The copy of one group's window, and its outputs."""
    windows, taps = groups.window, groups.weights.shape[1]
    ends = zip(windows.stride, windows.padding, "yx", strict=True)
    top, left = (window_positions.start(*each) for each in ends)
    lines = [f"zerotap_patch(input, &{label}_patch, {top}, {groups.count} * ({left}) + {group}, scratch);"]
    rows = -(-groups.outputs // BLOCK) * BLOCK
    position = f"output + {len(groups.weights)} * ({windows.target[1]} * y + x)"
    for first, count in chunks(groups.outputs):
        weights = f"{label}_weights + {_place(int(rows * kernel.step), group, int(first * kernel.step))}"
        lines += calls_at(kernel, weights, "scratch", (count, taps), "sums")
        place = _place(groups.outputs, group, first)
        lines.append(way.statement(label, "sums", place, count, f"{position} + {place}"))
    return lines


def _place(step: int, group: int | str, first: int) -> int | str:
    """``first`` behind the beginning of a group, of which each takes ``step``."""
    return step * group + first if isinstance(group, int) else f"{step} * {group} + {first}"
