"""Layers by fast FIR, whole: on the simulated board by both compilers, and as C on this machine."""

from dataclasses import dataclass

import lines
import numpy as np
import pytest
from on_board import COMPILERS, Case, Linked, with_choice

from zerotap.firmware import plan
from zerotap.firmware.c_code.assembly import cycles
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.operators.fast_fir import conv
from zerotap.firmware.operators.parts.interface import Implementation

FAST = "straight line, fast FIR, "
ENDINGS = {"stored", "added up", "the larger one, stored", "the largest of all, stored"}
SEEDS = {"": range(24), "MAX_POOL_2D": range(40), "MEAN": range(60)}


@dataclass(frozen=True)
class Line(Case):
    """A plan whose layer is by fast FIR, and what it makes of its samples."""

    name: str

    @property
    def choice(self):
        return self.planned.running[0].choice


def case(name: str, graph, seed: int) -> Line | None:
    """By fast FIR, though a small layer gains nothing by it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(conv, "_LEAST_GAIN", -100)
        planned = plan(graph)
    first = planned.running[0]
    ways = [each for each in first.implementations if each.kernel.startswith(FAST)]
    if not ways:
        return None
    place = next(place for place, each in enumerate(planned.layers) if each is first)
    planned = with_choice(planned, place, ways[0])
    inputs = lines.samples(seed, planned.graph.tensors[planned.graph.input].size)
    return Line(planned, inputs, lines.expected(planned, inputs), name)


@pytest.fixture(scope="module")
def cases() -> list[Line]:
    drawn = [
        case(f"fast_{behind.lower()}_{seed}", lines.convolution(seed, behind), seed)
        for behind, seeds in SEEDS.items()
        for seed in seeds
    ]
    return [each for each in drawn if each is not None]


def test_a_gain_below_two_in_a_hundred_is_not_worth_its_flash():
    ways = [Implementation(f"of {count}", (), 0, count, lambda label: label) for count in (979, 980, 981)]
    straight = Implementation("straight", (), 0, 1000, lambda label: label)
    assert conv.beside([straight], ways) == (straight, *ways[:2])
    assert conv.beside([], ways) == (*ways,)


def test_every_ending_is_drawn(cases):
    assert {each.choice.kernel.removeprefix(FAST) for each in cases} == ENDINGS
    for ending in ENDINGS:
        assert sum(each.choice.kernel == FAST + ending for each in cases) > 2, ending
    values = {value for each in cases for value in each.expected.ravel().tolist()}
    assert len(values) > 200, "the cases saturate and prove nothing"


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_board_gives_numpys_bits_in_the_same_time_for_every_input(cases, compiler):
    linked = Linked({each.name: each.planned for each in cases}, compiler)
    bounds = linked.stack_bounds()
    for each in cases:
        ran = linked.run(each.name, each.samples)
        assert np.array_equal(ran.outputs, each.expected), (each.name, each.choice.kernel)
        assert len(set(ran.cycles)) == 1, each.name
        # What compilers make of the calls is estimated: of small layers that is more than a few in a hundred.
        stated, counted = each.planned.cycles, ran.cycles[0]
        assert abs(stated - counted) < 20 + 0.03 * counted, (each.name, stated, counted)
        assert each.planned.stack_bytes >= bounds[each.name], each.name


def test_the_c_for_other_processors_gives_the_same_bits(cases, build_host):
    host = build_host({each.name: generate_plan(each.planned, each.name) for each in cases})
    for each in cases:
        assert np.array_equal(host.run(each.name, each.samples), each.expected), each.name


def test_code_bytes_and_stack_are_those_of_the_text(cases):
    for each in cases:
        (function,) = each.choice.emit("layer_0").assembly
        assert each.choice.code_bytes == function.code_bytes
        assert each.choice.stack_bytes == function.stack_bytes
        assert cycles(function.lines)


@pytest.mark.parametrize("behind", ["", "MEAN"])
def test_a_turn_takes_exactly_what_is_stated(behind):
    """Of layers that differ in their length alone: what compilers make of the calls is the same."""
    drawn = [case(f"turns_{length}", long(length, behind), 1) for length in (37, 41, 45)]
    linked = Linked({each.name: each.planned for each in drawn}, "zig")
    counted = [linked.run(each.name, each.samples).cycles[0] for each in drawn]
    assert np.array_equal(np.diff(counted), np.diff([each.planned.cycles for each in drawn]))


def long(length: int, behind: str):
    """Of 6 taps on 32 channels: of 32 positions, or so many more."""
    rng = np.random.default_rng(3)
    weights = rng.integers(-127, 128, (3, 1, 6, 32)).astype(np.int8)
    return lines.along(weights, length, behind)
