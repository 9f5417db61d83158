"""Windows sliding over (height, width, channels): the geometry of convolutions and pooling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator

from .interface import data_tensor, output_tensor, require

_SAME: Final = 0


@dataclass(frozen=True, slots=True)
class Window:
    """Geometry; every pair is (height, width), ``padding`` what lies above and to the left of the input."""

    source: tuple[int, int, int]
    target: tuple[int, int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    padding: tuple[int, int]

    @property
    def taps(self) -> int:
        """Positions of one window."""
        return self.kernel[0] * self.kernel[1]

    @property
    def positions(self) -> int:
        """Windows: output rows times columns."""
        return self.target[0] * self.target[1]

    def patches(self, data: NDArray[np.int64], outside: int) -> NDArray[np.int64]:
        """The windows' content (rows, columns, kernel height, kernel width, channels)."""
        rows, columns = (self._indices(axis) for axis in (0, 1))
        padded = np.pad(data.reshape(self.source), ((1, 1), (1, 1), (0, 0)), constant_values=outside)
        return padded[rows[:, None, :, None], columns[None, :, None, :]]

    def _indices(self, axis: int) -> NDArray[np.int64]:
        starts = np.arange(self.target[axis]) * self.stride[axis] - self.padding[axis]
        taps = np.arange(self.kernel[axis]) * self.dilation[axis]
        # Whatever lies outside falls on the one-element frame that patches() puts around the data.
        indices: NDArray[np.int64] = np.clip(starts[:, None] + taps, -1, self.source[axis]) + 1
        return indices

    def definition(self, label: str) -> str:
        """The C constant LABEL_window."""
        fields: dict[str, int | str] = {}
        for name, (vertical, horizontal) in {
            "input": self.source[:2],
            "output": self.target[:2],
            "kernel": self.kernel,
            "stride": self.stride,
            "dilation": self.dilation,
            "padding": self.padding,
        }.items():
            fields |= {f"{name}_height": vertical, f"{name}_width": horizontal}
        fields |= {"input_channels": self.source[2], "output_channels": self.target[2]}
        return c_source.struct("zerotap_window_t", f"{label}_window", fields)


def window(graph: Graph, operator: Operator, kernel: tuple[int, int]) -> Window:
    """The geometry of a checked operator (TFLite's ComputePaddingHeightWidth)."""
    source, target = data_tensor(graph, operator).shape[1:], output_tensor(graph, operator).shape[1:]
    options = operator.options
    stride = (options["stride_h"], options["stride_w"])
    dilation = (options.get("dilation_h_factor", 1), options.get("dilation_w_factor", 1))
    vertical, horizontal = (
        max((target[axis] - 1) * stride[axis] + _reach(kernel[axis], dilation[axis]) - source[axis], 0) // 2
        for axis in (0, 1)
    )
    return Window(
        (source[0], source[1], source[2]),
        (target[0], target[1], target[2]),
        kernel,
        stride,
        dilation,
        (vertical, horizontal),
    )


def check_window(graph: Graph, operator: Operator, place: str, kernel: tuple[int, int]) -> None:
    """Check that options and shapes agree."""
    source, target = data_tensor(graph, operator).shape, output_tensor(graph, operator).shape
    require(
        len(source) == 4 and len(target) == 4 and source[0] == target[0] == 1,
        place,
        f"input {source} and output {target} must be (1, height, width, channels)",
    )
    options = operator.options
    require(
        options["padding"] in (0, 1), place, f"the padding {options['padding']} is neither SAME nor VALID"
    )
    for axis, letter in enumerate("hw"):
        stride, dilation = options[f"stride_{letter}"], options.get(f"dilation_{letter}_factor", 1)
        require(
            stride > 0 and dilation > 0 and kernel[axis] > 0, place, "stride, dilation and kernel start at 1"
        )
        # TensorFlow keeps the padding in 16 bits.
        require(_reach(kernel[axis], dilation) < 1 << 15, place, "kernel and dilation reach too far")
        reach = 1 if options["padding"] == _SAME else _reach(kernel[axis], dilation)
        expected = max(0, (source[axis + 1] + stride - reach) // stride)
        require(target[axis + 1] == expected, place, f"output {target} does not follow from input {source}")


def _reach(kernel: int, dilation: int) -> int:
    return (kernel - 1) * dilation + 1
