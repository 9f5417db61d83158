"""Proof: the linked program on the simulated board against the oracle, for equality over every sample."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from zerotap.errors import NotExactError
from zerotap.reporting import Progress, no_progress

from .artefacts import Artefact, Built, Ran, as_folder, is_constant_time, open_artefact, read_pipeline
from .board import Board
from .options import DEFAULTS, BuildOptions
from .pushing import PushCost, Pushed, push_recordings
from .several_ends import Samples, differing
from .simulation.second_pass import BoardTime
from .tflite.model_bytes import ModelFile

if TYPE_CHECKING:
    from numpy.typing import NDArray

_REPORTED: Final = (
    *(
        "samples",
        "stream",
        "mismatches",
        "oracle",
        "cycles",
        "cycles_max",
        "cycles_min",
        "cycles_per_id",
        "constant_time",
        "worst_modelled",
        "board_samples",
        "board_cycles",
        "board_cycles_min",
        "board_cycles_max",
        "board_cycles_bound",
        "board_constant_time",
        "ms",
        "ms_min",
        "ms_max",
        "ms_bound",
        "pushed",
        "pushed_results",
        "pushed_mismatches",
        "is_streamed",
        "push_cycles_mean",
        "push_cycles_max",
        "pause_ms",
    ),
    *("flash_bytes", "ram_bytes", "stack_bytes", "stack_bound_bytes", "ram_total_bytes"),
    *("compiler", "optimise"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """What one model does on the simulated board.

    ``stream``: whether the samples were one stream, as those of a model with states are: each begins with
    what the one before it left; None of models without.
    ``mismatches``: samples with any output that differs from the oracle's; ``cycles`` the median inference's
    at zero wait states,
    ``cycles_max`` the slowest's, ``constant_time`` whether all took the same and no kernel skips zeros;
    where one does, ``cycles_min`` is the fastest's, and ``worst_modelled`` what the cost model says of inputs
    without any, or of a forest's longest ways. Of a model that adds ids an inference is a text, and one more
    id took ``cycles_per_id`` on average; constant is then the time of texts of as many ids.
    ``on_board``: cycles with what the board waits for its flash, of some of the samples; the milliseconds are
    those.
    ``pushed`` recordings went through NAME_push packet by packet, where they were given: of
    ``pushed_results``, as many scores, ``pushed_mismatches`` differ from the oracle's.
    ``flash_bytes`` and ``ram_bytes`` what the model adds to an empty program;
    ``stack_bytes`` is the deepest stack seen, ``stack_bound_bytes`` the deepest that the program's call graph
    allows; ``ram_total_bytes`` is what the board must have: variables, that bound, and the caller's arrays
    for input and output; ``optimise`` what kernels were chosen for;
    ``outputs`` the board's, int8 or int32 (samples, outputs), and real = ``output_scale`` * (q -
    ``output_zero_point``); of a model with several ends rows (samples,) with a field for each output, and
    the scale is the first's. ``counted`` samples gave cycles and stack. ``push_costs``: what each recording
    took that was pushed; ``is_streamed``: whether layers ran while their windows arrived;
    ``push_cycles_longest``: of the longest call, with what the board waits for its flash.
    """

    samples: int
    stream: bool | None
    mismatches: int
    oracle: str
    cycles: int
    cycles_max: int
    cycles_min: int | None
    cycles_per_id: float | None
    constant_time: bool
    worst_modelled: int | None
    on_board: BoardTime
    flash_bytes: int
    ram_bytes: int
    stack_bytes: int
    stack_bound_bytes: int
    ram_total_bytes: int
    compiler: str
    optimise: str
    board: Board
    pushed: int | None
    pushed_results: int | None
    pushed_mismatches: int | None
    outputs: NDArray[Any]
    output_scale: float
    output_zero_point: int
    counted: int
    push_costs: tuple[PushCost, ...] = ()
    is_streamed: bool | None = None
    push_cycles_longest: int | None = None

    @property
    def push_cycles_mean(self) -> int | None:
        """Cycles of a push on average, the ends of recordings left out; None where none was pushed."""
        pushes = [cycles for cost in self.push_costs for cycles in cost.cycles[:-1]]
        return round(statistics.mean(pushes)) if pushes else None

    @property
    def push_cycles_max(self) -> int | None:
        """Cycles of the longest push, with all results that it gave."""
        return max((cycles for cost in self.push_costs for cycles in cost.cycles[:-1]), default=None)

    @property
    def pause_ms(self) -> float | None:
        """The longest push, or call at a recording's end, in the board's milliseconds."""
        longest = self.push_cycles_longest
        return None if longest is None else self.board.milliseconds(longest)

    @property
    def ms(self) -> float:
        """The median inference's time on the board, in milliseconds: with the waits for its flash."""
        return self.board.milliseconds(self.on_board.cycles)

    @property
    def report(self) -> dict[str, Any]:
        """What `zerotap verify --json` prints."""
        return self.to_json()

    def to_json(self) -> dict[str, Any]:
        """The report, without the outputs."""
        figures = self.on_board.to_json(self.board)
        figures |= {key: getattr(self, key) for key in _REPORTED if key not in figures}
        known = {key: figures[key] for key in _REPORTED if figures[key] is not None}
        return {**known, **self.board.to_json()}

    def check(self, model: object) -> None:
        """Raise NotExactError, which names ``model``, where any output differs from the oracle's."""
        counted = f"{self.mismatches} of {self.samples} samples differ"
        if not self.mismatches and self.pushed_mismatches:
            counted = f"{self.pushed_mismatches} of {self.pushed_results} results of NAME_push differ"
        if self.mismatches or self.pushed_mismatches:
            raise NotExactError(
                f"{model}: {counted} from {self.oracle}; please report this model, it is a bug"
            )

    def __repr__(self) -> str:
        return (
            f"<Verification: {self.samples} samples, {self.mismatches} differ from {self.oracle}; "
            f"{self.cycles:,} cycles, {self.flash_bytes:,} B flash, {self.ram_total_bytes:,} B RAM, "
            f"{self.stack_bound_bytes:,} B of it stack, on the {self.board.name}>"
        )


