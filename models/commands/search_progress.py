"""How a search goes, on stderr: the front so far on a terminal, else a line a trial."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zerotap.reporting import Progress, is_quiet, no_progress, say, visible

if TYPE_CHECKING:
    from rich.console import Group

    from zerotap.models import SearchStep


@contextmanager
def search_progress() -> Iterator[tuple[Callable[[SearchStep], None], Progress]]:
    """Give what is told of each trial that is over, and of the work within one."""
    if is_quiet():
        yield (lambda _step: None), no_progress
    elif sys.stderr.isatty():
        with _live() as functions:
            yield functions
    else:
        yield _say_step, _say_stage()


def _line(step: SearchStep) -> str:
    front = ", ".join(f"{point.name} {point.score:.4f}" for point in step.front)
    return f"trial {step.number}: {step.what}" + (f"; the front: {front}" if step.is_new else "")


def _say_step(step: SearchStep) -> None:
    say(_line(step), err=True)


def _say_stage() -> Progress:
    """Stages that are of no trial: reading recordings, verifying what was found."""
    seen: set[str] = set()

    def report(stage: str, _done: int, _total: int) -> None:
        name = stage.partition(":")[0]
        if name not in seen and not name.startswith("trial "):
            seen.add(name)
            say(f"{name} ...", err=True)

    return report


@contextmanager
def _live() -> Iterator[tuple[Callable[[SearchStep], None], Progress]]:
    from rich.console import Console
    from rich.live import Live

    shown = _Shown()
    with Live(console=Console(stderr=True), get_renderable=shown.renderable, refresh_per_second=4):
        yield shown.on_step, shown.on_progress


class _Shown:
    """The front so far as a table, the last trial and what is being done below it."""

    def __init__(self) -> None:
        self._step: SearchStep | None = None
        self._stage = ""

    def on_step(self, step: SearchStep) -> None:
        self._step = step

    def on_progress(self, stage: str, _done: int, _total: int) -> None:
        self._stage = stage

    def renderable(self) -> Group:
        from rich.console import Group
        from rich.text import Text

        from zerotap.models import front_table

        lines = [Text(visible(self._stage))]
        if self._step is None:
            return Group(*lines)
        said = f"{self._step.trials} trials; the last: {self._step.number}: {self._step.what}"
        return Group(front_table(self._step.front), Text(visible(said)), *lines)
