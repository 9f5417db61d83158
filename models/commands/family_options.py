"""Options that say what is trained: the family, its size, and what its outputs mean."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

import click

from zerotap.models.head_kinds import CLASSES, HEADS

Command = Callable[..., None]

_WIDTH: Final = re.compile(r"\d{1,9}")
"""Of more digits no layer is, and Python reads no number of thousands of them."""


@dataclass(frozen=True, slots=True)
class FamilyChoice:
    """What `zerotap train` is asked to train; see ``models.train``."""

    model: str
    preset: str | None
    layers: tuple[int, ...]
    head: str
    positive: str | None


class Widths(click.ParamType[tuple[int, ...]]):
    """Whole numbers with commas between: 16,8."""

    name = "widths"

    def convert(
        self, value: str | tuple[int, ...], param: click.Parameter | None, context: click.Context | None
    ) -> tuple[int, ...]:
        """The numbers, each 1 or more."""
        if isinstance(value, tuple):
            return value
        words = value.split(",")
        if not all(_WIDTH.fullmatch(word.strip()) and int(word) for word in words):
            self.fail(f"{value!r} are no widths: give whole numbers from 1 on, as in 16,8", param, context)
        return tuple(map(int, words))


_OPTIONS: Final = (
    click.option(
        "--model",
        required=True,
        metavar="NAME|FILE.py",
        help="A family of `zerotap models`, or your own file with build(pipeline, outputs) -> keras.Model; "
        "its code runs as yours.",
    ),
    click.option("--preset", metavar="NAME", help="The family in another size; `zerotap models` lists them."),
    click.option(
        "--layers",
        type=Widths(),
        metavar="N,N",
        default=(),
        help="Widths of its layers, as in 16,8.  [default: the family's own]",
    ),
    click.option(
        "--head",
        type=click.Choice(HEADS),
        default=CLASSES,
        show_default=True,
        help="One class of several; one of two by one logit and a threshold; or several labels, each with "
        "its threshold: classes named as toxic+insult, or none.",
    ),
    click.option(
        "--positive",
        metavar="CLASS",
        help="The class that a binary head gives the logit of.  [default: the second]",
    ),
)


def family_options(command: Command) -> Command:
    """Give a command the options that make a FamilyChoice, which it takes as ``family``."""

    @wraps(command)
    def with_family(**values: Any) -> None:  # noqa: ANN401
        given = {name: values.pop(name) for name in FamilyChoice.__dataclass_fields__}
        command(family=FamilyChoice(**given), **values)

    decorated: Command = with_family
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated
