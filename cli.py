"""The command line: it joins the rooms and turns faults into exit codes."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

import click

from zerotap import __version__
from zerotap.errors import ZerotapError
from zerotap.interrupts import Interrupt, ended_by_signals
from zerotap.isolation import drop_relative
from zerotap.reporting import came_of_printing, quiet_option, say, show_warnings, visible

HOMES = ("capture.commands", "features.commands", "models.commands", "firmware.commands", "demo")
"""The modules or packages that hold commands."""
SECTIONS: Mapping[str, Mapping[str, str]] = {
    "Record USB packets": dict.fromkeys(("devices", "doctor", "udev", "record", "watch"), HOMES[0]),
    "Datasets": {
        **dict.fromkeys(("import", "type", "info", "label", "split", "remove"), HOMES[0]),
        "text": HOMES[1],
        "convert": HOMES[0],
    },
    "Windows and transforms": dict.fromkeys(("windows", "transforms"), HOMES[1]),
    "Models": dict.fromkeys(
        ("models", "baseline", "train", "evaluate", "compare", "search", "report"), HOMES[2]
    ),
    "On the board": dict.fromkeys(
        ("quantise", "analyse", "verify", "export", "simulate", "flash", "classify"), HOMES[3]
    ),
    "All of it": {"demo": HOMES[4]},
}
"""Every command in the order of work, with the home that is asked for it first."""


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

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        """Run the command; a usage error may name a file of others."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            vars(error)["message"] = visible(error.message)
            raise

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
    show_warnings()


def main() -> None:
    """Run the command line; a fault that the user can mend is one sentence on stderr and its exit code.

    A signal that ends it gives 128 and its number: 130 for Ctrl-C.
    """
    drop_relative(os.environ)
    _open_closed_streams()
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3") == "3":
        _silence_native_log()
    interrupt = Interrupt()
    try:
        with ended_by_signals(interrupt):
            cli(prog_name="zerotap")
    except ZerotapError as error:
        _fail(str(error), interrupt.exit_code(error.exit_code))
    except OSError as error:
        what = f"{_place(error)} ({error.strerror or error})"
        _fail(
            f"{what}: see what may be written there, and what space is left",
            interrupt.exit_code(ZerotapError.exit_code),
        )
    except SystemExit as error:  # click's own ends; its 1 is that of an interrupt too
        sys.exit(interrupt.exit_code(1) if error.code == 1 else error.code)
    except BaseException:
        if not interrupt.was_raised:
            raise
        sys.exit(interrupt.exit_code(1))  # a library made another error of the interrupt
    finally:
        _drop_unwritten()


def _fail(sentence: str, code: int) -> NoReturn:
    say(f"zerotap: {sentence}", err=True)
    sys.exit(code)


def _place(error: OSError) -> object:
    """What could not be read or written."""
    return error.filename or ("standard output" if came_of_printing(error) else "a file")


def _drop_unwritten() -> None:
    """What stdout or stderr did not take is not tried again when Python ends, a second fault."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _open_closed_streams() -> None:
    """Give a standard stream that is closed to nowhere: the next file would get its number, and what is said.

    Python has None for it. In this order each takes its own number, the lowest that is free.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


def _silence_native_log() -> None:
    """Keep what TensorFlow logs, in C++ to file descriptor 2, off the terminal; Python's stderr stays.

    TensorFlow logs before its own log level is read, so the level alone does not help.
    """
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    encoding = sys.stderr.encoding
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1, encoding=encoding, errors="backslashreplace")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
