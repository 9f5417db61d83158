"""Proof: the linked program on the simulated board against the oracle, for equality over every sample."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import DoesNotFitError, ModelError

from .generation.model_code import generate_plan
from .graph import Graph, OracleKind
from .passes.ends import BoardOracle, board_codes, read_model
from .planning import budget
from .planning.budget import BOARD, Budget
from .planning.plan import Plan, plan
from .quantising.quantise import quantise_input
from .simulation.block_hook import HookError
from .simulation.program import MODEL_NAME, MemoryOverflowError, Program, build_empty, build_model
from .simulation.simulator import Run, Simulator
from .simulation.stack_bound import stack_bound
from .simulation.toolchain import Compiler, find_compiler

Progress = Callable[[int, int], None]

# Where the block hook cannot be compiled, Python counts the cycles of so many samples; the rest only runs.
FEW_SAMPLES = 5

# Flash and RAM by which the cost model may be too low, and the flash of start-up code.
SPARE_BYTES = (1024, 256)


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """What one model does on the simulated board.

    ``mismatches``: samples with any output that differs from the oracle's; ``cycles`` the median inference's,
    ``cycles_max`` the slowest's, ``constant_time`` whether all took the same and no kernel skips zeros;
    where one does, ``worst_modelled`` is what the cost model says of inputs without any;
    ``flash_bytes`` and ``ram_bytes`` what the model adds to an empty program;
    ``stack_bytes`` is the deepest stack seen, ``stack_bound_bytes`` the deepest that the program's call graph
    allows; ``optimise`` what kernels were chosen for;
    ``outputs`` the board's, int8 or int32 (samples, outputs); ``counted`` samples gave cycles and stack.
    """

    samples: int
    mismatches: int
    oracle: str
    cycles: int
    cycles_max: int
    constant_time: bool
    worst_modelled: int | None
    flash_bytes: int
    ram_bytes: int
    stack_bytes: int
    stack_bound_bytes: int
    compiler: str
    optimise: str
    outputs: NDArray[Any]
    counted: int

    def to_json(self) -> dict[str, int | str]:
        """The report, without the outputs."""
        keys = ("samples", "mismatches", "oracle", "cycles", "cycles_max", "constant_time")
        sizes = ("flash_bytes", "ram_bytes", "stack_bytes", "stack_bound_bytes")
        worst = () if self.worst_modelled is None else ("worst_modelled",)
        return {key: getattr(self, key) for key in (*keys, *worst, *sizes, "compiler", "optimise")}


@dataclass(frozen=True, slots=True, eq=False)
class Build:
    """A model linked for the board; flash and RAM are what it adds to an empty program.

    ``stack_bound_bytes``: the deepest stack of an inference that the program's call graph allows.
    """

    program: Program
    planned: Plan
    flash_bytes: int
    ram_bytes: int
    stack_bound_bytes: int
    compiler: str


def verify(
    model_path: Path | str,
    samples: NDArray[Any],
    compiler: str | None = None,
    on_progress: Progress | None = None,
    oracle: OracleKind = "tflite",
    optimise: str = "speed",
    limits: Budget = BOARD,
    skip_zeros: bool = False,
) -> Verification:
    """Run every sample on the simulated board and compare with the oracle for equality.

    ``samples``: (n, ...) float32, which are quantised as the model's input is, or its own int8 or int32.
    ``compiler`` as for find_compiler(); ``on_progress(done, total)``; ``oracle`` says whose bits
    are generated and compared with, as for read_tflite(); ``optimise``, ``limits`` and ``skip_zeros`` as
    for plan().
    Raises ModelError, ToolchainError, or DoesNotFitError where flash, variables or stack exceed the limits.
    """
    graph = read_model(model_path, oracle)
    inputs = model_inputs(samples, graph)
    target, chosen = graph.tensors[graph.output], find_compiler(compiler)
    built = build(graph, chosen, optimise, limits, skip_zeros)
    interpreter = BoardOracle(model_path, oracle)
    expected = interpreter.invoke(inputs)
    outputs, runs = run_samples(built.program, inputs, target.size, on_progress, target.dtype)
    cycles = [run.cycles for run in runs]
    return Verification(
        samples=len(inputs),
        mismatches=int((outputs != expected).any(axis=1).sum()),
        oracle=interpreter.name,
        cycles=round(statistics.median(cycles)),
        cycles_max=max(cycles),
        constant_time=built.planned.constant_time and min(cycles) == max(cycles),
        worst_modelled=None if built.planned.constant_time else built.planned.cycles,
        flash_bytes=built.flash_bytes,
        ram_bytes=built.ram_bytes,
        stack_bytes=max(run.stack_bytes for run in runs),
        stack_bound_bytes=built.stack_bound_bytes,
        compiler=chosen.name,
        optimise=optimise,
        outputs=outputs,
        counted=len(runs),
    )


def build(
    graph: Graph,
    compiler: Compiler,
    optimise: str = "speed",
    limits: Budget = BOARD,
    skip_zeros: bool = False,
) -> Build:
    """Generate, compile and link a model, and the empty program beside it.

    ``optimise``, ``limits`` and ``skip_zeros`` as for plan(): what was linked is held to the limits, whatever
    the cost model said. Raises DoesNotFitError naming the largest layer, ModelError or ToolchainError.
    """
    planned = plan(graph, optimise, limits, skip_zeros)
    try:
        return _linked(planned, compiler)
    except DoesNotFitError:
        # Perhaps the cost model was too hopeful: choose once more, with what it can be wrong by to spare.
        careful = plan(graph, optimise, limits.less(*SPARE_BYTES))
        if [layer.choice.kernel for layer in careful.layers] == [
            layer.choice.kernel for layer in planned.layers
        ]:
            raise
        return _linked(replace(careful, budget=limits), compiler)


def _linked(planned: Plan, compiler: Compiler) -> Build:
    budget.check_exact_part(planned)
    graph, limits = planned.graph, planned.budget
    source, target = graph.tensors[graph.input], graph.tensors[graph.output]
    shape = (source.dtype, source.size, target.size)
    try:
        program = build_model(generate_plan(planned, MODEL_NAME), *shape, compiler, target.dtype)
    except MemoryOverflowError as error:
        check = budget.check_flash if error.memory == "flash" else budget.check_ram
        check(planned, error.excess_bytes)
        raise
    empty = build_empty(*shape, compiler, target.dtype)
    flash_bytes, ram_bytes = program.flash_bytes - empty.flash_bytes, program.ram_bytes - empty.ram_bytes
    stack = stack_bound(program, f"{MODEL_NAME}_invoke")
    budget.check_flash(planned, flash_bytes - limits.flash_bytes)
    budget.check_ram(planned, program.ram_bytes + stack - limits.ram_bytes)
    return Build(program, planned, flash_bytes, ram_bytes, stack, compiler.name)


def run_samples(
    program: Program,
    inputs: NDArray[Any],
    output_size: int,
    on_progress: Progress | None = None,
    output_dtype: str = "int8",
) -> tuple[NDArray[Any], list[Run]]:
    """Invoke the model on every row of ``inputs``, of the model's own dtype.

    Returns outputs (n, output_size) of ``output_dtype`` and a Run for every sample that was counted.
    """
    try:
        board, counted = Simulator(program), len(inputs)
    except HookError:
        board, counted = Simulator(program, "python"), min(FEW_SAMPLES, len(inputs))
    outputs = np.empty((len(inputs), output_size), output_dtype)
    runs = []
    for row, sample in enumerate(inputs):
        if row == counted:
            board = Simulator(program, "none")
        run, outputs[row] = _invoke(board, program, sample, outputs[row])
        runs.append(run)
        if on_progress is not None:
            on_progress(row + 1, len(inputs))
    return outputs, runs[:counted]


def _invoke(
    board: Simulator, program: Program, sample: NDArray[Any], output: NDArray[Any]
) -> tuple[Run, NDArray[Any]]:
    source, target = program.symbols["harness_input"], program.symbols["harness_output"]
    board.write(source, sample.tobytes())
    run = board.call(f"{MODEL_NAME}_invoke", source, target)
    return run, np.frombuffer(board.read(target, output.nbytes), output.dtype)


def model_inputs(samples: NDArray[Any], graph: Graph) -> NDArray[Any]:
    """Samples as the model's input takes them: float32 quantised, int8 and int32 as they are.

    Returns (n, *input shape without the batch). Raises ModelError for another dtype or shape, none, or NaN.
    """
    tensor = graph.tensors[graph.input]
    if samples.ndim == 0 or len(samples) == 0:
        raise ModelError(f"there are no samples for {graph.source}: give an array of windows")
    if samples.dtype == np.float64:
        raise ModelError(f"the samples for {graph.source} are float64: write them as float32")
    inputs = quantise_input(board_codes(samples, graph), tensor)
    return np.ascontiguousarray(inputs).reshape(len(samples), *tensor.shape[1:])
