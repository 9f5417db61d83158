"""Running a search: trial after trial, until there is no time left, each kept in the storage as it ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from zerotap.errors import DoesNotFitError, FeatureError, ModelError
from zerotap.interrupts import is_by_hand

from .asking import KnownAsk, TrialAsk
from .front import (
    COSTS,
    TOO_LARGE,
    WHY,
    FrontPoint,
    is_beaten,
    nearest,
    pareto_front,
    scored_points,
    trial_counts,
)
from .studies import StudyIdentity, load_optuna, sampler_for
from .validating import Beaten, Board, DoesNotFit, Validated, Validator

if TYPE_CHECKING:
    from optuna import Study, Trial

    from zerotap.models.families.space import Value
    from zerotap.reporting import Progress

    from .configurations import Candidates
    from .limits import PlannedCosts
    from .training_side import TrainingSide

_AT_ONCE: Final = 4
"""Starts that come before anything is drawn; from there on every other trial is drawn."""
_HOPELESS: Final = 60
"""Trials in a row that do not fit, where none ever did: the search gives up."""
_SHARE: Final = 0.15
"""Of the time that one trial may take."""
_LEAST_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class SearchEnd:
    """How long a search goes on: so many ``trials``, so many ``seconds``; None for no limit of that kind."""

    trials: int | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class SearchStep:
    """What a trial came to: ``what`` in words, the number of trials that are over, and the front so far."""

    number: int
    what: str
    is_new: bool
    trials: int
    front: tuple[FrontPoint, ...]


class _OutOfTime(Exception):  # noqa: N818
    """The search's time is over, or the trial's share of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """A search of one study by this process.

    ``keep(number, validated)`` is told of each trial that is on the front as it ends, and
    ``on_step`` of every one.
    """

    study: Study
    identity: StudyIdentity
    candidates: Candidates
    side: TrainingSide
    board: Board
    keep: Callable[[int, Validated], None]
    on_step: Callable[[SearchStep], None]
    on_progress: Progress

    def run(self, until: SearchEnd) -> None:
        """Go on until the time or the trials are over, or nothing fits.

        Ctrl-C ends it as time does, once something was found. Raises DoesNotFitError where nothing fits,
        which says what the smallest would need. What else ends it from outside leaves every trial that is
        over.
        """
        begun = time.monotonic()
        ends = None if until.seconds is None else begun + until.seconds
        starts, done = self.candidates.starts(), 0
        while until.trials is None or done < until.trials:
            if (ends is not None and time.monotonic() >= ends) or self._is_hopeless():
                break
            try:
                self._one(starts, _trial_ends(until.seconds, ends), ends)
            except KeyboardInterrupt as end:
                self._go_on_after(end)
                break
            done += 1
        self._check_found()

    def _go_on_after(self, end: KeyboardInterrupt) -> None:
        """Raise it again, but for Ctrl-C where there is something to verify."""
        if not is_by_hand(end) or not scored_points(self.study, self.identity.limits):
            raise end
        self.on_progress("ended: verifying what was found; Ctrl-C again leaves that out", 0, 0)

    def restore(self, point: FrontPoint, is_there: bool) -> None:
        """Train a model of the front again that another machine has; nothing to do where ``is_there``."""
        if is_there:
            return
        chosen = self.candidates.drawn(KnownAsk(point.parameters))
        limits, seed = self.identity.limits, self.identity.seed
        again = Validator(self.side, self.board, limits, seed, lambda _costs, _score: False, self.on_progress)
        self.keep(point.number, again.validate(chosen))

    def _one(self, starts: list[dict[str, Value]], trial_ends: float | None, ends: float | None) -> None:
        over = sum(trial.state.name != "WAITING" for trial in self.study.get_trials(deepcopy=False))
        self._enqueue(starts, over)
        self.study.sampler = sampler_for(self.identity.seed, over)
        finished: type[Exception] = load_optuna().exceptions.UpdateFinishedTrialError
        # A trial that others took for dead, on a machine that was busy, is lost and no more.
        with suppress(finished):
            self.study.optimize(
                lambda trial: self._objective(trial, trial_ends, ends), n_trials=1, catch=(_OutOfTime,)
            )

    def _enqueue(self, starts: list[dict[str, Value]], over: int) -> None:
        """The next start, where it is its turn: the first few at once, then every other."""
        turn = over if over < _AT_ONCE else _AT_ONCE + (over - _AT_ONCE) // 2
        is_drawn = over >= _AT_ONCE and (over - _AT_ONCE) % 2 == 0
        if turn < len(starts) and not is_drawn:
            self.study.enqueue_trial(starts[turn], skip_if_exists=True)

    def _objective(self, trial: Trial, trial_ends: float | None, ends: float | None) -> tuple[float, float]:
        known = scored_points(self.study, self.identity.limits)

        def told(stage: str, done: int, total: int) -> None:
            self.on_progress(f"trial {trial.number}: {stage}", done, total)
            now = time.monotonic()
            if (ends is not None and now > ends) or (trial_ends is not None and now > trial_ends):
                raise _OutOfTime

        limits, objective = self.identity.limits, self.identity.objective
        validator = Validator(
            self.side,
            self.board,
            limits,
            self.identity.seed,
            lambda costs, score: is_beaten(known, objective, costs, score),
            told,
        )
        return self._tried(trial, validator, known)

    def _tried(self, trial: Trial, validator: Validator, known: list[FrontPoint]) -> tuple[float, float]:
        pruned: type[Exception] = load_optuna().TrialPruned
        try:
            chosen = self.candidates.drawn(TrialAsk(trial))
            self._check_new(trial)
            done = validator.validate(chosen)
        except DoesNotFit as answer:
            self._note_costs(trial, answer.costs)
            raise self._ended(trial, TOO_LARGE, pruned) from answer
        except Beaten as answer:
            self._note_costs(trial, answer.costs)
            raise self._ended(trial, f"beaten, {answer.score:.4f}", pruned) from answer
        except _OutOfTime:
            self._ended(trial, "out of time", pruned)
            raise
        except DoesNotFitError as error:
            raise self._ended(trial, TOO_LARGE, pruned) from error
        except (ModelError, FeatureError) as error:
            raise self._ended(trial, str(error), pruned) from error
        return self._scored(trial, done, known)

    def _check_new(self, trial: Trial) -> None:
        """Raise TrialPruned where the same was drawn before, and is over."""
        pruned: type[Exception] = load_optuna().TrialPruned
        for other in self.study.get_trials(deepcopy=False):
            is_over = other.state.is_finished() and other.state.name != "FAIL"
            if other.number != trial.number and is_over and other.params == trial.params:
                raise self._ended(trial, f"the same as trial {other.number}", pruned)

    def _scored(self, trial: Trial, done: Validated, known: list[FrontPoint]) -> tuple[float, float]:
        self._note_costs(trial, done.costs)
        trial.set_user_attr("each", list(done.each))
        objective, costs = self.identity.objective, done.costs
        family = str(trial.params["family"])
        point = FrontPoint(trial.number, family, dict(trial.params), done.score, done.each, costs)
        is_new = point in pareto_front([*known, point], objective)
        if is_new:
            self.keep(trial.number, done)
        said = f"{family}, {done.score:.4f}, {costs.flash_bytes:,} B, {costs.cycles:,} cycles"
        self._tell(trial.number, said, is_new, [*known, point])
        return done.score, float(point.cost(objective))

    def _note_costs(self, trial: Trial, costs: PlannedCosts) -> None:
        trial.set_user_attr(COSTS, costs.to_json())
        for name, excess in zip(("flash", "RAM", "cycles"), self.identity.limits.excess(costs), strict=True):
            trial.set_constraint(name, excess)

    def _ended(self, trial: Trial, why: str, kind: type[Exception]) -> Exception:
        trial.set_user_attr(WHY, why)
        family = trial.params.get("family", "")
        self._tell(trial.number, f"{family}: {why}", False, scored_points(self.study, self.identity.limits))
        return kind(why)

    def _tell(self, number: int, what: str, is_new: bool, found: list[FrontPoint]) -> None:
        self.on_step(
            SearchStep(
                number,
                what,
                is_new,
                trial_counts(self.study).all + 1,
                tuple(pareto_front(found, self.identity.objective)),
            )
        )

    def _is_hopeless(self) -> bool:
        found = trial_counts(self.study)
        return not found.scored and found.too_large >= _HOPELESS

    def _check_found(self) -> None:
        if scored_points(self.study, self.identity.limits):
            return
        limits, least = self.identity.limits, nearest(self.study, self.identity.limits)
        tried = trial_counts(self.study).all
        if least is None:
            raise ModelError(f"none of {tried} models was scored: {self._last_reason()}")
        raise DoesNotFitError(
            f"none of {tried} models fits {limits}: the smallest found needs {least.flash_bytes:,} B of "
            f"flash, {least.ram_bytes:,} B of RAM, {limits.milliseconds(least.cycles):.3g} ms; allow as "
            "much, or search longer"
        )

    def _last_reason(self) -> str:
        reasons = [
            trial.user_attrs[WHY]
            for trial in self.study.get_trials(deepcopy=False)
            if WHY in trial.user_attrs
        ]
        return reasons[-1] if reasons else "search longer"


def _trial_ends(seconds: float | None, ends: float | None) -> float | None:
    if seconds is None or ends is None:
        return None
    return min(ends, time.monotonic() + max(_LEAST_S, _SHARE * seconds))
