"""How much each layer loses as int8: what rounding its values to their int8 range moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.firmware.planning.plan import prepared, single_layers
from zerotap.firmware.quantising.float_interpreter import run_tensors
from zerotap.firmware.tflite.reader import read_tflite

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.firmware.graph import Tensor

WINDOWS_MAX: Final = 100
_NAME_MAX: Final = 48
_KEPT: Final = (0.5, 99.5)


@dataclass(frozen=True, slots=True)
class LayerLoss:
    """A layer by its ``index`` in the int8 model, its ``operator`` and its ``name`` in the float one.

    ``error``: how far the float model's values move when they are rounded, and clipped, to the layer's int8
    range: root mean square, as a share of their spread. That is their standard deviation, the farthest
    percent clipped, as a few of those are what makes steps too wide for the others.
    """

    index: int
    operator: str
    name: str
    error: float

    def __str__(self) -> str:
        return f"layer {self.index} {self.operator} ({self.name})"


def layer_losses(floats: bytes, int8: bytes, windows: NDArray[Any], source: str) -> list[LayerLoss]:
    """What each layer of an int8 .tflite loses against the float one that it was made of.

    ``windows`` (n, ...) as the float model takes them; of more than 100, 100 spread over all are used. Layers
    of which the float model has no values are left out. Raises ModelError where TensorFlow cannot run it.
    """
    few = windows[:: -(-len(windows) // WINDOWS_MAX)]
    layers = single_layers(prepared(read_tflite(int8, source=source)))
    real = run_tensors(floats, read_tflite(floats, source=source), few)
    return [
        LayerLoss(each.index, each.name, _short(each.target.name), _error(real, each.target))
        for each in layers
        if each.target.name in real and each.target.scale.size
    ]


def _error(real: Mapping[str, NDArray[Any]], tensor: Tensor) -> float:
    values, limits = real[tensor.name].astype(np.float64), np.iinfo(tensor.dtype)
    scale, zero_point = float(tensor.scale[0]), int(tensor.zero_point[0])
    codes = np.clip(np.rint(values / scale) + zero_point, limits.min, limits.max)
    gap = (codes - zero_point) * scale - values
    clipped = np.clip(values, *np.percentile(values, _KEPT))
    return float(np.sqrt(np.mean(gap**2)) / max(float(clipped.std()), 1e-12))


def _short(name: str) -> str:
    """A tensor's name without what it was folded from."""
    first = name.partition(";")[0]
    return first if len(first) <= _NAME_MAX else f"{first[:_NAME_MAX]} ..."
