"""Variables that an operator reads and writes itself, as states of a graph."""

from __future__ import annotations

from typing import Final

import numpy as np

from zerotap.firmware.graph import State, Tensor

from .resource_variables import Part

# Operators whose state inferences carry on, and which of their inputs it is.
_STATES: Final = {"SVDF": 4}


def operator_states(part: Part) -> tuple[State, ...]:
    """A state for every variable of an SVDF: at first 0, or its zero point where it is int8."""
    indices = (each.inputs[_STATES[each.name]] for each in part.operators if each.name in _STATES)
    variables = (part.tensors[index] for index in dict.fromkeys(indices) if index != -1)
    return tuple(_state(tensor) for tensor in variables if tensor.variable and tensor.data is None)


def _state(tensor: Tensor) -> State:
    is_shifted = tensor.dtype == "int8" and tensor.zero_point.size > 0
    first = int(tensor.zero_point[0]) if is_shifted else 0
    return State(tensor.index, np.full(tensor.shape, first, tensor.dtype), is_resource=False)
