"""From entrants to results: what was finished is taken, the rest made, and put on the board aside."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerotap.errors import DoesNotFitError
from zerotap.models import BoardScores, ComparedModel, ModelSpec, Seeds, SeedScores
from zerotap.writing import new_folder

from .finished import NOTHING, Finished, read_finished, write_finished
from .making import Made, make
from .on_board import Boarded, put_on_board
from .other_processes import Claims, other_processes
from .unfinished import KEY_LETTERS, TRAINED

if TYPE_CHECKING:
    from .aside import Aside
    from .entrants import Entrant
    from .task import Asked, Sides

_USERS: Final = "user"


@dataclass(frozen=True, slots=True)
class Result:
    """A finished entrant and the folder that it lies in."""

    finished: Finished
    folder: Path


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """Where entrants are worked on: ``unfinished`` keeps what is finished, ``earlier`` is an earlier OUT."""

    sides: Sides
    asked: Asked
    unfinished: Path
    earlier: Path | None
    aside: Aside

    def results(self, entrants: Sequence[Entrant], keys: Sequence[str]) -> list[Result]:
        """A result for each entrant, in their order.

        Raises what one of them raises, but for DoesNotFitError, whose model is left out; what was finished
        until then is kept.
        """
        each = list(zip(entrants, keys, strict=True))
        left = [entrant for entrant, key in each if self._found(entrant, key) is None]
        dataset, others = self.sides.dataset.path, others_for(left, self.asked.jobs)
        begun: list[Callable[[], Result]] = []
        with other_processes(dataset, self.asked, self.unfinished, others) as claims:
            for entrant, key in each:
                begun.append(self.begin(entrant, key, claims))
                _raise_early(begun)
            return [waiting() for waiting in begun]

    def begin(self, entrant: Entrant, key: str, claims: Claims) -> Callable[[], Result]:
        """Begin one, unless it is finished or somebody else has begun; what is given waits for its result."""
        found = self._found(entrant, key)
        if found is not None:
            self.aside.report(f"{entrant.folder_name}, finished already", 1, 1)
            return lambda: found
        if not claims.take(key):
            return partial(self._awaited, entrant, key, claims)
        return self.begun(entrant, key)

    def _found(self, entrant: Entrant, key: str) -> Result | None:
        """What an earlier run, or another process, finished."""
        places = [self._place(entrant, key)]
        places += [] if self.earlier is None else [self.earlier / entrant.folder_name]
        for folder in places:
            found = read_finished(folder, key, self.sides.classes, len(self.sides.split.test))
            if found is not None:
                return Result(found, folder)
        return None

    def _place(self, entrant: Entrant, key: str) -> Path:
        return self.unfinished / key[:KEY_LETTERS] / entrant.folder_name

    def _awaited(self, entrant: Entrant, key: str, claims: Claims) -> Result:
        """What another process makes of it; it is made here where that came to nothing."""
        self.aside.report(f"{entrant.folder_name}, in another process", 0, 0)
        claims.wait(self._place(entrant, key))
        return self._found(entrant, key) or self.begun(entrant, key)()

    def begun(self, entrant: Entrant, key: str) -> Callable[[], Result]:
        """Train one, or load it; what is given waits until it was on the board."""
        place = self._place(entrant, key)
        shutil.rmtree(place.parent, ignore_errors=True)  # of a run that was killed, or changed since
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
        try:
            with new_folder(place.parent, keep=True) as part:
                folder = part / place.name
                made.folder.replace(folder)  # it is large, and the disk may be small
                finished = self._measured(entrant, replace(made, folder=folder))
                write_finished(folder, key, finished)
        finally:
            shutil.rmtree(made.folder.parent, ignore_errors=True)
        return Result(finished, place)

    def _measured(self, entrant: Entrant, made: Made) -> Finished:
        try:
            boarded = put_on_board(made, entrant.folder_name, self.sides, self.asked, self.aside.report)
        except DoesNotFitError as error:
            # What it was made in is gone soon: the reason names the place in the comparison's folder.
            reason = str(error).replace(f"{made.folder}/", f"{entrant.folder_name}/")
            return Finished(entrant.name, None, reason, NOTHING, made.curves, made.learning)
        model = compared_model(entrant.name, made, boarded)
        evidence = (boarded.judgement, made.curves, made.learning, boarded.by_flash, boarded.ways)
        return Finished(entrant.name, model, None, *evidence)


def others_for(left: Sequence[Entrant], jobs: int) -> int:
    """How many other processes help with what is left to do.

    Only networks take so long that another TensorFlow is worth its start.
    """
    networks = sum(isinstance(entrant.spec, ModelSpec) for entrant in left)
    return max(0, min(jobs, networks, os.cpu_count() or 1) - 1)


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
