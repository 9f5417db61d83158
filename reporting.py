"""What a person at the terminal sees: reports on stdout, progress and the next command on stderr."""

from __future__ import annotations

import json
import logging
import math
import os
import re
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from zerotap.contents import STANDARD_INPUT

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

Progress = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done and how much there is; 0 is work of unknown length."""

WIDTH = 80
"""Columns that what is printed for a person keeps to."""

LOADING = "loading TensorFlow"
"""The stage in which nothing else happens, for seconds."""

_QUIET = "zerotap.quiet"
_SMALL = 0.1

# C0 but tab, DEL, C1; what has no width, tags too; marks, embeddings, overrides and isolates of direction;
# separators of lines; lone surrogates.
_UNSEEN = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)


class Number(click.FloatRange):
    """A number within bounds; what is none, or has no end, is a wrong use of the command."""

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> float:  # noqa: ANN401
        """The number. click's own range lets nan through, which no comparison refuses."""
        number = super().convert(value, param, context)
        if not math.isfinite(number):
            self.fail(f"{value!r} is no finite number", param, context)
        return float(number)


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


def visible(text: str) -> str:
    """Write what a terminal would obey, or not show, as its escape: ESC becomes \\x1b, a line feed \\n.

    Names and labels come from files and devices of others, and one that holds a line feed could forge a line
    of ours. What has several lines is printed a line at a time. Tabs stay.
    """
    return _UNSEEN.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def say(line: str, *, err: bool = False) -> None:
    """Print one line for a person, or a program, on stdout or stderr; nothing in it moves the cursor.

    Where stderr takes nothing, as a log on a full disk, the work goes on without its words.
    """
    with suppress(OSError) if err else nullcontext():
        click.echo(visible(line), err=err)


def print_report(report: Any, shown: RenderableType | Sequence[str], as_json: bool) -> None:  # noqa: ANN401
    """Print ``report`` as one line of JSON, or what is ``shown`` to a person, on stdout.

    ``shown``: a line, lines, or what rich draws.
    """
    if as_json:
        click.echo(json.dumps(report))
    elif isinstance(shown, str):
        say(shown)
    elif isinstance(shown, list | tuple):
        for line in shown:
            say(line)
    else:
        _print_renderable(cast("RenderableType", shown))


def _print_renderable(shown: RenderableType) -> None:
    from rich.console import Console
    from rich.segment import Segment, Segments

    console = Console(markup=False, emoji=False)  # a class may be called "[link=...]"
    rendered = [
        Segment(
            part.text if part.control or part.text == "\n" else visible(part.text), part.style, part.control
        )
        for part in console.render(shown)
    ]
    console.print(Segments(rendered), end="")


def came_of_printing(error: OSError) -> bool:
    """Whether it was raised by what writes to the terminal, ours or click's, and not to a file."""
    printing = (click.echo.__code__, _print_renderable.__code__)
    return any(frame.f_code in printing for frame, _ in traceback.walk_tb(error.__traceback__))


class InputFile(click.Path):
    """A file to read; "-" is standard input."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ANN401
        """Give a path that can be opened; an empty one, of a variable that is not set, is not this folder."""
        if value == "":
            self.fail("a name is empty: give a file's, or . for this folder", param, ctx)
        return STANDARD_INPUT if value == "-" else Path(os.fsdecode(super().convert(value, param, ctx)))


def columns(rows: Sequence[dict[str, object]], width: int = WIDTH) -> list[str]:
    """Lay out rows of the same keys under those keys, in columns of equal width, indented by two.

    Rows too wide for ``width`` become paragraphs of "key value, key value", which lose nothing.
    """
    cells = [[str(key) for key in rows[0]], *([cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    if 2 + sum(widths) + 2 * (len(widths) - 1) <= width:
        return ["  " + "  ".join(map(str.ljust, line, widths)).rstrip() for line in cells]
    return [line for row in rows for line in _paragraph(row, width)]


def cell(value: object) -> str:
    """Write a value for a person: numbers to three places, small ones to six digits; the rest in a line."""
    if isinstance(value, dict):
        return " ".join(f"{key}:{cell(item)}" for key, item in value.items() if item not in ("", None))
    if isinstance(value, list | tuple):
        is_shape = bool(value) and all(type(item) is int for item in value)
        return str(list(value)) if is_shape else "; ".join(map(cell, value))
    if isinstance(value, float):
        return f"{value:.6g}" if 0 < abs(value) < _SMALL else f"{value:.3f}"
    return visible(str(value))


def _paragraph(row: dict[str, object], width: int) -> list[str]:
    said = ", ".join(f"{key} {cell(value)}" for key, value in row.items() if value not in ("", None, [], {}))
    return wrapped(f"  {said}", "    ", width)


def wrapped(line: str, indent: str, width: int = WIDTH) -> list[str]:
    """Break a line at spaces where it is too wide; what follows is indented, and no word is torn."""
    return textwrap.wrap(
        visible(line), width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


class Warnings(logging.Handler):
    """Shows what the library warns of, on stderr, as every other line is."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say a warning."""
        say(record.getMessage(), err=True)


def show_warnings() -> None:
    """Let warnings of zerotap's modules be shown by ``Warnings``; once is enough."""
    log = logging.getLogger("zerotap")
    if not any(isinstance(handler, Warnings) for handler in log.handlers):
        log.addHandler(Warnings(logging.WARNING))


def no_progress(_stage: str, _done: int, _total: int) -> None:
    """Show nothing: what a library function reports to unless told otherwise."""


@contextmanager
def progress() -> Iterator[Progress]:
    """Show stages as they come, on stderr; yields the function ``report(stage, done, total)``.

    A terminal gets a bar a stage, which is full when the next stage begins or the block ends; anything else
    a plain line when a stage begins. A ``total`` of 0 is work of unknown length. What follows a colon in
    ``stage`` says how it goes: "training conv: epoch 3 of 40, loss 0.31" changes the text of one bar.
    """
    if is_quiet():
        yield no_progress
    elif sys.stderr.isatty():
        with _bars() as report:
            yield report
    else:
        yield _plain_lines()


def _plain_lines() -> Progress:
    seen: set[str] = set()

    def report(stage: str, _done: int, _total: int) -> None:
        name = _name(stage)
        if name not in seen:
            seen.add(name)
            say(f"{name} ...", err=True)

    return report


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress as Bars

    tasks: dict[str, TaskID] = {}
    with Bars(console=Console(stderr=True)) as display:

        def report(stage: str, done: int, total: int) -> None:
            name = _name(stage)
            if name not in tasks:
                _fill(display, tasks.values())
                tasks[name] = display.add_task(escape(visible(stage)), total=total or None)
            display.update(
                tasks[name], description=escape(visible(stage)), completed=done, total=total or None
            )

        yield report
        _fill(display, tasks.values())


def _name(stage: str) -> str:
    return stage.partition(":")[0]


def _fill(display: Bars, tasks: Iterable[TaskID]) -> None:
    for task in tasks:
        total = display.tasks[task].total or 1
        display.update(task, completed=total, total=total)


def next_step(command: str) -> None:
    """Name the command to type next, on stderr."""
    if not is_quiet():
        say(f"Next: {command}", err=True)
