"""What a transform's fields mean: said once beside each, read by the command line and by errors."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .interface import Transform

REQUIRED: Final = dataclasses.MISSING
_SCALARS: Final[Mapping[type, tuple[type, ...]]] = {
    int: (int,),
    float: (int, float),
    str: (str,),
    bool: (bool,),
}


@dataclass(frozen=True, slots=True)
class About:
    """Stands in a field's ``Annotated``: its meaning, unit and range.

    ``least`` and ``most`` are inclusive, of each element where the field is a tuple; ``rule`` says what they
    cannot.
    """

    meaning: str
    unit: str = ""
    least: float | None = None
    most: float | None = None
    choices: tuple[str | int, ...] = ()
    rule: str = ""

    @property
    def allowed(self) -> str:
        """The range in words; "" where the type says all."""
        if self.rule or self.choices:
            return self.rule or f"one of {', '.join(map(str, self.choices))}"
        if self.least is None:
            return ""
        return f"{self.least:,} or more" if self.most is None else f"{self.least:,} to {self.most:,}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A field of a transform: its type as TOML has it, its default (REQUIRED: there is none)."""

    name: str
    scalar: type
    is_list: bool
    default: Any
    about: About

    @property
    def type_name(self) -> str:
        """Return "int", "float", "str" or "bool", or a list of them."""
        return f"list of {self.scalar.__name__}" if self.is_list else self.scalar.__name__

    @property
    def default_text(self) -> str:
        """The default as TOML writes it, or "required"."""
        return "required" if self.default is REQUIRED else toml_value(self.default)

    def takes(self, value: object) -> bool:
        """Whether a TOML value has the field's type: 4, 4.0, "4" and true are told apart."""
        if self.is_list != isinstance(value, list):
            return False
        values = value if isinstance(value, list) else [value]
        return all(type(one) in _SCALARS[self.scalar] for one in values)

    def to_json(self) -> dict[str, Any]:
        """Everything of it; without ``default`` where it is required."""
        facts = {"name": self.name, "type": self.type_name, "required": self.default is REQUIRED}
        default = {} if self.default is REQUIRED else {"default": self.default}
        about = {"meaning": self.about.meaning, "unit": self.about.unit, "allowed": self.about.allowed}
        return {**facts, **default, **about}


def parameters_of(kind: type[Transform]) -> list[Parameter]:
    """The fields of a transform, in order."""
    hints = get_type_hints(kind, include_extras=True)
    return [_parameter(field, hints[field.name]) for field in dataclasses.fields(kind)]  # type: ignore[arg-type]


def _parameter(field: dataclasses.Field[Any], hint: Any) -> Parameter:  # noqa: ANN401
    about = About("")
    if get_origin(hint) is Annotated:
        hint, about = get_args(hint)
    is_list = get_origin(hint) is tuple
    return Parameter(field.name, get_args(hint)[0] if is_list else hint, is_list, field.default, about)


def toml_value(value: object) -> str:
    """A field's value as TOML writes it."""
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
