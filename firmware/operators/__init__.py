"""One module an operator: checks, cost, NumPy reference and C; :data:`OPERATORS` is the registry."""

from __future__ import annotations

from typing import Final

from zerotap.errors import ModelError
from zerotap.firmware.graph import Operator

from . import (
    addition,
    arg_max,
    bag,
    concatenation,
    conv_2d,
    conv_pool,
    depthwise_conv_2d,
    fully_connected,
    gather,
    hard_swish,
    leaky_relu,
    lookup,
    mean,
    multiplication,
    pad,
    pooling,
    reduce_max,
    rescaling,
    reshape,
    reverse_v2,
    softmax,
    strided_slice,
    summation,
    transpose,
    unidirectional_sequence_lstm,
)
from .parts.interface import Emission as Emission
from .parts.interface import Function as Function
from .parts.interface import FusionModule as FusionModule
from .parts.interface import Implementation as Implementation
from .parts.interface import OperatorModule as OperatorModule

OPERATORS: Final[dict[str, OperatorModule]] = {
    "ADD": addition,
    "ARG_MAX": arg_max,
    "AVERAGE_POOL_2D": pooling,
    "CONCATENATION": concatenation,
    "CONV_2D": conv_2d,
    "DEPTHWISE_CONV_2D": depthwise_conv_2d,
    "EXPAND_DIMS": reshape,
    "FULLY_CONNECTED": fully_connected,
    "GATHER": gather,
    "HARD_SWISH": hard_swish,
    "LEAKY_RELU": leaky_relu,
    "LOGISTIC": lookup,
    "MAX_POOL_2D": pooling,
    "MEAN": mean,
    "MUL": multiplication,
    "PAD": pad,
    "PADV2": pad,
    "QUANTIZE": rescaling,
    "REDUCE_MAX": reduce_max,
    "RELU": rescaling,
    "RELU6": rescaling,
    "RELU_N1_TO_1": rescaling,
    "RESHAPE": reshape,
    "REVERSE_V2": reverse_v2,
    "SOFTMAX": softmax,
    "SQUEEZE": reshape,
    "STRIDED_SLICE": strided_slice,
    "SUB": addition,
    "SUM": summation,
    "TANH": lookup,
    "TRANSPOSE": transpose,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": unidirectional_sequence_lstm,
}

# Pairs of operators that may run as one layer; RESHAPE and its like between the two do not separate them.
FUSIONS: Final[dict[tuple[str, str], FusionModule]] = {
    ("CONV_2D", "MAX_POOL_2D"): conv_pool,
    ("GATHER", "MEAN"): bag,
}


def operator_module(operator: Operator, place: str) -> OperatorModule:
    """The module of an operator.

    Raises:
        ModelError: zerotap does not have it; the message lists those that it has.
    """
    if operator.name in ("DEQUANTIZE", "FAKE_QUANT"):
        raise ModelError(
            f"{place}: leaves int8 for float in the middle of the model, because what reads it has no int8 "
            "form; replace that layer, or make a full-int8 file with `zerotap quantise`."
        )
    if operator.name not in OPERATORS:
        raise ModelError(
            f"{place}: zerotap has no operator {operator.name}; rebuild the model with layers that become "
            f"{', '.join(sorted(OPERATORS))}."
        )
    return OPERATORS[operator.name]
