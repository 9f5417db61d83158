"""Who answers what a family's space asks: Optuna's trial, or answers that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zerotap.errors import ModelError
from zerotap.models.families.space import Ask, Chosen, Value

if TYPE_CHECKING:
    from optuna import Trial


@dataclass(frozen=True, slots=True)
class TrialAsk:
    """Asks Optuna, which remembers every answer under the name that was asked for."""

    trial: Trial

    def among(self, name: str, options: Sequence[Chosen]) -> Chosen:
        """One of ``options``."""
        found: Chosen = self.trial.suggest_categorical(name, options)
        return found

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number, evenly on a logarithmic scale."""
        return self.trial.suggest_int(name, least, most, log=True)


@dataclass(frozen=True, slots=True)
class KnownAsk:
    """Answers by name; ``used`` gets those that were asked for. Raises ModelError for any other question."""

    answers: Mapping[str, Value]
    used: dict[str, Value] = field(default_factory=dict)

    def among(self, name: str, options: Sequence[Chosen]) -> Chosen:
        """What is known, which has to be one of ``options``."""
        answer = self._known(name)
        for option in options:
            if option == answer and type(option) is type(answer):
                return option
        raise ModelError(f"{name} is none of {', '.join(map(str, options))}: {answer!r}")

    def whole(self, name: str, least: int, most: int) -> int:
        """What is known, which has to be within the bounds."""
        answer = self._known(name)
        if type(answer) is not int or not least <= answer <= most:
            raise ModelError(f"{name} is {answer!r}: give a whole number, {least} to {most}")
        return answer

    def _known(self, name: str) -> Value:
        if name not in self.answers:
            raise ModelError(f"{name} is not among the parameters: give {', '.join(self.answers)} and it")
        self.used[name] = self.answers[name]
        return self.answers[name]


@dataclass(frozen=True, slots=True)
class NamedAsk:
    """Asks another under names that begin with a family's: one "layers" is not another's."""

    other: Ask
    family: str

    def among(self, name: str, options: Sequence[Chosen]) -> Chosen:
        """One of ``options``."""
        return self.other.among(f"{self.family}.{name}", options)

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number."""
        return self.other.whole(f"{self.family}.{name}", least, most)
