"""UNIDIRECTIONAL_SEQUENCE_LSTM: int8 activations and weights, int16 cells, states that begin anew.

TensorFlow's reference kernels refuse what Keras converts it to, so its optimised builtin kernels, without
delegates, are the oracle. Gates are gemmlowp's fixed point on int16; TensorFlow Lite Micro's are read from a
table, between whose entries are lines.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic import gemmlowp_int16, interpolated
from zerotap.firmware.arithmetic.fixed_point import (
    INT32_MAX,
    check_left_shift,
    clamp_int8,
    divide_by_power_of_two,
    requantise,
)
from zerotap.firmware.arithmetic.gemmlowp_int16 import INT16_MAX, INT16_MIN, Raw, saturate_int16
from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.parts.interface import (
    Emission,
    Implementation,
    first_input,
    int64,
    output_tensor,
    require,
)
from zerotap.firmware.operators.parts.placement import in_arena
from zerotap.firmware.operators.parts.row_kernels import (
    RowKernel,
    row_kernels,
    same_kernels,
    sums_calls,
)

from . import lstm_parameters
from .curve_tables import LOGISTIC
from .curves import SMALL, Curve, tables, ways
from .lstm_parameters import Half, Lstm, lstm

data_inputs = first_input
IN_PLACE: bool = False
ALIAS: bool = False

_GATE_BITS: Final = 3
# What zerotap_lstm_gates and its saturated forms take; the wide ones take the rest.
_NARROW_SUM: Final = 1 << 20
_GATE_MAX: Final = 1 << 30
_NARROW_SHIFTS: Final = range(-20, 0)
# Where two gates are a turn, an odd number of cells takes more.
_ODD_CYCLES: Final = {"zerotap_lstm_gates_pairs": 14}
# Cycles once and for each gate: assembly as counted in runtime/zerotap_lstm_gates_run.h, C as measured.
_GATES_CYCLES: Final = {
    "zerotap_lstm_gates": (268, 57),
    "zerotap_lstm_gates_pairs": (280, 54.5),
    "zerotap_lstm_gates_saturated": (268, 85),
    "zerotap_lstm_gates_each": (272, 99),
    "zerotap_lstm_gates_wide": (91, 196),
    "zerotap_lstm_gates_wide_each": (91, 210),
}
# zerotap_lstm_cells and zerotap_lstm_state as counted there, and the calls of one step, measured with
# arm-none-eabi-gcc 12 -O2: once and for each cell; then of the layer.
_STEP_CYCLES: Final = {
    "zerotap_lstm_cells": (105 + 80, 35 + 48),
    "zerotap_lstm_cells_twice": (105 + 80, 39 + 48),
}
_LAYER_CYCLES: Final = 60
_NAMES: Final = ("input", "state")
_RUNTIME: Final = ("zerotap_lstm_start", "zerotap_lstm_state")


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes, states, and that no sum leaves int32."""
    lstm_parameters.check(graph, operator, place)
    numbers = lstm(graph, operator)
    for half in (numbers.from_input, numbers.from_state):
        for group, (_, shift) in enumerate(half.scales):
            bounds = half.bounds.reshape(4, -1)[group]
            check_left_shift(f"{place}, gate {group}", int(np.max(bounds)), shift)
    require(
        _gate_bound(numbers) < _GATE_MAX,
        place,
        f"a gate of up to {_gate_bound(numbers)} leaves int32 before it is saturated; train the model again",
    )


