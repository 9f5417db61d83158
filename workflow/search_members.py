"""Models of a search on disk: each that was on the front as its trial ended, and the Pareto set, verified."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.errors import DoesNotFitError, ModelError
from zerotap.features import IntegerModel, Windows, parameter_count
from zerotap.firmware import TFLITE_FILE, Verification, model_costs, open_artefact, verify, write_tflite
from zerotap.models import (
    METRICS_FILE,
    Facts,
    FoundModel,
    FrontPoint,
    MeasuredCosts,
    PlannedCosts,
    SearchLimits,
    Trained,
    TrainingSide,
    Validated,
    cut_windows,
    dequantise,
    model_input,
    read_facts,
    reading_of,
    score,
    study_began,
)
from zerotap.reporting import no_progress
from zerotap.writing import locked, new_file, new_folder

from .board_plan import PlannedBoard, some

if TYPE_CHECKING:
    from optuna import Study

    from zerotap.capture import Split
    from zerotap.features import Pipeline
    from zerotap.models import Scores
    from zerotap.reporting import Progress

TRIALS: Final = "trials"
"""The folder of models that were on the front as their trials ended."""
STUDY_BEGAN: Final = "study-began"
"""The file in it that says whose they are."""
_CYCLES: Final = 400_000_000
"""That test windows may take on the simulated board together; more are compared in part."""
_PUSHED: Final = 16


@dataclass(frozen=True, slots=True, eq=False)
class Keeper:
    """Writes a trial's model into ``place``/trials/NUMBER."""

    place: Path
    side: TrainingSide
    synthetic: bool
    study: Study

    def check_study(self) -> None:
        """Raise ModelError where the models in ``place`` are another study's: their numbers say nothing."""
        path, began = self.place / TRIALS / STUDY_BEGAN, study_began(self.study)
        with locked(self.place):
            known = path.read_text(encoding="utf-8") if path.is_file() else began
            if known != began:
                raise ModelError(
                    f"{self.place} holds models of another study than {self.study.study_name!r} of this "
                    "storage: go on with that, or give a new --out"
                )
            if began is not None and not path.is_file():
                with new_file(path) as made:
                    made.write_text(began, encoding="utf-8")

    def keep(self, number: int, done: Validated) -> None:
        """Write the model's folder, whole or not at all; one that is there stays. Raises as check_study."""
        self.check_study()
        folder = self.folder(number)
        if folder.exists():
            return
        facts = self._facts(done)
        records = {METRICS_FILE: {"validation_macro_f1": done.score, "validation_each": list(done.each)}}
        trained = Trained(
            facts, done.fit.network, done.pipeline, done.windows, _none(done.windows), records=records
        )
        with new_folder(folder) as part:
            trained.save(part / "model")
            if done.model.content:
                write_tflite(done.model.content, part / "model" / TFLITE_FILE)
            for file in (part / "model").iterdir():
                file.rename(part / file.name)
            (part / "model").rmdir()

    def folder(self, number: int) -> Path:
        """Where a trial's model is."""
        return self.place / TRIALS / str(number)

    def _facts(self, done: Validated) -> Facts:
        network = done.fit.network
        size = parameter_count(network) if isinstance(network, IntegerModel) else int(network.count_params())
        return Facts(
            done.spec.name,
            tuple(self.side.classes),
            self.synthetic,
            done.seed,
            done.fit.rounds,
            size,
            self.side.split.note,
            family=done.spec.family,
            scores=done.fit.meaning,
            layers=done.spec.layers,
        )


def _none(windows: Windows) -> Windows:
    return Windows(windows.x[:0], windows.y[:0], windows.groups[:0])


