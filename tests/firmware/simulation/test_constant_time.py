"""The same cycles for every input: each kernel of each operator, with both compilers, and exact there."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import pytest
from all_makers import make, of_each_oracle
from on_board import COMPILERS, Every, FirstOfEachCode, Linked, in_own_units, with_choice
from one_unit import batches
from references import references

from zerotap.firmware import generate, plan, read_tflite
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.operators import FUSIONS, OPERATORS
from zerotap.firmware.operators.parts.placement import keeps_bytes
from zerotap.firmware.operators.parts.pool_kernels import division_multiplier
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.oracles.tables import filled
from zerotap.firmware.planning.plan import Plan
from zerotap.firmware.verification import verify

SKIPPING = BuildOptions(skip_zeros=True)

# Operator or pair -> why its time depends on the data.
CHANGES_WITH_DATA: dict[str, str] = {}
PAIRS = {"+".join(pair): pair for pair in FUSIONS}
IN_STATES = ("ASSIGN_VARIABLE", "READ_VARIABLE")  # where they copy nothing, both are the state's own place
SUBJECTS = sorted([*OPERATORS, *PAIRS])
SEEDS = 3
# Kernels that few of the drawn shapes can have, and their operators.
KERNELS_BY_WORDS = {
    "average_pool_words": "AVERAGE_POOL_2D",
    "gather_words": "GATHER",
    "max_pool_words": "MAX_POOL_2D",
}


@dataclass
class Case:
    """One model with one choice of kernels; ``subject`` is what it is there for."""

    name: str
    subject: str
    planned: Plan

    @property
    def kernels(self) -> set[str]:
        return {layer.choice.kernel for layer in self.planned.running}


@dataclass
class Result:
    """Of all inputs."""

    case: Case
    cycles: set[int]
    wrong: int


def added(graph: Graph, *tensors: Tensor, before=(), after=(), **ends: int) -> Graph:
    """The graph with more tensors and operators around its own."""
    operators = (*before, *graph.operators, *after)
    return replace(graph, tensors=(*graph.tensors, *tensors), operators=operators, **ends)


def like(tensor: Tensor, index: int, shape: tuple[int, ...] | None = None) -> Tensor:
    return replace(tensor, index=index, name=f"tensor_{index}", shape=shape or tensor.shape, data=None)


def constant(index: int, values: list[int]) -> Tensor:
    data = np.array(values, np.int32)
    return Tensor(index, f"tensor_{index}", data.shape, "int32", np.empty(0), np.empty(0, np.int64), data)


def inside(graph: Graph) -> Graph:
    """The same operators between two others, so that what they read and write lies in the arena."""
    source, target = graph.tensors[graph.input], graph.tensors[graph.output]
    if source.dtype == "int8":
        copy = like(source, len(graph.tensors))
        quantize = Operator("QUANTIZE", (copy.index,), (source.index,))
        graph = added(graph, copy, before=[quantize], input=copy.index)
    if target.dtype == "int8":
        index = len(graph.tensors)
        flat, last = like(target, index, (1, 1, target.size)), like(target, index + 1, (1, target.size))
        reshape = Operator("RESHAPE", (target.index,), (index,))
        largest = Operator("REDUCE_MAX", (index, index + 2), (index + 1,))
        axis = constant(index + 2, [1])
        graph = added(graph, flat, last, axis, after=[reshape, largest], output=last.index)
    return graph


def pooled(graph: Graph) -> Graph:
    """A convolution with a MAX_POOL_2D of two columns behind it."""
    target, index = graph.tensors[graph.output], len(graph.tensors)
    _, height, width, channels = target.shape
    size = min(2, width)
    options = dict.fromkeys(("stride_h", "filter_height", "padding"), 1)
    options |= {"stride_w": size, "filter_width": size, "fused_activation_function": 0}
    pool = Operator("MAX_POOL_2D", (target.index,), (index,), options)
    return added(graph, like(target, index, (1, height, width // size, channels)), after=[pool], output=index)


def averaged(graph: Graph) -> Graph:
    """A GATHER with a MEAN over its ids behind it."""
    target, index = graph.tensors[graph.output], len(graph.tensors)
    _, _, width = target.shape
    mean = Operator("MEAN", (target.index, index + 1), (index,), {"keep_dims": False})
    return added(graph, like(target, index, (1, width)), constant(index + 1, [1]), after=[mean], output=index)


def averaged_rows(graph: Graph) -> Graph:
    """A convolution with a MEAN over all of its positions behind it."""
    target, index = graph.tensors[graph.output], len(graph.tensors)
    mean = Operator("MEAN", (target.index, index + 1), (index,), {"keep_dims": False})
    tensors = like(target, index, (1, target.shape[3])), constant(index + 1, [1, 2])
    return added(graph, *tensors, after=[mean], output=index)


def largest_of_all(graph: Graph) -> Graph:
    """A convolution with a REDUCE_MAX over all of its positions behind it."""
    target, index = graph.tensors[graph.output], len(graph.tensors)
    largest = Operator("REDUCE_MAX", (target.index, index + 1), (index,), {"keep_dims": False})
    tensors = like(target, index, (1, target.shape[3])), constant(index + 1, [1, 2])
    return added(graph, *tensors, after=[largest], output=index)


SECONDS = {
    ("CONV_2D", "MAX_POOL_2D"): pooled,
    ("CONV_2D", "MEAN"): averaged_rows,
    ("CONV_2D", "REDUCE_MAX"): largest_of_all,
    ("GATHER", "MEAN"): averaged,
}


def drawn(writer, subject: str, seeds=range(SEEDS)) -> Iterator[tuple[int, Graph]]:
    """(seed, model): of a pair, models that are computed as one layer, whatever the seeds."""
    if subject in OPERATORS:
        for seed in seeds:
            yield from ((seed, each) for each in of_each_oracle(make(writer, subject, seed)[1], subject))
        return
    found = ((seed, SECONDS[PAIRS[subject]](make(writer, PAIRS[subject][0], seed)[1])) for seed in range(200))
    fused = ((seed, graph) for seed, graph in found if plan(graph).layers[0].name == subject)
    yield from islice(fused, SEEDS)


def cases(writer, subject: str, seeds=range(SEEDS), kind: type[Every] = Every) -> Iterator[Case]:
    """Every kernel that the drawn layers can have, reading and writing the caller's arrays, and the arena."""
    wanted = kind()
    for seed, graph in drawn(writer, subject, seeds):
        for place, model in (("ends", graph), ("inside", inside(graph))):
            for number, planned in wanted(variants(filled(plan(model)), subject)):
                name = f"{subject}_{seed}_{graph.oracle}_{place}_{number}".replace("+", "_")
                yield Case(name, subject, planned)


