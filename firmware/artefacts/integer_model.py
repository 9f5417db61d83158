"""An integer model, a table or a forest: its twin's C, compared with its NumPy integer form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.errors import ModelError
from zerotap.firmware.generation.integer_code import generate_integer
from zerotap.firmware.generation.integer_push import integer_streaming
from zerotap.firmware.generation.model_code import Linked
from zerotap.firmware.linking import build_integer
from zerotap.firmware.planning.curve import chosen, fits, point
from zerotap.firmware.planning.integers.integer_analysis import analyse_integer, integer_lines
from zerotap.firmware.planning.integers.integer_plan import plan_integer
from zerotap.firmware.simulation.running import clock_samples, clock_texts, run_samples, run_texts

from . import integer_texts
from .class_scores import ClassScores, Meaning
from .interface import OTHERS, OTHERS_SEED, Built, Ran, Sketch
from .least_scores import least_int32

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import IntegerModel, Pipeline
    from zerotap.firmware.generation.transform_chain import Chain
    from zerotap.firmware.options import BuildOptions
    from zerotap.firmware.planning.integers.integer_plan import IntegerPlan
    from zerotap.firmware.several_ends import Samples
    from zerotap.firmware.simulation.program import Program
    from zerotap.reporting import Progress

ORACLE: Final = "NumPy integer form"
VECTOR_IDS: Final = 64
_INT32: Final = np.iinfo(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class IntegerForm:
    """The oracle: what the model's value computes in NumPy."""

    model: IntegerModel
    name: str = ORACLE

    def invoke(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Scores int32 (n, scores) of rows as ``scores`` takes them."""
        return self.model.scores(samples)


@dataclass(frozen=True, slots=True, eq=False)
class IntegerArtefact:
    """An integer model as it was planned, of the kind that its file's name says."""

    planned: IntegerPlan

    @property
    def options(self) -> BuildOptions:
        """What it is made by."""
        return self.planned.options

    @property
    def source(self) -> str:
        """The file, for messages."""
        return self.planned.source

    @property
    def is_stream(self) -> bool:
        """Each sample is by itself."""
        return False

    @property
    def inputs_by_name(self) -> bool:
        """One input."""
        return False

    @property
    def real(self) -> tuple[float, int]:
        """What a step of the scores is worth, and 0."""
        return self.planned.model.scale, 0

    def with_options(self, options: BuildOptions) -> IntegerArtefact:
        """The same model, planned again."""
        given = self.planned
        return IntegerArtefact(plan_integer(given.model, given.twin, given.source, options))

    def least_score(self, real: float) -> int:
        """An int32 score."""
        return least_int32(real, self.planned.model.scale)

    def class_scores(self) -> ClassScores:
        """Shares of votes, or margins."""
        meaning: Meaning = "shares" if self.planned.model.meaning == "shares" else "margins"
        return ClassScores(self.planned.scores, meaning, self.planned.model.scale)

    def analyse(self) -> dict[str, Any]:
        """What it holds and costs."""
        return analyse_integer(self.planned, ORACLE)

    def analysis(self, report: Mapping[str, Any]) -> list[str]:
        """The whole, and its kernels."""
        return integer_lines(report)

    def curve(self) -> list[dict[str, Any]]:
        """Every kernel that is allowed and fits, and that no other beats."""
        reports = (analyse_integer(each, ORACLE) for each in self.planned.ways())
        return chosen([point(each) for each in reports if fits(each, self.options)])

    def check_budget(self) -> None:
        """Raise DoesNotFitError, which says what makes it smaller."""
        self.planned.check()

    def inputs(self, samples: Samples) -> NDArray[Any]:
        """Rows of integers as they are, as int32; those that the model refuses are refused here."""
        rows = self._integers(samples)
        self.planned.model.scores(rows)
        return rows

    def drawn(self, count: int, seed: int) -> NDArray[Any]:
        """Rows that its twin draws."""
        return self.planned.twin.draw(self.planned.model, count, seed)

    def vectors(self, count: int, seed: int) -> NDArray[Any]:
        """As ``drawn``; texts have VECTOR_IDS ids at most."""
        rows = self.drawn(count, seed)
        return rows[:, :VECTOR_IDS] if self.planned.takes == "ids" else rows

    def oracle(self, on_progress: Progress) -> IntegerForm:
        """Its own NumPy form."""
        return IntegerForm(self.planned.model)

    def build(self, on_progress: Progress) -> Built:
        """Its plan, linked."""
        built = build_integer(self.planned, on_progress)
        planned, linked = built.planned, Linked(built.sizes.flash_bytes, built.compiler)
        constant_time = planned.choice.constant_time
        return Built(
            program=built.program,
            sizes=built.sizes,
            compiler=built.compiler,
            constant_time=constant_time,
            worst_modelled=None if constant_time else planned.choice.cycles,
            emit=lambda name: generate_integer(planned, name, linked),
        )

    def sources(self, name: str) -> dict[str, str]:
        """Its twin's."""
        return generate_integer(self.planned, name)

    def run(self, program: Program, inputs: NDArray[Any], on_progress: Progress) -> Ran:
        """Run NAME_invoke on every row; or add its ids, some at a time, and ask for the scores."""
        scores, others = self.planned.scores, self.drawn(OTHERS, OTHERS_SEED)
        if self.planned.takes == "ids":
            sizes = (inputs != 0).sum(axis=1).tolist()
            outputs, runs, per_id = run_texts(program, inputs, scores, on_progress)
            return Ran(outputs, runs, clock_texts(program, inputs, runs, others, on_progress), per_id, sizes)
        outputs, runs = run_samples(program, inputs, scores, on_progress, "int32")
        return Ran(outputs, runs, clock_samples(program, inputs, runs, others, on_progress))

    def behind(
        self, pipeline: Pipeline, name: str, sources: Mapping[str, str], *, whole: bool = False
    ) -> Chain:
        """Ids that the pipeline gives go into NAME_add, features into NAME_invoke."""
        return integer_streaming(self.planned, pipeline, name, sources)

    def streaming(self, pipeline: Pipeline) -> dict[str, Any] | None:
        """It has no layers."""
        return None

    def rows(self, given: NDArray[Any]) -> NDArray[Any]:
        """A recording's ids are one row; features are a row each."""
        rows = given.astype(np.int32)
        return rows.reshape(1, -1) if self.planned.takes == "ids" else _flat(rows)

    def sketch(self, name: str) -> Sketch:
        """Say how it is called."""
        return integer_texts.sketch(self.planned, name)

    def calling(self, name: str, has_thresholds: bool) -> list[str]:
        """Say how a sketch calls it, and what the scores are."""
        return integer_texts.calling(self.planned, name, has_thresholds)

    def pushing(self, name: str) -> list[str]:
        """Say how packets go to NAME_push."""
        return integer_texts.pushing(self.planned, name)

    def _integers(self, samples: Samples) -> NDArray[np.int32]:
        """Samples as rows; raises ModelError for other than integers, or another number of features."""
        what = "ids of texts, int32 (n, longest), 0 where there is none"
        if self.planned.takes == "features":
            what = f"features, integers (n, {self.planned.inputs})"
        if not isinstance(samples, np.ndarray) or samples.dtype.names is not None:
            raise ModelError(f"the samples for {self.source} are several arrays: give it {what}")
        given = f"the samples for {self.source} are {samples.dtype} {samples.shape}"
        if samples.dtype.kind not in "iu" or samples.ndim < 2 or not len(samples):
            raise ModelError(f"{given}: give it {what}")
        rows = _flat(samples)
        if self.planned.takes == "features" and rows.shape[1] != self.planned.inputs:
            raise ModelError(f"{given}: give it {what}")
        if rows.size and (int(rows.min()) < _INT32.min or int(rows.max()) > _INT32.max):
            raise ModelError(f"{given} with values beyond int32: give it {what}")
        return np.ascontiguousarray(rows, np.int32)


def _flat(rows: NDArray[Any]) -> NDArray[Any]:
    """Rows (n, ...) as (n, elements), where n or the elements may be none."""
    return rows.reshape(len(rows), math.prod(rows.shape[1:]))