def verify(
    model: ModelFile | bytes,
    samples: Samples,
    options: BuildOptions = DEFAULTS,
    *,
    recordings: Sequence[NDArray[Any]] = (),
    on_progress: Progress = no_progress,
) -> Verification:
    """Run every sample on the simulated board and compare with the oracle for equality.

    Of a model with states the samples are one stream on both sides: from NAME_reset on, and from a new
    interpreter on.

    ``model``: an int8 .tflite, C source that holds one, its content, an integer model's file, or a model's
    folder. ``samples``: (n, ...) float32, which are quantised as the model's input is, or its own int8 or
    int32; of a model with several inputs one such array for each, by name; of an integer model integers as
    its pipeline gives them, for a table bags of ids.
    ``recordings``, of a folder with its pipeline: what goes into the pipeline's first stage, an array a
    recording without gaps; they take the whole way, packet by packet, beside the samples.
    ``on_progress(stage, done, total)``.
    Raises ModelError, ToolchainError, FeatureError naming a stage that the board cannot run, or
    DoesNotFitError where flash, variables or stack exceed the limits.
    """
    artefact = open_artefact(model, options)
    inputs = artefact.inputs(samples)
    built = artefact.build(on_progress)
    oracle = artefact.oracle(on_progress)
    expected = oracle.invoke(inputs)
    ran = artefact.run(built.program, inputs, on_progress)
    mismatches = int(differing(ran.outputs, expected).sum())
    pushed = Pushed.none()
    if recordings:
        pipeline = read_pipeline(as_folder(model))
        pushed = push_recordings(artefact, pipeline, recordings, built, oracle, on_progress)
    return _verification(artefact, built, ran, mismatches, oracle.name, pushed)


def _verification(
    artefact: Artefact, built: Built, ran: Ran, mismatches: int, oracle: str, pushed: Pushed
) -> Verification:
    cycles, sizes = [run.cycles for run in ran.runs], built.sizes
    constant_time = is_constant_time(built, ran)
    scale, zero_point = artefact.real
    return Verification(
        samples=len(ran.outputs),
        stream=True if artefact.is_stream else None,
        mismatches=mismatches,
        oracle=oracle,
        cycles=round(statistics.median(cycles)),
        cycles_max=max(cycles),
        cycles_min=None if built.constant_time else min(cycles),
        cycles_per_id=ran.cycles_per_id,
        constant_time=constant_time,
        worst_modelled=built.worst_modelled,
        on_board=BoardTime.of(ran.clocked, constant_time=constant_time),
        flash_bytes=sizes.flash_bytes,
        ram_bytes=sizes.ram_bytes,
        stack_bytes=max(run.stack_bytes for run in ran.runs),
        stack_bound_bytes=sizes.stack_bound_bytes,
        ram_total_bytes=sizes.ram_total_bytes,
        compiler=built.compiler,
        optimise=artefact.options.optimise,
        board=artefact.options.board,
        pushed=pushed.recordings,
        pushed_results=pushed.results,
        pushed_mismatches=pushed.mismatches,
        outputs=ran.outputs,
        output_scale=scale,
        output_zero_point=zero_point,
        counted=len(ran.runs),
        push_costs=pushed.costs,
        is_streamed=pushed.is_streamed,
        push_cycles_longest=pushed.longest,
    )
