"""Values of options that several commands have."""

from __future__ import annotations

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
