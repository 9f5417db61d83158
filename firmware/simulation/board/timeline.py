"""What happens at a later cycle: a byte that has arrived, a timer that has run out."""

from __future__ import annotations

import heapq
from collections.abc import Callable

Action = Callable[[], None]


class Timeline:
    """Actions by the cycle at which they are due; those of one cycle in the order of asking."""

    def __init__(self, now: Callable[[], int], stop_at: Callable[[int], None]) -> None:
        """``now()``: the cycle that has been reached; ``stop_at(cycle)``: stop there."""
        self._now, self._stop_at = now, stop_at
        self._waiting: list[tuple[int, int, Action]] = []
        self._asked = 0

    @property
    def now(self) -> int:
        """The cycle that has been reached."""
        return self._now()

    @property
    def next(self) -> int | None:
        """The cycle of the first action; None without one."""
        return self._waiting[0][0] if self._waiting else None

    def after(self, cycles: float, action: Action) -> None:
        """Have ``action()`` called so many cycles from now."""
        self.at(self._now() + max(round(cycles), 0), action)

    def at(self, cycle: int, action: Action) -> None:
        """Have ``action()`` called at a cycle."""
        self._asked += 1
        heapq.heappush(self._waiting, (cycle, self._asked, action))
        self._stop_at(cycle)

    def run_due(self) -> None:
        """Call what is due, and what that asks for at once."""
        while self._waiting and self._waiting[0][0] <= self._now():
            heapq.heappop(self._waiting)[2]()