def cases_by_words(writer, kernel: str) -> Iterator[Case]:
    """The first drawn layers that have the kernel."""
    subject = KERNELS_BY_WORDS[kernel]
    every = (case for seed in range(500) for case in cases(writer, subject, [seed]))
    yield from islice((case for case in every if kernel in case.kernels), SEEDS)


def variants(planned: Plan, subject: str) -> Iterator[Plan]:
    for position, layer in enumerate(planned.layers):
        if layer.name == subject and not layer.alias:
            yield from (with_choice(planned, position, choice) for choice in layer.implementations)


def adversaries(graph: Graph) -> list[np.ndarray]:
    """All least, all greatest, rising, falling, alternating, one that differs, random: 34 of them."""
    source, rng = graph.tensors[graph.input], np.random.default_rng(1)
    if source.dtype == "int32":
        low, high = -(1 << 31), (1 << 31) - 1
        rows = graph.tensors[next(each for each in graph.operators if each.name == "GATHER").inputs[0]].shape[
            0
        ]
        levels = [low, -1, 0, 1, rows - 1, rows, high]
        spans = [(0, rows)] * 13 + [(low, high)] * 14
    else:
        low, high = -128, 127
        levels, spans = [-128, -127, -1, 0, 1, 126, 127], [(low, high + 1)] * 15
    size = source.size
    inputs = [np.full(size, level) for level in levels]
    inputs += [rng.integers(first, end, size) for first, end in spans]
    if source.dtype == "int8":
        inputs += [np.linspace(low, high, size), np.linspace(high, low, size)]
        for one, others in ((high, low), (low, high)):
            inputs.append(np.where(np.arange(size) % 2, one, others))
            inputs += [np.where(np.arange(size) == rng.integers(size), one, others) for _ in range(4)]
    return [each.astype(source.dtype).reshape(source.shape) for each in inputs]


