"""ELEMENTWISE: one table of 256 outputs for operators that compute each element by itself.

It is no operator of TFLite: :mod:`..passes.tables` puts it where operators lead from one int8 tensor and
constants to one int8 tensor, and the oracle fills the table when C is generated. Until then it is only known
to take 256 bytes. Where constants differ from channel to channel there is a table for each that differs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.arithmetic.fixed_point import INT8_MIN, zero_point
from zerotap.firmware.graph import Graph, Operator

from .parts.interface import (
    Implementation,
    data_tensor,
    first_input,
    no_macs,
    output_tensor,
    require,
    require_int8,
)
from .parts.table import tables_implementation

NAME: Final = "ELEMENTWISE"

# Operators that give their first input's elements, in order.
VIEWS: Final = frozenset({"RESHAPE", "SQUEEZE", "EXPAND_DIMS"})
_BETWEEN_TYPES: Final = frozenset({"CAST", "DEQUANTIZE", "FAKE_QUANT", "QUANTIZE"})
_OF_ONE: Final = frozenset(
    {
        *("ABS", "CEIL", "COS", "ELU", "EXP", "FLOOR", "GELU", "HARD_SWISH", "LEAKY_RELU", "LOG"),
        *("LOGICAL_NOT", "LOGISTIC", "NEG", "RELU", "RELU6", "RELU_0_TO_1", "RELU_N1_TO_1", "ROUND"),
        *("RSQRT", "SIGN", "SIN", "SQRT", "SQUARE", "TANH", "ZEROS_LIKE"),
    }
)
COMPARISONS: Final = frozenset({"EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL", "NOT_EQUAL"})
_OF_SEVERAL: Final = frozenset(
    {
        *("ADD", "ADD_N", "ATAN2", "DIV", "FLOOR_DIV", "FLOOR_MOD", "LOGICAL_AND", "LOGICAL_OR", "MAXIMUM"),
        *("MINIMUM", "MUL", "POW", "PRELU", "SELECT", "SELECT_V2", "SQUARED_DIFFERENCE", "SUB"),
    }
)
FUNCTIONS: Final = _OF_ONE | COMPARISONS | _OF_SEVERAL
"""Operators whose every output element comes from one element of each input."""
ELEMENTWISE: Final = FUNCTIONS | _BETWEEN_TYPES | VIEWS
"""What a table may stand for."""

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = True
ALIAS: bool = False


def table_operator(
    inner: Iterable[Operator], source: int, target: int, places: NDArray[np.int64]
) -> Operator:
    """The operator that stands for ``inner``, in order, between two tensors; nothing fills its tables yet.

    ``places`` (n,): the number of the table of each element.
    """
    options = {"operators": tuple(inner), "places": places, "tables": None}
    return Operator(NAME, (source,), (target,), options)


def with_tables(operator: Operator, tables: NDArray[np.int8]) -> Operator:
    """The operator with the outputs (tables, 256) for the inputs -128 to 127."""
    return replace(operator, options=operator.options | {"tables": tables})


def named(operator: Operator) -> str:
    """The names of the functions that a table stands for, joined by a plus."""
    inner = [each.name for each in operator.options["operators"]]
    functions = [name for name in inner if name in FUNCTIONS]
    return "+".join(functions or [name for name in inner if name not in VIEWS])


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check the two ends, and for inputs that TensorFlow is known to refuse."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require_int8(place, source, target)
    require(source.size == target.size, place, f"{source.shape} cannot become {target.shape}")
    for inner in operator.options["operators"]:
        if inner.name == "RSQRT" and inner.inputs[:1] == operator.inputs:
            _check_root(place, zero_point(source), float(source.scale[0]))


def _check_root(place: str, offset: int, scale: float) -> None:
    if offset > INT8_MIN:
        raise refused(place, [INT8_MIN - offset], scale, "numbers below 0 have no root")


def refused(place: str, steps: Iterable[int], scale: float, words: str) -> ModelError:
    """The error for inputs, in steps of ``scale``, that an oracle refuses; ``words`` say why."""
    values = ", ".join(f"{step * scale:g}" for step in steps)
    return ModelError(
        f"{place}: TensorFlow refuses its input {values} ({words}); keep such values away from it, as by a "
        "ReLU before it and a constant added, and quantise the model again."
    )


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """The tables' outputs, once an oracle has filled them."""
    tables, places = operator.options["tables"], operator.options["places"]
    outputs: NDArray[Any] = tables[places, data[0].ravel().astype(np.int64) - INT8_MIN]
    return outputs.reshape(output_tensor(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """lookup, or lookup_channels where more than two runs of elements have tables of their own."""
    return (tables_implementation(operator.options["places"], operator.options["tables"]),)
