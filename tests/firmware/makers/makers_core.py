"""Draws single-operator models for the conformance suite."""

import zlib

import numpy as np
from seeds import FIRST_SEED

# What the converter writes for int8, where TensorFlow's reference kernels have earlier versions alone.
CONVERTERS_VERSIONS = {"DEPTH_TO_SPACE": 2, "REVERSE_V2": 3, "TILE": 3}


class Maker:
    """Draws single-operator models; one generator a case, so that a failure names its seed."""

    def __init__(self, writer, operator: str, seed: int) -> None:
        self.tensor, self.model, self.write = writer
        self.operator = operator
        self.rng = np.random.default_rng([zlib.crc32(operator.encode()), FIRST_SEED + seed])

    def scale(self) -> float:
        return float(np.float32(10 ** self.rng.uniform(-4, 0)))

    def zero_point(self) -> int:
        return int(self.rng.choice([-128, 127, 0, self.rng.integers(-128, 128)]))

    def size(self, high: int) -> int:
        return int(self.rng.integers(1, high + 1))

    def activation(self, shape, scale=None, zero_point=None):
        scale = self.scale() if scale is None else scale
        return self.tensor(shape, "int8", scale, self.zero_point() if zero_point is None else zero_point)

    def weights(self, shape):
        extreme = self.rng.integers(5)
        if extreme < 3:
            return np.full(shape, (-127, 127, -128)[extreme], np.int8)
        return self.rng.integers(-127, 128, shape).astype(np.int8)
