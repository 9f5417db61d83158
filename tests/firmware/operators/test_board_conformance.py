"""Every implementation of every operator, linked for the board, against TensorFlow's own kernels.

Drawn models are those of the conformance suite and their variations; each assembly kernel is part of some.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import resources
from importlib.util import find_spec

import numpy as np
import pytest
from all_makers import of_each_oracle
from one_unit import batches, in_one_unit
from variations import varied

from zerotap.firmware import Oracle, find_compiler, plan, read_tflite
from zerotap.firmware.c_code.runtime_library import with_calls
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.operators import FUSIONS, OPERATORS
from zerotap.firmware.options import Budget, BuildOptions
from zerotap.firmware.planning.arena import lay_out
from zerotap.firmware.planning.plan import Plan
from zerotap.firmware.simulation.program import Program, harness_file, link
from zerotap.firmware.simulation.simulator import Simulator
from zerotap.firmware.simulation.stack_bound import stack_bounds

COMPILERS = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc")), "zig"]
SUBJECTS = sorted([*OPERATORS, *("+".join(pair) for pair in FUSIONS)])
SEEDS = {"UNIDIRECTIONAL_SEQUENCE_LSTM": 7}
OTHER_SEEDS = 4
HAS_MICRO = find_spec("tflite_micro") is not None
# Kernels that only models for that oracle have.
MICRO_KERNELS = {"zerotap_lstm_cells_twice", "zerotap_lstm_gates_each", "zerotap_lstm_interpolated"}
# Those of windows that are computed while they arrive, of which tests/firmware/generation has the cases.
PUSH_KERNELS = {"zerotap_slide"}
# Cases that are linked at once: compilers take longer to start than for one model.
IN_A_PROGRAM = 40

MAIN = """{declared}long long input[{size} / 8 + 1], output[{size} / 8 + 1];
int main(void)
{{
    void (*volatile keep)(void) = 0;
    void *volatile data = input;
    data = output;
{kept}    return keep == 0 || data == 0;
}}
"""


@dataclass
class Case:
    """One model with one choice of kernels, its samples, and what TensorFlow makes of them."""

    name: str
    subject: str
    planned: Plan
    samples: np.ndarray
    expected: np.ndarray

    @property
    def kernels(self) -> list[str]:
        return [layer.choice.kernel for layer in self.planned.running]


def variants(planned: Plan, subject: str) -> Iterator[Plan]:
    """The plan with each implementation that the subject's layer can have."""
    for position, layer in enumerate(planned.layers):
        if layer.name != subject:
            continue
        for choice in () if layer.alias else layer.implementations:
            layers = list(planned.layers)
            layers[position] = replace(layer, choice=choice)
            yield replace(planned, layers=tuple(layers), arena=lay_out(planned.graph, layers))


def subject_cases(writer, subject: str) -> Iterator[Case]:
    for number, (content, samples) in enumerate(varied(writer, subject, SEEDS.get(subject, OTHER_SEEDS))):
        graph = read_tflite(content)
        for each in of_each_oracle(graph, subject)[1:] if HAS_MICRO else ():
            expected = Oracle(content, each.oracle).invoke(samples)
            for choice, planned in enumerate(variants(plan(each), subject)):
                yield Case(f"{subject}_{number}_{each.oracle}_{choice}", subject, planned, samples, expected)
        plans, skipping = [plan(graph)], plan(graph, BuildOptions(skip_zeros=True))
        if "+" in subject and subject not in [layer.name for layer in plans[0].layers]:  # where RAM is short
            plans = [plan(graph, BuildOptions(budget=Budget(1 << 20, 1)))]
        if any(layer.choice.skips_zeros for layer in skipping.running):
            plans.append(skipping)
        every = [each for planned in plans for each in variants(planned, subject)] or plans
        expected = Oracle(content).invoke(samples)
        for choice, planned in enumerate(every):
            name = f"{subject.replace('+', '_')}_{number}_{choice}"
            yield Case(name, subject, planned, samples, expected)


@pytest.fixture(scope="module")
def cases(tflite_writer) -> list[Case]:
    return [case for subject in SUBJECTS for case in subject_cases(tflite_writer, subject)]


def linked(batch: list[Case], compiler: str) -> Program:
    declared = "".join(f"void {case.name}_invoke(void);\n" for case in batch)
    kept = "".join(f"    keep = {case.name}_invoke;\n" for case in batch)
    size = max(case.planned.io_bytes for case in batch)
    files = {"startup.S": harness_file("startup.S")}
    files["main.c"] = MAIN.format(declared=declared, kept=kept, size=size)
    files |= in_one_unit({case.name: generate_plan(case.planned, case.name) for case in batch})
    return link(files, find_compiler(compiler))


def outputs(board: Simulator, program: Program, case: Case) -> np.ndarray:
    """(samples, outputs); int8 arrays lie at odd addresses."""
    graph, rows = case.planned.graph, []
    target, source = graph.tensors[graph.output], graph.tensors[graph.input]
    places = [
        program.symbols[name] + (tensor.dtype == "int8")
        for name, tensor in (("input", source), ("output", target))
    ]
    for sample in case.samples:
        board.write(places[0], sample.tobytes())
        board.call(f"{case.name}_invoke", *places)
        content = board.read(places[1], target.size * np.dtype(target.dtype).itemsize)
        rows.append(np.frombuffer(content, target.dtype))
    return np.stack(rows)


@dataclass
class Found:
    """By the name of a case: its outputs, and the bound of its stack."""

    outputs: dict[str, np.ndarray]
    bounds: dict[str, int]


@pytest.fixture(scope="module", params=COMPILERS)
def found(request, cases) -> Found:
    results = Found({}, {})
    for batch in batches(cases, lambda case: case.planned.flash_bytes, IN_A_PROGRAM):
        program = linked(batch, request.param)
        board = Simulator(program)
        results.outputs.update({case.name: outputs(board, program, case) for case in batch})
        bounds = stack_bounds(program, (f"{case.name}_invoke" for case in batch))
        results.bounds.update(zip((case.name for case in batch), bounds, strict=True))
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
    missing = assembly - set(with_calls(names)) - PUSH_KERNELS - (set() if HAS_MICRO else MICRO_KERNELS)
    assert not missing
