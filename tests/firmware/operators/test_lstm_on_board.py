"""The integer LSTM's assembly on the simulated board: every int16, drawn sums, the same cycles for all."""

import numpy as np
import pytest

from zerotap.firmware import find_compiler
from zerotap.firmware.arithmetic.fixed_point import divide_by_power_of_two, requantise
from zerotap.firmware.arithmetic.gemmlowp_int16 import logistic, saturate_int16, tanh
from zerotap.firmware.c_code.runtime_library import runtime_files
from zerotap.firmware.simulation.program import harness_file, link
from zerotap.firmware.simulation.simulator import Simulator

COMPILERS = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc")), "zig"]
ACTIVATIONS = ("zerotap_lstm_activation", "zerotap_lstm_activation_small")
STEPS = ("zerotap_lstm_cells", "zerotap_lstm_state")
GATES = ("zerotap_lstm_gates", "zerotap_lstm_gates_saturated", "zerotap_lstm_gates_wide")
CELLS = 5
DATA = ("values", "sums", "cells", "state", "output", "&step")
MAIN = f"""#include "zerotap_lstm.h"
int16_t values[4096];
int32_t sums[{8 * CELLS}], bias[{8 * CELLS}];
int16_t cells[{CELLS}];
ZEROTAP_ALIGNED int8_t state[{CELLS}];
ZEROTAP_ALIGNED int8_t output[{CELLS}];
zerotap_lstm_gates_t layer = {{{CELLS}, bias, {{{{{{0, 0}}}}}}}};
zerotap_lstm_t step = {{{CELLS}, 0, 0, 0, 0, 0, 0, 0}};
void *volatile keep;
int main(void)
{{
    {" ".join(f"keep = (void *){name};" for name in (*ACTIVATIONS, *GATES, *STEPS, *DATA))}
    return layer.cells == 0;
}}
"""
CHUNK = 4096


@pytest.fixture(scope="module", params=COMPILERS)
def board(request) -> tuple[Simulator, dict[str, int]]:
    """The board, and where its symbols are."""
    files = runtime_files((*ACTIVATIONS, *GATES, *STEPS))
    sources = {"startup.S": harness_file("startup.S"), "main.c": MAIN, **files}
    program = link(sources, find_compiler(request.param))
    return Simulator(program), program.symbols


@pytest.mark.parametrize("function", ACTIVATIONS)
@pytest.mark.parametrize("curve", range(6))
def test_every_value_becomes_what_gemmlowp_makes_of_it(board, function, curve):
    core, symbols = board
    everything = np.arange(-(1 << 15), 1 << 15)
    expected = logistic(everything) if curve == 0 else tanh(everything, curve - 1)
    got, cycles = [], set()
    for chunk in everything.astype(np.int16).reshape(-1, CHUNK):
        core.write(symbols["values"], chunk.tobytes())
        cycles.add(core.call(function, symbols["values"], CHUNK, curve).cycles)
        got.append(np.frombuffer(core.read(symbols["values"], 2 * CHUNK), np.int16))
    assert np.array_equal(np.concatenate(got), expected)
    assert len(cycles) == 1


def drawn_gates(rng: np.random.Generator, function: str):
    """(sums, bias, multipliers, shifts to the right): within what the function takes, with its extremes."""
    right = rng.integers(1, 21, (2, 4, 1))
    if function == "zerotap_lstm_gates_wide":
        right -= 5
    multipliers = rng.integers(1 << 30, 1 << 31, (2, 4, 1))
    multipliers[:, 0] = [[1 << 30], [(1 << 31) - 1]]
    most = (((1 << 31) - 1 - (1 << 10) - (1 << (10 + right))) << 20) // multipliers
    bounds = np.minimum((1 << 20) - 1, most - 1)
    if function == "zerotap_lstm_gates":
        # Half of int16 each, so that nothing saturates.
        room = 16383 * 2.0 ** (31 + right) / multipliers
        bounds = np.minimum(bounds, room.astype(np.int64))
    bounds = np.broadcast_to(bounds, (2, 4, CELLS))
    totals = rng.integers(-bounds, bounds + 1)
    ends = rng.integers(3, size=totals.shape)
    totals = np.where(ends == 0, bounds, np.where(ends == 1, -bounds, totals))
    totals[:, :, 0] = rng.integers(-3, 4, (2, 4))
    bias = rng.integers(-1000, 1001, totals.shape)
    return totals - bias, bias, multipliers, right


