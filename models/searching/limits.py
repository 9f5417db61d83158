"""What a model may take of the board, and what one takes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

Objective = Literal["cycles", "flash"]
OBJECTIVES: Final[tuple[Objective, ...]] = ("cycles", "flash")


@dataclass(frozen=True, slots=True)
class PlannedCosts:
    """What a model and the stages in front of it take.

    ``flash_bytes`` and ``ram_bytes``, by the plan, with the linked stages; ``cycles`` of a message (of typed
    data: all that its packets and its windows take) or of a window (of a sensor), the mean over training
    recordings of every length; ``cycles_most``: of the dearest of them.
    """

    flash_bytes: int
    ram_bytes: int
    cycles: int
    cycles_most: int

    def to_json(self) -> dict[str, int]:
        """Give the fields."""
        return asdict(self)

    @classmethod
    def of(cls, told: dict[str, Any]) -> PlannedCosts:
        """Read what ``to_json`` gave."""
        return cls(**told)


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """The most that a model may take of what PlannedCosts has; ``cycles``, at ``clock_hz``, None for all."""

    flash_bytes: int
    ram_bytes: int
    cycles: int | None
    clock_hz: int

    def excess(self, costs: PlannedCosts) -> tuple[float, float, float]:
        """By which share flash, RAM and cycles are more than what is allowed: 0 or less fits."""
        cycles = -1.0 if self.cycles is None else costs.cycles / self.cycles - 1
        return costs.flash_bytes / self.flash_bytes - 1, costs.ram_bytes / self.ram_bytes - 1, cycles

    def fit(self, costs: PlannedCosts) -> bool:
        """Whether it is within all of them."""
        return max(self.excess(costs)) <= 0

    def milliseconds(self, cycles: float) -> float:
        """Cycles as time at the board's clock."""
        return cycles * 1000 / self.clock_hz

    def to_json(self) -> dict[str, int | None]:
        """Give the fields."""
        return asdict(self)

    def __str__(self) -> str:
        """Return one line."""
        memory = f"{self.flash_bytes:,} B of flash, {self.ram_bytes:,} B of RAM"
        return memory if self.cycles is None else f"{memory}, {self.milliseconds(self.cycles):.6g} ms"
