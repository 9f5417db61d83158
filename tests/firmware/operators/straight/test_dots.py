"""Dense layers in straight line: each input has its place, no run is too long, what is illegal is refused."""

import itertools

import numpy as np
import pytest

from zerotap.firmware.operators.straight.dots import input_pairs, is_legal, run_order
from zerotap.firmware.operators.straight.orders import RUN_MAX


@pytest.mark.parametrize("inputs", [*range(1, 14), 128, 499])
def test_every_input_is_in_one_pair(inputs):
    listed = [each for pair in input_pairs(inputs) for each in pair if each is not None]
    assert sorted(listed) == list(range(inputs))
    assert len(input_pairs(inputs)) == -(-inputs // 2)


def closed(rows, pairs, order) -> int:
    """How many runs there are before the last ones."""
    used, count = [0] * len(rows), 0
    for at in order:
        for output, row in enumerate(rows):
            size = sum(abs(int(row[each])) for each in pairs[at] if each is not None)
            if used[output] + size > RUN_MAX:
                count, used[output] = count + 1, 0
            used[output] += size
    return count


@pytest.mark.parametrize("seed", range(8))
def test_the_order_takes_every_pair_once_and_has_no_more_runs_than_one_after_the_other(seed):
    rng = np.random.default_rng(seed)
    limit, inputs = int(rng.choice([127, 60, 7])), int(rng.integers(8, 130))
    rows = rng.integers(-limit, limit + 1, (2, inputs)).tolist()
    pairs = input_pairs(inputs)
    order = run_order(rows, pairs)
    assert sorted(order) == list(range(len(pairs)))
    assert closed(rows, pairs, order) <= closed(rows, pairs, range(len(pairs)))


def test_two_weights_of_minus_128_in_a_word_are_refused():
    weights = np.full((3, 8), 127, np.int8)
    assert is_legal(weights, input_pairs(8))
    weights[1, 2] = -128
    assert is_legal(weights, input_pairs(8))
    first, second = next(pair for pair in input_pairs(8) if 2 in pair)
    weights[1, list(itertools.chain((first, second)))] = -128
    assert not is_legal(weights, input_pairs(8))
