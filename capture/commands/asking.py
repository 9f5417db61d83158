"""What only a person knows, asked on a terminal; elsewhere nothing is asked."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from zerotap.errors import UnknownTimeError
from zerotap.reporting import Number, say


def can_ask() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def asked_stream(path: Path) -> str | None:
    """Ask which stream of the file ``path``; None where nobody can answer or there is one to choose.

    A pipe can be read once only, so nothing is asked of it; numbers are one stream.
    """
    if not (can_ask() and path.is_file()):
        return None
    from zerotap.capture.datasets.importing import read_streams, summary_of
    from zerotap.capture.files.number_files import given_file

    if given_file(path).holds_numbers:
        return None
    streams = read_streams(path)
    if len(streams) < 2:
        return None
    for stream in streams:
        say(f"  {summary_of(stream)}", err=True)
    names = click.Choice([stream.name for stream in streams])
    return str(click.prompt("Which stream", type=names, show_choices=False, err=True))


def asked_time(fault: UnknownTimeError) -> tuple[str | None, float | None]:
    """Ask for the unit of a time, or for the rate where there is none; return the one that was said."""
    say(str(fault), err=True)
    if fault.has_time:
        units = click.Choice(["s", "ms", "us", "ns"])
        return str(click.prompt("Unit of the time", type=units, err=True)), None
    rate_hz = click.prompt("Samples a second", type=Number(min=1e-6, max=1e9), err=True)
    return None, float(rate_hz)
