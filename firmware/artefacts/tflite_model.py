"""An int8 .tflite: its graph planned, generated, and compared with TensorFlow's kernels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.errors import ModelError
from zerotap.firmware.generation.model_code import Linked, generate_plan
from zerotap.firmware.generation.push_code import generate_streaming
from zerotap.firmware.graph import Graph, OracleKind, Tensor
from zerotap.firmware.linking import build
from zerotap.firmware.oracles.board_oracle import BoardOracle
from zerotap.firmware.passes.ends import read_model
from zerotap.firmware.planning import analysis_table
from zerotap.firmware.planning.analysis import analyse
from zerotap.firmware.planning.curve import curve
from zerotap.firmware.planning.fitting import check_plan
from zerotap.firmware.planning.plan import check_ends, plan
from zerotap.firmware.planning.streaming.decision import decide
from zerotap.firmware.quantising.model_inputs import model_inputs
from zerotap.firmware.several_ends import input_dtype, joined, output_dtype, output_size
from zerotap.firmware.simulation.running import clock_samples, run_samples
from zerotap.firmware.tflite.model_bytes import ModelFile, tflite_bytes
from zerotap.reporting import LOADING, Progress

from . import tflite_texts
from .class_scores import ClassScores, graph_scores
from .interface import OTHERS, OTHERS_SEED, Built, Ran, Sketch
from .least_scores import least_int8

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Pipeline
    from zerotap.firmware.generation.transform_chain import Chain
    from zerotap.firmware.options import BuildOptions
    from zerotap.firmware.several_ends import Samples
    from zerotap.firmware.simulation.program import Program


@dataclass(frozen=True, slots=True, eq=False)
class TfliteModel:
    """An int8 .tflite, C source that holds one, or its content; ``graph`` has the ends that the board has."""

    content: ModelFile | bytes
    graph: Graph
    options: BuildOptions

    @classmethod
    def read(cls, path: ModelFile | bytes, options: BuildOptions) -> TfliteModel:
        """Read one; raises ModelError for a damaged one, or one that computes in other types."""
        content = path if isinstance(path, bytes) else tflite_bytes(path)
        return cls(path, _graph(content, None if content is path else str(path), options.oracle), options)

    @property
    def source(self) -> str:
        """The file, for messages."""
        return self.graph.source

    @property
    def is_stream(self) -> bool:
        """Whether it carries a state on."""
        return bool(self.graph.states)

    @property
    def inputs_by_name(self) -> bool:
        """Whether it has several inputs."""
        return len(self.graph.inputs) > 1

    @property
    def real(self) -> tuple[float, int]:
        """Scale and zero point of the first output, 1 and 0 of indices."""
        target = self.graph.tensors[self.graph.output]
        quantised = target.scale.size > 0
        return (float(target.scale[0]), int(target.zero_point[0])) if quantised else (1.0, 0)

    def with_options(self, options: BuildOptions) -> TfliteModel:
        """The same graph; of another oracle it would have to be read again."""
        return replace(self, options=options)

    def least_score(self, real: float) -> int:
        """An int8 code, or 128."""
        return least_int8(real, *self.real)

    def class_scores(self) -> ClassScores | None:
        """Of its one output."""
        return graph_scores(self.graph)

    def analyse(self) -> dict[str, Any]:
        """What it holds and costs, by layer."""
        return analyse(plan(self.graph, self.options))

    def analysis(self, report: Mapping[str, Any]) -> list[str]:
        """A table of layers, and the whole."""
        shown = dict(report)
        return [*analysis_table.layer_table(shown), "", *analysis_table.summary(shown)]

    def curve(self) -> list[dict[str, Any]]:
        """Plans for several budgets of flash."""
        return curve(self.graph, self.options)

    def check_budget(self) -> None:
        """Raise DoesNotFitError, which names the largest layer."""
        check_plan(plan(self.graph, self.options))

    def inputs(self, samples: Samples) -> NDArray[Any]:
        """float32 quantised, int8 and int32 as they are."""
        return model_inputs(samples, self.graph)

    def drawn(self, count: int, seed: int) -> NDArray[Any]:
        """Codes over the whole range of int8, or ids that its tables hold."""
        return random_inputs(self.graph, count, seed)

    def vectors(self, count: int, seed: int) -> NDArray[Any]:
        """As ``drawn``."""
        return self.drawn(count, seed)

    def oracle(self, on_progress: Progress) -> BoardOracle:
        """TensorFlow's reference kernels, or TensorFlow Lite Micro's."""
        on_progress(LOADING, 0, 0)
        return BoardOracle(self.content, self.options.oracle, self.options.isolation)

    def build(self, on_progress: Progress) -> Built:
        """Its plan, linked."""
        built = build(self.graph, self.options, on_progress)
        planned, sizes = built.planned, built.sizes
        linked = Linked(sizes.flash_bytes, built.compiler)
        return Built(
            program=built.program,
            sizes=sizes,
            compiler=built.compiler,
            constant_time=planned.constant_time,
            worst_modelled=None if planned.constant_time else planned.cycles,
            emit=lambda name: generate_plan(planned, name, linked),
        )

    def sources(self, name: str) -> dict[str, str]:
        """Its plan's."""
        return generate_plan(plan(self.graph, self.options), name)

    def run(self, program: Program, inputs: NDArray[Any], on_progress: Progress) -> Ran:
        """Run NAME_invoke on every sample; those of a model with states are one stream."""
        size, dtype = output_size(self.graph), output_dtype(self.graph)
        outputs, runs = run_samples(program, inputs, size, on_progress, dtype)
        clocked = clock_samples(program, inputs, runs, self.drawn(OTHERS, OTHERS_SEED), on_progress)
        return Ran(outputs.reshape(-1) if self.graph.has_several_ends else outputs, runs, clocked)

    def behind(
        self, pipeline: Pipeline, name: str, sources: Mapping[str, str], *, whole: bool = False
    ) -> Chain:
        """Layers run while items arrive, where the plan has it so; else windows go into NAME_invoke."""
        self._check_behind_pipeline()
        planned = None if whole else decide(self.graph, pipeline, self.options).planned
        return generate_streaming(self.graph, pipeline, name, sources, planned)

    def streaming(self, pipeline: Pipeline) -> dict[str, Any] | None:
        """Both ways, by the cost model."""
        self._check_behind_pipeline()
        return decide(self.graph, pipeline, self.options).to_json(self.options)

    def rows(self, given: NDArray[Any]) -> NDArray[Any]:
        """Bytes as int8 codes, byte - 128; int8 and ids as they are."""
        rows = (given ^ 0x80).view(np.int8) if given.dtype == np.uint8 else given
        return rows.reshape(len(rows), *self.graph.tensors[self.graph.input].shape[1:])

    def sketch(self, name: str) -> Sketch:
        """Say how NAME_invoke is called."""
        return tflite_texts.sketch(self.graph, name)

    def calling(self, name: str, has_thresholds: bool) -> list[str]:
        """Say how a sketch calls NAME_invoke."""
        return list(tflite_texts.calling(self.graph, name))

    def pushing(self, name: str) -> list[str]:
        """Say how packets become windows."""
        return tflite_texts.pushing(name)

    def _check_behind_pipeline(self) -> None:
        graph = self.graph
        if graph.has_several_ends:
            raise ModelError(
                f"{graph.source}: a pipeline gives one window and takes one output, the model has "
                f"{len(graph.inputs)} inputs and {len(graph.outputs)} outputs; export its .tflite itself"
            )
        if graph.states:
            raise ModelError(
                f"{graph.source}: a pipeline's windows are each by themselves, the model keeps a state from "
                "one to the next; export its .tflite itself, and give NAME_invoke each step of the stream"
            )


