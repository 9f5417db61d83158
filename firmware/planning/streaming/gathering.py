"""How the last level's rows become what the tail reads: kept, or their maxima or sums as they come.

Windows that overlap each have a place. A row counts in that of the newest window alone; when a window has
its last row, the places of those that began after it join its own. Where many are under way at once, moving
maxima or sums, of the newest rows, take less.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators import Implementation, mean
from zerotap.firmware.operators.parts.reduction import reduction
from zerotap.firmware.planning.layer import Layer

Kind = Literal["rows", "maxima", "moving maxima", "sums", "moving sums"]

_FUNCTIONS: Final[dict[Kind, tuple[str, ...]]] = {
    "rows": (),
    "maxima": ("zerotap_line_max",),
    "moving maxima": ("zerotap_moving_max",),
    "sums": ("zerotap_add_row", "zerotap_add_sums"),
    "moving sums": ("zerotap_moving_sum",),
}
_WORD: Final = 4
_CALL_CYCLES: Final = 40
_SLOT_CYCLES: Final = 16
# As gcc 12 -O2 makes it, a byte or a word of four: kept once, twice, the larger, exchanged, added, moved on.
_KEPT: Final = 9
_KEPT_TWICE: Final = 11
_LARGER: Final = 37
_EXCHANGED: Final = 14
_ADDED: Final = 12
_MOVED: Final = 19
_JOINED: Final = 12


@dataclass(frozen=True, slots=True, eq=False)
class Gathering:
    """``rows`` of ``row_bytes`` a window, of which ``overlapping`` share each of the ``streams``.

    ``scaling``: what sums become int8 by.
    """

    kind: Kind
    rows: int
    row_bytes: int
    streams: int
    overlapping: int
    scaling: Implementation | None = None

    @property
    def words(self) -> int:
        """Words of a row, the last one filled up."""
        return -(-self.row_bytes // _WORD)

    @property
    def slots(self) -> int:
        """How many windows have a place of their own, or streams where these have."""
        return self.streams * (self.overlapping if self.kind in ("maxima", "sums") else 1)

    @property
    def runtime(self) -> tuple[str, ...]:
        """The runtime functions that are called."""
        return (*_FUNCTIONS[self.kind], *(self.scaling.runtime if self.scaling else ()))

    @property
    def is_repeated(self) -> bool:
        """Whether rows are kept twice, so that those of each window lie one behind the other."""
        return self.kind == "rows" and self.overlapping > 1

    @property
    def slot_bytes(self) -> int:
        """RAM of a place."""
        if self.kind == "rows":
            kept = self.rows * self.row_bytes * (2 if self.is_repeated else 1)
            return -(-kept // _WORD) * _WORD
        row = _WORD * self.words
        return {
            "maxima": row,
            "moving maxima": row * self.rows,
            "sums": _WORD * self.row_bytes,
            "moving sums": _WORD * self.row_bytes + self.rows * self.row_bytes,
        }[self.kind]

    @property
    def ram_bytes(self) -> int:
        """RAM of all places, with what counts in them, and of the row that the tail reads."""
        shared = {"moving maxima": _WORD * self.words, "rows": 0, "maxima": 0}
        return self.slots * (self.slot_bytes + 12) + shared.get(self.kind, _WORD * self.words)

    @property
    def row_cycles(self) -> int:
        """Cycles that a row takes, at most."""
        if self.kind == "rows":
            return _CALL_CYCLES + self.row_bytes * (_KEPT_TWICE if self.is_repeated else _KEPT)
        if self.kind == "maxima":
            return _SLOT_CYCLES * self.overlapping + self.joins * (_CALL_CYCLES + _LARGER * self.words)
        if self.kind == "moving maxima":
            return self.doublings * (_CALL_CYCLES + (_LARGER + _EXCHANGED) * self.words)
        if self.kind == "sums":
            added = _ADDED + (self.joins - 1) * _JOINED
            return _SLOT_CYCLES * self.overlapping + _CALL_CYCLES * self.joins + added * self.row_bytes
        return _CALL_CYCLES + _MOVED * self.row_bytes

    @property
    def joins(self) -> int:
        """How often a place takes a row or another place, with the row that is a window's last."""
        return self.overlapping

    @property
    def doublings(self) -> int:
        """How often moving maxima take the larger of two."""
        return self.rows.bit_length() - (self.rows.bit_count() == 1)

    @property
    def finish_cycles(self) -> int:
        """Cycles of what a complete window takes before the tail."""
        return self.scaling.cycles if self.scaling else _CALL_CYCLES


def gathering(graph: Graph, layer: Layer | None, kept: Gathering) -> Gathering:
    """The best for what reads the rows first; ``kept`` is what keeps them."""
    found = [replace(kept, kind=kind) for kind in _kinds(graph, layer, kept)]
    if not found:
        return kept
    best = min(found, key=lambda each: (each.row_cycles, each.ram_bytes))
    if best.kind in ("maxima", "moving maxima"):
        return best
    assert layer is not None
    scalings = mean.of_sums(graph, layer.operators[0])
    return replace(best, scaling=min(scalings, key=lambda each: each.cycles))


def _kinds(graph: Graph, layer: Layer | None, kept: Gathering) -> tuple[Kind, ...]:
    if layer is None:
        return ()
    operator = layer.operators[0]
    if operator.name == "MAX_POOL_2D" and _is_of_all(layer, operator, kept):
        return ("maxima", "moving maxima")
    if operator.name not in ("MEAN", "REDUCE_MAX"):
        return ()
    geometry = reduction(graph, operator)
    whole = (1, kept.rows, kept.row_bytes, 1)
    if (geometry.outer, geometry.reduced, geometry.inner, geometry.folded) != whole:
        return ()
    return ("sums", "moving sums") if operator.name == "MEAN" else ("maxima", "moving maxima")


def _is_of_all(layer: Layer, operator: Operator, kept: Gathering) -> bool:
    """Whether a pooling's one window is all rows, nothing is clamped, and no row has several places."""
    options = operator.options
    kernel = options["filter_height"] * options["filter_width"]
    is_line = layer.target.size == kept.row_bytes == layer.source.shape[3]
    return is_line and kernel == kept.rows and options["fused_activation_function"] == 0
