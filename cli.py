"""The command line: it joins the rooms and turns faults into exit codes."""

from __future__ import annotations

import importlib
import logging
import os
import sys

import click

from zerotap import __version__
from zerotap.errors import ZerotapError

ROOMS = ("capture", "features", "models", "firmware")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="zerotap")
def cli() -> None:
    """Take a USB tap to a verified int8 classifier on an Arduino MKR Zero."""


def _add_commands() -> None:
    for room in (*ROOMS, "demo"):
        module = importlib.import_module(f"zerotap.{room}.commands" if room in ROOMS else f"zerotap.{room}")
        for command in vars(module).values():
            if isinstance(command, click.Command):
                cli.add_command(command)


def main() -> None:
    """Run the command line; a fault that the user can mend is one sentence on stderr and its exit code."""
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3") == "3":
        _silence_native_log()
    try:
        cli(prog_name="zerotap")
    except ZerotapError as error:
        click.echo(f"zerotap: {error}", err=True)
        sys.exit(error.exit_code)


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


_add_commands()
