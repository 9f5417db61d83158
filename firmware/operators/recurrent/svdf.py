"""SVDF: int8 features, a state of int16 (of int8 with `--oracle tflm`) that inferences carry on, int32 bias.

The state is shifted by one step as it is read: a ring would save 2 cycles of about 20 an element, and take
either weights twice or another time for every place where it begins.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    INT8_MAX,
    INT8_MIN,
    clamp_int8,
    quantise_multiplier,
    requantise,
    zero_point,
)
from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.parts import weighted
from zerotap.firmware.operators.parts.interface import (
    Emission,
    Implementation,
    int64,
    output_tensor,
)
from zerotap.firmware.operators.parts.outputs import Outputs, Requantiser
from zerotap.firmware.operators.parts.placement import in_arena
from zerotap.firmware.operators.parts.requantisation import chunks, requantisers, uniform_scale
from zerotap.firmware.operators.parts.row_kernels import (
    BLOCK,
    CALL_CYCLES,
    RowKernel,
    row_kernels,
    sums_calls,
)
from zerotap.firmware.operators.parts.wide_requantisation import wide_requantiser

from . import svdf_parameters
from .svdf_parameters import STATE, Svdf, svdf

IN_PLACE: bool = False
ALIAS: bool = False

_RUNTIME: Final = {"int16": "zerotap_svdf_words", "int8": "zerotap_svdf_bytes"}
_STRUCT_BYTES: Final = 36
_WRAPS: Final = 1 << 30
# Once, for each unit, filter and element of the state: fitted to arm-none-eabi-gcc 12 -O2.
_CYCLES: Final = {"zerotap_svdf_words": (70, 26, 138, 16), "zerotap_svdf_bytes": (60, 30, 134, 16)}

check = svdf_parameters.check


def data_inputs(graph: Graph, operator: Operator) -> tuple[int, ...]:
    """The activation, and the state."""
    return (0, STATE)


def macs(graph: Graph, operator: Operator) -> int:
    """Features' and time's."""
    numbers = svdf(graph, operator)
    return numbers.features.size + numbers.time.size


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to the oracle; the state, the second array, is changed in place."""
    values, state = data
    numbers, target = svdf(graph, operator), output_tensor(graph, operator)
    sums = int64(numbers.features) @ int64(values).ravel() + numbers.offsets
    steps = state.reshape(numbers.filters, numbers.memory)
    steps[:, :-1] = steps[:, 1:].copy()
    new = np.clip(requantise(sums, *numbers.scale), *numbers.state_range) + numbers.state_zero_point
    steps[:, -1] = new.astype(state.dtype)
    totals = (int64(steps) * numbers.time).reshape(numbers.units, -1).sum(axis=1) + numbers.bias
    wrapped = (totals + (1 << 31)) % (1 << 32) - (1 << 31)
    scaled = requantise(wrapped, *quantise_multiplier(numbers.factor))
    return clamp_int8(scaled + zero_point(target)).reshape(target.shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """Every kernel for the features with every way to the output."""
    numbers = svdf(graph, operator)
    aligned = numbers.features.shape[1] % 4 == 0 and in_arena(graph, operator.inputs[0])
    runtime = _RUNTIME[graph.tensors[operator.inputs[STATE]].dtype]
    return tuple(
        Implementation(
            f"{kernel.function.removeprefix('zerotap_')}, {runtime.removeprefix('zerotap_')}",
            (kernel.function, runtime, way.function),
            kernel.weight_bytes + way.constant_bytes + _constant_bytes(numbers),
            _cycles(numbers, kernel, way, runtime, aligned),
            partial(_emit, numbers, kernel, way, runtime),
            4 * BLOCK * -(-numbers.filters // BLOCK),
        )
        for kernel in row_kernels(numbers.features, [(0, numbers.filters)])
        for way in _ways(graph, operator, numbers)
    )


def _ways(graph: Graph, operator: Operator, numbers: Svdf) -> list[Requantiser]:
    """From sums with their bias to int8: all have one scale."""
    target = output_tensor(graph, operator)
    ends = zero_point(target), INT8_MIN, INT8_MAX
    none, factors = np.zeros(numbers.units, np.int64), [numbers.factor] * numbers.units
    outputs = Outputs(none, factors, numbers.low, numbers.high, False, *ends)
    if max(abs(int(np.min(numbers.low))), abs(int(np.max(numbers.high)))) >= _WRAPS:
        return [wide_requantiser(outputs)]
    reach = int(np.min(numbers.low)), int(np.max(numbers.high))
    found = uniform_scale(quantise_multiplier(numbers.factor), 0, reach, zero_point(target))
    if found is None:
        return requantisers(outputs)
    return [
        Requantiser(
            "zerotap_scale_uniform",
            found.constant_bytes,
            found.constants,
            lambda label, sums, first, count, output: found.statement(label, sums, count, output),
            found.cycles,
        )
    ]


def _constant_bytes(numbers: Svdf) -> int:
    width = 2 if numbers.state_range[1] > INT8_MAX else 1
    return 4 * numbers.filters + width * numbers.time.size + 4 * numbers.units + _STRUCT_BYTES


def _cycles(numbers: Svdf, kernel: RowKernel, way: Requantiser, runtime: str, aligned: bool) -> int:
    once, unit, each, element = _CYCLES[runtime]
    filters, inputs = numbers.features.shape
    states = once + unit * numbers.units + filters * each + element * filters * (numbers.memory - 1)
    outputs = sum(way.cycles(count) + CALL_CYCLES for _, count in chunks(numbers.units))
    cycles: int = kernel.cycles(inputs, filters, aligned) + states + outputs
    return cycles


def _emit(numbers: Svdf, kernel: RowKernel, way: Requantiser, runtime: str, label: str) -> Emission:
    element = "int16_t" if runtime.endswith("words") else "int8_t"
    constants = (
        kernel.constants(label)
        + c_source.array("int32_t", f"{label}_offsets", numbers.offsets)
        + c_source.array(element, f"{label}_time", numbers.time)
        + c_source.array("int32_t", f"{label}_bias", _wrapped(numbers.bias))
        + c_source.struct(f"{runtime}_t", label, _fields(numbers, label))
        + f"/* The sums of the output are between {np.min(numbers.low)} and {np.max(numbers.high)}. */\n"
        + way.constants(label)
    )
    calls = [_to_output(way, label, first, count) for first, count in chunks(numbers.units)]
    shape = (numbers.filters, numbers.features.shape[1])
    lines = (
        "int32_t *const sums = (int32_t *)(void *)scratch;",
        *sums_calls(kernel, label, "input", 0, shape, "sums"),
        f"{runtime}(sums, &{label}, input_1);",
        *calls,
    )
    return Emission(constants, weighted.body(lines))


def _to_output(way: Requantiser, label: str, first: int, count: int) -> str:
    sums, output = (f"{name} + {first}" if first else name for name in ("sums", "output"))
    return way.statement(label, sums, first, count, output)


def _wrapped(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """As int32 keeps them."""
    result: NDArray[np.int64] = (values + (1 << 31)) % (1 << 32) - (1 << 31)
    return result


def _fields(numbers: Svdf, label: str) -> dict[str, int | str]:
    multiplier, shift = numbers.scale
    return {
        "units": numbers.units,
        "rank": numbers.rank,
        "memory": numbers.memory,
        "multiplier": multiplier,
        "shift": shift,
        "zero_point": numbers.state_zero_point,
        "offsets": f"{label}_offsets",
        "bias": f"{label}_bias",
        "time": f"{label}_time",
    }
