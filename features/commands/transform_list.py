"""`zerotap transforms`: what a pipeline's stages may be."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

import click

from zerotap.reporting import json_option, next_step, print_report, quiet_option

if TYPE_CHECKING:
    from zerotap.features.transforms import Description
    from zerotap.features.transforms.description import Cost
    from zerotap.features.transforms.parameters import Parameter

COLUMNS: Final = 80


@click.command()
@click.argument("name", required=False)
@json_option
@quiet_option
def transforms(name: str | None, as_json: bool) -> None:
    """List the transforms that a pipeline's stages may be: fields, units, ranges, defaults and cost.

    With NAME that one alone, whole, and as a stage to copy into a pipeline's TOML. Cycles are simulated
    (Cortex-M0+ timings, zero wait states) for an item of the size that is named.

    \b
    Examples:
      zerotap transforms
      zerotap transforms spectrum
    """
    from zerotap.features.transforms import describe, names

    if name is None:
        every = [describe(one) for one in names()]
        shown = "\n\n".join(map(_short, every)).split("\n")
        print_report({"transforms": [one.to_json() for one in every]}, shown, as_json)
        next_step("zerotap transforms NAME")
        return
    one = describe(name)
    print_report(one.to_json(), _whole(one).split("\n"), as_json)
    next_step("zerotap windows DATASET --pipeline PIPELINE.toml --out windows.npy")


def _short(one: Description) -> str:
    last = _entry("cost", _cost(one.costs[0])) if one.costs else _host_only(one)
    lines = [textwrap.fill(f"{one.name}: {one.summary}", COLUMNS, subsequent_indent="  ")]
    lines += [_entry(parameter.name, _field(parameter)) for parameter in one.parameters]
    return "\n".join([*lines, last])


def _whole(one: Description) -> str:
    paragraphs = [textwrap.fill(text, COLUMNS) for text in one.text.split("\n\n")]
    fields = [_entry(parameter.name, _field(parameter)) for parameter in one.parameters]
    if one.costs:
        flows = [_entry("takes", f"{one.costs[0].item}, say; gives {one.costs[0].result}")]
        flows += [_entry("cost", f"{_cost(cost)} ({cost.compiler})") for cost in one.costs]
    else:
        flows = [_host_only(one)]
    python = _entry("Python", f"zerotap.features.transforms.{one.class_name}")
    blocks = [f"{one.name}\n{paragraphs[0]}", *paragraphs[1:], "\n".join([*fields, *flows, python])]
    toml = "\n".join(textwrap.fill(line, COLUMNS, subsequent_indent="    ") for line in one.toml.splitlines())
    return "\n\n".join([*blocks, toml])


def _host_only(one: Description) -> str:
    return _entry("runs on", f"the host only: {one.host_only}")


def _entry(name: str, text: str) -> str:
    return textwrap.fill(
        text, COLUMNS, initial_indent=f"  {name:<14}", subsequent_indent=" " * 16, break_on_hyphens=False
    )


def _field(parameter: Parameter) -> str:
    about = parameter.about
    default = "required" if parameter.default_text == "required" else f"default {parameter.default_text}"
    parts = (parameter.type_name, f"{about.allowed} {about.unit}".strip(), default)
    return f"{about.meaning}: {', '.join(filter(None, parts))}"


def _cost(cost: Cost) -> str:
    most = "" if cost.cycles_max == cost.cycles_median else f", {cost.cycles_max:,} at most"
    state = f"; {cost.state_bytes:,} B of RAM" if cost.state_bytes else ""
    return f"{cost.cycles_median:,} cycles for {cost.item}{most}{state}"
