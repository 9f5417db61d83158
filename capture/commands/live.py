"""A recording as its operator sees it: a live line on stderr, and keys read from the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zerotap.capture.session.session import Operator, Plan, Status
from zerotap.capture.session.terminal import Keys, hotkeys
from zerotap.reporting import is_quiet, say, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


class TerminalOperator(Operator):
    """Shows the live line where stderr is a terminal; announcements come as lines of their own."""

    def __init__(self, console: Console, line: Progress, keys: Keys | None) -> None:
        self._console, self._line, self._keys = console, line, keys
        self._task = line.add_task("waiting for the first packet")
        self._said: set[str] = set()

    def keys(self) -> str:
        """Return what was typed."""
        return self._keys() if self._keys else ""

    def show(self, status: Status) -> None:
        """Bring the live line up to date; where there is no terminal, say a line for each label."""
        if self._line.disable and status.label not in self._said:
            self._said.add(status.label)
            _say(f"recording {status.label} ...")
        self._line.update(self._task, description=visible(live_text(status)))
        self._line.refresh()

    def announce(self, text: str) -> None:
        """Tell the person what to do next."""
        self._console.print(visible(text), highlight=False, markup=False)


def _say(text: str) -> None:
    if not is_quiet():
        say(text, err=True)


def live_text(status: Status) -> str:
    """Return the live line."""
    return (
        f"{status.label}: {status.packets} packets, {status.payload_bytes} bytes, {status.rate_hz:.0f}/s, "
        f"{status.seconds:.1f} s, {status.gaps} gaps"
    )


@contextmanager
def live_terminal(plan: Plan) -> Iterator[TerminalOperator]:
    """Give an operator for ``plan``, and leave the terminal as it was."""
    from rich.console import Console
    from rich.progress import Progress, TextColumn

    console = Console(stderr=True)
    text = TextColumn("{task.description}", markup=False)
    line = Progress(
        text,
        console=console,
        transient=True,
        auto_refresh=False,
        disable=is_quiet() or not console.is_terminal,
    )
    with hotkeys() as keys, line:
        operator = TerminalOperator(console, line, keys)
        if keys and not is_quiet():
            operator.announce(_legend(plan))
        yield operator


def _legend(plan: Plan) -> str:
    classes = [] if plan.prompt else [f"{n} {label}" for n, label in enumerate(plan.labels[:9], 1)]
    return ", ".join(["keys: Ctrl-C stop", "space mark a point", "u undo", *classes])
