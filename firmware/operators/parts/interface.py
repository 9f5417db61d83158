"""What an operator's module provides: the registry's modules satisfy :class:`OperatorModule`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.arithmetic.fixed_point import ACTIVATIONS
from zerotap.firmware.c_code.assembly import AssemblyFunction
from zerotap.firmware.graph import Graph, Operator, Tensor


@dataclass(frozen=True, slots=True)
class Function:
    """A static function that a layer's body calls: what stands before its body, and the body."""

    declaration: str
    body: str


@dataclass(frozen=True, slots=True)
class Emission:
    """The C of one layer.

    ``constants`` are file-scope definitions, ``body`` the statements of the layer's function. They see
    ``input`` (then ``input_1``, ...), ``output``, and ``int8_t *scratch`` where the implementation asks for
    scratch bytes; each pointer has its tensor's type and a tensor in the arena is aligned to 4 bytes.
    ``functions`` are defined between the two; ``shared`` are constants that
    other layers may have too, by the same text; ``assembly`` are the layer's own functions that the board has
    in assembly.
    """

    constants: str
    body: str
    functions: tuple[Function, ...] = ()
    assembly: tuple[AssemblyFunction, ...] = ()
    shared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Implementation:
    """One way to compute a layer.

    ``kernel`` names it in reports; ``runtime`` lists the functions of runtime/ that its body calls;
    ``constant_bytes`` is the flash of its constants, exact; ``cycles`` what the cost model says of one
    inference, the layer's function and its call included; ``emit(label)`` its C, where ``label`` begins every
    constant's name; ``scratch_bytes`` of the arena are its own while it runs; one that ``skips_zeros`` is
    the faster the more inputs are their zero point, its ``cycles`` are those where none is. ``code_bytes``
    and ``stack_bytes`` are of the assembly that it emits, exact: all of its flash, the deepest of its stack.
    ``shared``: (name, bytes) of constants that count once, however many layers have them.
    """

    kernel: str
    runtime: tuple[str, ...]
    constant_bytes: int
    cycles: int
    emit: Callable[[str], Emission]
    scratch_bytes: int = 0
    skips_zeros: bool = False
    code_bytes: int = 0
    stack_bytes: int = 0
    shared: tuple[tuple[str, int], ...] = ()


class OperatorModule(Protocol):
    """One module of this package."""

    IN_PLACE: bool
    """Whether the output may overwrite an input of the same size."""

    ALIAS: bool
    """Whether the output is the input's bytes under another shape."""

    def data_inputs(self, graph: Graph, operator: Operator) -> tuple[int, ...]:
        """Positions of the inputs that are computed, not constant or ignored (as a RESHAPE's shape is)."""

    def check(self, graph: Graph, operator: Operator, place: str) -> None:
        """Raise a ModelError that begins with ``place`` if zerotap cannot compute this operator exactly."""

    def macs(self, graph: Graph, operator: Operator) -> int:
        """Multiply-accumulates of one inference."""

    def reference(self, graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
        """The output for the computed inputs in NumPy integers, equal to TensorFlow's reference kernel."""

    def implementations(self, graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
        """The ways to compute it that are exact for this operator's constants, at least one."""


class FusionModule(Protocol):
    """One module that computes two operators as one layer; the second alone reads what the first writes."""

    def fuses(self, graph: Graph, first: Operator, second: Operator) -> bool:
        """Whether the two can be computed together, exactly."""

    def always(self, graph: Graph, first: Operator, second: Operator) -> bool:
        """Whether they are joined anyway; else where that is not slower, or RAM is short."""

    def implementations(self, graph: Graph, first: Operator, second: Operator) -> tuple[Implementation, ...]:
        """As an operator's; none where the pair does not pay."""


class ChainModule(Protocol):
    """One module that computes several operators of a kind as one layer; each alone reads the one before."""

    def fuses(self, graph: Graph, operators: Sequence[Operator]) -> bool:
        """Whether they can be computed together, exactly."""

    def implementations(self, graph: Graph, operators: Sequence[Operator]) -> tuple[Implementation, ...]:
        """As an operator's; they are joined only where that is not slower, or RAM is short."""


def first_input(graph: Graph, operator: Operator) -> tuple[int, ...]:
    """The first input alone is computed."""
    return (0,)


def no_macs(graph: Graph, operator: Operator) -> int:
    """No multiply-accumulate."""
    return 0


def data_tensor(graph: Graph, operator: Operator, position: int = 0) -> Tensor:
    """The activation that an operator reads."""
    return graph.tensors[operator.inputs[position]]


def output_tensor(graph: Graph, operator: Operator) -> Tensor:
    """The activation that an operator writes."""
    return graph.tensors[operator.outputs[0]]


def require(condition: bool, place: str, fault: str) -> None:
    """Raise a ModelError "place: fault" unless the condition holds.

    A fault that does not say, behind a semicolon, what to do about it is one that no converter makes.
    """
    if not condition:
        way_out = "" if ";" in fault else "; convert the model again"
        raise ModelError(f"{place}: {fault}{way_out}.")


def require_int8(place: str, *tensors: Tensor) -> None:
    """Require activations that are int8 with one scale."""
    for tensor in tensors:
        require(
            tensor.dtype == "int8" and tensor.scale.size == 1,
            place,
            f"tensor {tensor.name} is {tensor.dtype} with {tensor.scale.size} scales, not int8 with one; "
            "give the float model that it was made of to `zerotap quantise`",
        )


def check_activation(operator: Operator, place: str) -> None:
    """Require a fused activation that is NONE, RELU, RELU_N1_TO_1 or RELU6."""
    activation = operator.options["fused_activation_function"]
    require(
        activation in ACTIVATIONS, place, f"fused activation {activation} is not supported; use RELU or none"
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
        tensor.data is not None,
        place,
        f"the {what} is computed at run time; make it a constant in the float model",
    )
    require(tensor.dtype == dtype, place, f"the {what} is {tensor.dtype}, not {dtype}")
    assert tensor.data is not None
    return tensor.data


def int64(data: NDArray[Any]) -> NDArray[np.int64]:
    """Widen before arithmetic, so that nothing wraps."""
    return data.astype(np.int64)
