"""Sums over rows, column by column, and what requantises them: MEAN and SUM."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from zerotap.firmware.arithmetic.fixed_point import INT8_MAX, INT8_MIN
from zerotap.firmware.graph import Graph, Operator

from .parts import weighted
from .parts.interface import Emission, Implementation
from .parts.placement import in_arena
from .parts.reduction import Reduction, reduction
from .parts.requantisation import Rounding, UniformScale

# As counted in runtime/zerotap_column_sums.S; what is around it as gcc 12 -O2 makes it.
_CALL_CYCLES: Final = 15
_COLUMN_CYCLES: Final = 9
_VALUE_CYCLES: Final = 7
# The same of runtime/zerotap_column_words.S: a call, eight columns, and a row of them.
_WORDS_CALL_CYCLES: Final = 44
_EIGHT_CYCLES: Final = 66
_EIGHT_ROW_CYCLES: Final = 17
_EIGHT: Final = 8
_WORD: Final = 4
_WORD_ROWS_MAX: Final = 257
_LAYER_CYCLES: Final = 12
_ROW_CYCLES: Final = 19
_FOLD_CALL_CYCLES: Final = 20
_FOLD_CYCLES: Final = 14
_FOLDED_CYCLES: Final = 7


def sums_cycles(columns: int, rows: int) -> int:
    """Cycles of one call of zerotap_column_sums."""
    return _CALL_CYCLES + columns * (_COLUMN_CYCLES + _VALUE_CYCLES * rows)


def words_cycles(columns: int, rows: int) -> int:
    """Cycles of one call of zerotap_column_words."""
    return _WORDS_CALL_CYCLES + -(-columns // _EIGHT) * (_EIGHT_CYCLES + _EIGHT_ROW_CYCLES * rows)


def column_implementations(
    graph: Graph, operator: Operator, found: UniformScale | None, rounding: Rounding | None
) -> tuple[Implementation, ...]:
    """By words where the input lies at them, or by bytes; with one scale or TFLite's own arithmetic."""
    geometry = reduction(graph, operator)
    ways = [way for way in (found, rounding) if way is not None]
    by_words = [_Columns(geometry, "column_words", ways[0])] if ways and _by_words(graph, operator) else []
    by_bytes = [_Columns(geometry, "column_sums", way) for way in ways]
    return tuple(each.implementation() for each in (*by_words, *by_bytes))


def _by_words(graph: Graph, operator: Operator) -> bool:
    geometry = reduction(graph, operator)
    fits = geometry.columns >= _EIGHT and geometry.columns % _WORD == 0 and geometry.reduced <= _WORD_ROWS_MAX
    return fits and in_arena(graph, operator.inputs[0])


@dataclass(frozen=True)
class _Columns:
    """One way: a kernel for the sums, and what makes int8 of them."""

    geometry: Reduction
    kernel: str
    way: UniformScale | Rounding

    def implementation(self) -> Implementation:
        requantiser = "scale_uniform" if isinstance(self.way, UniformScale) else "round_sums"
        folding = ["zerotap_fold_sums"] if self.geometry.folded > 1 else []
        return Implementation(
            f"{self.kernel}, {requantiser}",
            (f"zerotap_{self.kernel}", *folding, f"zerotap_{requantiser}"),
            self.way.constant_bytes,
            self._cycles(),
            partial(_emit, self),
        )

    def _cycles(self) -> int:
        geometry = self.geometry
        cycles = words_cycles if self.kernel == "column_words" else sums_cycles
        row = cycles(geometry.columns, geometry.reduced) + self.way.cycles(geometry.inner)
        if geometry.folded > 1:
            row += _FOLD_CALL_CYCLES + geometry.inner * (_FOLD_CYCLES + _FOLDED_CYCLES * geometry.folded)
        return _LAYER_CYCLES + geometry.outer * (row + (_ROW_CYCLES if geometry.outer > 1 else 0))

    def constants(self, label: str) -> str:
        if isinstance(self.way, UniformScale):
            return self.way.constants(label)
        return self.way.definition(f"{label}_rounding")

    def calls(self, label: str) -> list[str]:
        geometry, (source, target) = self.geometry, self._places()
        lines = [
            f"zerotap_{self.kernel}({source}, sums, {geometry.columns}u << 16 | {geometry.reduced});",
            *(
                [f"zerotap_fold_sums(sums, {geometry.inner}, {geometry.folded});"]
                if geometry.folded > 1
                else []
            ),
        ]
        if isinstance(self.way, UniformScale):
            return [*lines, self.way.statement(label, "sums", geometry.inner, target)]
        return [*lines, f"zerotap_round_sums(sums, &{label}_rounding, {geometry.inner}, {target});"]

    def _places(self) -> tuple[str, str]:
        """C expressions of a row's input and output."""
        geometry = self.geometry
        if geometry.outer == 1:
            return "input", "output"
        return f"input + {geometry.reduced * geometry.columns} * row", f"output + {geometry.inner} * row"


def _emit(columns: _Columns, label: str) -> Emission:
    geometry, calls = columns.geometry, columns.calls(label)
    lines = weighted.loop("row", 0, geometry.outer, calls) if geometry.outer > 1 else calls
    ends = f"/* No sum can leave [{INT8_MIN * geometry.count}, {INT8_MAX * geometry.count}]. */\n"
    body = weighted.body([f"int32_t sums[{geometry.columns}];", *lines])
    return Emission(ends + columns.constants(label), body)
