"""The command line: it joins the rooms and turns faults into exit codes."""

from __future__ import annotations

import importlib
import logging
import math
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

import click

from zerotap import __version__
from zerotap.errors import ZerotapError
from zerotap.reporting import quiet_option

HOMES = ("capture.commands", "features.commands", "models.commands", "firmware.commands", "demo")
"""The modules or packages that hold commands."""
SECTIONS: Mapping[str, Mapping[str, str]] = {
    "Record USB packets": dict.fromkeys(("devices", "doctor", "udev", "record"), HOMES[0]),
    "Datasets": {
        **dict.fromkeys(("import", "type", "info", "label"), HOMES[0]),
        "text": HOMES[1],
        "convert": HOMES[0],
    },
    "Windows and transforms": dict.fromkeys(("windows", "transforms"), HOMES[1]),
    "Models": dict.fromkeys(("train", "evaluate", "compare"), HOMES[2]),
    "On the board": dict.fromkeys(("quantise", "analyse", "verify", "export"), HOMES[3]),
    "All of it": {"demo": HOMES[4]},
}
"""Every command in the order of work, with the home that is asked for it first."""


PATIENCE_S = 3
"""After a signal, those that follow within so long are not heard: the clean-up is under way."""


class Commands(click.Group):
    """Finds a command when it is asked for, so that each run loads the commands of one room."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of work."""
        del ctx
        known = [name for section in SECTIONS.values() for name in section]
        others = {name for home in HOMES for name in _commands_of(home)} - set(known)
        return [name for name in [*known, *sorted(others)] if _find(name)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, with --quiet as every command has."""
        del ctx
        command = _find(cmd_name)
        if command and not any("--quiet" in option.opts for option in command.params):
            quiet_option(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write whole summaries under the titles of SECTIONS."""
        summaries = {
            name: command.get_short_help_str(limit=1000)
            for name in self.list_commands(ctx)
            if (command := self.get_command(ctx, name))
        }
        for title, names in SECTIONS.items():
            self._write(formatter, title, {name: summaries.pop(name) for name in names if name in summaries})
        self._write(formatter, "More", summaries)

    def _write(self, formatter: click.HelpFormatter, title: str, rows: Mapping[str, str]) -> None:
        if rows:
            with formatter.section(title):
                formatter.write_dl(list(rows.items()))


def _find(name: str) -> click.Command | None:
    first = [section[name] for section in SECTIONS.values() if name in section]
    for home in dict.fromkeys((*first, *HOMES)):
        if command := _commands_of(home).get(name):
            return command
    return None


def _commands_of(home: str) -> dict[str, click.Command]:
    module = importlib.import_module(f"zerotap.{home}")
    found = (value for value in vars(module).values() if isinstance(value, click.Command))
    return {command.name: command for command in found if command.name}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="zerotap")
def cli() -> None:
    """Take a USB tap to a verified int8 classifier on an Arduino MKR Zero."""


def main() -> None:
    """Run the command line; a fault that the user can mend is one sentence on stderr and its exit code."""
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3") == "3":
        _silence_native_log()
    try:
        with _ended_by_signals():
            cli(prog_name="zerotap")
    except ZerotapError as error:
        click.echo(f"zerotap: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        what = f"{error.filename or 'a file'} ({error.strerror or error})"
        click.echo(f"zerotap: {what}: see what may be written there, and what space is left", err=True)
        sys.exit(ZerotapError.exit_code)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end a command as Ctrl-C does: what it had begun is cleaned up.

    A hang-up that `nohup` ignores stays ignored.
    """
    interrupt = _Interrupt()
    found = (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"))
    numbers = [number for number in found if number and signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            if interrupt.was_raised:  # the program ends, and impatience does not change how
                signal.signal(number, signal.SIG_IGN)
            elif signal.getsignal(number) is interrupt:  # else a recording that was stopped ignores it
                signal.signal(number, handler)


class _Interrupt:
    """Raises KeyboardInterrupt, and lets the clean-up that it begins not be cut short by impatience."""

    def __init__(self) -> None:
        self._last_s = -math.inf

    @property
    def was_raised(self) -> bool:
        """Whether a signal came."""
        return self._last_s > -math.inf

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        since_s, self._last_s = time.monotonic() - self._last_s, time.monotonic()
        if since_s >= PATIENCE_S:
            raise KeyboardInterrupt


def _silence_native_log() -> None:
    """Keep what TensorFlow logs, in C++ to file descriptor 2, off the terminal; Python's stderr stays.

    TensorFlow logs before its own log level is read, so the level alone does not help.
    """
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    sys.stderr = os.fdopen(
        os.dup(2), "w", buffering=1, encoding=sys.stderr.encoding, errors="backslashreplace"
    )
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
