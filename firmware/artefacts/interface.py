"""What every kind of model can do: be analysed, linked, run on the board, compared, generated, described."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Pipeline
    from zerotap.firmware.generation.transform_chain import Chain
    from zerotap.firmware.options import BuildOptions
    from zerotap.firmware.several_ends import Samples
    from zerotap.firmware.simulation.program import Program
    from zerotap.firmware.simulation.simulator import Run
    from zerotap.firmware.simulation.sizes import Sizes
    from zerotap.reporting import Progress

    from .class_scores import ClassScores

OTHERS: Final = 4  # inputs that are drawn to tell which reads of flash depend on the input
OTHERS_SEED: Final = 0


class ModelOracle(Protocol):
    """Whose bits are right."""

    @property
    def name(self) -> str:
        """What reports quote."""

    def invoke(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Outputs (n, scores) of samples (n, ...) as the board takes them; raises ModelError."""


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """A model linked for the board: the program, what it adds to an empty one, and by which compiler.

    ``constant_time``: whether no input makes an inference longer than another; else ``worst_modelled`` is the
    cost model's worst. ``emit(name)`` gives its sources under another name, with the flash that was linked.
    """

    program: Program
    sizes: Sizes
    compiler: str
    constant_time: bool
    worst_modelled: int | None
    emit: Callable[[str], dict[str, str]]


@dataclass(frozen=True, slots=True, eq=False)
class Ran:
    """What the board gave: ``outputs`` (n, scores), and a Run of each sample that was counted.

    ``clocked``: Runs of some of the samples, with what the board waits for its flash. ``cycles_per_id``: of a
    model that adds ids, what one more took on average; ``sizes``: ids of each sample.
    """

    outputs: NDArray[Any]
    runs: list[Run]
    clocked: list[Run]
    cycles_per_id: float | None = None
    sizes: list[int] | None = None


def is_constant_time(built: Built, ran: Ran) -> bool:
    """Whether all samples of one size took the same."""
    if not built.constant_time:
        return False
    by_size: dict[int, set[int]] = {}
    for size, run in zip(ran.sizes or [0] * len(ran.runs), ran.runs, strict=False):
        by_size.setdefault(size, set()).add(run.cycles)
    return all(len(cycles) == 1 for cycles in by_size.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """How the SelfTest sketch calls a model, in C, and what the library's other files say of it.

    ``kind``: "An int8 model". ``functions``, ``literals`` and ``types`` are those of NAME.h, without NAME_.
    ``output`` declares the variable of type output_t; ``call`` are statements, for inputs[i]; ``differs`` is
    an expression, 1 where output is not expected[i], else 0; ``before``: a statement before the first vector;
    ``note``: what a comment says of the vectors. ``vector(inputs)`` gives the type of an input's elements and
    how many there is room for ("[8]", whole words), ``score_type`` and ``score_elements`` those of an output.
    ``rows`` and ``expected_rows`` give each as an initialiser.
    """

    kind: str
    functions: tuple[str, ...]
    literals: tuple[str, ...]
    types: tuple[str, ...]
    output: str
    call: str
    differs: str
    before: str = ""
    note: str = ""
    vector: Callable[[NDArray[Any]], tuple[str, str]]
    score_type: str
    score_elements: str
    rows: Callable[[NDArray[Any]], list[str]]
    expected_rows: Callable[[NDArray[Any]], list[str]]


class Artefact(Protocol):
    """A model that becomes C, with the options that it is made by: a .tflite, or an integer model.

    Opening it (``open_artefact``) has checked the file; every method raises ModelError for what this model
    cannot do, and what its docstring names.
    """

    @property
    def options(self) -> BuildOptions:
        """What it is made by."""

    @property
    def source(self) -> str:
        """The file, for messages."""

    @property
    def is_stream(self) -> bool:
        """Whether samples are one stream: each begins with what the one before it left."""

    @property
    def inputs_by_name(self) -> bool:
        """Whether it has several inputs, whose samples are an array for each."""

    @property
    def real(self) -> tuple[float, int]:
        """Scale and zero point: a score's real value is scale * (score - zero point)."""

    def with_options(self, options: BuildOptions) -> Artefact:
        """Give the same model, made by others."""

    def least_score(self, real: float) -> int:
        """Give the least score that means ``real`` or more: one above all where none does, as of infinity."""

    def class_scores(self) -> ClassScores | None:
        """Say what its scores are of classes; None of a model that scores none."""

    def analyse(self) -> dict[str, Any]:
        """Give what it holds and costs, as `zerotap analyse --json` prints it; no compiler is needed."""

    def analysis(self, report: Mapping[str, Any]) -> list[str]:
        """Give ``analyse``'s report as lines of text."""

    def curve(self) -> list[dict[str, Any]]:
        """Give points from the smallest to the fastest within the budget: what a kilobyte buys."""

    def check_budget(self) -> None:
        """Raise DoesNotFitError where the cost model puts it beyond its budget."""

    def inputs(self, samples: Samples) -> NDArray[Any]:
        """Give samples (n, ...) as the board takes them."""

    def drawn(self, count: int, seed: int) -> NDArray[Any]:
        """Draw inputs over the whole range of what it takes; the same seed gives the same."""

    def vectors(self, count: int, seed: int) -> NDArray[Any]:
        """Draw inputs for the SelfTest sketch, which keeps them in flash."""

    def oracle(self, on_progress: Progress) -> ModelOracle:
        """Make the oracle ready."""

    def build(self, on_progress: Progress) -> Built:
        """Generate, compile and link it; raises DoesNotFitError or ToolchainError."""

    def sources(self, name: str) -> dict[str, str]:
        """Generate its C under that name, file by file, as it is planned; nothing is linked."""

    def run(self, program: Program, inputs: NDArray[Any], on_progress: Progress) -> Ran:
        """Run every sample on the simulated board."""

    def behind(
        self, pipeline: Pipeline, name: str, sources: Mapping[str, str], *, whole: bool = False
    ) -> Chain:
        """Put its sources behind a pipeline's stages: NAME_push; raises FeatureError for a host-only one.

        ``whole``: a window is computed when it is complete, even where its layers could run before.
        """

    def streaming(self, pipeline: Pipeline) -> dict[str, Any] | None:
        """Say whether layers run while items arrive, and what either way costs; None without layers."""

    def rows(self, given: NDArray[Any]) -> NDArray[Any]:
        """Give what the pipeline makes of one recording without gaps, (n, ...), as ``inputs`` takes it."""

    def sketch(self, name: str) -> Sketch:
        """Say how the library ``name`` is called."""

    def calling(self, name: str, has_thresholds: bool) -> list[str]:
        """Say in the README how a sketch calls it, a Markdown paragraph each.

        ``has_thresholds``: NAME.h has NAME_THRESHOLDS, and no output is compared with another.
        """

    def pushing(self, name: str) -> list[str]:
        """Say in the README how packets go to NAME_push."""
