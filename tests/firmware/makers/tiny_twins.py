"""The smallest integer models of both ways to be called, with C twins, for what holds for every kind."""

import numpy as np

from zerotap.errors import ModelError
from zerotap.firmware.c_code.c_source import array
from zerotap.firmware.integer_models import TwinCode, TwinImplementation


class TinyTableTwin:
    """Of tests' TinyTable: the rows of a text's ids, summed."""

    TAKES = "ids"
    SMALLER = "fewer rows"

    def describe(self, model):
        return {"buckets": self.inputs(model), "weights": str(model.weights.dtype)}

    def inputs(self, model):
        return len(model.weights) - 1

    def draw(self, model, count, seed):
        rng = np.random.default_rng(seed)
        ids = rng.integers(1, len(model.weights), (count, 40), np.int32)
        ids[np.arange(40) >= rng.integers(0, 41, (count, 1))] = 0
        ids[0] = 0
        return ids

    def implementations(self, model):
        size = model.weights.astype(np.int16).nbytes
        both = {"code_bytes": 200, "static_bytes": 4 * model.classes, "stack_bytes": 64, "cycles": 200}
        both |= {"cycles_min": 20, "constant_time": True, "cycles_per_id": 80}

        def emit(name):
            return TwinCode(_TABLE.format(
                name=name, classes=model.classes, weights=array("int16_t", "weights", model.weights),
            ))  # fmt: skip

        return (TwinImplementation(kernel="int16 weights", constant_bytes=size, emit=emit, **both),)


class TinyRows:
    """A score is a feature times its factor, plus the score before it."""

    file_name = "rows.npz"
    meaning = "margins"
    scale = 0.25

    def __init__(self, factors):
        self.factors = factors

    @property
    def classes(self):
        return self.factors.size

    def scores(self, x):
        if x.ndim != 2 or x.shape[1] != self.classes or np.abs(x.astype(np.int64)).max(initial=0) > 1 << 24:
            raise ModelError(f"features are integers (n, {self.classes}) within 2^24: give such")
        return np.cumsum(x * self.factors.astype(np.int64), axis=1).astype(np.int32)

    def to_arrays(self):
        return {"factors": self.factors}

    @classmethod
    def from_arrays(cls, arrays):
        if list(arrays) != ["factors"] or arrays["factors"].dtype != np.int8 or arrays["factors"].ndim != 1:
            raise ModelError("rows have factors int8 (classes,) alone")
        return cls(arrays["factors"])


class TinyRowsTwin:
    """Of TinyRows, in two ways: one takes longer for large features."""

    TAKES = "features"
    SMALLER = "fewer features"

    def describe(self, model):
        return {"factors": model.classes}

    def inputs(self, model):
        return model.classes

    def draw(self, model, count, seed):
        return np.random.default_rng(seed).integers(-(1 << 24), 1 << 24, (count, model.classes), np.int32)

    def implementations(self, model):
        def made(kernel, body, cycles, code_bytes, constant_time):
            def emit(name):
                code = _ROWS.format(name=name, classes=model.classes, body=body)
                return TwinCode(array("int8_t", "factors", model.factors) + code)

            return TwinImplementation(
                kernel=kernel, constant_bytes=model.classes, code_bytes=code_bytes, static_bytes=0,
                stack_bytes=48, cycles=cycles, cycles_min=0, constant_time=constant_time,
                emit=emit,
            )  # fmt: skip

        branch = "if (input[i] != 0) { sum += input[i] * factors[i]; }"
        return (
            made("branches", branch, 30 * model.classes, 160, constant_time=False),
            made("products", "sum += input[i] * factors[i];", 40 * model.classes, 120, constant_time=True),
        )


_TABLE = """{weights}
static int32_t sums[{classes}];

void {name}_clear(void)
{{
    for (int32_t i = 0; i < {classes}; i++) {{
        sums[i] = 0;
    }}
}}

void {name}_add(const int32_t *ids, int32_t count)
{{
    for (int32_t i = 0; i < count; i++) {{
        for (int32_t j = 0; j < {classes}; j++) {{
            sums[j] += weights[ids[i] * {classes} + j];
        }}
    }}
}}

void {name}_scores({name}_SCORE *output)
{{
    for (int32_t i = 0; i < {classes}; i++) {{
        output[i] = sums[i];
    }}
}}
"""

_ROWS = """
void {name}_invoke(const int32_t *input, {name}_SCORE *output)
{{
    int32_t sum = 0;
    for (int32_t i = 0; i < {classes}; i++) {{
        {body}
        output[i] = sum;
    }}
}}
"""
