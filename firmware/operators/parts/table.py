"""A layer that is a table of 256 outputs, or several: whatever takes each int8 of one input to an int8."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import INT8_MAX, INT8_MIN
from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator

from .interface import Emission, Implementation, data_tensor, int64

CODES: Final = np.arange(INT8_MIN, INT8_MAX + 1)
_RUNS_MAX: Final = 2
_LAYER_BYTES: Final = 16
_PLACE_BYTES: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """``size`` elements, one after the other, through one table (256,), which is None until it is filled."""

    size: int
    table: NDArray[Any] | None


def table_implementation(
    graph: Graph, operator: Operator, table: NDArray[Any], position: int = 0
) -> Implementation:
    """zerotap_lookup with the outputs ``table`` (256,) of the inputs -128 to 127.

    ``position`` is the computed input's.
    """
    return runs_implementation([Run(data_tensor(graph, operator, position).size, table)])


def runs_implementation(runs: Sequence[Run]) -> Implementation:
    """zerotap_lookup for run after run."""
    cycles = sum(lookup_cycles(run.size) for run in runs)
    flash = len(runs) * CODES.size
    return Implementation("lookup", ("zerotap_lookup",), flash, cycles, partial(_emit_runs, runs))


def tables_implementation(places: NDArray[np.int64], tables: NDArray[Any] | None) -> Implementation:
    """Each element (n,) through the table of the number that ``places`` has for it.

    ``tables`` (tables, 256), or None while only their bytes and cycles are known.
    """
    starts = [0, *(np.flatnonzero(np.diff(places)) + 1).tolist()]
    if len(starts) <= _RUNS_MAX:
        sizes = np.diff([*starts, places.size]).tolist()
        rows = [None if tables is None else tables[places[start]] for start in starts]
        return runs_implementation([Run(size, row) for size, row in zip(sizes, rows, strict=True)])
    period = _period(places)
    count = int(places.max()) + 1
    flash = count * CODES.size + _PLACE_BYTES * period.size + _LAYER_BYTES
    flash += flash % 4
    cycles = lookup_channels_cycles(places.size // period.size, period.size)
    emit = partial(_emit_channels, period, places.size // period.size, tables)
    return Implementation("lookup_channels", ("zerotap_lookup_channels",), flash, cycles, emit)


def looked_up(table: NDArray[Any], values: NDArray[Any]) -> NDArray[Any]:
    """The table's outputs for int8 values of any shape."""
    outputs: NDArray[Any] = table[int64(values) - INT8_MIN]
    return outputs


def lookup_cycles(size: int) -> int:
    """Cycles of zerotap_lookup, its call included: fitted to arm-none-eabi-gcc 12 -O2."""
    return 30 + 29 * (size // 4) + 10 * (size % 4)


def lookup_channels_cycles(positions: int, channels: int) -> int:
    """Cycles of zerotap_lookup_channels, its call included: fitted to arm-none-eabi-gcc 12 -O2."""
    return 50 + positions * (16 + 17 * channels)


def _period(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """The fewest numbers that repeat to all of ``places``."""
    for size in range(1, places.size // 2 + 1):
        if places.size % size == 0 and np.array_equal(places[size:], places[:-size]):
            return places[:size]
    return places


def _emit_runs(runs: Sequence[Run], label: str) -> Emission:
    """A call for each run; the kernel takes the inputs' bytes as unsigned."""
    constants, calls, first = "", [], 0
    for at, run in enumerate(runs):
        name = f"{label}_table" + (f"_{at}" if at else "")
        if run.table is not None:
            constants += c_source.array("int8_t", name, np.roll(run.table, INT8_MIN))
        place = f" + {first}" if first else ""
        calls.append(f"zerotap_lookup(input{place}, {run.size}, {name}, output{place});")
        first += run.size
    return Emission(constants, "\n    ".join(calls))


def _emit_channels(
    period: NDArray[np.int64], positions: int, tables: NDArray[Any] | None, label: str
) -> Emission:
    body = f"zerotap_lookup_channels(input, &{label}, output);"
    if tables is None:
        return Emission("", body)
    rolled = np.roll(tables, INT8_MIN, axis=1)
    constants = c_source.array("int8_t", f"{label}_tables", rolled)
    constants += c_source.array("uint16_t", f"{label}_places", period)
    fields: dict[str, int | str] = {"positions": positions, "channels": period.size}
    fields |= {"places": f"{label}_places", "tables": f"{label}_tables"}
    constants += c_source.struct("zerotap_lookup_channels_t", label, fields)
    return Emission(constants, body)