def macs(graph: Graph, operator: Operator) -> int:
    """Four gates' sums over the input and the state at each step."""
    numbers = lstm(graph, operator)
    return numbers.steps * (numbers.from_input.weights.size + numbers.from_state.weights.size)


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to the builtin kernels, or to TensorFlow Lite Micro."""
    (values,) = data
    numbers = lstm(graph, operator)
    state = np.full(numbers.cells, numbers.state_zero_point, np.int64)
    cells = np.zeros(numbers.cells, np.int64)
    outputs = []
    for sums in saturate_int16(_scaled(numbers.from_input, int64(values).reshape(numbers.steps, -1))):
        state, cells = _step(numbers, sums, state, cells)
        outputs.append(state)
    return np.stack(outputs).astype(np.int8).reshape(output_tensor(graph, operator).shape)


def _step(numbers: Lstm, sums: Raw, state: Raw, cells: Raw) -> tuple[Raw, Raw]:
    """State and cells after one row of the input, whose part of the gates is ``sums``."""
    from_state = _scaled(numbers.from_state, state[None])[0]
    gates = saturate_int16(sums + (saturate_int16(from_state) if numbers.is_micro else from_state))
    opened, kept, shown = _every_logistic(numbers.is_micro)[gates[:3] - INT16_MIN]
    change = opened * _every_tanh(_GATE_BITS, numbers.is_micro)[gates[3] - INT16_MIN]
    cells = _product(numbers, kept * cells, 15) + _product(numbers, change, 15 + numbers.cell_bits)
    cells = np.clip(cells, *numbers.cell_range)
    shown = shown * _every_tanh(numbers.cell_bits, numbers.is_micro)[cells - INT16_MIN]
    hidden = requantise(shown, *numbers.hidden_scale)
    return int64(clamp_int8(hidden + numbers.hidden_zero_point)), cells


def _product(numbers: Lstm, value: Raw, power: int) -> Raw:
    """value / 2**power, which TensorFlow Lite Micro rounds twice: to halves, then to the result."""
    return requantise(value, 1 << 30, 1 - power) if numbers.is_micro else divide_by_power_of_two(value, power)


def _scaled(half: Half, rows: Raw) -> Raw:
    """The gates' sums in Q3.12 for each row, (rows, 4, cells)."""
    sums = (rows @ int64(half.weights).T + half.bias).reshape(len(rows), 4, -1)
    scaled = (requantise(sums[:, group], *scale) for group, scale in enumerate(half.scales))
    return np.stack(list(scaled), axis=1)


@cache
def _every_logistic(is_micro: bool) -> Raw:
    """Of every int16 from the lowest up: looking up takes a hundredth of computing."""
    every = np.arange(INT16_MIN, INT16_MAX + 1)
    return interpolated.logistic(every) if is_micro else gemmlowp_int16.logistic(every, _GATE_BITS)


@cache
def _every_tanh(integer_bits: int, is_micro: bool) -> Raw:
    every = np.arange(INT16_MIN, INT16_MAX + 1)
    return (interpolated.tanh if is_micro else gemmlowp_int16.tanh)(every, integer_bits)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """Every kernel, the same for both matrices, with every way to the curves."""
    numbers = lstm(graph, operator)
    aligned = numbers.inputs % 4 == 0 and in_arena(graph, operator.inputs[0])
    pieces = [(0, 4 * numbers.cells)]
    halves = [row_kernels(half.weights, pieces) for half in (numbers.from_input, numbers.from_state)]
    chosen = same_kernels(halves, int(numbers.cells > numbers.inputs))
    every = ways(_curves(numbers), _reaches(graph), is_micro=numbers.is_micro)
    return tuple(
        _implementation(numbers, kernels, way, aligned) for kernels in chosen for way in every.items()
    )


def _curves(numbers: Lstm) -> tuple[int, int, int]:
    """Of the gates, of the cells' changes, of the cells."""
    return LOGISTIC, _GATE_BITS + 1, numbers.cell_bits + 1


def _reaches(graph: Graph) -> dict[int, int]:
    """The largest magnitude that any of the graph's LSTMs can give to each curve: layers share tables."""
    reaches: dict[int, int] = {}
    for operator in graph.operators:
        if operator.name == "UNIDIRECTIONAL_SEQUENCE_LSTM":
            numbers = lstm(graph, operator)
            gates = _gate_bounds(numbers)
            cells = -min(numbers.cell_range)
            for curve, reach in zip(_curves(numbers), (max(gates[:3]), gates[3], cells), strict=True):
                reaches[curve] = max(reaches.get(curve, 0), reach)
    return reaches


