"""Inputs that share a word as the next layer wants it: each once, and no more runs than as they come."""

import numpy as np
import pytest

from zerotap.firmware.operators.straight.dots import is_legal, magnitude, run_order
from zerotap.firmware.operators.straight.orders import RUN_MAX
from zerotap.firmware.operators.straight.pairings import pairing


def runs(rows: list[list[int]], pairs) -> int:
    """Of one output at a time."""
    count = 0
    for row in rows:
        used = 0
        for at in run_order([row], pairs):
            size = magnitude(row, pairs[at])
            count, used = (count + 1, size) if used + size > RUN_MAX else (count, used + size)
    return count


@pytest.mark.parametrize("inputs", [1, 2, 3, 16, 33])
def test_every_input_is_in_one_pair_and_fewer_runs_end_than_as_they_come(inputs):
    rows = np.random.default_rng(inputs).integers(-127, 128, (5, inputs)).tolist()
    found = pairing(rows, [(number, None) for number in range(5)])
    assert sorted(each for pair in found for each in pair if each is not None) == list(range(inputs))
    in_order = [(at, at + 1 if at + 1 < inputs else None) for at in range(0, inputs, 2)]
    assert runs(rows, found) < runs(rows, in_order) or inputs < 16
    assert pairing(rows, [(number, None) for number in range(5)]) == found


def test_two_weights_of_minus_128_are_kept_apart():
    rows = [[-128, -128, 5, 5]]
    assert is_legal(np.array(rows, np.int8), pairing(rows, [(0, None)]))
