"""Every implementation of every operator, linked for the board, against TensorFlow's own kernels.

Drawn models are those of the conformance suite and their variations; each assembly kernel is part of some.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.util import find_spec

import numpy as np
import pytest
from all_makers import of_each_oracle
from on_board import COMPILERS, Case, Every, FirstOfEachCode, Linked, Wanted, with_choice
from one_unit import batches
from variations import varied

from zerotap.firmware import Oracle, plan, read_tflite
from zerotap.firmware.c_code.runtime_library import with_calls
from zerotap.firmware.operators import FUSIONS, OPERATORS
from zerotap.firmware.options import Budget, BuildOptions
from zerotap.firmware.planning.plan import Plan

SUBJECTS = sorted([*OPERATORS, *("+".join(pair) for pair in FUSIONS)])
SEEDS = {"UNIDIRECTIONAL_SEQUENCE_LSTM": 7}
OTHER_SEEDS = 4
HAS_MICRO = find_spec("tflite_micro") is not None
# Kernels that only models for that oracle have.
MICRO_KERNELS = {"zerotap_lstm_cells_twice", "zerotap_lstm_gates_each", "zerotap_lstm_interpolated"}
# Those of windows that are computed while they arrive, of which tests/firmware/generation has the cases.
PUSH_KERNELS = {"zerotap_slide"}
# Those of shapes that are drawn in straight/test_straight_layers.py.
STRAIGHT_KERNELS = {"zerotap_pack_blocks"}
# Cases that are linked at once: compilers take longer to start than for one model.
IN_A_PROGRAM = 40


@dataclass(frozen=True)
class OfSubject(Case):
    """One model with one choice of kernels, its samples, and what TensorFlow makes of them."""

    name: str
    subject: str

    @property
    def kernels(self) -> list[str]:
        return [layer.choice.kernel for layer in self.planned.running]


def variants(planned: Plan, subject: str) -> Iterator[Plan]:
    """The plan with each implementation that the subject's layer can have."""
    for position, layer in enumerate(planned.layers):
        if layer.name != subject:
            continue
        for choice in () if layer.alias else layer.implementations:
            yield with_choice(planned, position, choice)


def subject_cases(writer, subject: str, wanted: Wanted) -> Iterator[OfSubject]:
    for number, (content, samples) in enumerate(varied(writer, subject, SEEDS.get(subject, OTHER_SEEDS))):
        graph = read_tflite(content)
        for each in of_each_oracle(graph, subject)[1:] if HAS_MICRO else ():
            several = wanted(variants(plan(each), subject))
            expected = Oracle(content, each.oracle).invoke(samples) if several else samples
            for choice, planned in several:
                name = f"{subject}_{number}_{each.oracle}_{choice}"
                yield OfSubject(planned, samples, expected, name, subject)
        plans, skipping = [plan(graph)], plan(graph, BuildOptions(skip_zeros=True))
        if "+" in subject and subject not in [layer.name for layer in plans[0].layers]:  # where RAM is short
            plans = [plan(graph, BuildOptions(budget=Budget(1 << 20, 1)))]
        if any(layer.choice.skips_zeros for layer in skipping.running):
            plans.append(skipping)
        every = [each for planned in plans for each in variants(planned, subject)] or plans
        several = wanted(every)
        expected = Oracle(content).invoke(samples) if several else samples
        for choice, planned in several:
            name = f"{subject.replace('+', '_')}_{number}_{choice}"
            yield OfSubject(planned, samples, expected, name, subject)


@pytest.fixture(scope="module", params=[FirstOfEachCode, pytest.param(Every, marks=pytest.mark.thorough)])
def cases(request, tflite_writer) -> list[OfSubject]:
    return [case for subject in SUBJECTS for case in subject_cases(tflite_writer, subject, request.param())]


@dataclass
class Found:
    """By the name of a case: its outputs, and the bound of its stack."""

    outputs: dict[str, np.ndarray]
    bounds: dict[str, int]


@pytest.fixture(scope="module", params=COMPILERS)
def found(request, cases) -> Found:
    results = Found({}, {})
    for batch in batches(cases, lambda case: case.planned.flash_bytes, IN_A_PROGRAM):
        linked = Linked({case.name: case.planned for case in batch}, request.param)
        # int8 arrays lie at odd addresses.
        ran = {case.name: linked.run(case.name, case.samples, skew=1) for case in batch}
        results.outputs.update({name: each.outputs for name, each in ran.items()})
        results.bounds.update(linked.stack_bounds())
    return results


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_board_gives_the_oracles_bits(cases, found, subject):
    of_subject = [case for case in cases if case.subject == subject]
    wrong = [
        (case.name, case.kernels, int(np.sum(found.outputs[case.name] != case.expected)))
        for case in of_subject
        if not np.array_equal(found.outputs[case.name], case.expected)
    ]
    assert of_subject
    assert not wrong, "(case, kernels, wrong values)"
    values = {value for case in of_subject for value in case.expected.ravel().tolist()}
    assert len(values) > 4, "the cases saturate and prove nothing"


def test_the_estimate_of_the_stack_is_never_below_its_bound(cases, found):
    low = [
        (case.name, case.kernels, case.planned.stack_bytes, found.bounds[case.name])
        for case in cases
        if case.planned.stack_bytes < found.bounds[case.name]
    ]
    assert not low, "(case, kernels, estimate, bound)"


def test_every_assembly_kernel_is_part_of_a_case(cases):
    names = {name for case in cases for layer in case.planned.running for name in layer.choice.runtime}
    files = (resources.files("zerotap.firmware") / "runtime").iterdir()
    assembly = {file.name.removesuffix(".S") for file in files if file.name.endswith(".S")}
    elsewhere = PUSH_KERNELS | STRAIGHT_KERNELS | (set() if HAS_MICRO else MICRO_KERNELS)
    missing = assembly - set(with_calls(names)) - elsewhere
    assert not missing