def linked(batch: list[Case], compiler: str) -> Linked:
    return Linked({case.name: case.planned for case in batch}, compiler, in_own_units)


def run(board: Linked, case: Case, samples: list[np.ndarray] | None = None) -> Result:
    """Of the adversaries, or of other samples."""
    given = adversaries(case.planned.graph) if samples is None else samples
    ran, expected = board.run(case.name, given), references(case.planned, given)
    wrong = sum(not np.array_equal(*each) for each in zip(ran.outputs, expected, strict=True))
    return Result(case, set(ran.cycles), wrong)


def simulated(several: list[Case], compiler: str) -> list[Result]:
    results = []
    for batch in batches(several, lambda case: case.planned.flash_bytes, len(several)):
        board = linked(batch, compiler)
        results += [run(board, case) for case in batch]
    return results


def wide_average(writer) -> Case:
    """A mean of more positions than a multiplication can divide by."""
    tensor, model, write = writer
    tensors = [tensor((1, 2, 300, 3), "int8", 0.1, 3), tensor((1, 1, 1, 3), "int8", 0.1, 3)]
    options = {"padding": 1, "strideH": 1, "strideW": 1, "filterHeight": 2, "filterWidth": 300}
    content = write(model("AVERAGE_POOL_2D", tensors, [0], 1, 0, "Pool2DOptions", options))
    return Case("wide_average", "AVERAGE_POOL_2D", plan(read_tflite(content)))


@pytest.fixture(scope="module", params=[FirstOfEachCode, pytest.param(Every, marks=pytest.mark.thorough)])
def every_case(request, tflite_writer) -> dict[str, list[Case]]:
    """Subject -> its cases."""
    return {
        **{subject: list(cases(tflite_writer, subject, kind=request.param)) for subject in SUBJECTS},
        **{kernel: list(cases_by_words(tflite_writer, kernel)) for kernel in KERNELS_BY_WORDS},
        "wide average": [wide_average(tflite_writer)],
    }


def test_every_subject_is_tried(every_case):
    moves = {name for name in OPERATORS if keeps_bytes(Operator(name, (), ()))}
    assert {subject for subject, several in every_case.items() if not several} <= moves


def test_what_is_left_out_is_known_to_keep_its_bytes(tflite_writer):
    for subject in OPERATORS:
        for _, graph in drawn(tflite_writer, subject):
            for layer in plan(graph).layers:
                kept = keeps_bytes(layer.operators[0]) or layer.name in IN_STATES
                assert not layer.alias or kept, layer.name


@pytest.mark.parametrize("subject", [*SUBJECTS, *KERNELS_BY_WORDS, "wide average"])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_all_inputs_take_the_same_cycles_and_give_what_numpy_does(every_case, compiler, subject):
    results = simulated(every_case[subject], compiler) if every_case[subject] else []
    varying = [
        (result.case.name, result.case.kernels, min(result.cycles), max(result.cycles))
        for result in results
        if len(result.cycles) > 1
    ]
    assert bool(varying) == (subject in CHANGES_WITH_DATA), varying
    assert not [(result.case.name, result.case.kernels) for result in results if result.wrong]


def skipping(writer) -> Iterator[Case]:
    """Dense layers, wide enough that skipping zeros pays."""
    for seed in range(100):
        _, graph, _ = make(writer, "FULLY_CONNECTED", seed)
        for number, planned in enumerate(variants(plan(graph, SKIPPING), "FULLY_CONNECTED")):
            if not planned.constant_time:
                yield Case(f"skipping_{seed}_{number}", "FULLY_CONNECTED", planned)


def sparse(graph: Graph) -> list[np.ndarray]:
    """Nothing but zeros; more and more of other values; none."""
    source, rng = graph.tensors[graph.input], np.random.default_rng(1)
    zero = int(source.zero_point[0])
    full = np.where(np.arange(source.size) % 2, -128, 127)
    full[full == zero] = 1
    parts = [rng.random(source.size) < part for part in (0.0, 0.1, 0.2, 0.5, 0.9, 1.0)]
    return [np.where(part, full, zero).astype(np.int8).reshape(source.shape) for part in parts]


