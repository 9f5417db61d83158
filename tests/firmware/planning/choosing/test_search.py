"""The search over shared code: against every combination, and against an integer program of 30 layers."""

import itertools
import random
import time

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from zerotap.firmware.planning.choosing.prices import Price, bytes_of, part_bytes, shared_parts, worth_having
from zerotap.firmware.planning.choosing.search import fastest, smallest
from zerotap.firmware.planning.runtime_costs import RUNTIME

KERNELS = sorted(RUNTIME)


def draw(rng: random.Random, count: int, options: int, parts: int) -> list[list[Price]]:
    """Layers of three kinds; an option that takes more flash is faster, on the whole."""
    kinds = [rng.sample(rng.sample(KERNELS, parts), 4) for _ in range(3)]
    return [_layer(rng, rng.choice(kinds), rng.randint(1, options)) for _ in range(count)]


def _layer(rng: random.Random, kernels: list[str], options: int) -> list[Price]:
    size, found = rng.randint(100, 3000), []
    for _ in range(options):
        grown = rng.uniform(1, 8)
        cycles = int(size * 20 / grown**0.7 * rng.uniform(0.9, 1.1))
        own_bytes = int(size * grown * rng.uniform(0.8, 1.2))
        found.append(Price(cycles, own_bytes, frozenset(rng.sample(kernels, rng.randint(0, 3))), 0, 0))
    return found


def cost(layers: list[list[Price]], picks) -> tuple[int, int]:
    """Cycles and flash."""
    chosen = [each[pick] for each, pick in zip(layers, picks, strict=True)]
    parts = frozenset().union(*(each.parts for each in chosen))
    return sum(each.cycles for each in chosen), sum(each.own_bytes for each in chosen) + bytes_of(parts)


def every(layers: list[list[Price]]) -> list[tuple[int, int]]:
    return [cost(layers, picks) for picks in itertools.product(*(range(len(each)) for each in layers))]


@pytest.mark.parametrize("seed", range(60))
def test_on_small_problems_it_is_the_best_of_all_combinations(seed: int) -> None:
    rng = random.Random(seed)
    layers = draw(rng, rng.randint(1, 5), 5, 6)
    costs = every(layers)
    room = rng.choice([flash for _, flash in costs] + [min(flash for _, flash in costs) - 1])
    found = fastest(layers, room)
    wanted = min((each for each in costs if each[1] <= room), default=None)
    assert (cost(layers, found.picks) if found else None) == wanted
    assert found is None or found.is_best
    assert cost(layers, smallest(layers).picks)[::-1] == min(each[::-1] for each in costs)


def integer_program(layers: list[list[Price]], room: int) -> float:
    """The fewest cycles within ``room``, by SciPy: a variable an option, and one a part."""
    parts = sorted(frozenset().union(*(option.parts for layer in layers for option in layer)))
    options = [(number, option) for number, layer in enumerate(layers) for option in layer]
    width = len(options) + len(parts)
    flash = [option.own_bytes for _, option in options] + [part_bytes(part) for part in parts]
    rows, low, high = [np.array(flash, float)], [-np.inf], [float(room)]
    for number in range(len(layers)):
        rows.append(np.array([each == number for each, _ in options] + [False] * len(parts), float))
        low.append(1), high.append(1)
    for place, (_, option) in enumerate(options):
        for part in option.parts:
            row = np.zeros(width)
            row[place], row[len(options) + parts.index(part)] = 1, -1
            rows.append(row), low.append(-np.inf), high.append(0)
    cycles = np.array([option.cycles for _, option in options] + [0] * len(parts), float)
    limits = LinearConstraint(np.array(rows), low, high)
    exactly = {"mip_rel_gap": 1e-7}
    solved = milp(
        cycles, constraints=limits, integrality=np.ones(width), bounds=Bounds(0, 1), options=exactly
    )
    assert solved.success
    return float(solved.fun)


@pytest.mark.parametrize("seed", range(4))
def test_thirty_layers_of_thirty_options_take_no_second_and_miss_nothing(seed: int) -> None:
    rng = random.Random(seed)
    layers = draw(rng, 30, 30, 12)
    least = cost(layers, smallest(layers).picks)[1]
    room = int(least * rng.uniform(1.05, 3))
    begun = time.process_time()
    found = fastest(layers, room)
    assert time.process_time() - begun < 1
    cycles, flash = cost(layers, found.picks)
    assert flash <= room
    assert cycles == pytest.approx(integer_program(layers, room), rel=1e-6 if found.is_best else 0.005)


def test_an_option_that_is_beaten_in_all_drops_out_and_no_other() -> None:
    one, two = frozenset({KERNELS[0]}), frozenset({KERNELS[1]})
    layer = [
        Price(100, 500, one, 0, 16),
        Price(100, 500, one, 0, 16),  # the same again
        Price(120, 510, one, 0, 16),  # slower and larger
        Price(120, 400, one, 0, 16),  # smaller
        Price(130, 520, one, 0, 8),  # less stack
        Price(90, 500 - part_bytes(KERNELS[1]) // 2, two, 0, 16),  # another's code, if that is there
    ]
    shared = shared_parts([layer, layer])
    assert shared == one | two
    assert worth_having(layer, shared) == [0, 3, 4, 5]
    assert worth_having(layer[:2], frozenset()) == [0]


@pytest.mark.parametrize("seed", range(20))
def test_what_drops_out_is_missed_by_no_budget(seed: int) -> None:
    rng = random.Random(seed)
    layers = draw(rng, 4, 6, 6)
    shared = shared_parts(layers)
    thinned = [[layer[pick] for pick in worth_having(layer, shared)] for layer in layers]
    costs, left = every(layers), every(thinned)
    for _, room in costs:
        assert min(each for each in left if each[1] <= room) == min(each for each in costs if each[1] <= room)
