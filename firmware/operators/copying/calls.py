"""The calls that copy bytes: of whole rows, by words where these are aligned, or of single bytes in loops."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Final

from zerotap.firmware.c_code import c_source
from zerotap.firmware.operators.parts.interface import Emission, Implementation

from .moves import LOOPS, Move
from .rows import ROWS_BYTES, Filled, Rows, offset

_LOOP_CYCLES: Final = (20, 20, 27, 11)

NOTHING: Final = Implementation("none", (), 0, 0, lambda _: Emission("", ""))
"""For what moves no byte: the plan gives both tensors the same place."""


def move_implementation(
    kernel: str, moves: Sequence[tuple[str, Move]], constants: str = "", constant_bytes: int = 0
) -> Implementation:
    """A call for each (C expression of the source, move): by rows where all are of rows, else by loops.

    ``constants``: definitions of ``constant_bytes`` that the expressions use, where LABEL stands for the
    layer's label.
    """
    rows = [(source, Rows.of(each)) for source, each in moves]
    by_rows = [(source, each) for source, each in rows if each is not None]
    if len(by_rows) == len(moves):
        return rows_implementation(kernel, by_rows, constants, constant_bytes)
    return Implementation(
        kernel,
        ("zerotap_move",),
        4 * 3 * LOOPS * len(moves) + constant_bytes,
        sum(move_cycles(each) for _, each in moves),
        partial(_emit, tuple(moves), constants),
    )


def rows_implementation(
    kernel: str,
    rows: Sequence[tuple[str, Rows]],
    constants: str = "",
    constant_bytes: int = 0,
    filled: Sequence[Filled] = (),
) -> Implementation:
    """The same by rows, behind what is ``filled`` first."""
    return Implementation(
        kernel,
        ("zerotap_copy_rows", *(["zerotap_fill"] if filled else [])),
        ROWS_BYTES * len(rows) + constant_bytes,
        sum(each.cycles for _, each in rows) + sum(each.cycles for each in filled),
        partial(_emit_rows, tuple(rows), tuple(filled), constants),
    )


def move_cycles(each: Move) -> int:
    """Cycles of one call of zerotap_move: fitted to arm-none-eabi-gcc 12 -O2."""
    extents = (1,) * (LOOPS - len(each.extents)) + each.extents
    runs = [math.prod(extents[:depth]) for depth in range(1, LOOPS + 1)]
    return 52 + sum(cycles * count for cycles, count in zip(_LOOP_CYCLES, runs, strict=True))


def _emit(moves: Sequence[tuple[str, Move]], constants: str, label: str) -> Emission:
    calls = []
    text = constants.replace("LABEL", label)
    for index, (source, each) in enumerate(moves):
        text += c_source.struct("zerotap_move_t", f"{label}_{index}", _fields(each))
        ends = (
            offset(source.replace("LABEL", label), each.source_start),
            offset("output", each.target_start),
        )
        calls.append(f"zerotap_move({ends[0]}, &{label}_{index}, {ends[1]});")
    return Emission(text, "\n    ".join(calls))


def _emit_rows(
    rows: Sequence[tuple[str, Rows]], filled: Sequence[Filled], constants: str, label: str
) -> Emission:
    text, calls = constants.replace("LABEL", label), [each.call() for each in filled]
    for index, (source, each) in enumerate(rows):
        text += each.definition(f"{label}_{index}")
        calls.append(each.call(source.replace("LABEL", label), f"{label}_{index}"))
    return Emission(text, "\n    ".join(calls))


def _fields(each: Move) -> dict[str, int | str]:
    missing = LOOPS - len(each.extents)
    extents = (1,) * missing + each.extents
    return {
        "extents": _list(extents),
        "source_steps": _list(_rests(extents, (0,) * missing + each.source_steps)),
        "target_steps": _list(_rests(extents, (0,) * missing + each.target_steps)),
    }


def _list(values: Sequence[int]) -> str:
    return f"{{{', '.join(map(str, values))}}}"


def _rests(extents: Sequence[int], steps: Sequence[int]) -> list[int]:
    """What a loop adds once the loop inside it has gone through."""
    inside = [*(extent * step for extent, step in zip(extents[1:], steps[1:], strict=True)), 0]
    return [step - passed for step, passed in zip(steps, inside, strict=True)]
