"""The best models for a budget: families, pipelines and sizes are drawn, planned, trained and verified."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerotap.capture import Dataset, open_dataset
from zerotap.errors import DoesNotFitError, MissingExtraError, ModelError
from zerotap.firmware import DEFAULTS, BuildOptions, find_compiler
from zerotap.models import (
    OBJECTIVES,
    SEARCH_FILE,
    Found,
    FrontPoint,
    Objective,
    Search,
    SearchEnd,
    SearchLimits,
    SearchStep,
    StudyIdentity,
    TrainingSide,
    candidates,
    check_seed,
    load_optuna,
    open_study,
    pareto_front,
    plot_front,
    scored_points,
    shown_url,
    split_recordings,
    storage_answers,
    trial_counts,
)
from zerotap.reporting import Progress, no_progress
from zerotap.writing import check_apart, check_new_folder, locked, new_file

from .board_plan import PlannedBoard, Units
from .search_members import TRIALS, Finisher, Keeper

if TYPE_CHECKING:
    from optuna import Study

    from zerotap.capture import Split

STUDY_FILE: Final = "study.sqlite3"
STUDY: Final = "search"
PICTURE: Final = "front.svg"
TIMEOUT_S: Final = 600.0
"""Where neither time nor trials are given."""
_MEMBER: Final = re.compile(r"[a-z-]+-\d+")


def search(
    dataset: Dataset | str | Path,
    out: str | Path,
    options: BuildOptions = DEFAULTS,
    *,
    latency_ms: float | None = None,
    objective: Objective = "cycles",
    trials: int | None = None,
    timeout_s: float | None = None,
    models: Sequence[str] = (),
    storage: str | None = None,
    study: str = STUDY,
    seed: int = 0,
    on_step: Callable[[SearchStep], None] = lambda _step: None,
    on_progress: Progress = no_progress,
) -> Found:
    """Search the families for the best models within flash, RAM and time, and verify those on the board.

    ``options``: its budget are flash and RAM, of the model with the stages in front of it. ``latency_ms``: of
    a message of typed data, or a window of a sensor, at the board's clock, stages and all; see
    ``PlannedCosts.cycles``. What the plan puts beyond them is not trained. ``objective``: what is to be small
    beside a high score, "cycles" or "flash".

    ``trials``: so many more by this call; ``timeout_s``: so long, 10 minutes where neither is given; what
    comes after, to verify what was found, is not counted. ``models``: names of families, all that suit the
    data where none is given. ``storage``: an SQLAlchemy URL of the study, shared by whoever opens it, an
    SQLite file in ``out`` where None; ``study``: its name there.

    Chosen by macro-F1 on recordings of the training side that a model did not learn from, computed as the
    board does. The test side is looked at when the search is over, for the scores of what was found.

    ``out``: a new folder, or one of an earlier search of the same, which goes on. It gets search.json, a
    folder a model of the Pareto set, front.svg where matplotlib is installed. One process and one seed give
    the same trials, as long as time does not end one.

    Raises ModelError for impossible values, a study of something else, an ``out`` of another study or a
    storage that does not answer, DoesNotFitError where nothing fits, MissingExtraError without Optuna, and
    what training and verifying raise.
    """
    until = _until(trials, timeout_s)
    limits = _limits(options, latency_ms)
    _check(objective, seed)
    data, place = open_dataset(dataset), Path(out)
    check_apart(place, {"dataset": data})
    _check_out(place)
    load_optuna()
    find_compiler(options.compiler)
    split = split_recordings(data, on_progress)
    side = TrainingSide(data, split)
    chosen = candidates(side.split, models)
    identity = StudyIdentity(side.digest(), limits, objective, tuple(chosen.families), seed, _digest(options))
    opened, url = _opened(place, storage, study, identity)
    unit = "window" if chosen.holds_samples else "message"
    board = PlannedBoard(Units.of(side.split, unit), options, limits.cycles)
    keeper = Keeper(place, side, data.synthetic, opened)
    running = Search(opened, identity, chosen, side, board, keeper.keep, on_step, on_progress)
    finisher = Finisher(place, keeper, split, board, limits, on_progress)
    with storage_answers():
        keeper.check_study()
        running.run(until)
        return _finish(running, finisher, _Told(data, split, unit, shown_url(url), study, options))


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """What the report says beside what was found."""

    data: Dataset
    split: Split
    unit: str
    storage: str
    study: str
    options: BuildOptions


def _finish(running: Search, finisher: Finisher, told: _Told) -> Found:
    """Look at the test side, for the scores of what is on the front, and write what was found.

    Where another process has changed the front meanwhile, what is new on it is verified too.
    """
    while True:
        every = scored_points(running.study, running.identity.limits)
        found = _verified(running, finisher, told, every)
        with locked(finisher.place):
            if scored_points(running.study, running.identity.limits) == every:
                _write(finisher.place, found)
                return found


def _verified(running: Search, finisher: Finisher, told: _Told, every: list[FrontPoint]) -> Found:
    identity = running.identity
    chosen = pareto_front(every, identity.objective)
    members, left_out = [], {}
    for point in chosen:
        running.restore(point, finisher.keeper.folder(point.number).exists())
        try:
            members.append(finisher.member(point))
        except DoesNotFitError as error:
            left_out[point.name] = str(error)
    if not members:
        raise DoesNotFitError(f"nothing that was found fits as it was linked: {'; '.join(left_out.values())}")
    with suppress(MissingExtraError):
        _draw(finisher.place / PICTURE, chosen, every, identity)
    return Found(
        members=tuple(members),
        left_out=left_out,
        limits=identity.limits,
        objective=identity.objective,
        unit=told.unit,
        seed=identity.seed,
        storage=told.storage,
        study=told.study,
        counts=trial_counts(running.study),
        data={
            "dataset": str(told.data.path),
            "origin": "synthetic" if told.data.synthetic else "recorded",
            "classes": list(told.data.classes),
            "recordings": {"train": len(told.split.train), "test": len(told.split.test)},
            "split": told.split.note,
            "hash": identity.dataset,
        },
        board=told.options.board.name,
    )


def _write(place: Path, found: Found) -> None:
    """search.json; folders of members of an earlier end that are none any more go."""
    path = place / SEARCH_FILE
    earlier = _earlier_members(path)
    with new_file(path, replace=True) as made:
        made.write_text(json.dumps(found.to_json(), indent=2) + "\n", encoding="utf-8")
    for name in earlier - {one.name for one in found.members}:
        if _MEMBER.fullmatch(name):
            shutil.rmtree(place / name, ignore_errors=True)


def _earlier_members(path: Path) -> set[str]:
    try:
        return {str(one["name"]) for one in json.loads(path.read_text(encoding="utf-8"))["members"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _draw(path: Path, chosen: list[FrontPoint], every: list[FrontPoint], identity: StudyIdentity) -> None:
    names = {point.name for point in chosen}
    others = [point for point in every if point.name not in names]
    figure = plot_front(chosen, others, identity.limits, identity.objective).get_figure(root=True)
    if figure is not None:
        with new_file(path, replace=True) as made:
            figure.savefig(made, format="svg")


def _opened(place: Path, storage: str | None, name: str, identity: StudyIdentity) -> tuple[Study, str]:
    """Open the study and make ``place``; of a storage that cannot be used no folder is left."""
    if storage is None:
        (place / TRIALS).mkdir(parents=True, exist_ok=True)
        storage = f"sqlite:///{place.absolute() / STUDY_FILE}"
    opened = open_study(storage, name, identity)
    (place / TRIALS).mkdir(parents=True, exist_ok=True)
    return opened, storage


def _until(trials: int | None, timeout_s: float | None) -> SearchEnd:
    """Raise ModelError for a search that finds nothing."""
    if trials is not None and trials < 1:
        raise ModelError(f"{trials} trials would find nothing: give 1 or more")
    if timeout_s is not None and timeout_s <= 0:
        raise ModelError(f"a search of {timeout_s:g} s would find nothing: give a longer one")
    return SearchEnd(trials, TIMEOUT_S if trials is None and timeout_s is None else timeout_s)


def _limits(options: BuildOptions, latency_ms: float | None) -> SearchLimits:
    if latency_ms is not None and not latency_ms > 0:
        raise ModelError(f"nothing is computed within {latency_ms:g} ms: give a longer latency")
    board, memory = options.board, options.limits
    cycles = None if latency_ms is None else max(1, int(latency_ms * board.clock_hz / 1000))
    return SearchLimits(memory.flash_bytes, memory.ram_bytes, cycles, board.clock_hz)


def _check(objective: str, seed: int) -> None:
    check_seed(seed)
    if objective not in OBJECTIVES:
        raise ModelError(f"there is no objective {objective!r}: choose one of {', '.join(OBJECTIVES)}")


def _check_out(place: Path) -> None:
    """Raise OutputError where ``place`` is neither new nor a search's."""
    if not (place / TRIALS).is_dir():
        check_new_folder(place)


def _digest(options: BuildOptions) -> str:
    """What else the costs depend on, told apart by its hash."""
    told = (
        options.board.name,
        options.oracle,
        options.optimise,
        options.skip_zeros,
        options.constant_time,
        options.code,
    )
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