@dataclass(frozen=True, slots=True, eq=False)
class Finisher:
    """Scores members on the test side and verifies them: the first time that it is looked at."""

    place: Path
    keeper: Keeper
    split: Split
    board: PlannedBoard
    limits: SearchLimits
    on_progress: Progress
    made: dict[int, FoundModel] = field(default_factory=dict)

    def member(self, point: FrontPoint) -> FoundModel:
        """Give what ``_member`` makes, once a trial."""
        if point.number not in self.made:
            self.made[point.number] = self._member(point)
        return self.made[point.number]

    def _member(self, point: FrontPoint) -> FoundModel:
        """Copy a trial's folder to the member's, score and verify it.

        Raises DoesNotFitError where the linked program is more than the limits, NotExactError where a bit
        differs from the oracle's.
        """
        folder = self.place / point.name
        with locked(self.place):
            if not folder.exists():
                with new_folder(folder) as part:
                    shutil.copytree(self.keeper.folder(point.number), part, dirs_exist_ok=True)
        facts, pipeline = read_facts(folder)
        _, test = cut_windows(self.split, pipeline, no_progress)
        scores = self._scores(folder, test)
        verification = self._verified(folder, pipeline, test, point.costs)
        measured = self._measured(folder, pipeline, verification)
        return FoundModel(
            name=point.name,
            trial=point.number,
            family=facts.family,
            kind=pipeline.kind,
            parameters=point.parameters,
            validation_macro_f1=point.score,
            validation_each=point.each,
            test=scores.to_json(),
            planned=point.costs.to_json(),
            measured=measured,
            export=shlex.join(
                ["zerotap", "export", str(folder), "--out", str(folder / "arduino"), "--name", _in_c(point)]
            ),
        )

    def _scores(self, folder: Path, test: Windows) -> Scores:
        """From the oracle's bits, which are the board's."""
        facts, _ = read_facts(folder)
        artefact = open_artefact(folder, self.board.for_folder(folder))
        inputs = artefact.inputs(self._taken(folder, test))
        codes = artefact.oracle(no_progress).invoke(inputs)
        return score(dequantise(codes, *artefact.real), test, reading_of(facts))

    def _taken(self, folder: Path, test: Windows) -> Any:  # noqa: ANN401
        return model_input(test.x) if (folder / TFLITE_FILE).is_file() else test.x

    def _verified(self, folder: Path, pipeline: Pipeline, test: Windows, costs: PlannedCosts) -> Verification:
        self.on_progress(f"verifying {folder.name}", 0, 0)
        places = some(test, max(32, _CYCLES // max(1, costs.cycles)))
        order = np.argsort([len(recording) for recording, _ in self.split.test], kind="stable")
        chosen = order[np.linspace(0, len(order) - 1, min(_PUSHED, len(order))).astype(int)]
        recordings = [self.split.test[place][0] for place in dict.fromkeys(chosen.tolist())]
        pushed = tuple(piece for recording in recordings for piece in pipeline.pieces(recording))
        verification = verify(
            folder,
            self._taken(folder, test)[places],
            self.board.for_folder(folder),
            recordings=pushed,
        )
        verification.check(folder)
        return verification

    def _measured(self, folder: Path, pipeline: Pipeline, verification: Verification) -> MeasuredCosts:
        artefact = open_artefact(folder, self.board.for_folder(folder))
        costs = self.board.costs(model_costs(artefact, pipeline, self.board.units.pieces(pipeline)))
        if not self.limits.fit(costs):
            raise DoesNotFitError(
                f"{folder.name} takes {costs.flash_bytes:,} B of flash, {costs.ram_bytes:,} B of RAM and "
                f"{self.limits.milliseconds(costs.cycles):.3g} ms as it was linked, beyond {self.limits}"
            )
        return MeasuredCosts(
            flash_bytes=costs.flash_bytes,
            ram_bytes=costs.ram_bytes,
            cycles=costs.cycles,
            cycles_most=costs.cycles_most,
            ms=self.limits.milliseconds(costs.cycles),
            ms_most=self.limits.milliseconds(costs.cycles_most),
            samples=verification.samples,
            pushed=verification.pushed_results or 0,
            mismatches=verification.mismatches + (verification.pushed_mismatches or 0),
            oracle=verification.oracle,
            compiler=verification.compiler,
        )


def _in_c(point: FrontPoint) -> str:
    return point.name.replace("-", "_")
