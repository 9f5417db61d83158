"""The integer LSTM's assembly on the simulated board: every int16, drawn sums, the same cycles for all."""

import numpy as np
import pytest

from zerotap.firmware import find_compiler
from zerotap.firmware.fixed_point import requantise
from zerotap.firmware.gemmlowp_int16 import logistic, saturate_int16, tanh
from zerotap.firmware.program import harness_file, link
from zerotap.firmware.runtime_library import runtime_files
from zerotap.firmware.simulator import Simulator

COMPILERS = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc")), "zig"]
ACTIVATIONS = ("zerotap_lstm_activation", "zerotap_lstm_activation_small")
GATES = ("zerotap_lstm_gates", "zerotap_lstm_gates_saturated", "zerotap_lstm_gates_wide")
CELLS = 5
MAIN = f"""#include "zerotap_runtime.h"
int16_t values[4096];
int32_t sums[{8 * CELLS}], bias[{8 * CELLS}];
zerotap_lstm_gates_t layer = {{{CELLS}, bias, {{{{{{0, 0}}}}}}}};
void *volatile keep;
int main(void)
{{
    {" ".join(f"keep = (void *){name};" for name in (*ACTIVATIONS, *GATES, "values", "sums"))}
    return layer.cells == 0;
}}
"""
CHUNK = 4096


@pytest.fixture(scope="module", params=COMPILERS)
def board(request) -> tuple[Simulator, dict[str, int]]:
    """The board, and where its symbols are."""
    files = runtime_files((*ACTIVATIONS, *GATES))
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
