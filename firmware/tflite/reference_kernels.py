"""Which versions of operators TensorFlow 2.21 has, and which its reference kernels (BUILTIN_REF) lack.

One operator that they lack is enough that the builtin kernels without delegates compute the whole file.
"""

from __future__ import annotations

from typing import Final

from zerotap.errors import ModelError
from zerotap.firmware.graph import Graph

# The last version that BUILTIN_REF of TensorFlow 2.21 has, where builtin kernels have later ones; 0: none.
LAST_VERSIONS: Final[dict[str, int]] = {
    "ABS": 3,
    "ARG_MAX": 2,
    "ARG_MIN": 2,
    "BATCH_MATMUL": 3,
    "CEIL": 0,
    "DEPTHWISE_CONV_2D": 6,
    "DEPTH_TO_SPACE": 1,
    "ELU": 0,
    "FILL": 3,
    "GATHER": 6,
    "PACK": 3,
    "PAD": 4,
    "PADV2": 4,
    "RANGE": 1,
    "REVERSE_V2": 2,
    "ROUND": 0,
    "SEGMENT_SUM": 0,
    "SELECT": 2,
    "SELECT_V2": 1,
    "SQUEEZE": 1,
    "STRIDED_SLICE": 4,
    "TILE": 2,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": 3,
}

# The last version of each operator that TensorFlow 2.21 has at all.
_BY_LAST_VERSION: Final = {
    1: "ADD_N ASSIGN_VARIABLE ATAN2 CALL_ONCE CEIL COS ELU EXPAND_DIMS FLOOR HARD_SWISH LOGICAL_AND "
    "LOGICAL_NOT LOGICAL_OR NEG POW PRELU READ_VARIABLE RELU_0_TO_1 RELU_N1_TO_1 RESHAPE ROUND SEGMENT_SUM "
    "SHAPE SIN SQUARE VAR_HANDLE ZEROS_LIKE",
    2: "DEPTH_TO_SPACE DIV EXP FAKE_QUANT FLOOR_MOD GELU GREATER LEAKY_RELU LESS_EQUAL LOG RANGE SELECT_V2 "
    "SIGN SPACE_TO_DEPTH SPLIT_V SQRT SQUARED_DIFFERENCE SQUEEZE SUM",
    3: "ARG_MAX ARG_MIN AVERAGE_POOL_2D FLOOR_DIV GREATER_EQUAL LESS LOGISTIC MAX_POOL_2D MEAN MIRROR_PAD "
    "REDUCE_MAX RELU RELU6 REVERSE_V2 RSQRT SOFTMAX TANH TILE",
    4: "BATCH_MATMUL FILL MAXIMUM MINIMUM NOT_EQUAL PACK QUANTIZE RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR "
    "SELECT SPLIT SVDF UNIDIRECTIONAL_SEQUENCE_LSTM UNPACK",
    5: "ABS ADD CONCATENATION EQUAL PAD PADV2 SUB TRANSPOSE_CONV",
    7: "DEPTHWISE_CONV_2D DEQUANTIZE GATHER MUL SLICE TRANSPOSE",
    8: "CAST CONV_2D STRIDED_SLICE",
    14: "FULLY_CONNECTED",
}
NEWEST_VERSIONS: Final = {name: last for last, names in _BY_LAST_VERSION.items() for name in names.split()}


def check_versions(graph: Graph) -> None:
    """Raise ModelError, which names the layer, where a file asks for a version that TensorFlow does not have.

    TensorFlow Lite Micro, the other oracle, does not look at versions.
    """
    for number, operator in enumerate(graph.operators if graph.oracle == "tflite" else ()):
        newest = NEWEST_VERSIONS.get(operator.name, operator.version)
        if not 1 <= operator.version <= newest:
            raise ModelError(
                f"{graph.source}: layer {number} {operator.name} is of version {operator.version}, and "
                f"TensorFlow 2.21 has 1 to {newest}: convert the model with TensorFlow 2.21."
            )


def has_reference_kernel(name: str, version: int) -> bool:
    """Whether BUILTIN_REF has a version of an operator that the builtin kernels have."""
    return name not in LAST_VERSIONS or version <= LAST_VERSIONS[name]
