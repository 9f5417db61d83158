"""What a model costs on the board, as it was measured on the simulated one."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Final, Literal

from .json_place import Place

UNITS: Final = ("message", "window")


@dataclass(frozen=True, slots=True)
class Spread:
    """Cycles and milliseconds: the mean and the most that was measured.

    ``cycles_mean`` and ``cycles_max`` are those of zero wait states; ``board_cycles_mean`` and
    ``board_cycles_max`` with what the board waits for its flash, which milliseconds are of; None in reports
    of before, whose milliseconds are of zero wait states.
    """

    cycles_mean: float
    cycles_max: int
    ms_mean: float
    ms_max: float
    board_cycles_mean: float | None = None
    board_cycles_max: int | None = None

    @classmethod
    def from_json(cls, place: Place) -> Spread:
        """Read it; raises ModelError."""
        mean, most = place["cycles_mean"].number(0), place["cycles_max"].whole()
        place.require(mean <= most, f"has cycles_mean {mean:g} above cycles_max {most}")
        return cls(
            mean,
            most,
            place["ms_mean"].number(0),
            place["ms_max"].number(0),
            place.optional("board_cycles_mean", Place.number),
            place.optional("board_cycles_max", Place.whole),
        )


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
    board_cycles_mean: float | None = None
    board_cycles_max: int | None = None

    @property
    def timed_cycles_mean(self) -> float:
        """The cycles that the milliseconds are of."""
        return self.cycles_mean if self.board_cycles_mean is None else self.board_cycles_mean

    @classmethod
    def from_json(cls, place: Place) -> UnitCost:
        """Read it; raises ModelError."""
        spread = Spread.from_json(place)
        unit: Literal["message", "window"]
        unit = "message" if place["unit"].text(UNITS) == "message" else "window"
        return cls(unit, place["recordings"].whole(1), *astuple(spread))


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
class InvokeTime:
    """One invoke on the board, with what it waits for its flash, over ``samples`` windows.

    ``cycles`` the median; ``cycles_min`` and ``cycles_max``, which ``ms_min`` and ``ms_max`` are of.
    ``cycles_bound`` and ``ms_bound``: no window takes longer, wherever the reads of flash lie that depend on
    it; None where windows take different ways through the code. ``constant_time``: all take the same.
    """

    samples: int
    cycles: int
    cycles_min: int
    cycles_max: int
    cycles_bound: int | None
    constant_time: bool
    ms_min: float
    ms_max: float
    ms_bound: float | None

    @classmethod
    def from_json(cls, place: Place) -> InvokeTime:
        """Read it; raises ModelError."""
        return cls(
            samples=place["samples"].whole(1),
            cycles=place["cycles"].whole(1),
            cycles_min=place["cycles_min"].whole(1),
            cycles_max=place["cycles_max"].whole(1),
            cycles_bound=place["cycles_bound"].maybe(Place.whole),
            constant_time=place["constant_time"].flag(),
            ms_min=place["ms_min"].number(0),
            ms_max=place["ms_max"].number(0),
            ms_bound=place["ms_bound"].maybe(Place.number),
        )


@dataclass(frozen=True, slots=True)
class Costs:
    """Bytes and time on the board.

    ``cycles`` and ``ms`` are those of one invoke, the model alone; ``per_unit`` those of what a person waits
    for; ``per_packet`` those of pushing one packet, None where a model was not pushed packet by packet.
    ``on_board``: one invoke with what the board waits for its flash, None in reports of before.
    """

    flash_bytes: int
    ram_bytes: int
    stack_bytes: int
    cycles: int
    ms: float
    per_unit: UnitCost
    per_packet: Spread | None
    layers: tuple[LayerCost, ...]
    on_board: InvokeTime | None = None

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
            on_board=place.optional("on_board", InvokeTime.from_json),
        )
