"""Proof: the linked program on the simulated board against the oracle, for equality over every sample."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import DoesNotFitError
from zerotap.reporting import LOADING, Progress, no_progress

from .board import Board
from .generation.model_code import generate_plan
from .graph import Graph, Tensor
from .options import DEFAULTS, BuildOptions
from .oracles.board_oracle import BoardOracle
from .passes.ends import read_model
from .planning import fitting
from .planning.arena import ends_bytes
from .planning.plan import Plan, plan
from .quantising.model_inputs import model_inputs
from .several_ends import Samples, differing, output_dtype, output_size
from .simulation.block_hook import HookError
from .simulation.program import MODEL_NAME, RESET, MemoryOverflowError, Program, build_empty, build_model
from .simulation.simulator import Run, Simulator
from .simulation.stack_bound import stack_bound
from .simulation.toolchain import Compiler, find_compiler
from .tflite.files import tflite_file
from .tflite.model_bytes import ModelFile

LINKING: Final = "generating and linking"
SIMULATING: Final = "simulating"

# Where the block hook cannot be compiled, Python counts the cycles of so many samples; the rest only runs.
FEW_SAMPLES = 5

# Flash and RAM by which the cost model may be too low, and the flash of start-up code.
SPARE_BYTES = (1024, 256)

_REPORTED: Final = (
    *(
        "samples",
        "stream",
        "mismatches",
        "oracle",
        "cycles",
        "cycles_max",
        "ms",
        "constant_time",
        "worst_modelled",
    ),
    *("flash_bytes", "ram_bytes", "stack_bytes", "stack_bound_bytes", "ram_total_bytes"),
    *("compiler", "optimise"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """What one model does on the simulated board.

    ``stream``: whether the samples were one stream, as those of a model with states are: each begins with
    what the one before it left; None of models without.
    ``mismatches``: samples with any output that differs from the oracle's; ``cycles`` the median inference's,
    ``cycles_max`` the slowest's, ``constant_time`` whether all took the same and no kernel skips zeros;
    where one does, ``worst_modelled`` is what the cost model says of inputs without any;
    ``flash_bytes`` and ``ram_bytes`` what the model adds to an empty program;
    ``stack_bytes`` is the deepest stack seen, ``stack_bound_bytes`` the deepest that the program's call graph
    allows; ``ram_total_bytes`` is what the board must have: variables, that bound, and the caller's arrays
    for input and output; ``optimise`` what kernels were chosen for;
    ``outputs`` the board's, int8 or int32 (samples, outputs), and real = ``output_scale`` * (q -
    ``output_zero_point``); of a model with several ends rows (samples,) with a field for each output, and
    the scale is the first's. ``counted`` samples gave cycles and stack.
    """

    samples: int
    stream: bool | None
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
    ram_total_bytes: int
    compiler: str
    optimise: str
    board: Board
    outputs: NDArray[Any]
    output_scale: float
    output_zero_point: int
    counted: int

    @property
    def ms(self) -> float:
        """The median inference's time at the board's clock, in milliseconds."""
        return self.board.milliseconds(self.cycles)

    @property
    def report(self) -> dict[str, Any]:
        """What `zerotap verify --json` prints."""
        return self.to_json()

    def to_json(self) -> dict[str, Any]:
        """The report, without the outputs."""
        figures = {key: getattr(self, key) for key in _REPORTED}
        known = {key: value for key, value in figures.items() if value is not None}
        return {**known, "board": self.board.name, "clock_hz": self.board.clock_hz}

    def __repr__(self) -> str:
        return (
            f"<Verification: {self.samples} samples, {self.mismatches} differ from {self.oracle}; "
            f"{self.cycles:,} cycles, {self.flash_bytes:,} B flash, {self.ram_total_bytes:,} B RAM, "
            f"{self.stack_bound_bytes:,} B of it stack, on the {self.board.name}>"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Build:
    """A model linked for the board; flash and RAM are what it adds to an empty program.

    ``stack_bound_bytes``: the deepest stack of an inference that the program's call graph allows;
    ``ram_total_bytes``: that, the variables, and the caller's arrays for input and output.
    """

    program: Program
    planned: Plan
    flash_bytes: int
    ram_bytes: int
    stack_bound_bytes: int
    ram_total_bytes: int
    compiler: str

    def __repr__(self) -> str:
        return f"<Build: {self.flash_bytes:,} B flash, {self.ram_total_bytes:,} B RAM, by {self.compiler}>"


def verify(
    model: ModelFile | bytes,
    samples: Samples,
    options: BuildOptions = DEFAULTS,
    *,
    on_progress: Progress = no_progress,
) -> Verification:
    """Run every sample on the simulated board and compare with the oracle for equality.

    Of a model with states the samples are one stream on both sides: from NAME_reset on, and from a new
    interpreter on.

    ``model``: an int8 .tflite, C source that holds one, its content, or a model's folder. ``samples``:
    (n, ...) float32, which are quantised as the model's input is, or its own int8 or int32; of a
    model with several inputs one such array for each, by name.
    ``on_progress(stage, done, total)``.
    Raises ModelError, ToolchainError, or DoesNotFitError where flash, variables or stack exceed the limits.
    """
    content = model if isinstance(model, bytes) else tflite_file(model)
    graph = read_model(content, options.oracle)
    inputs = model_inputs(samples, graph)
    built = build(graph, options, on_progress)
    on_progress(LOADING, 0, 0)
    interpreter = BoardOracle(content, options.oracle, options.isolation)
    expected = interpreter.invoke(inputs)
    outputs, runs = run_samples(built.program, inputs, output_size(graph), on_progress, output_dtype(graph))
    if graph.has_several_ends:
        outputs = outputs.reshape(-1)
    mismatches = int(differing(outputs, expected).sum())
    return _verification(built, runs, outputs, graph.tensors[graph.output], mismatches, interpreter.name)


def _verification(
    built: Build, runs: Sequence[Run], outputs: NDArray[Any], target: Tensor, mismatches: int, oracle: str
) -> Verification:
    cycles = [run.cycles for run in runs]
    planned, quantised = built.planned, target.scale.size > 0
    return Verification(
        samples=len(outputs),
        stream=True if planned.graph.states else None,
        mismatches=mismatches,
        oracle=oracle,
        cycles=round(statistics.median(cycles)),
        cycles_max=max(cycles),
        constant_time=planned.constant_time and min(cycles) == max(cycles),
        worst_modelled=None if planned.constant_time else planned.cycles,
        flash_bytes=built.flash_bytes,
        ram_bytes=built.ram_bytes,
        stack_bytes=max(run.stack_bytes for run in runs),
        stack_bound_bytes=built.stack_bound_bytes,
        ram_total_bytes=built.ram_total_bytes,
        compiler=built.compiler,
        optimise=planned.options.optimise,
        board=planned.options.board,
        outputs=outputs,
        output_scale=float(target.scale[0]) if quantised else 1.0,
        output_zero_point=int(target.zero_point[0]) if quantised else 0,
        counted=len(runs),
    )


def build(graph: Graph, options: BuildOptions = DEFAULTS, on_progress: Progress = no_progress) -> Build:
    """Generate, compile and link a model, and the empty program beside it.

    What was linked is held to the limits, whatever the cost model said. Raises DoesNotFitError naming the
    largest layer, ModelError or ToolchainError.
    """
    compiler = find_compiler(options.compiler)
    planned = plan(graph, options)
    fitting.check_exact_part(planned)
    on_progress(LINKING, 0, 0)
    try:
        return _linked(planned, compiler)
    except DoesNotFitError:
        # Perhaps the cost model was too hopeful: choose once more, with what it can be wrong by to spare.
        careful = plan(graph, replace(options, budget=options.limits.less(*SPARE_BYTES)))
        if _kernels(careful) == _kernels(planned):
            raise
        careful = replace(careful, options=options)
        fitting.check_exact_part(careful)
        return _linked(careful, compiler)


def _kernels(planned: Plan) -> list[str]:
    return [layer.choice.kernel for layer in planned.layers]


def _linked(planned: Plan, compiler: Compiler) -> Build:
    graph, limits, board = planned.graph, planned.options.limits, planned.options.board
    source, target = _harness_end(graph, graph.inputs), _harness_end(graph, graph.outputs)
    shape = (*source, target[1])
    try:
        program = build_model(
            generate_plan(planned, MODEL_NAME),
            *shape,
            compiler,
            output_dtype=target[0],
            board=board,
            is_stream=bool(graph.states),
        )
    except MemoryOverflowError as error:
        fitting.check_memory(planned, *_excess_bytes(planned, error))
        raise
    empty = build_empty(*shape, compiler, output_dtype=target[0], board=board, is_stream=bool(graph.states))
    flash_bytes, ram_bytes = program.flash_bytes - empty.flash_bytes, program.ram_bytes - empty.ram_bytes
    called = (f"{MODEL_NAME}_invoke", RESET)
    stack = max(stack_bound(program, function) for function in called if function in program.symbols)
    # The harness has the caller's arrays for input and output, and nothing else in RAM.
    total_bytes = program.ram_bytes + stack
    fitting.check_memory(planned, flash_bytes - limits.flash_bytes, total_bytes - limits.ram_bytes)
    return Build(program, planned, flash_bytes, ram_bytes, stack, total_bytes, compiler.name)


def _excess_bytes(planned: Plan, error: MemoryOverflowError) -> tuple[int, int]:
    """Flash and RAM beyond the budget where the linked program is larger than a memory of the board.

    The stack comes on top of what was linked; of the other memory the cost model knows.
    """
    limits, board = planned.options.limits, planned.options.board
    flash_bytes, ram_bytes = planned.flash_bytes, planned.ram_total_bytes
    if error.memory == "flash":
        flash_bytes = board.flash_bytes + error.excess_bytes
    else:
        ram_bytes = board.ram_bytes + error.excess_bytes + planned.stack_bytes
    return flash_bytes - limits.flash_bytes, ram_bytes - limits.ram_bytes


def _harness_end(graph: Graph, ends: Sequence[int]) -> tuple[str, int]:
    """dtype and elements of the harness's array for inputs or outputs: words, where they are a structure."""
    if graph.has_several_ends:
        return "int32", ends_bytes(graph, ends) // np.dtype(np.int32).itemsize
    tensor = graph.tensors[ends[0]]
    return tensor.dtype, tensor.size


