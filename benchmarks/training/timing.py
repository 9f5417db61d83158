"""What a training took, and what it may take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Row:
    """A training ``of`` so much: seconds on the clock and of the processors, and the most that are allowed.

    ``ratio``: its processor time over that of a bare ``model.fit``, at most ``limit_ratio``.
    """

    of: str
    clock_s: float
    processors_s: float
    limit_s: float
    ratio: float | None = None
    limit_ratio: float | None = None

    @property
    def is_met(self) -> bool:
        is_quick = min(self.clock_s, self.processors_s) <= self.limit_s
        return is_quick and (self.ratio is None or self.limit_ratio is None or self.ratio <= self.limit_ratio)

    def to_json(self) -> dict[str, object]:
        return {name: value for name, value in asdict(self).items() if value is not None}

    def cells(self, name: str) -> str:
        ratios = [f"{each:.2f}" if each else "" for each in (self.ratio, self.limit_ratio)]
        seconds = f"{self.clock_s:.1f} | {self.processors_s:.1f} | {self.limit_s:.0f}"
        return f"| {name} | {self.of} | {seconds} | {' | '.join(ratios)} |"


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of the processors."""
    clock, processors = time.perf_counter(), time.process_time()
    work()
    return round(time.perf_counter() - clock, 2), round(time.process_time() - processors, 2)
