"""How much each layer loses as int8: the float and the int8 model side by side, tensor by tensor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.quantising.float_interpreter import run_tensors
from zerotap.firmware.quantising.model_inputs import model_inputs
from zerotap.firmware.tflite.reader import read_tflite

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOWS_MAX: Final = 100
_NAME_MAX: Final = 48
_KEPT: Final = (0.5, 99.5)


@dataclass(frozen=True, slots=True)
class LayerLoss:
    """A layer by its ``place`` in the int8 model, its ``operator`` and its ``name``.

    ``error``: how far its int8 values are from the float ones, root mean square, as a share of the float
    values' spread: their standard deviation, the farthest percent clipped, as a few of those are what makes
    steps too wide for the others. ``added``: what of it does not come from the layers before it.
    """

    place: int
    operator: str
    name: str
    error: float
    added: float

    def __str__(self) -> str:
        return f"layer {self.place} {self.operator} ({self.name})"


def layer_losses(floats: bytes, int8: bytes, windows: NDArray[Any], source: str) -> list[LayerLoss]:
    """What each layer of an int8 .tflite loses against the float one that it was made of.

    ``windows`` (n, ...) as the float model takes them; of more than 100, 100 spread over all are used.
    Layers that only one of the two has are left out. Raises ModelError where TensorFlow cannot run a model.
    """
    few = windows[:: -(-len(windows) // WINDOWS_MAX)]
    graph = read_tflite(int8, source=source)
    real = run_tensors(floats, read_tflite(floats, source=source), few)
    codes = run_tensors(int8, graph, model_inputs(few, graph))
    errors = _errors(graph, real, codes)
    return [
        _loss(place, operator, graph, errors)
        for place, operator in enumerate(graph.operators)
        if operator.outputs[0] in errors
    ]


def _errors(graph: Graph, real: dict[str, NDArray[Any]], codes: dict[str, NDArray[Any]]) -> dict[int, float]:
    """The error of each int8 tensor that the float model has too, by its index."""
    found = {}
    for tensor in graph.tensors:
        is_there = tensor.name in real and tensor.name in codes and tensor.data is None
        if not is_there or not tensor.scale.size or real[tensor.name].shape != codes[tensor.name].shape:
            continue
        values = real[tensor.name].astype(np.float64)
        gap = (codes[tensor.name].astype(np.float64) - tensor.zero_point[0]) * tensor.scale[0] - values
        found[tensor.index] = float(np.sqrt(np.mean(gap**2)) / _spread(values))
    return found


def _spread(values: NDArray[np.float64]) -> float:
    clipped = np.clip(values, *np.percentile(values, _KEPT))
    return max(float(clipped.std()), 1e-12)


def _loss(place: int, operator: Operator, graph: Graph, errors: dict[int, float]) -> LayerLoss:
    output = operator.outputs[0]
    before = max((errors.get(index, 0.0) for index in operator.inputs), default=0.0)
    added = np.sqrt(max(0.0, errors[output] ** 2 - before**2))
    return LayerLoss(place, operator.name, _short(graph.tensors[output].name), errors[output], float(added))


def _short(name: str) -> str:
    """A tensor's name without what it was folded from."""
    first = name.partition(";")[0]
    return first if len(first) <= _NAME_MAX else f"{first[:_NAME_MAX]} ..."
