"""One module an operator: checks, cost, NumPy reference and C; :data:`OPERATORS` is the registry."""

from __future__ import annotations

from typing import Final

from zerotap.errors import ModelError

from ..graph import Operator
from . import fully_connected, reshape
from .interface import Cost as Cost
from .interface import Emission as Emission
from .interface import OperatorModule as OperatorModule

OPERATORS: Final[dict[str, OperatorModule]] = {
    "EXPAND_DIMS": reshape,
    "FULLY_CONNECTED": fully_connected,
    "RESHAPE": reshape,
    "SQUEEZE": reshape,
}


def operator_module(operator: Operator, place: str) -> OperatorModule:
    """The module of an operator.

    Raises:
        ModelError: zerotap does not have it; the message lists those that it has.
    """
    if operator.name not in OPERATORS:
        raise ModelError(
            f"{place}: zerotap has no operator {operator.name}; rebuild the model with layers that become "
            f"{', '.join(sorted(OPERATORS))}."
        )
    return OPERATORS[operator.name]
