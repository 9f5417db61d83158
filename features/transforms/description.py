"""Transforms described: what each does, its fields, and what it costs on the board."""

from __future__ import annotations

import inspect
import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from .parameters import Parameter, parameters_of, toml_value
from .registry import TRANSFORMS, transform_type

COSTS_FILE: Final = Path(__file__).with_name("costs.json")
"""What benchmarks/features/transforms.py measured: a row for each transform and compiler."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Simulated at zero wait states for the transform with ``fields``: cycles of one item, the state's RAM.

    ``item`` and ``result`` are what went in and came out, dtype and shape; ``items_per_second`` at 48 MHz.
    """

    fields: dict[str, Any]
    item: str
    result: str
    compiler: str
    cycles_median: int
    cycles_max: int
    items_per_second: int
    state_bytes: int


@dataclass(frozen=True, slots=True)
class Description:
    """A transform: its name in TOML and class in Python, what it does in one line and whole, and its fields.

    ``costs`` one a compiler; none where ``host_only`` says why the board cannot run it.
    """

    name: str
    class_name: str
    summary: str
    text: str
    parameters: tuple[Parameter, ...]
    costs: tuple[Cost, ...]
    host_only: str

    @property
    def example(self) -> dict[str, Any]:
        """The fields that were measured, or else the defaults."""
        if self.costs:
            return self.costs[0].fields
        return {parameter.name: parameter.default for parameter in self.parameters}

    @property
    def toml(self) -> str:
        """A pipeline's stage of it."""
        lines = [f"{name} = {toml_value(value)}" for name, value in self.example.items()]
        return "\n".join(["[[stages]]", f'transform = "{self.name}"', *lines])

    def to_json(self) -> dict[str, Any]:
        """All of it as plain values."""
        return {
            "name": self.name,
            "class": self.class_name,
            "summary": self.summary,
            "description": self.text,
            "fields": [parameter.to_json() for parameter in self.parameters],
            "costs": [asdict(cost) for cost in self.costs],
            "host_only": self.host_only,
            "toml": self.toml,
        }


def names() -> list[str]:
    """The names that a pipeline's TOML may give a stage, sorted."""
    return sorted(TRANSFORMS)


def describe(name: str) -> Description:
    """Describe the transform of that name; raises FeatureError, which lists the known ones."""
    kind = transform_type(name)
    text = (inspect.getdoc(kind) or "").replace("``", "")
    costs = tuple(cost for each, cost in _costs() if each == name)
    fields = tuple(parameters_of(kind))
    return Description(name, kind.__name__, text.splitlines()[0], text, fields, costs, kind.host_only)


@cache
def _costs() -> tuple[tuple[str, Cost], ...]:
    rows = json.loads(COSTS_FILE.read_text(encoding="utf-8"))
    wanted = Cost.__dataclass_fields__
    return tuple(
        (row["name"], Cost(**{key: value for key, value in row.items() if key in wanted})) for row in rows
    )
