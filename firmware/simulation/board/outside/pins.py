"""The pins of a board, by the chip's names: what the sketch drives, and what drives its inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from zerotap.errors import BoardError

_PINS_A_GROUP = 32


class Change(NamedTuple):
    """An output that changed: the cycle, the pin and its new level."""

    cycle: int
    pin: str
    level: bool


class Pins:
    """``outputs``: level of every pin that the sketch drives; ``changes``: all of theirs, in order."""

    def __init__(self) -> None:
        self.outputs: dict[str, bool] = {}
        self.changes: list[Change] = []
        self._driven: dict[str, bool] = {}
        self._wakes: list[Callable[[], None]] = []

    def drive(self, pin: str, level: bool | None) -> None:
        """Drive an input, as a button or another chip does; None lets go of it."""
        number_of(pin)
        if level is None:
            self._driven.pop(pin, None)
        else:
            self._driven[pin] = level
        for wake in self._wakes:
            wake()

    def driven(self, pin: str) -> bool | None:
        """What drives a pin from outside; None: nothing does."""
        return self._driven.get(pin)

    def listen(self, wakes: list[Callable[[], None]]) -> None:
        """Call these from now on, alone, when what drives a pin changes."""
        self._wakes = wakes

    def put(self, cycle: int, pin: str, level: bool | None) -> None:
        """Note what the sketch drives a pin to; None: it is an input."""
        if level is None:
            self.outputs.pop(pin, None)
        elif self.outputs.get(pin) is not level:
            self.outputs[pin] = level
            self.changes.append(Change(cycle, pin, level))


def pin_name(group: int, number: int) -> str:
    """As in "PB08": group 1, number 8."""
    return f"P{'AB'[group]}{number:02}"


def number_of(pin: str) -> tuple[int, int]:
    """Group and number of a pin; raises BoardError for a name that no pin has."""
    for group in range(2):
        for number in range(_PINS_A_GROUP):
            if pin_name(group, number) == pin:
                return group, number
    raise BoardError(f"there is no pin {pin!r}: name one as the chip does, such as PB08 or PA10")
