"""A recording as its operator sees it: a live line on stderr, and keys read from the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zerotap.capture.session.session import Operator, Plan, Status
from zerotap.capture.session.terminal import Keys, hotkeys
from zerotap.reporting import is_quiet, say, visible

from .seen import seen_lines

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


class TerminalOperator(Operator):
    """Shows the live line where stderr is a terminal; announcements come as lines of their own."""

    def __init__(self, console: Console, line: Progress, keys: Keys | None, hidden: bool) -> None:
        self._console, self._line, self._keys = console, line, keys
        self._task = line.add_task("waiting for the first packet")
        self._said: set[str] = set()
        self._hidden, self._labels = hidden, LabelTimes()

    def keys(self) -> str:
        """Return what was typed."""
        return self._keys() if self._keys else ""

    def show(self, status: Status) -> None:
        """Bring the live line up to date; where there is no terminal, say a line for each label."""
        if self._line.disable and status.label not in self._said:
            self._said.add(status.label)
            _say(f"recording {status.label} ...")
        if not self._line.disable:
            self._labels.take(status)
            lines = [live_text(status), *seen_lines(status.latest, self._hidden), *self._labels.lines()]
            width = self._console.width - 1
            shown = "\n".join(visible(line)[:width] for line in lines)
            self._line.update(self._task, description=shown)
            self._line.refresh()

    def announce(self, text: str) -> None:
        """Tell the person what to do next."""
        self._console.print(visible(text), highlight=False, markup=False)


def _say(text: str) -> None:
    if not is_quiet():
        say(text, err=True)


def live_text(status: Status) -> str:
    """Return the live line: how much of how much, where the plan says so."""
    packets = f"{status.packets}{_of(status.plan.packets)}"
    seconds = f"{status.seconds:.1f}{_of(status.plan.seconds)}"
    return (
        f"{status.label}: {packets} packets, {status.payload_bytes} bytes, {status.rate_hz:.0f}/s, "
        f"{seconds} s, {status.gaps} gaps"
    )


def _of(limit: float | None) -> str:
    return "" if limit is None else f" of {limit:g}"


class LabelTimes:
    """How long each label has been recorded so far, over all the recordings that one command makes."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._until_s = 0.0

    def take(self, status: Status) -> None:
        """Count the time since the last status for its label; a clock that went back is a new recording's."""
        since_s = status.seconds - self._until_s if status.seconds >= self._until_s else status.seconds
        self._until_s = status.seconds
        self._seconds[status.label] = self._seconds.get(status.label, 0.0) + since_s

    def lines(self) -> list[str]:
        """Return a line, where there is more than one label."""
        if len(self._seconds) < 2:
            return []
        return ["  labels: " + ", ".join(f"{label} {s:.1f} s" for label, s in self._seconds.items())]


@contextmanager
def live_terminal(plan: Plan, hidden: bool) -> Iterator[TerminalOperator]:
    """Give an operator for ``plan``, and leave the terminal as it was; reports are ``hidden`` or shown."""
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
        operator = TerminalOperator(console, line, keys, hidden)
        if keys and not is_quiet():
            operator.announce(_legend(plan))
        yield operator


def _legend(plan: Plan) -> str:
    classes = [] if plan.prompt else [f"{n} {label}" for n, label in enumerate(plan.labels[:9], 1)]
    return ", ".join(["keys: Ctrl-C stop", "space mark a point", "u undo", *classes])
