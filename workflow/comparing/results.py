"""From entrants to results: what was finished is taken, the rest made, and put on the board aside."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerotap.errors import DoesNotFitError
from zerotap.models import BoardScores, ComparedModel, Seeds, SeedScores
from zerotap.writing import new_folder

from .finished import NOTHING, Finished, read_finished, write_finished
from .making import Made, make
from .on_board import Boarded, put_on_board
from .unfinished import TRAINED

if TYPE_CHECKING:
    from .aside import Aside
    from .entrants import Entrant
    from .task import Asked, Sides

_KEY_LETTERS: Final = 12
_USERS: Final = "user"


@dataclass(frozen=True, slots=True)
class Result:
    """A finished entrant and the folder that it lies in; ``is_reused`` where nothing was done for it."""

    finished: Finished
    folder: Path
    is_reused: bool


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """Where entrants are worked on: ``unfinished`` keeps what is finished, ``earlier`` is an earlier OUT."""

    sides: Sides
    asked: Asked
    unfinished: Path
    earlier: Path
    aside: Aside

    def results(self, entrants: Sequence[Entrant], keys: Sequence[str]) -> list[Result]:
        """A result for each entrant, in their order.

        Raises what one of them raises, but for DoesNotFitError, whose model is left out; what was finished
        until then is kept.
        """
        begun: list[Callable[[], Result]] = []
        for entrant, key in zip(entrants, keys, strict=True):
            begun.append(self._begin(entrant, key))
            _raise_early(begun)
        return [waiting() for waiting in begun]

    def _begin(self, entrant: Entrant, key: str) -> Callable[[], Result]:
        """Begin one; what is given waits for its result."""
        place = self.unfinished / key[:_KEY_LETTERS] / entrant.folder_name
        for folder in (self.earlier / entrant.folder_name, place):
            found = read_finished(folder, key, self.sides.classes, len(self.sides.split.test))
            if found is not None:
                self.aside.report(f"{entrant.name}: as before", 1, 1)
                return partial(Result, found, folder, True)
        made = self._make(entrant, place)
        return self.aside.do(partial(self._finish, entrant, key, made, place)).result

    def _make(self, entrant: Entrant, place: Path) -> Made:
        """Train or load it, into a folder that the next step takes it from."""
        first = self.unfinished / TRAINED / place.parent.name
        shutil.rmtree(first, ignore_errors=True)  # of a run that was killed
        with new_folder(first, keep=True) as part:
            folder = part / entrant.folder_name
            made = make(entrant, self.sides, self.asked, folder, self.unfinished, self.aside.report)
        return replace(made, folder=first / entrant.folder_name)

    def _finish(self, entrant: Entrant, key: str, made: Made, place: Path) -> Result:
        """Put it on the board, and write what came of it."""
        with new_folder(place.parent, keep=True) as part:
            folder = part / place.name
            shutil.copytree(made.folder, folder)
            finished = self._measured(entrant, replace(made, folder=folder))
            write_finished(folder, key, finished)
        shutil.rmtree(made.folder.parent, ignore_errors=True)
        return Result(finished, place, False)

    def _measured(self, entrant: Entrant, made: Made) -> Finished:
        try:
            boarded = put_on_board(made, entrant.folder_name, self.sides, self.asked, self.aside.report)
        except DoesNotFitError as error:
            return Finished(entrant.name, None, str(error), NOTHING, made.curves, made.learning)
        model = compared_model(entrant.name, made, boarded)
        return Finished(entrant.name, model, None, boarded.judgement, made.curves, made.learning)


def _raise_early(begun: Sequence[Callable[[], Result]]) -> None:
    """Raise what went wrong aside, before more is begun."""
    for waiting in begun:
        future = getattr(waiting, "__self__", None)
        if isinstance(future, Future) and future.done():
            future.result()


def compared_model(name: str, made: Made, boarded: Boarded) -> ComparedModel:
    """All that report.json says of a model."""
    facts, pipeline, measured = made.trained.facts, made.trained.pipeline, boarded.verification
    board = measured.board
    return ComparedModel(
        name=name,
        kind="text" if pipeline.kind == "text" else "raw",
        family="" if facts.family == _USERS else facts.family,
        preset=facts.preset,
        parameters=facts.parameters,
        pipeline=pipeline.to_dict(),
        head=facts.head,
        labels=facts.labels,
        seeds=Seeds(facts.seed, tuple(_as_measured(one, facts.seed, boarded) for one in made.seeds)),
        scores=BoardScores(boarded.scores, made.floats),
        narrow=boarded.narrow,
        costs=boarded.costs,
        oracle=measured.oracle,
        compiler=measured.compiler,
        board=board.name,
        clock_hz=board.clock_hz,
        samples=measured.samples,
        mismatches=measured.mismatches,
    )


def _as_measured(one: SeedScores, kept: int, boarded: Boarded) -> SeedScores:
    """The seed that was kept scores what it does on the board."""
    if one.seed != kept:
        return one
    scores = boarded.scores
    return replace(one, macro_f1=scores.macro_f1, accuracy=scores.accuracy, measured_as="board")
