"""`zerotap models`: the families that can be trained."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

import click

from zerotap.reporting import json_option, next_step, print_report, quiet_option

if TYPE_CHECKING:
    from zerotap.models.families.description import Description, Size

COLUMNS: Final = 80


@click.command()
@click.argument("name", required=False)
@json_option
@quiet_option
def models(name: str | None, as_json: bool) -> None:
    """List the families of models that `zerotap train` takes: input, presets, layers and cost.

    With NAME that one alone, whole: where it comes from and how it is built. Costs are the plan's for two
    classes: flash, RAM with the stack, and cycles of one inference (zero wait states). A forest's depend on
    its data: `zerotap analyse` says them.

    What a family takes is of a keyboard's dataset. A sensor's windows are of about a second: their samples,
    or for dense, linear and forest their statistics. linear is two: of typed text a table of words, of
    features a layer.

    \b
    Examples:
      zerotap models
      zerotap models conv
    """
    from zerotap.models.families.description import descriptions

    found = descriptions(name)
    shown = "\n\n".join((_short if name is None else _whole)(one) for one in found)
    print_report({"models": [one.to_json() for one in found]}, shown.split("\n"), as_json)
    chosen = "NAME" if name is None else name
    next_step(f"zerotap train --dataset DATASET --model {chosen} --out MODEL")


def _short(one: Description) -> str:
    named = ", ".join((one.name, *one.other_names))
    lines = [textwrap.fill(f"{named} ({one.kind}): {one.summary}", COLUMNS, subsequent_indent="  ")]
    return "\n".join([*lines, *_entries(one)])


def _whole(one: Description) -> str:
    named = ", ".join((one.name, *one.other_names))
    paragraphs = [textwrap.fill(text, COLUMNS) for text in one.text.split("\n\n")]
    return "\n\n".join([f"{named} ({one.kind})", *paragraphs, "\n".join(_entries(one))])


def _entries(one: Description) -> list[str]:
    entries = [_entry("takes", one.takes)]
    if one.layers:
        entries.append(
            _entry("--layers", f"{one.layers}; {','.join(map(str, one.sizes[0].layers))} by default")
        )
    entries += [_entry("cost", str(one.sizes[0].cost))] if one.sizes[0].cost else []
    return [*entries, *(_entry(f"--preset {size.name}", _size(size)) for size in one.sizes[1:])]


def _size(size: Size) -> str:
    return f"{size.about}; {size.cost}" if size.cost else size.about


def _entry(name: str, text: str) -> str:
    return textwrap.fill(
        text, COLUMNS, initial_indent=f"  {name:<18}", subsequent_indent=" " * 20, break_on_hyphens=False
    )