def run_samples(
    program: Program,
    inputs: NDArray[Any],
    output_size: int,
    on_progress: Progress = no_progress,
    output_dtype: str | np.dtype[Any] = "int8",
) -> tuple[NDArray[Any], list[Run]]:
    """Invoke the model on every row of ``inputs``, of the model's own dtype.

    Of a model with states the rows are one stream, from NAME_reset on.
    Returns outputs (n, output_size) of ``output_dtype``, which may be a row's, and a Run for every sample
    that was counted.
    """
    try:
        board, counted = Simulator(program), len(inputs)
    except HookError:
        board, counted = Simulator(program, "python"), min(FEW_SAMPLES, len(inputs))
    if RESET in program.symbols:  # main() has run it once already
        board.call(RESET)
    outputs = np.empty((len(inputs), output_size), output_dtype)
    runs = []
    for row, sample in enumerate(inputs):
        if row == counted:
            board = board.uncounted()
        run, outputs[row] = _invoke(board, program, sample, outputs[row])
        runs.append(run)
        on_progress(SIMULATING, row + 1, len(inputs))
    return outputs, runs[:counted]


def _invoke(
    board: Simulator, program: Program, sample: NDArray[Any], output: NDArray[Any]
) -> tuple[Run, NDArray[Any]]:
    source, target = program.symbols["harness_input"], program.symbols["harness_output"]
    board.write(source, sample.tobytes())
    run = board.call(f"{MODEL_NAME}_invoke", source, target)
    return run, np.frombuffer(board.read(target, output.nbytes), output.dtype)