# A model is opened again for each thing that is asked of it; its plans are made of one graph (Planner.of).
@lru_cache(maxsize=4)
def _graph(content: bytes, source: str | None, oracle: OracleKind) -> Graph:
    return read_model(content, oracle, source=source)


def random_inputs(graph: Graph, count: int, seed: int) -> NDArray[Any]:
    """``count`` inputs over the whole range of the model's input: int8, or int32 ids that its tables hold.

    Of a model with several ends rows (count,), see :mod:`..several_ends`. Raises ModelError for float ends.
    """
    check_ends(graph)
    generator = np.random.default_rng(seed)
    drawn = [_drawn(graph, graph.tensors[index], count, generator) for index in graph.inputs]
    return joined(drawn, input_dtype(graph)) if graph.has_several_ends else drawn[0]


def _drawn(graph: Graph, tensor: Tensor, count: int, generator: np.random.Generator) -> NDArray[Any]:
    shape = (count, *tensor.shape[1:])
    if tensor.dtype == "int8":
        return generator.integers(-128, 128, shape, dtype=np.int8)
    tables = [graph.tensors[operator.inputs[0]] for operator in graph.operators if operator.name == "GATHER"]
    return generator.integers(
        0, min((table.shape[0] for table in tables), default=128), shape, dtype=np.int32
    )
