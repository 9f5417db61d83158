"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def address(_context: click.Context, _option: click.Parameter, text: str | None) -> int | None:
    """Read an endpoint's address, as decimal or hexadecimal number."""
    try:
        address = None if text is None else int(text, 0)
    except ValueError as error:
        raise click.BadParameter(f"{text} is no number such as 0x81") from error
    if address is not None and not 0x81 <= address <= 0x8F:
        raise click.BadParameter(f"{text} is no IN endpoint: those are 0x81 to 0x8f")
    return address


_DEVICE_OPTIONS = (
    click.option(
        "--endpoint", metavar="0x81", callback=address, help="IN endpoint; by default the likely one."
    ),
    click.option(
        "--report-protocol", is_flag=True, help="Leave a keyboard or mouse out of the boot protocol."
    ),
    click.option("--baud", type=int, help="Of a serial port: 115200 by default, never 1200."),
    click.option(
        "--reset/--no-reset",
        default=None,
        help="Of serial:PORT: restart the board by DTR, the default, or let it run on.",
    ),
)


def device_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command how to open a device: ``endpoint``, ``report_protocol``, ``baud`` and ``reset``."""
    for option in reversed(_DEVICE_OPTIONS):
        command = option(command)
    return command
