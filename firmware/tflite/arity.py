"""How many tensors an operator reads and writes, and which of them a file may leave out.

Source: the operators' kernels in TensorFlow Lite (GetOptionalInputTensor and the counts in each Prepare).
What TensorFlow does not allow to be absent it reads all the same, and dies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Arity:
    """``least`` to ``most`` inputs, of which those at ``optional`` may be absent (-1), and ``outputs``.

    ``outputs`` is None where an option says how many there are.
    """

    least: int
    most: int
    optional: frozenset[int] = frozenset()
    outputs: int | None = 1

    def fault(self, inputs: tuple[int, ...], outputs: tuple[int, ...]) -> str | None:
        """What is wrong with an operator's tensor indices; None where nothing is."""
        if not self.least <= len(inputs) <= self.most:
            wanted = f"{self.least}" if self.least == self.most else f"{self.least} to {self.most}"
            return f"reads {len(inputs)} tensors, not {wanted}"
        if not outputs if self.outputs is None else len(outputs) != self.outputs:
            wanted = "at least one" if self.outputs is None else f"{self.outputs}"
            return f"writes {len(outputs)} tensors, not {wanted}"
        absent = [position for position, index in enumerate(inputs) if index == -1]
        missing = [position for position in absent if position not in self.optional]
        return f"lacks input {missing[0]}" if missing else None


_ONE: Final = Arity(1, 1)
_TWO: Final = Arity(2, 2)
_THREE: Final = Arity(3, 3)
_BIASED: Final = Arity(2, 3, frozenset({2}))
_MANY: Final = 256

# The LSTM's input gate, peepholes, biases, projection and layer norms; data, three gates and states stay.
# Operators of one input or two that only a table stands for.
_FUNCTIONS: Final = (
    *("ABS", "CEIL", "COS", "ELU", "EXP", "FAKE_QUANT", "FLOOR", "GELU", "LOG", "LOGICAL_NOT", "NEG"),
    *("RELU_0_TO_1", "ROUND", "RSQRT", "SIGN", "SIN", "SQRT", "SQUARE", "ZEROS_LIKE"),
)
_PAIRS: Final = (
    *("ATAN2", "DIV", "EQUAL", "FLOOR_DIV", "FLOOR_MOD", "GREATER", "GREATER_EQUAL", "LESS_EQUAL"),
    *("LOGICAL_AND", "LOGICAL_OR", "MAXIMUM", "MINIMUM", "NOT_EQUAL", "POW", "PRELU", "SQUARED_DIFFERENCE"),
)

_LSTM_OPTIONAL: Final = frozenset({1, 5, 9, 10, 11, 12, 16, 17, 20, 21, 22, 23})

ARITIES: Final[dict[str, Arity]] = {
    **dict.fromkeys(_FUNCTIONS, _ONE),
    **dict.fromkeys(_PAIRS, _TWO),
    "ADD": _TWO,
    "ARG_MAX": _TWO,
    "ASSIGN_VARIABLE": Arity(2, 2, outputs=0),
    "AVERAGE_POOL_2D": _ONE,
    "BATCH_MATMUL": _TWO,
    "CALL_ONCE": Arity(0, 0, outputs=0),
    "CAST": _ONE,
    "CONCATENATION": Arity(1, _MANY),
    "CONV_2D": _BIASED,
    "DEPTHWISE_CONV_2D": _BIASED,
    "DEPTH_TO_SPACE": _ONE,
    "DEQUANTIZE": _ONE,
    "EXPAND_DIMS": _TWO,
    "FULLY_CONNECTED": _BIASED,
    "GATHER": _TWO,
    "HARD_SWISH": _ONE,
    "LEAKY_RELU": _ONE,
    "LESS": _TWO,
    "LOGISTIC": _ONE,
    "MAXIMUM": _TWO,
    "MAX_POOL_2D": _ONE,
    "MEAN": _TWO,
    "MINIMUM": _TWO,
    "MIRROR_PAD": _TWO,
    "MUL": _TWO,
    "PACK": Arity(1, _MANY),
    "PAD": _TWO,
    "PADV2": _THREE,
    "PRELU": _TWO,
    "QUANTIZE": _ONE,
    "READ_VARIABLE": _ONE,
    "REDUCE_MAX": _TWO,
    "RELU": _ONE,
    "RELU6": _ONE,
    "RELU_N1_TO_1": _ONE,
    "RESHAPE": Arity(1, 2),
    "RESIZE_BILINEAR": _TWO,
    "RESIZE_NEAREST_NEIGHBOR": _TWO,
    "REVERSE_V2": _TWO,
    "SELECT": _THREE,
    "SELECT_V2": _THREE,
    "SHAPE": _ONE,
    "SLICE": _THREE,
    "SOFTMAX": _ONE,
    "SPACE_TO_DEPTH": _ONE,
    "SPLIT": Arity(2, 2, outputs=None),
    "SPLIT_V": Arity(3, 3, outputs=None),
    "SQUARED_DIFFERENCE": _TWO,
    "SQUEEZE": _ONE,
    "STRIDED_SLICE": Arity(4, 4),
    "SUB": _TWO,
    "SUM": _TWO,
    "SVDF": Arity(5, 5, frozenset({3})),
    "TANH": _ONE,
    "TILE": _TWO,
    "TRANSPOSE": _TWO,
    "TRANSPOSE_CONV": Arity(3, 4, frozenset({3})),
    "UNPACK": Arity(1, 1, outputs=None),
    "VAR_HANDLE": Arity(0, 0),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": Arity(20, 24, _LSTM_OPTIONAL),
}