@pytest.mark.parametrize("compiler", COMPILERS)
def test_kernels_that_skip_zeros_are_exact_and_the_faster_the_more_there_are(tflite_writer, compiler):
    several = list(islice(skipping(tflite_writer), 20))
    assert len(several) == 20
    board = linked(several, compiler)
    for case in several:
        assert not run(board, case).wrong, case.name
        cycles = []
        for sample in sparse(case.planned.graph):
            result = run(board, case, [sample])
            assert not result.wrong, case.name
            cycles += result.cycles
        assert cycles == sorted(cycles) and cycles[0] < cycles[-1], case.name
        if compiler == "gcc":
            assert cycles[-1] <= 1.01 * case.planned.cycles, (case.name, cycles, case.planned.cycles)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_reports_say_that_skipping_takes_its_time_from_the_data(tmp_path, tflite_writer, compiler):
    content, graph, _ = make(tflite_writer, "FULLY_CONNECTED", wide_seed(tflite_writer))
    path = tmp_path / "dense.tflite"
    path.write_bytes(content)
    samples = np.stack(sparse(graph)).reshape(-1, *graph.tensors[graph.input].shape[1:])
    usual, skips = (
        verify(path, samples, BuildOptions(compiler=compiler, skip_zeros=skip_zeros))
        for skip_zeros in (False, True)
    )
    assert (usual.mismatches, skips.mismatches) == (0, 0)
    assert usual.constant_time and "worst_modelled" not in usual.to_json()
    assert not skips.constant_time and skips.to_json()["worst_modelled"] == skips.worst_modelled
    assert usual.cycles_max < skips.cycles_max < 1.1 * plan(graph, SKIPPING).cycles
    headers = [
        generate(graph, "dense", BuildOptions(skip_zeros=skip_zeros))["dense.h"]
        for skip_zeros in (False, True)
    ]
    assert ["--skip-zeros" in header for header in headers] == [False, True]
    assert str(skips.worst_modelled) in headers[1]


def wide_seed(writer) -> int:
    """Of the first one-row layer that has a kernel which skips zeros."""
    seeds = (seed for seed in range(100) if make(writer, "FULLY_CONNECTED", seed)[1].tensors[0].shape[0] == 1)
    return next(
        seed for seed in seeds if not plan(make(writer, "FULLY_CONNECTED", seed)[1], SKIPPING).constant_time
    )


def test_portable_c_of_rare_kernels_is_exact(tflite_writer, every_case, build_host):
    rare = [case for name in (*KERNELS_BY_WORDS, "wide average") for case in every_case[name]]
    several = [*rare, *islice(skipping(tflite_writer), 10)]
    program = build_host({case.name: generate_plan(case.planned, case.name) for case in several})
    for case in several:
        graph = case.planned.graph
        samples = np.stack(adversaries(graph) + (sparse(graph) if "skipping" in case.name else []))
        assert np.array_equal(program.run(case.name, samples), references(case.planned, samples)), case.name


@pytest.mark.system("arm-none-eabi-gcc")
def test_skipping_pays_where_inputs_are_mostly_zero(tflite_writer):
    case = max(islice(skipping(tflite_writer), 20), key=lambda case: case.planned.macs)
    usual = replace(case, name="usual", planned=plan(case.planned.graph))
    board = linked([case, usual], "gcc")
    mostly_zero = [sparse(case.planned.graph)[1]]
    assert max(run(board, case, mostly_zero).cycles) < min(run(board, usual, mostly_zero).cycles)
    assert case.planned.cycles > usual.planned.cycles, "skipping has its price"


@pytest.mark.parametrize("seed", range(20))
def test_every_sum_of_a_window_is_divided_as_tflite_does(seed):
    count = int(np.random.default_rng(seed).integers(1, 256)) if seed else 255
    for total in range(-128 * count, 127 * count + 1):
        away = math.copysign((abs(total) + count // 2) // count, total)
        assert (total * division_multiplier(count) + (1 << 22)) >> 23 == away, (seed, count, total)
