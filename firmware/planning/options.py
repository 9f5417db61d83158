"""Options that several commands share: what to optimise for, and the budget to keep to."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import click

_UNITS: Final = {"": 1, "k": 1024, "m": 1024 * 1024}


class Bytes(click.ParamType[int]):
    """A size: 65536, 64k or 0.5k (k = 1024), with B or kB as well."""

    name = "bytes"

    def convert(self, value: str | int, param: click.Parameter | None, context: click.Context | None) -> int:
        """Bytes, at least 1."""
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([km]?)(?:i?b)?\s*", str(value).lower())
        size = int(float(match[1]) * _UNITS[match[2]]) if match else 0
        if size < 1:
            self.fail(f"{value!r} is no size: give bytes, or as in 64k with k = 1024", param, context)
        return size


_OPTIMISE = click.option(
    "--optimise",
    type=click.Choice(["speed", "size"]),
    default="speed",
    show_default=True,
    help="The fastest kernels that fit, or those with the least flash.",
)
_FLASH = click.option(
    "--flash", "flash_bytes", type=Bytes(), metavar="SIZE", help="Flash that the model may take, as in 64k."
)
_RAM = click.option(
    "--ram",
    "ram_bytes",
    type=Bytes(),
    metavar="SIZE",
    help="RAM for arena, stack, input and output, as in 8k. Default of both: the board's.",
)


_SKIP_ZEROS = click.option(
    "--skip-zeros",
    is_flag=True,
    help="Skip zeros in wide dense layers: faster where most inputs are zero, no longer constant time.",
)


def planning(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command ``optimise``, ``flash_bytes``, ``ram_bytes`` and ``skip_zeros``."""
    return _OPTIMISE(_FLASH(_RAM(_SKIP_ZEROS(command))))
