"""Which operators TFLite's reference kernels (BUILTIN_REF) lack, by the version that a file asks for.

One such operator is enough that the builtin kernels without delegates compute the whole file.
"""

from __future__ import annotations

from typing import Final

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


def has_reference_kernel(name: str, version: int) -> bool:
    """Whether BUILTIN_REF has a version of an operator that the builtin kernels have."""
    return name not in LAST_VERSIONS or version <= LAST_VERSIONS[name]
