"""Models as the board computes them, and what they cost by the plan: what a search asks the firmware."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.errors import DoesNotFitError
from zerotap.features import IntegerModel, Pipeline, Windows, write_integer_model
from zerotap.firmware import (
    Artefact,
    BuildOptions,
    RecordingCosts,
    model_costs,
    open_artefact,
    quantise,
    stage_costs,
)
from zerotap.models import PlannedCosts, dequantise, model_input, training_recordings
from zerotap.reporting import no_progress
from zerotap.writing import scratch_folder

if TYPE_CHECKING:
    from pathlib import Path

    import keras
    from numpy.typing import NDArray

    from zerotap.capture import Split

_LENGTHS: Final = 12
"""Recordings that stand for all: of so many shares of them by length the middle one."""
_CERTAINLY: Final = 1.25
"""Times the limit: the cost model is not so far off."""
_PLANNED: Final = ("flash_bytes", "ram_total_bytes", "cycles", "weight_bytes")
_ITEMS: Final = 4000
"""Of a recording that are pushed: a sensor's may be long."""


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The training recordings that costs are of, by index: of every length, and last the longest."""

    split: Split
    unit: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, split: Split, unit: str) -> Units:
        """Choose them; the split's other side is not looked at."""
        order = np.argsort([len(recording) for recording, _ in split.train], kind="stable")
        count = min(_LENGTHS, len(order))
        middles = [int(order[(2 * number + 1) * len(order) // (2 * count)]) for number in range(count)]
        return cls(split, unit, (*middles, int(order[-1])))

    def pieces(self, pipeline: Pipeline) -> list[list[NDArray[Any]]]:
        """What goes into the pipeline's first stage, of each."""
        recordings = training_recordings(self.split, pipeline)
        return [
            [piece[:_ITEMS] for piece in pipeline.pieces(recordings[place])[:1]]
            if self.unit == "window"
            else pipeline.pieces(recordings[place])
            for place in self.places
        ]

    def each(self, costs: RecordingCosts, more: NDArray[np.float64] | float = 0.0) -> tuple[int, int]:
        """Cycles of a unit, the mean and the most, with as many ``more`` of each recording."""
        cycles = np.array(costs.cycles, np.float64) + more
        if self.unit == "window":
            cycles = cycles / np.maximum(costs.results, 1)
        return round(float(cycles[:-1].mean())), int(np.ceil(cycles.max()))


class PlannedBoard:
    """Makes models the board's, and knows what stages cost: a pipeline's run on the simulated board once."""

    def __init__(self, units: Units, options: BuildOptions, cycles: int | None) -> None:
        self.units, self._cycles = units, cycles
        self.options = replace(options, isolation=None)  # these models are our own
        self._stages: dict[str, RecordingCosts] = {}
        self._wholes: dict[tuple[object, ...], RecordingCosts] = {}

    def model(self, network: keras.Model | IntegerModel, windows: Windows, weight_bits: int) -> BoardModel:
        """Quantise a network by ``windows``; an integer model is as it is. Raises ModelError."""
        if isinstance(network, IntegerModel):
            with scratch_folder() as scratch:
                path = write_integer_model(network, scratch)
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                return BoardModel(self, self.opened(path), b"", digest)
        content = quantise(network, model_input(windows.x), weight_bits, isolation=None)
        return BoardModel(self, open_artefact(content, self.options), content, "")

    def opened(self, path: Path) -> Artefact:
        """An integer model's artefact: its oracle is its own, whatever is chosen for networks."""
        return open_artefact(path, replace(self.options, oracle="tflite", skip_zeros=False, code="auto"))

    def stages(self, pipeline: Pipeline) -> RecordingCosts:
        """What the stages cost: linked, and run on the units' recordings. Raises FeatureError."""
        key = _key(pipeline)
        if key not in self._stages:
            self._stages[key] = stage_costs(pipeline, self.units.pieces(pipeline), self.options)
        return self._stages[key]

    def whole(self, artefact: Artefact, pipeline: Pipeline, digest: str) -> RecordingCosts:
        """What a model costs behind its stages, linked; a network of the same shape is not linked again.

        Its kernels take the same time whatever the weights are. Integer models, which are told apart by a
        ``digest``, have constants in their code.
        """
        plan = artefact.analyse()
        known = (_key(pipeline), digest, *(plan[name] for name in _PLANNED))
        if known not in self._wholes:
            self._wholes[known] = model_costs(artefact, pipeline, self.units.pieces(pipeline))
        return self._wholes[known]

    def costs(self, measured: RecordingCosts) -> PlannedCosts:
        """The costs of a unit."""
        return PlannedCosts(measured.flash_bytes, measured.ram_total_bytes, *self.units.each(measured))

    def is_beyond(self, costs: PlannedCosts) -> bool:
        """Whether a plan is so far beyond the limits that linking it would not help."""
        limits = self.options.limits
        if self._cycles is not None and costs.cycles > self._cycles:
            return True
        sizes = (costs.flash_bytes / limits.flash_bytes, costs.ram_bytes / limits.ram_bytes)
        return max(sizes) > _CERTAINLY

    def for_folder(self, folder: Path) -> BuildOptions:
        """The options for what a model's folder holds."""
        is_network = (folder / "model.tflite").is_file()
        return (
            self.options
            if is_network
            else replace(self.options, oracle="tflite", skip_zeros=False, code="auto")
        )


@dataclass(frozen=True, slots=True, eq=False)
class BoardModel:
    """One model as the board computes it; ``content`` is its .tflite, b"" of an integer model.

    ``digest`` tells integer models apart, "" of a .tflite.
    """

    board: PlannedBoard
    artefact: Artefact
    content: bytes
    digest: str

    def outputs(self, x: NDArray[Any]) -> NDArray[np.floating[Any]]:
        """Real scores (n, classes) from the oracle's bits."""
        windows = model_input(x) if self.content else x
        codes = self.artefact.oracle(no_progress).invoke(self.artefact.inputs(windows))
        return dequantise(codes, *self.artefact.real)

    def costs(self, pipeline: Pipeline) -> PlannedCosts:
        """The plan's with its stages', where that is too much already; else those of the linked whole."""
        planned, limits = self.planned(pipeline), self.board.options.limits
        if self.board.is_beyond(planned):
            return planned
        try:
            return self.board.costs(self.board.whole(self.artefact, pipeline, self.digest))
        except DoesNotFitError:
            if max(planned.flash_bytes / limits.flash_bytes, planned.ram_bytes / limits.ram_bytes) > 1:
                return planned
            raise

    def planned(self, pipeline: Pipeline) -> PlannedCosts:
        """The cost model's, and what the stages take on the board; less than the whole takes."""
        plan, stages = self.artefact.analyse(), self.board.stages(pipeline)
        results = np.array(stages.results, np.float64)
        more = results * plan.get("board_cycles_per_id", 0) + plan["board_cycles"]
        if "board_cycles_per_id" not in plan:
            more = results * plan["board_cycles"]
        mean, most = self.board.units.each(stages, more)
        return PlannedCosts(plan["flash_bytes"] + stages.flash_bytes, plan["ram_total_bytes"], mean, most)


def _key(pipeline: Pipeline) -> str:
    return replace(pipeline, name="").to_toml()


def some(windows: Windows, most: int) -> Sequence[int]:
    """Places of at most so many windows, spread over all."""
    return list(dict.fromkeys(np.linspace(0, len(windows) - 1, min(most, len(windows))).astype(int).tolist()))
