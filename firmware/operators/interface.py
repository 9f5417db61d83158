"""What an operator's module provides: the registry's modules satisfy :class:`OperatorModule`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError

from ..graph import Graph, Operator, Tensor


@dataclass(frozen=True, slots=True)
class Cost:
    """What one inference costs: multiply-accumulates, and bytes of constants in flash."""

    macs: int
    weight_bytes: int


@dataclass(frozen=True, slots=True)
class Emission:
    """The C of one layer.

    ``constants`` are file-scope definitions, ``body`` the statements of the layer's function, which see
    ``const int8_t *input`` and ``int8_t *output``; ``runtime`` names the runtime functions that it calls.
    """

    constants: str
    body: str
    runtime: tuple[str, ...]


class OperatorModule(Protocol):
    """One module of this package."""

    DATA_INPUTS: tuple[int, ...]
    """Positions of the inputs that are computed; the others are constants, or ignored (a RESHAPE's shape)."""

    IN_PLACE: bool
    """Whether the output may overwrite an input of the same size."""

    ALIAS: bool
    """Whether the output is the input's bytes under another shape."""

    def check(self, graph: Graph, operator: Operator, place: str) -> None:
        """Raise a ModelError that begins with ``place`` if zerotap cannot compute this operator exactly."""

    def cost(self, graph: Graph, operator: Operator) -> Cost:
        """Multiply-accumulates and bytes of weights."""

    def reference(self, graph: Graph, operator: Operator, data: NDArray[Any]) -> NDArray[Any]:
        """The output for one input in NumPy integers, equal to TensorFlow's reference kernel."""

    def emit(self, graph: Graph, operator: Operator, label: str) -> Emission:
        """The C that calls the runtime; ``label`` begins every constant's name."""


def data_tensor(graph: Graph, operator: Operator, position: int = 0) -> Tensor:
    """The activation that an operator reads."""
    return graph.tensors[operator.inputs[position]]


def output_tensor(graph: Graph, operator: Operator) -> Tensor:
    """The activation that an operator writes."""
    return graph.tensors[operator.outputs[0]]


def require(condition: bool, place: str, fault: str) -> None:
    """Raise a ModelError "place: fault" unless the condition holds."""
    if not condition:
        raise ModelError(f"{place}: {fault}.")


def require_int8(place: str, *tensors: Tensor) -> None:
    """Require activations that are int8 with one scale."""
    for tensor in tensors:
        require(
            tensor.dtype == "int8" and tensor.scale.size == 1,
            place,
            f"tensor {tensor.name} is {tensor.dtype} with {tensor.scale.size} scales, not int8 with one; "
            "convert the model with `zerotap quantise`",
        )


def require_same_scale(place: str, source: Tensor, target: Tensor) -> None:
    """Require an output that keeps its input's scale and zero point."""
    require(
        np.array_equal(source.scale, target.scale) and np.array_equal(source.zero_point, target.zero_point),
        place,
        "input and output have different scales; convert the model again",
    )


def require_constant(place: str, what: str, tensor: Tensor, dtype: str) -> NDArray[Any]:
    """Require a constant of a dtype and return it."""
    require(
        tensor.data is not None, place, f"the {what} is computed at run time; only constants are supported"
    )
    require(tensor.dtype == dtype, place, f"the {what} is {tensor.dtype}, not {dtype}")
    assert tensor.data is not None
    return tensor.data


def int64(data: NDArray[Any]) -> NDArray[np.int64]:
    """Widen before arithmetic, so that nothing wraps."""
    return data.astype(np.int64)
