"""The command line: it joins the rooms and turns faults into exit codes."""

from __future__ import annotations

import importlib
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
    try:
        cli(prog_name="zerotap")
    except ZerotapError as error:
        click.echo(f"zerotap: {error}", err=True)
        sys.exit(error.exit_code)


_add_commands()