def _implementation(
    numbers: Lstm, kernels: list[RowKernel], way: tuple[str, tuple[Curve, ...]], aligned: bool
) -> Implementation:
    sums = [kernel.function.removeprefix("zerotap_") for kernel in kernels]
    suffix, curves = way
    return Implementation(
        "_".join(["lstm", *dict.fromkeys(sums), *([suffix] if suffix else [])]),
        tuple(
            dict.fromkeys(
                (
                    *(kernel.function for kernel in kernels),
                    *(_gates_function(numbers, curves), _cells_function(numbers), *_RUNTIME),
                    *(curve.function for curve in curves),
                )
            )
        ),
        sum(kernel.weight_bytes for kernel in kernels) + 32 * numbers.cells + 72 + 32,
        _cycles(numbers, kernels, curves, aligned),
        partial(_emit, numbers, kernels, curves),
        _scratch(numbers)[-1],
        shared=tuple((label, table.constant_bytes) for label, table in tables(curves).items()),
    )


def _gates_function(numbers: Lstm, curves: tuple[Curve, ...]) -> str:
    """The form that is exact; where it is the simplest, the faster one unless all curves are the smallest."""
    each = "_each" if numbers.is_micro and _half_bound(numbers.from_state) > INT16_MAX else ""
    if not (_is_narrow(numbers.from_input) and _is_narrow(numbers.from_state)):
        return f"zerotap_lstm_gates_wide{each}"
    if _gate_bound(numbers) <= INT16_MAX:
        is_small = all(curve.function == SMALL for curve in curves)
        return "zerotap_lstm_gates" if is_small else "zerotap_lstm_gates_pairs"
    return f"zerotap_lstm_gates{each or '_saturated'}"


def _cells_function(numbers: Lstm) -> str:
    return "zerotap_lstm_cells_twice" if numbers.is_micro else "zerotap_lstm_cells"


def _is_narrow(half: Half) -> bool:
    """Whether no step of runtime/zerotap_lstm_gates_run.h leaves int32."""
    bounds = half.bounds.reshape(4, -1).max(axis=1).tolist()
    return all(
        bound < _NARROW_SUM
        and shift in _NARROW_SHIFTS
        and (bound * multiplier >> 20) + (1 << 10) + (1 << (10 - shift)) <= INT32_MAX
        for bound, (multiplier, shift) in zip(bounds, half.scales, strict=True)
    )


def gates_cycles(function: str, cells: int) -> int:
    """Of a call for all gates of so many cells."""
    fixed, each = _GATES_CYCLES[function]
    return int(fixed + each * 4 * cells) + _ODD_CYCLES.get(function, 0) * (cells % 2)


def _gate_bound(numbers: Lstm) -> int:
    """The largest magnitude of a gate before any saturation."""
    return max(_gate_bounds(numbers))


def _gate_bounds(numbers: Lstm) -> list[int]:
    """The same of each group."""
    both = _half_bounds(numbers.from_input) + _half_bounds(numbers.from_state)
    bounds: list[int] = both.max(axis=1).tolist()
    return bounds


def _half_bound(half: Half) -> int:
    """The largest magnitude of one half of a gate before any saturation."""
    return int(np.max(_half_bounds(half)))


def _half_bounds(half: Half) -> Raw:
    groups = zip(half.bounds.reshape(4, -1), half.scales, strict=True)
    return np.stack([requantise(bounds, *scale) + 1 for bounds, scale in groups])


