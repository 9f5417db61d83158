"""Stages as a pipeline's TOML has them; what is wrong there names its stage, transform and field."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from zerotap.errors import FeatureError

from .transforms.parameters import REQUIRED, Parameter, parameters_of
from .transforms.registry import transform_type

if TYPE_CHECKING:
    from .transforms.interface import Transform


@contextmanager
def in_stage(number: int, name: str) -> Iterator[None]:
    """Put the stage, counted from 1, and its transform in front of what a FeatureError says."""
    try:
        yield
    except FeatureError as error:
        raise FeatureError(f"stage {number} ({name}): {error}") from error


def read_stage(number: int, table: object) -> Transform:
    """One stage from its TOML table; a list there is a tuple in Python.

    Raises FeatureError for an unknown transform, a field that is unknown, missing or of another type, and
    where the transform refuses a value.
    """
    if not isinstance(table, dict) or not isinstance(table.get("transform"), str):
        raise FeatureError(
            f'stage {number} names no transform: write transform = "NAME", `zerotap transforms` lists them'
        )
    fields = {name: value for name, value in table.items() if name != "transform"}
    with in_stage(number, table["transform"]):
        kind = transform_type(table["transform"])
        check_fields(kind.name, parameters_of(kind), fields)
        return kind(**{name: _frozen(value) for name, value in fields.items()})


def stage_table(stage: Transform) -> dict[str, Any]:
    """Every field of a stage, its name as ``transform``; fit for JSON and TOML."""
    return {"transform": stage.name, **dataclasses.asdict(stage)}  # type: ignore[call-overload]


def check_fields(owner: str, parameters: Sequence[Parameter], fields: dict[str, Any]) -> None:
    """Raise FeatureError, which lists the allowed ones, for a field unknown, missing or of a wrong type."""
    known = {parameter.name: parameter for parameter in parameters}
    wrong = [f"there is no field {name}" for name in fields if name not in known]
    wrong += [f"{one.name} is missing" for one in parameters if _is_missing(one, fields)]
    wrong += [
        f"{name} = {value!r:.80} is no {known[name].type_name}"
        for name, value in fields.items()
        if name in known and not known[name].takes(value)
    ]
    if wrong:
        allowed = "; ".join(map(describe_field, parameters)) or "no field at all"
        raise FeatureError(f"{wrong[0]}: {owner} takes {allowed}")


def describe_field(parameter: Parameter) -> str:
    """A field in one phrase: ``hop (int, required, 1 to length items)``."""
    default = "required" if parameter.default is REQUIRED else f"default {parameter.default_text}"
    about = f"{parameter.about.allowed} {parameter.about.unit}".strip()
    return f"{parameter.name} ({', '.join(filter(None, (parameter.type_name, default, about)))})"


def _is_missing(parameter: Parameter, fields: dict[str, Any]) -> bool:
    return parameter.default is REQUIRED and parameter.name not in fields


def _frozen(value: Any) -> Any:  # noqa: ANN401
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
