"""What a person at the terminal sees: reports on stdout, progress and the next command on stderr."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import RenderableType

Progress = Callable[[str, int, int], None]

LOADING = "loading TensorFlow"
"""The stage in which nothing else happens, for seconds."""

_QUIET = "zerotap.quiet"

json_option = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")


def _keep_quiet(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    context.meta[_QUIET] = value


quiet_option = click.option(
    "--quiet",
    "-q",
    is_flag=True,
    expose_value=False,
    callback=_keep_quiet,
    help="No progress and no next command on stderr.",
)


def is_quiet() -> bool:
    """Whether the command that runs was given --quiet."""
    context = click.get_current_context(silent=True)
    return bool(context and context.meta.get(_QUIET))


def print_report(report: Any, shown: RenderableType, as_json: bool) -> None:  # noqa: ANN401
    """Print ``report`` as one line of JSON, or what is ``shown`` to a person, on stdout."""
    if as_json:
        click.echo(json.dumps(report))
    elif isinstance(shown, str):
        click.echo(shown)
    else:
        from rich.console import Console

        Console().print(shown)


def no_progress(_stage: str, _done: int, _total: int) -> None:
    """Show nothing: what a library function reports to unless told otherwise."""


@contextmanager
def progress() -> Iterator[Progress]:
    """Show stages as they come, on stderr; yields the function ``report(stage, done, total)``.

    A terminal gets a bar a stage, which is full when the next stage begins or the block ends; anything else
    a plain line when a stage begins. A ``total`` of 0 is work of unknown length. What follows a colon in
    ``stage`` says how it goes: "training conv: epoch 3 of 40, loss 0.31" changes the text of one bar.
    """
    from rich.console import Console

    console = Console(stderr=True)
    if is_quiet():
        yield no_progress
    elif console.is_terminal:
        with _bars(console) as report:
            yield report
    else:
        seen: set[str] = set()

        def plain(stage: str, _done: int, _total: int) -> None:
            name = _name(stage)
            if name not in seen:
                seen.add(name)
                click.echo(f"{name} ...", err=True)

        yield plain


@contextmanager
def _bars(console: Any) -> Iterator[Progress]:  # noqa: ANN401
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    tasks: dict[str, TaskID] = {}
    with Bars(console=console, transient=True) as display:

        def report(stage: str, done: int, total: int) -> None:
            name = _name(stage)
            if name not in tasks:
                for earlier in tasks.values():
                    _fill(display, earlier)
                tasks[name] = display.add_task(stage, total=total or None)
            display.update(tasks[name], description=stage, completed=done, total=total or None)

        yield report
        for task in tasks.values():
            _fill(display, task)


def _name(stage: str) -> str:
    return stage.partition(":")[0]


def _fill(display: Any, task: Any) -> None:  # noqa: ANN401
    total = display.tasks[task].total or 1
    display.update(task, completed=total, total=total)


def next_step(command: str) -> None:
    """Name the command to type next, on stderr."""
    if not is_quiet():
        click.echo(f"Next: {command}", err=True)