def _scratch(numbers: Lstm) -> tuple[int, int, int]:
    """Where cells and state begin behind the sums, whose place the gates take, and where the state ends."""
    cells = 32 * numbers.cells
    state = -(-(cells + 2 * numbers.cells) // 4) * 4
    return cells, state, state + numbers.cells


def _cycles(numbers: Lstm, kernels: list[RowKernel], curves: tuple[Curve, ...], aligned: bool) -> int:
    cells = numbers.cells
    sums = kernels[0].cycles(numbers.inputs, 4 * cells, aligned) + kernels[1].cycles(cells, 4 * cells, True)
    step = sums + gates_cycles(_gates_function(numbers, curves), cells)
    fixed, each = _STEP_CYCLES[_cells_function(numbers)]
    step += fixed + each * cells
    step += sum(each.cycles(count) for each, count in zip(curves, (3 * cells, cells, cells), strict=True))
    return _LAYER_CYCLES + 13 * cells + step * numbers.steps


def _emit(numbers: Lstm, kernels: list[RowKernel], curves: tuple[Curve, ...], label: str) -> Emission:
    """The loop over time."""
    halves = (numbers.from_input, numbers.from_state)
    bounds = [int(np.max(half.bounds)) for half in halves]
    bias = np.concatenate([half.bias for half in halves])
    constants = (
        "".join(kernel.constants(f"{label}_{name}") for kernel, name in zip(kernels, _NAMES, strict=True))
        + c_source.array("int32_t", f"{label}_bias", bias)
        + f"/* No sum plus its bias can leave [-{bounds[0]}, {bounds[0]}] from the input, "
        + f"[-{bounds[1]}, {bounds[1]}] from the state;\n"
        + f" * unsaturated, no gate can leave [-{_gate_bound(numbers)}, {_gate_bound(numbers)}]. */\n"
        + c_source.struct("zerotap_lstm_gates_t", f"{label}_gates", _gate_fields(numbers, label))
        + c_source.struct("zerotap_lstm_t", label, _fields(numbers))
    )
    shared = tuple(table.definition for table in tables(curves).values())
    return Emission(constants, _body(numbers, kernels, curves, label), shared=shared)


def _gate_fields(numbers: Lstm, label: str) -> dict[str, int | str]:
    pairs = zip(numbers.from_input.scales, numbers.from_state.scales, strict=True)
    rows = [", ".join(f"{{{multiplier}, {-shift}}}" for multiplier, shift in pair) for pair in pairs]
    scales = ", ".join(f"{{{row}}}" for row in rows)
    return {"cells": numbers.cells, "bias": f"{label}_bias", "scales": f"{{{scales}}}"}


def _fields(numbers: Lstm) -> dict[str, int | str]:
    multiplier, shift = numbers.hidden_scale
    return {
        "cells": numbers.cells,
        "integer_bits": numbers.cell_bits,
        "min": numbers.cell_range[0],
        "max": numbers.cell_range[1],
        "multiplier": multiplier,
        "right": -shift,
        "hidden_zero_point": numbers.hidden_zero_point,
        "state_zero_point": numbers.state_zero_point,
    }


def _body(numbers: Lstm, kernels: list[RowKernel], curves: tuple[Curve, ...], label: str) -> str:
    cells, width, last = numbers.cells, numbers.inputs, f"gates + {3 * numbers.cells}"
    cell_offset, state, _ = _scratch(numbers)
    rows = (f"input + step * {width}", "state")
    targets = ("sums", f"sums + {4 * cells}")
    shapes = ((4 * cells, width), (4 * cells, cells))
    sums = [
        statement
        for kernel, name, row, shape, target in zip(kernels, _NAMES, rows, shapes, targets, strict=True)
        for statement in sums_calls(kernel, f"{label}_{name}", row, 0, shape, target)
    ]
    lines = (
        "int32_t *const sums = (int32_t *)(void *)scratch;",
        "int16_t *const gates = (int16_t *)(void *)scratch;",
        f"int16_t *const cells = (int16_t *)(void *)&scratch[{cell_offset}];",
        f"int8_t *const state = &scratch[{state}];",
        f"zerotap_lstm_start(&{label}, cells, state);",
        f"for (int32_t step = 0; step < {numbers.steps}; step++) {{",
        *(f"    {statement}" for statement in sums),
        f"    {_gates_function(numbers, curves)}(sums, &{label}_gates, gates);",
        f"    {curves[0].statement('gates', 3 * cells)}",
        f"    {curves[1].statement(last, cells)}",
        f"    {_cells_function(numbers)}(gates, &{label}, cells);",
        f"    {curves[2].statement(last, cells)}",
        f"    zerotap_lstm_state(gates, &{label}, state, output + step * {cells});",
        "}",
    )
    return "\n    ".join(lines)
