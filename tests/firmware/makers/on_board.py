"""Plans linked into one program for the simulated board, and what their inferences give and take there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from one_unit import in_one_unit

from zerotap.firmware import find_compiler
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.operators import Implementation
from zerotap.firmware.planning.arena import lay_out
from zerotap.firmware.planning.plan import Plan
from zerotap.firmware.simulation.program import harness_file, link
from zerotap.firmware.simulation.simulator import Simulator
from zerotap.firmware.simulation.stack_bound import stack_bounds

COMPILERS = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc")), "zig"]
# What reads a function's address keeps it in the program.
MAIN = """{declared}long long input[{size} / 8 + 1], output[{size} / 8 + 1];
int main(void)
{{
    void (*volatile keep)(void) = 0;
    void *volatile data = input;
    data = output;
{kept}    return keep == 0 || data == 0;
}}
"""
Files = Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """A plan with one choice of kernels, samples (n, ...), and the outputs that they give (n, outputs)."""

    planned: Plan
    samples: np.ndarray
    expected: np.ndarray


@dataclass(frozen=True)
class Ran:
    """``outputs`` (samples, outputs); of each sample its ``cycles``, of all the most stack."""

    outputs: np.ndarray
    cycles: list[int]
    stack_bytes: int


def with_choice(planned: Plan, position: int, choice: Implementation) -> Plan:
    """The plan whose layer at that place is computed so."""
    layers = list(planned.layers)
    layers[position] = replace(layers[position], choice=choice)
    return replace(planned, layers=tuple(layers), arena=lay_out(planned.graph, layers))


def code_of(planned: Plan) -> set[object]:
    """What a plan's code is made of: its layers' kernels, and each function with whose bits it computes."""
    choices = [layer.choice for layer in planned.running]
    functions = {(planned.graph.oracle, name) for choice in choices for name in choice.runtime}
    return {tuple(choice.kernel for choice in choices), *functions}


class Every:
    """All plans that it is given, each with its number."""

    def __call__(self, several: Iterable[Plan]) -> list[tuple[int, Plan]]:
        return list(enumerate(several))


class FirstOfEachCode(Every):
    """Of all plans that it is ever given, those whose code has something new, and the first eight.

    One case alone may saturate.
    """

    def __init__(self) -> None:
        self._seen: set[object] = set()
        self._least = 8

    def __call__(self, several: Iterable[Plan]) -> list[tuple[int, Plan]]:
        return [(number, planned) for number, planned in super().__call__(several) if self._is_new(planned)]

    def _is_new(self, planned: Plan) -> bool:
        code = code_of(planned)
        is_new = not code <= self._seen or self._least > 0
        self._seen |= code
        self._least -= is_new
        return is_new


Wanted = Callable[[Iterable[Plan]], list[tuple[int, Plan]]]


def in_own_units(models: Mapping[str, Files]) -> dict[str, str]:
    """The files of all models (name -> files) as they are."""
    return {name: text for files in models.values() for name, text in files.items()}


class Linked:
    """Plans, by the names of their models, on one board; ``join`` makes one folder of all their files."""

    def __init__(
        self,
        plans: Mapping[str, Plan],
        compiler: str,
        join: Callable[[Mapping[str, Files]], dict[str, str]] = in_one_unit,
    ) -> None:
        self._plans = plans
        declared = "".join(f"void {name}_invoke(void);\n" for name in plans)
        kept = "".join(f"    keep = {name}_invoke;\n" for name in plans)
        size = max(planned.io_bytes for planned in plans.values())
        main = MAIN.format(declared=declared, kept=kept, size=size)
        models = {name: generate_plan(planned, name) for name, planned in plans.items()}
        files = {"startup.S": harness_file("startup.S"), "main.c": main, **join(models)}
        self.program = link(files, find_compiler(compiler))
        self._board = Simulator(self.program)

    def run(self, name: str, samples: Sequence[np.ndarray] | np.ndarray, skew: int = 0) -> Ran:
        """Inferences of a model, whose int8 arrays lie ``skew`` bytes behind a multiple of eight."""
        graph, rows, runs = self._plans[name].graph, [], []
        source, target = graph.tensors[graph.input], graph.tensors[graph.output]
        places = [
            self.program.symbols[place] + (skew if tensor.dtype == "int8" else 0)
            for place, tensor in (("input", source), ("output", target))
        ]
        for sample in samples:
            self._board.write(places[0], sample.tobytes())
            runs.append(self._board.call(f"{name}_invoke", *places))
            content = self._board.read(places[1], target.size * np.dtype(target.dtype).itemsize)
            rows.append(np.frombuffer(content, target.dtype))
        return Ran(np.stack(rows), [run.cycles for run in runs], max(run.stack_bytes for run in runs))

    def stack_bounds(self) -> dict[str, int]:
        """By the model's name: what the stack of an inference cannot exceed."""
        bounds = stack_bounds(self.program, [f"{name}_invoke" for name in self._plans])
        return dict(zip(self._plans, bounds, strict=True))


def plans(cases: Mapping[str, Case]) -> dict[str, Plan]:
    """Those of the cases."""
    return {name: case.planned for name, case in cases.items()}
