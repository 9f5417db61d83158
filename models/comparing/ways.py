"""What a packet costs with windows computed while they arrive, and with windows computed whole."""

from __future__ import annotations

from dataclasses import dataclass

from .json_place import Place


@dataclass(frozen=True, slots=True)
class WayCost:
    """By the cost model: cycles of a packet on average and at most, the longest pause, and bytes.

    Cycles are at zero wait states, ``pause_ms`` holds what the board waits for its flash.

    ``flash_bytes`` and ``ram_bytes``: of model and windows, with the stack, without stages before them.
    """

    cycles_mean: int
    cycles_max: int
    pause_ms: float
    flash_bytes: int
    ram_bytes: int

    @classmethod
    def from_json(cls, place: Place) -> WayCost:
        """Read it; raises ModelError."""
        mean, most = place["cycles_mean"].whole(), place["cycles_max"].whole()
        place.require(mean <= most, f"has cycles_mean {mean} above cycles_max {most}")
        sizes = place["flash_bytes"].whole(1), place["ram_bytes"].whole()
        return cls(mean, most, place["pause_ms"].number(0), *sizes)


@dataclass(frozen=True, slots=True)
class Ways:
    """Which way was taken, and what either costs, None where it is not possible.

    ``because``: why layers wait for the whole window, "" where none does.
    """

    is_streamed: bool
    because: str
    streamed: WayCost | None
    whole: WayCost | None

    @property
    def each(self) -> dict[str, WayCost]:
        """Those that there are, by name."""
        named = {"streamed": self.streamed, "whole": self.whole}
        return {name: way for name, way in named.items() if way is not None}

    @classmethod
    def from_json(cls, place: Place) -> Ways:
        """Read it; raises ModelError."""
        found = cls(
            place["is_streamed"].flag(),
            place["because"].text(),
            place["streamed"].maybe(WayCost.from_json),
            place["whole"].maybe(WayCost.from_json),
        )
        place.require(not found.is_streamed or found.streamed is not None, "is streamed, at no cost")
        return found
