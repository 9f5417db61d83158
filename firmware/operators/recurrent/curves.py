"""The ways to the LSTM's three curves: computed, or from tables that all layers of a model share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .curve_tables import CurveTable, curve_table

INTERPOLATED: Final = "zerotap_lstm_interpolated"
COMPUTED: Final = "zerotap_lstm_activation"
SMALL: Final = "zerotap_lstm_activation_small"


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve by a runtime function, which reads a ``table`` or knows the curve itself."""

    curve: int
    function: str
    table: CurveTable | None = None

    def statement(self, values: str, count: int) -> str:
        """The C call for so many values in place."""
        if self.table is not None:
            return self.table.call(values, count)
        return f"{self.function}({values}, {count}, {self.curve});"

    def cycles(self, count: int) -> int:
        """Of that call."""
        fixed, each = activation_cycles(self.function, self.curve)
        if self.table is not None:
            fixed, each = self.table.cycles()
        return fixed + each * count


Ways = dict[str, tuple[Curve, ...]]
"""What a way is called in reports -> its curves."""


def ways(curves: tuple[int, ...], bounds: Mapping[int, int], *, is_micro: bool) -> Ways:
    """Every way to the curves of a layer, whose values stay within the ``bounds`` of each.

    Between the smallest code and a table for each, the gates' curves alone, which come first, have tables.
    """
    if is_micro:
        return {"": tuple(Curve(curve, INTERPOLATED) for curve in curves)}
    small = tuple(Curve(curve, SMALL) for curve in curves)
    nibbles = tuple(_from_table(curve, ("nibbles",), bounds) for curve in curves)
    every = tuple(_from_table(curve, ("bytes", "nibbles"), bounds) for curve in curves)
    return {
        "": tuple(Curve(curve, COMPUTED) for curve in curves),
        "small": small,
        "gate_tables": (*nibbles[:-1], small[-1]),
        "nibbles": nibbles,
        "tables": every,
    }


def _from_table(curve: int, forms: tuple[str, ...], bounds: Mapping[int, int]) -> Curve:
    """The first form that is exact; the smallest code where none is."""
    found = (curve_table(curve, form, bounds[curve]) for form in forms)
    table = next((each for each in found if each is not None), None)
    return Curve(curve, SMALL) if table is None else Curve(curve, table.function, table)


def tables(curves: tuple[Curve, ...]) -> dict[str, CurveTable]:
    """The tables that are read, by their labels."""
    return {each.table.label: each.table for each in curves if each.table is not None}


def activation_cycles(activation: str, curve: int) -> tuple[int, int]:
    """Once and for each value, as counted in runtime/zerotap_lstm_activation_run.h and the other's file."""
    if activation == INTERPOLATED:
        return (21, 34) if curve == 0 else (60, 41)
    if activation == SMALL:
        return (56, 120) if curve == 0 else (55, 135)
    return {0: (56, 92), 4: (60, 105)}.get(curve, (58, 135))
