"""What is drawn: one of the families that suit the data, in some size, behind some pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from zerotap.errors import FeatureError, ModelError
from zerotap.models.families.description import stated_costs
from zerotap.models.families.family import Family, FittedSpec, Space
from zerotap.models.families.registry import ALIASES, MODELS, model_spec, without_words
from zerotap.models.training.choosing import holds_samples, suited, takes_samples
from zerotap.models.two_sides import cut_training, fitted_on
from zerotap.reporting import no_progress

from .asking import KnownAsk, NamedAsk

if TYPE_CHECKING:
    from zerotap.capture import Split
    from zerotap.models.families.space import Ask, Value

FAMILY: Final = "family"
"""The parameter that the others depend on."""
INT8_BITS: Final = 8
_WINDOWS_S: Final = (0.5, 1.0, 2.0)
_HOPS: Final = (1.0, 0.5, 0.25)
_USUAL: Final[Mapping[str, Value]] = {"weight_bits": INT8_BITS, "window_s": 1.0, "window_hop": 0.5}


@dataclass(frozen=True, slots=True)
class Configuration:
    """A family in a size, with its pipeline fitted to the training side, and the bits of its weights."""

    spec: Family
    weight_bits: int


@dataclass(frozen=True, slots=True)
class Candidates:
    """The families that a search draws from, by name, and the training side (a split without the other)."""

    families: Mapping[str, Family]
    side: Split

    @property
    def holds_samples(self) -> bool:
        """Whether the data are a sensor's."""
        return holds_samples(self.side)

    def drawn(self, ask: Ask) -> Configuration:
        """Draw one; raises ModelError or FeatureError where it cannot be on this data."""
        name = ask.among(FAMILY, tuple(self.families))
        space, mine = space_of(self.families[name]), NamedAsk(ask, name)
        spec = replace(space.size(mine), name=name, family=name)
        if holds_samples(self.side):
            window_s, hop = mine.among("window_s", _WINDOWS_S), mine.among("window_hop", _HOPS)
            spec = suited(spec, self.side, window_s, hop)
        else:
            spec = replace(spec, pipeline=fitted_on(self.side, space.pipeline(mine)))
        bits = space.weight_bits
        chosen = Configuration(spec, mine.among("weight_bits", bits) if len(bits) > 1 else INT8_BITS)
        chosen.spec.check()
        return chosen

    def starts(self) -> list[dict[str, Value]]:
        """Answers for each family as it is and in its presets: those first that cost the least."""
        found = [one for name in self._cheap_first() for one in self._starts_of(name)]
        return [one for number, one in enumerate(found) if one not in found[:number]]

    def _starts_of(self, name: str) -> Iterator[dict[str, Value]]:
        for start in space_of(self.families[name]).starts.values():
            answers = {f"{name}.{key}": value for key, value in {**_USUAL, **start}.items()}
            ask = KnownAsk({FAMILY: name, **answers})
            self.drawn(ask)
            yield ask.used

    def _cheap_first(self) -> list[str]:
        def cost(name: str) -> tuple[bool, int]:
            spec = self.families[name]
            cycles = [each.cycles for each in stated_costs(spec).values()]
            return not isinstance(spec, FittedSpec), min(cycles, default=0)

        return sorted(self.families, key=cost)


def candidates(side: Split, names: Sequence[str]) -> Candidates:
    """The families of those ``names``, or, where none is named, every one that takes such data.

    Raises ModelError for an unknown name, and for one that the data do not suit.
    """
    _check_known(names)
    chosen = {name: _on(side, name) for name in names or MODELS}
    fitting = {name: spec for name, spec in chosen.items() if spec is not None}
    for name in names:
        if name not in fitting:
            raise ModelError(f"model {name} does not take what this dataset holds: leave it out")
    if not fitting:
        raise ModelError("no model takes what this dataset holds: see `zerotap info`")
    return Candidates(fitting, side)


def space_of(spec: Family) -> Space:
    """What is drawn of a family; raises ModelError where it is none of the registry's."""
    if spec.variants.space is None:
        raise ModelError(f"of model {spec.name} nothing can be drawn: choose one of {', '.join(MODELS)}")
    return spec.variants.space


def _check_known(names: Sequence[str]) -> None:
    """A file of one's own is none: it is not run to find that nothing can be drawn of it."""
    for name in names:
        if ALIASES.get(name, name) not in MODELS:
            raise ModelError(f"a search draws no model {name!r}: choose one of {', '.join(MODELS)}")


def _on(side: Split, name: str) -> Family | None:
    """The family of that name as it is on such data; None where it does not take them."""
    spec = model_spec(name)
    if holds_samples(side):
        return without_words(spec) if takes_samples(spec) else None
    first = replace(side, train=side.train[:1])
    for each in (spec, without_words(spec)):
        try:
            cut_training(first, fitted_on(side, each.pipeline), no_progress)
        except FeatureError:
            continue
        return each
    return None
