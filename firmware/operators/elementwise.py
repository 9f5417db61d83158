"""ELEMENTWISE: one table of 256 outputs for operators that compute each element by itself.

It is no operator of TFLite: :mod:`..passes.tables` puts it where operators lead from one int8 tensor and
constants to one int8 tensor, and the oracle fills the table when C is generated. Until then it is only known
to take 256 bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.arithmetic.fixed_point import INT8_MIN, zero_point
from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator

from .parts.interface import (
    Emission,
    Implementation,
    data_tensor,
    first_input,
    no_macs,
    output_tensor,
    require,
    require_int8,
)
from .parts.table import CODES, looked_up, lookup_cycles

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


def table_operator(inner: Iterable[Operator], source: int, target: int) -> Operator:
    """The operator that stands for ``inner``, in order, between two tensors; nothing fills its table yet."""
    return Operator(NAME, (source,), (target,), {"operators": tuple(inner), "table": None})


def with_table(operator: Operator, table: NDArray[np.int8]) -> Operator:
    """The operator with its outputs (256,) for the inputs -128 to 127."""
    return Operator(NAME, operator.inputs, operator.outputs, operator.options | {"table": table})


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
    """The table's outputs, once an oracle has filled it."""
    return looked_up(operator.options["table"], data[0]).reshape(output_tensor(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """lookup alone."""
    size = data_tensor(graph, operator).size
    emit = partial(_emit, operator.options["table"], size)
    return (Implementation("lookup", ("zerotap_lookup",), CODES.size, lookup_cycles(size), emit),)


def _emit(table: NDArray[np.int8] | None, size: int, label: str) -> Emission:
    """As table.py's; without a table, the call alone."""
    body = f"zerotap_lookup(input, {size}, {label}_table, output);"
    if table is None:
        return Emission("", body)
    return Emission(c_source.array("int8_t", f"{label}_table", np.roll(table, INT8_MIN)), body)
