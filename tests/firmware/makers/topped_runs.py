"""Cases with the largest of all positions of a line: what holds for every way to compute them."""

from collections.abc import Collection, Iterator

import numpy as np
from on_board import Case, Linked, plans

from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.operators.parts.outputs import Outputs
from zerotap.firmware.operators.parts.row_kernels import sum_range

ROOM = 24_000
"""Of a board's RAM, for arenas."""
IN_LOOPS = 60
"""Cycles."""


def on_boards(cases: dict[str, Case], compiler: str) -> Iterator[tuple[str, Case, Linked, dict[str, int]]]:
    """Each with the program that it is in, and bounds of its stack: all are more than a board's RAM."""
    batches, room = [[]], ROOM
    for name, case in cases.items():
        if room < case.planned.arena_bytes:
            batches.append([])
            room = ROOM
        room -= case.planned.arena_bytes
        batches[-1].append(name)
    for batch in batches:
        linked = Linked(plans({name: cases[name] for name in batch}), compiler)
        bounds = linked.stack_bounds()
        yield from ((name, cases[name], linked, bounds) for name in batch)


def are_exact_in_the_cycles_counted(
    cases: dict[str, Case], compiler: str, looped: Collection[str] = ()
) -> None:
    """Outputs, one time for all samples, stack, and cycles but for what is around the assembly.

    In those that are ``looped`` that is a loop, which compilers differ in.
    """
    beyond = {}
    for name, case, linked, bounds in on_boards(cases, compiler):
        ran = linked.run(name, case.samples)
        assert np.array_equal(ran.outputs, case.expected), name
        assert len(set(ran.cycles)) == 1, name
        assert ran.stack_bytes <= bounds[name] <= case.planned.stack_bytes, name
        beyond[name] = case.planned.cycles - ran.cycles[0]
    in_loops, alone = (
        [by for name, by in beyond.items() if (name in looped) == each] for each in (True, False)
    )
    # What is around the assembly is the same in all of them.
    assert max(alone) - min(alone) <= 2, beyond
    assert 0 <= min(alone) <= max(alone) <= 10, beyond
    assert not in_loops or 0 <= min(in_loops) <= max(in_loops) <= IN_LOOPS, beyond


def are_exact_at_any_address(cases: dict[str, Case], skews: tuple[int, ...]) -> None:
    """Inputs that are not aligned."""
    for name, case, linked, _ in on_boards(cases, "zig"):
        for skew in skews:
            ran = linked.run(name, case.samples[:3], skew)
            assert np.array_equal(ran.outputs, case.expected[:3]), (name, skew)
            assert len(set(ran.cycles)) == 1, (name, skew)


def are_exact_in_plain_c(cases: dict[str, Case], build_host) -> None:
    """What other cores than the board's compile."""
    program = build_host({name: generate_plan(case.planned, name) for name, case in cases.items()})
    for name, case in cases.items():
        assert np.array_equal(program.run(name, case.samples), case.expected), name


def do_not_saturate(cases: dict[str, Case]) -> None:
    """Enough different results, and scales with signs."""
    values = {value for each in cases.values() for value in each.expected.ravel().tolist()}
    assert len(values) > 130, "the cases saturate and prove nothing"
    assert any("zerotap_signed_scale_t" in form for form in constants_of(cases))


def constants_of(cases: dict[str, Case]) -> list[str]:
    """The text of each layer's constants."""
    return [each.planned.running[0].choice.emit("layer_0").constants for each in cases.values()]


def outputs_of(weights: np.ndarray) -> Outputs:
    """Of a layer with these weights (outputs, inputs)."""
    count = len(weights)
    return Outputs(
        np.zeros(count, np.int64), [0.01] * count, *sum_range(weights), False, -128, -128, 127, count
    )
