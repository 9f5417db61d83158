"""What there is to know of each family, from its spec and its module's docstring."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from zerotap.errors import ModelError

from .family import Family
from .registry import ALIASES, MODELS, ON_FEATURES, names

DEFAULT: Final = "default"
COSTS: Final = "Cost of two classes (flash, RAM with stack, cycles), by the plan:"
"""The paragraph of a docstring that has the costs."""
_COST: Final = re.compile(r"- ([\w-]+): ([\d,]+) B, ([\d,]+) B, ([\d,]+)")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one inference of two classes takes of the board: bytes, and cycles at zero wait states."""

    flash_bytes: int
    ram_bytes: int
    cycles: int

    def __str__(self) -> str:
        """Return one line."""
        return f"{self.flash_bytes:,} B of flash, {self.ram_bytes:,} B of RAM, {self.cycles:,} cycles"


@dataclass(frozen=True, slots=True)
class Size:
    """A family as it is ("default") or in a preset: widths of its layers, cost where it is stated."""

    name: str
    about: str
    layers: tuple[int, ...]
    cost: Cost | None


@dataclass(frozen=True, slots=True)
class Description:
    """One family: what `zerotap models` shows. ``text`` is its docstring without the costs."""

    name: str
    kind: str
    other_names: tuple[str, ...]
    summary: str
    text: str
    takes: str
    layers: str
    sizes: tuple[Size, ...]

    def to_json(self) -> dict[str, Any]:
        """Give the fields as plain JSON values."""
        return asdict(self)


def descriptions(name: str | None = None) -> list[Description]:
    """Every family in the registry's order, or those of one ``name``; raises ModelError for an unknown one.

    A name that stands for a model of words and for one of features gives both.
    """
    every = [*MODELS.values(), *ON_FEATURES.values()]
    if name is None:
        return [_described(spec) for spec in every]
    wanted = ALIASES.get(name, name)
    found = [_described(spec) for spec in every if spec.name == wanted]
    if not found:
        raise ModelError(f"there is no model {name!r}: choose one of {', '.join(names())}")
    return found


def sizes_of(spec: Family) -> dict[str, Family]:
    """A family as it is, "default", and in each preset."""
    return {DEFAULT: spec, **{name: preset.spec for name, preset in spec.variants.presets.items()}}


def stated_costs(spec: Family) -> dict[str, Cost]:
    """The costs that its docstring states, by size."""
    return {
        name: Cost(*(int(figure.replace(",", "")) for figure in figures))
        for name, *figures in _COST.findall(spec.about)
    }


def _described(spec: Family) -> Description:
    paragraphs = inspect.cleandoc(spec.about).split("\n\n")
    text = "\n\n".join(part for part in paragraphs if not part.startswith((COSTS, "- default:")))
    return Description(
        spec.name,
        spec.kind,
        tuple(other for other, name in ALIASES.items() if name == spec.name),
        paragraphs[0],
        text,
        _taken(spec),
        spec.variants.layers,
        tuple(_sizes(spec)),
    )


def _sizes(spec: Family) -> Iterator[Size]:
    costs = stated_costs(spec)
    for name, one in sizes_of(spec).items():
        preset = spec.variants.presets.get(name)
        yield Size(name, preset.about if preset else "", one.layers, costs.get(name))


def _taken(spec: Family) -> str:
    """What goes in where no other pipeline is given: "uint8 of shape (96, 8)", "ids of words, any number"."""
    if spec.name in ON_FEATURES and not spec.words:
        return "statistics of a sensor's windows"
    if not spec.pipeline.is_fitted:
        stages = ", ".join(stage.name for stage in spec.pipeline.stages)
        return f"{spec.pipeline.source} through {stages}, which training measures"
    signal = spec.pipeline.signals[-1]
    if not signal.shape:
        return "ids, any number of them"
    what = "ids, " if spec.pipeline.kind == "text" else ""
    return f"{what}{signal.dtype} of shape {signal.shape}"