def expected_gates(sums, bias, multipliers, right) -> np.ndarray:
    gates = np.zeros((4, CELLS), np.int64)
    for half in range(2):
        for group in range(4):
            scale = int(multipliers[half, group, 0]), -int(right[half, group, 0])
            scaled = requantise(sums[half, group] + bias[half, group], *scale)
            gates[group] = saturate_int16(gates[group] + scaled)
    return gates.ravel()


@pytest.mark.parametrize("function", GATES)
def test_gates_are_scaled_as_tflite_does(board, function):
    (core, symbols), cycles = board, set()
    for seed in range(100):
        sums, bias, multipliers, right = drawn_gates(np.random.default_rng(seed), function)
        core.write(symbols["sums"], sums.astype(np.int32).tobytes())
        core.write(symbols["bias"], bias.astype(np.int32).tobytes())
        scales = np.concatenate([multipliers, right], axis=2).transpose(1, 0, 2).astype(np.int32)
        core.write(symbols["layer"] + 8, scales.tobytes())
        cycles.add(core.call(function, symbols["sums"], symbols["layer"], symbols["sums"]).cycles)
        got = np.frombuffer(core.read(symbols["sums"], 8 * CELLS), np.int16)
        assert np.array_equal(got, expected_gates(sums, bias, multipliers, right)), seed
    assert len(cycles) == 1


def drawn_step(rng: np.random.Generator):
    """(gates (4, CELLS), cells, the numbers of zerotap_lstm_t), with their extremes."""
    gates = rng.integers(0, 1 << 15, (4, CELLS))
    gates[3] = rng.integers(-(1 << 15), 1 << 15, CELLS)
    cells = rng.integers(-(1 << 15), 1 << 15, CELLS)
    for values, low in (
        (gates[0], 0),
        (gates[1], 0),
        (gates[2], 0),
        (gates[3], -(1 << 15)),
        (cells, -(1 << 15)),
    ):
        ends = rng.integers(4, size=CELLS)
        values[ends == 0], values[ends == 1] = low, (1 << 15) - 1
    high = int(rng.choice([(1 << 15) - 1, rng.integers(1, 1 << 15)]))
    low = int(rng.choice([-(1 << 15), -high]))
    multiplier = int(rng.choice([1 << 30, (1 << 31) - 1, rng.integers(1 << 30, 1 << 31)]))
    zero_points = rng.integers(-128, 128, 2)
    right = int(rng.integers(1, 32))
    return gates, cells, [CELLS, rng.integers(5), low, high, multiplier, right, *zero_points]


def test_one_step_of_cells_and_state(board):
    (core, symbols), cycles = board, set()
    for seed in range(200):
        gates, cells, numbers = drawn_step(np.random.default_rng(seed))
        core.write(symbols["step"], np.array(numbers, np.int32).tobytes())
        core.write(symbols["values"], gates.astype(np.int16).tobytes())
        core.write(symbols["cells"], cells.astype(np.int16).tobytes())
        first = core.call("zerotap_lstm_cells", symbols["values"], symbols["step"], symbols["cells"]).cycles
        ends = (symbols["state"], symbols["output"])
        second = core.call("zerotap_lstm_state", symbols["values"], symbols["step"], *ends).cycles
        cycles.add((first, second))
        change = divide_by_power_of_two(gates[0] * gates[3], 15 + int(numbers[1]))
        expected = np.clip(divide_by_power_of_two(gates[1] * cells, 15) + change, numbers[2], numbers[3])
        assert read(board, "cells", np.int16).tolist() == expected.tolist(), seed
        hidden = requantise(gates[2] * expected, numbers[4], -numbers[5]) + numbers[6]
        for name in ("state", "output"):
            assert read(board, name, np.int8).tolist() == np.clip(hidden, -128, 127).tolist(), seed
    assert len(cycles) == 1


def read(board, name: str, dtype) -> np.ndarray:
    core, symbols = board
    return np.frombuffer(core.read(symbols[name], CELLS * np.dtype(dtype).itemsize), dtype)
