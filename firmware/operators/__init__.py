"""One module an operator: checks, cost, NumPy reference and C; :data:`OPERATORS` is the registry."""

from __future__ import annotations

from typing import Final

from zerotap.errors import NoOperatorError
from zerotap.firmware.graph import Operator

from . import (
    arg_max,
    bag,
    batch_matmul,
    conv_2d,
    conv_mean,
    conv_pool,
    dense_chain,
    depthwise_conv_2d,
    elementwise,
    fully_connected,
    gather,
    hard_swish,
    leaky_relu,
    lookup,
    mean,
    pooling,
    reduce_max,
    rescaling,
    resize_bilinear,
    softmax,
    summation,
    transpose_conv,
)
from .moving import (
    concatenation,
    depth_and_space,
    mirror_pad,
    pad,
    reshape,
    resize_nearest_neighbor,
    reverse_v2,
    slicing,
    splitting,
    strided_slice,
    tile,
    transpose,
)
from .pairwise import addition, extremes, multiplication, prelu, squared_difference
from .parts.interface import ChainModule as ChainModule
from .parts.interface import Emission as Emission
from .parts.interface import Function as Function
from .parts.interface import FusionModule as FusionModule
from .parts.interface import Implementation as Implementation
from .parts.interface import OperatorModule as OperatorModule
from .recurrent import loop, svdf, unidirectional_sequence_lstm, variables

OPERATORS: Final[dict[str, OperatorModule]] = {
    "ADD": addition,
    "ARG_MAX": arg_max,
    "ASSIGN_VARIABLE": variables,
    "AVERAGE_POOL_2D": pooling,
    "BATCH_MATMUL": batch_matmul,
    "CONCATENATION": concatenation,
    "CONV_2D": conv_2d,
    "DEPTH_TO_SPACE": depth_and_space,
    "DEPTHWISE_CONV_2D": depthwise_conv_2d,
    "EXPAND_DIMS": reshape,
    "FULLY_CONNECTED": fully_connected,
    "GATHER": gather,
    "HARD_SWISH": hard_swish,
    "LEAKY_RELU": leaky_relu,
    "LOGISTIC": lookup,
    "MAXIMUM": extremes,
    "MAX_POOL_2D": pooling,
    "MEAN": mean,
    "MINIMUM": extremes,
    "MIRROR_PAD": mirror_pad,
    "MUL": multiplication,
    "PACK": concatenation,
    "PAD": pad,
    "PADV2": pad,
    "PRELU": prelu,
    "QUANTIZE": rescaling,
    "READ_VARIABLE": variables,
    "REDUCE_MAX": reduce_max,
    "RELU": rescaling,
    "RELU6": rescaling,
    "RELU_N1_TO_1": rescaling,
    "RESHAPE": reshape,
    "RESIZE_BILINEAR": resize_bilinear,
    "RESIZE_NEAREST_NEIGHBOR": resize_nearest_neighbor,
    "REVERSE_V2": reverse_v2,
    "SLICE": slicing,
    "SOFTMAX": softmax,
    "SPACE_TO_DEPTH": depth_and_space,
    "SPLIT": splitting,
    "SPLIT_V": splitting,
    "SQUARED_DIFFERENCE": squared_difference,
    "SQUEEZE": reshape,
    "STRIDED_SLICE": strided_slice,
    "SUB": addition,
    "SUM": summation,
    "SVDF": svdf,
    "TANH": lookup,
    "TILE": tile,
    "TRANSPOSE": transpose,
    "TRANSPOSE_CONV": transpose_conv,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": unidirectional_sequence_lstm,
    "UNPACK": splitting,
}

# What a pass makes of several operators; no file holds one.
MADE: Final[dict[str, OperatorModule]] = {loop.NAME: loop}

_INSTEAD: Final[dict[str, str]] = {
    "LOG_SOFTMAX": "end the model with a Softmax, or before it: the largest output is the same. Or ",
}

# Pairs of operators that may run as one layer; RESHAPE and its like between the two do not separate them.
FUSIONS: Final[dict[tuple[str, str], FusionModule]] = {
    ("CONV_2D", "MAX_POOL_2D"): conv_pool,
    ("CONV_2D", "REDUCE_MAX"): conv_pool,
    ("CONV_2D", "MEAN"): conv_mean,
    ("GATHER", "MEAN"): bag,
}


# Operators of which several in a row may run as one layer.
CHAINS: Final[dict[str, ChainModule]] = {"FULLY_CONNECTED": dense_chain}


def operator_module(operator: Operator, place: str) -> OperatorModule:
    """The module of an operator.

    Raises:
        NoOperatorError: zerotap does not have it; docs/operators.md lists those that it has.
    """
    if operator.name in ("DEQUANTIZE", "FAKE_QUANT"):
        raise NoOperatorError(
            f"{place}: leaves int8 for float in the middle of the model, because what reads it has no int8 "
            "form; replace that layer in the float model, and give that to `zerotap quantise`."
        )
    if operator.name == elementwise.NAME:
        return elementwise
    if operator.name in elementwise.FUNCTIONS - OPERATORS.keys():
        raise NoOperatorError(
            f"{place}: {operator.name} is a table here, which takes one int8 tensor and constants to one "
            "int8 tensor of its shape; rebuild that layer so in the float model."
        )
    if operator.name in MADE:
        return MADE[operator.name]
    if operator.name not in OPERATORS:
        raise NoOperatorError(
            f"{place}: zerotap has no operator {operator.name}; {way_out_without(operator.name)}"
        )
    return OPERATORS[operator.name]


def way_out_without(name: str) -> str:
    """What to do about an operator that there is not, to the end of the sentence."""
    more = _INSTEAD.get(name, "")
    return f"{more}rebuild the model with layers that become others: docs/operators.md lists them."


def shown_name(operator: Operator) -> str:
    """An operator's name in reports: that of a table is what it stands for."""
    return elementwise.named(operator) if operator.name == elementwise.NAME else operator.name
