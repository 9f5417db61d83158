"""What the peripherals of a board share: the core, its exceptions, time, each other, the world outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from zerotap.firmware.board import Board

from .engine import Engine
from .exceptions import Exceptions
from .outside import Outside
from .registers import Cells
from .timeline import Timeline

_Kind = TypeVar("_Kind")


@dataclass(frozen=True)
class Machine:
    """One board since its last reset; ``peripherals`` by name, those that were made so far."""

    board: Board
    engine: Engine
    exceptions: Exceptions
    timeline: Timeline
    outside: Outside
    peripherals: dict[str, object] = field(default_factory=dict)

    def find(self, kind: type[_Kind]) -> _Kind:
        """The first peripheral of a kind."""
        return self.all_of(kind)[0]

    def all_of(self, kind: type[_Kind]) -> list[_Kind]:
        """Every peripheral of a kind, by address."""
        return [each for each in self.peripherals.values() if isinstance(each, kind)]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a peripheral is: its ``base`` address, its registers' ``cells``, its ``irq`` or None."""

    name: str
    base: int
    irq: int | None
    cells: Cells
    machine: Machine

    def set_line(self, level: bool) -> None:
        """Ask for the peripheral's interrupt, or no longer."""
        if self.irq is not None:
            self.machine.exceptions.set_line(self.irq, level)
