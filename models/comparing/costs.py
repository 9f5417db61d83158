"""What a model costs on the board, as it was measured on the simulated one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from .json_place import Place

UNITS: Final = ("message", "window")


@dataclass(frozen=True, slots=True)
class Spread:
    """Cycles, and milliseconds at the board's clock: the mean and the most that was measured."""

    cycles_mean: float
    cycles_max: int
    ms_mean: float
    ms_max: float

    @classmethod
    def from_json(cls, place: Place) -> Spread:
        """Read it; raises ModelError."""
        mean, most = place["cycles_mean"].number(0), place["cycles_max"].whole()
        place.require(mean <= most, f"has cycles_mean {mean:g} above cycles_max {most}")
        return cls(mean, most, place["ms_mean"].number(0), place["ms_max"].number(0))


@dataclass(frozen=True, slots=True)
class UnitCost:
    """What a whole message, or a window, costs with its preprocessing and every invoke in it.

    ``unit`` is "message" (of a keyboard: a recording, the text that was typed) or "window"; measured over
    ``recordings`` test recordings that were pushed packet by packet.
    """

    unit: Literal["message", "window"]
    recordings: int
    cycles_mean: float
    cycles_max: int
    ms_mean: float
    ms_max: float

    @classmethod
    def from_json(cls, place: Place) -> UnitCost:
        """Read it; raises ModelError."""
        spread = Spread.from_json(place)
        unit: Literal["message", "window"]
        unit = "message" if place["unit"].text(UNITS) == "message" else "window"
        return cls(
            unit,
            place["recordings"].whole(1),
            spread.cycles_mean,
            spread.cycles_max,
            spread.ms_mean,
            spread.ms_max,
        )


@dataclass(frozen=True, slots=True)
class LayerCost:
    """What a layer takes of one invoke, in the order of computing."""

    name: str
    operator: str
    cycles: int
    flash_bytes: int

    @classmethod
    def from_json(cls, place: Place) -> LayerCost:
        """Read it; raises ModelError."""
        return cls(
            place["name"].text(),
            place["operator"].text(),
            place["cycles"].whole(),
            place["flash_bytes"].whole(),
        )


@dataclass(frozen=True, slots=True)
class Costs:
    """Bytes and time on the board.

    ``cycles`` and ``ms`` are those of one invoke, the model alone; ``per_unit`` those of what a person waits
    for; ``per_packet`` those of pushing one packet, None where a model was not pushed packet by packet.
    """

    flash_bytes: int
    ram_bytes: int
    stack_bytes: int
    cycles: int
    ms: float
    per_unit: UnitCost
    per_packet: Spread | None
    layers: tuple[LayerCost, ...]

    @property
    def ram_with_stack_bytes(self) -> int:
        """Variables and the deepest stack: what a sketch has to leave for the model."""
        return self.ram_bytes + self.stack_bytes

    @classmethod
    def from_json(cls, place: Place) -> Costs:
        """Read it; raises ModelError."""
        return cls(
            flash_bytes=place["flash_bytes"].whole(1),
            ram_bytes=place["ram_bytes"].whole(),
            stack_bytes=place["stack_bytes"].whole(),
            cycles=place["cycles"].whole(1),
            ms=place["ms"].number(0),
            per_unit=UnitCost.from_json(place["per_unit"]),
            per_packet=place["per_packet"].maybe(Spread.from_json),
            layers=tuple(map(LayerCost.from_json, place["layers"].each())),
        )
