"""The trials of a study that no other is better than: their scores, their costs, and how it came to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from zerotap.models.evaluation.fronts import front_of

from .configurations import FAMILY
from .limits import Objective, PlannedCosts, SearchLimits

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

COSTS: Final = "costs"
WHY: Final = "why"
"""Why a trial has no score."""
TOO_LARGE: Final = "does not fit"
_BEATEN_BY: Final = 0.02
"""Of macro-F1: so far below another that is no dearer."""


@dataclass(frozen=True, slots=True)
class FrontPoint:
    """A trial that was scored, within the limits: ``score`` is macro-F1 on held-out training recordings."""

    number: int
    family: str
    parameters: dict[str, Any]
    score: float
    each: tuple[float, ...]
    costs: PlannedCosts

    @property
    def name(self) -> str:
        """What its folder is called."""
        return f"{self.family}-{self.number}"

    def cost(self, objective: Objective) -> int:
        """What is to be small."""
        return self.costs.cycles if objective == "cycles" else self.costs.flash_bytes


@dataclass(frozen=True, slots=True)
class Counts:
    """How many trials were scored, how many did not fit, were beaten or taken before, or broke off."""

    scored: int
    too_large: int
    other: int
    failed: int

    @property
    def all(self) -> int:
        """Every one that is over."""
        return self.scored + self.too_large + self.other + self.failed


def scored_points(study: Study, limits: SearchLimits) -> list[FrontPoint]:
    """Every trial that was scored within the limits, in the order of their numbers."""
    made = [_point(trial) for trial in _finished(study) if trial.values]
    return [point for point in made if limits.fit(point.costs)]


def pareto_front(found: list[FrontPoint], objective: Objective) -> list[FrontPoint]:
    """Those that none is better than in score and cost, the cheapest first; of equals the first."""
    by_number = sorted(found, key=lambda each: each.number)
    return front_of(by_number, lambda each: each.cost(objective), lambda each: each.score)


def is_beaten(found: list[FrontPoint], objective: Objective, costs: PlannedCosts, score: float) -> bool:
    """Whether a point that is no dearer has a score that is better by far."""
    mine = FrontPoint(-1, "", {}, score, (), costs).cost(objective)
    return any(each.cost(objective) <= mine and each.score > score + _BEATEN_BY for each in found)


def nearest(study: Study, limits: SearchLimits) -> PlannedCosts | None:
    """The costs of the trial that is the least beyond the limits; None where none was planned."""
    planned = [
        PlannedCosts.of(trial.user_attrs[COSTS]) for trial in _finished(study) if COSTS in trial.user_attrs
    ]
    return min(planned, key=lambda costs: max(limits.excess(costs)), default=None)


def trial_counts(study: Study) -> Counts:
    """How the trials that are over ended."""
    scored = too_large = other = failed = 0
    for trial in _finished(study):
        why = trial.user_attrs.get(WHY, "")
        if trial.values:
            scored += 1
        elif trial.state.name == "FAIL":
            failed += 1
        else:
            too_large += why == TOO_LARGE
            other += why != TOO_LARGE
    return Counts(scored, too_large, other, failed)


def _finished(study: Study) -> list[FrozenTrial]:
    return [trial for trial in study.get_trials(deepcopy=False) if trial.state.is_finished()]


def _point(trial: FrozenTrial) -> FrontPoint:
    costs = PlannedCosts.of(trial.user_attrs[COSTS])
    each = tuple(trial.user_attrs["each"])
    return FrontPoint(trial.number, trial.params[FAMILY], dict(trial.params), trial.values[0], each, costs)
