"""What stops a simulated board: where in the sketch, and with which registers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zerotap.errors import BoardError


class RegisterFault(Exception):  # noqa: N818 - becomes a BoardFault where it is known which code did it
    """A peripheral was used in a way that the board does not take, or that is not modelled: why."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place of the sketch: ``line`` is "file:number", or "" where the image does not tell."""

    address: int
    symbol: str
    line: str

    def __str__(self) -> str:
        """Return what a message says of it."""
        function = f" in {self.symbol}()" if self.symbol else ""
        return f"at {self.address:#x}{function}{f' ({self.line})' if self.line else ''}"


class BoardFault(BoardError):  # noqa: N818 - what the board does is called a fault
    """The sketch did what stops a board: ``reason``, ``location``, ``registers`` r0 to r12, sp, lr, pc."""

    def __init__(self, reason: str, location: Location, registers: Mapping[str, int]) -> None:
        held = ", ".join(f"{name} {value:#x}" for name, value in registers.items())
        super().__init__(f"the simulated board stopped {location}: {reason}; registers: {held}")
        self.reason = reason
        self.location = location
        self.registers = dict(registers)

    @property
    def symbol(self) -> str:
        """Function that it stopped in; "" where the image has no symbols."""
        return self.location.symbol

    @property
    def line(self) -> str:
        """Line that it stopped at, "file:number"; "" where the image does not tell."""
        return self.location.line
