"""Models of operators that compute each element by itself: int8, or in a float island."""

import numpy as np

from zerotap.firmware.operators.elementwise import COMPARISONS, FUNCTIONS

SHAPE = (1, 3, 5)
CODES = np.arange(-128, 128, dtype=np.int8)
SAMPLES = np.stack([np.resize(np.roll(CODES, -15 * at), SHAPE) for at in range(18)])

OF_TRUTHS = frozenset({"LOGICAL_AND", "LOGICAL_NOT", "LOGICAL_OR"})
CHOICES = frozenset({"SELECT", "SELECT_V2"})
PAIRS = frozenset(
    {
        *("ATAN2", "DIV", "FLOOR_DIV", "FLOOR_MOD", "MAXIMUM", "MINIMUM", "POW", "PRELU"),
        *("SQUARED_DIFFERENCE", "SUB", "MUL", "ADD"),
    }
)
# What TensorFlow has no int8 kernel for, and what has one of zerotap's own.
FLOAT_ONLY = frozenset({"CEIL", "COS", "FLOOR", "POW", "ROUND", "SIGN", "SIN", "SQUARE", "ZEROS_LIKE"})
INT8 = ("ABS", "DIV", "ELU", "EXP", "GELU", "LOG", "RSQRT", "SQRT", "SQUARED_DIFFERENCE")
FLOAT = sorted(FUNCTIONS - OF_TRUTHS - CHOICES - {"ADD_N", "ATAN2", "ROUND"})
OPTIONS = {
    "ADD": "AddOptions",
    "DIV": "DivOptions",
    "GELU": "GeluOptions",
    "LEAKY_RELU": "LeakyReluOptions",
    "MUL": "MulOptions",
    "SUB": "SubOptions",
}


class TableModels:
    """Writes them; ``writer`` is the fixture tflite_writer."""

    def __init__(self, writer) -> None:
        self.tensor, self.model, self.write = writer
        self.operator = self.model.one

    def int8(self, scale=0.05, zero_point=3, data=None):
        return self.tensor(SHAPE if data is None else np.shape(data), "int8", scale, zero_point, data)

    def number(self, value):
        return self.tensor((1,), "float32", data=[value])

    def function(self, name, inputs, output):
        values = {"alpha": 0.2} if name == "LEAKY_RELU" else {}
        return self.operator(name, inputs, output, OPTIONS.get(name, "NONE"), values)

    def int8_model(self, name: str) -> bytes:
        """One int8 operator; DIV and the like by an int8 constant."""
        positive = -128 if name in ("LOG", "RSQRT", "SQRT") else 3
        tensors = [self.int8(0.03, positive), self.int8(), self.int8(0.02, -3, [50])]
        last = self.function(name, [0, 2] if name in PAIRS else [0], 1)
        return self.write(self.model(name, tensors, last.inputs, 1, 0, last.options_type, last.options))

    def float_model(self, name: str, shape: tuple[int, ...] = SHAPE) -> bytes:
        """DEQUANTIZE, the function of it and 1.3, QUANTIZE; a comparison chooses between the two."""
        ends, real = self.tensor(shape, "int8", 0.05, 3), self.tensor(shape, "float32")
        tensors = [ends, real, self.number(1.3), real, ends, self.tensor(shape, "bool")]
        before = [self.operator("DEQUANTIZE", [0], 1)]
        if name in COMPARISONS:
            before += [self.function(name, [1, 2], 5), self.operator("SELECT_V2", [5, 2, 1], 3)]
        else:
            before.append(self.function(name, [1, 2] if name in PAIRS else [1], 3))
        return self.write(self.model("QUANTIZE", tensors, [3], 4, 0, before=before))

    def truths_model(self) -> bytes:
        """SELECT(NOT(x > 1.3 AND ...) OR ..., 1.3, x): the functions of truths."""
        real, truth = self.tensor(SHAPE, "float32"), self.tensor(SHAPE, "bool")
        tensors = [self.int8(), real, self.number(1.3), real, self.int8(), *[truth] * 5, self.number(-2.0)]
        before = [
            self.operator("DEQUANTIZE", [0], 1),
            self.operator("GREATER", [1, 2], 5),
            self.operator("LESS", [1, 10], 6),
            self.operator("LOGICAL_OR", [5, 6], 7),
            self.operator("LOGICAL_NOT", [7], 8),
            self.operator("LOGICAL_AND", [8, 8], 9),
            self.operator("SELECT_V2", [9, 10, 1], 3),
        ]
        return self.write(self.model("QUANTIZE", tensors, [3], 4, 0, before=before))

    def both_ways_model(self) -> bytes:
        """x / (1 + |x|), a branch that joins again."""
        tensors = [
            self.int8(0.05, 3),
            self.int8(0.05, -128),
            self.int8(0.02, -128, [50]),
            self.int8(0.08, 0),
            self.int8(1 / 128, 0),
        ]
        before = [
            self.function("ABS", [0], 1),
            self.function("ADD", [1, 2], 3),
        ]
        return self.write(self.model("DIV", tensors, [0, 3], 4, 0, "DivOptions", before=before))

    def cases(self) -> dict[str, bytes]:
        found = {f"int8_{name.lower()}": self.int8_model(name) for name in INT8}
        found |= {f"float_{name.lower()}": self.float_model(name) for name in FLOAT}
        return found | {"truths": self.truths_model(), "softsign": self.both_ways_model()}
