"""One model on every board: whether it fits and what it takes, as one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from zerotap.firmware.board import Board
from zerotap.firmware.options import BuildOptions

from .curve import fits, point

_HEADINGS: Final = ("", "board", "chip", "flash, B", "RAM, B", "cycles", "ms", "fits")


def board_reports(
    every: Mapping[str, BuildOptions], analyse: Callable[[BuildOptions], Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """What a model takes of each board; ``analyse`` gives the report of its plan with one board's options.

    Boards that differ in names alone are planned once. Keys, in the order of ``every``, whose keys are
    ``name``: chip, board, clock_hz, board_note where there is one, flash_bytes, ram_total_bytes, cycles,
    board_cycles, milliseconds, flash_limit_bytes, ram_limit_bytes, and whether it fits.
    """
    known: dict[Board, dict[str, Any]] = {}
    for options in every.values():
        kind = _kind(options.board)
        known[kind] = known.get(kind) or _figures(analyse(options), options)
    return [
        {"name": name, "chip": options.board.chip, **options.board.to_json(), **known[_kind(options.board)]}
        for name, options in every.items()
    ]


def _kind(board: Board) -> Board:
    """What a plan depends on."""
    return replace(board, name="", fqbn="", serial_pin="")


def _figures(report: Mapping[str, Any], options: BuildOptions) -> dict[str, Any]:
    limits = {key: report[key] for key in ("flash_limit_bytes", "ram_limit_bytes")}
    return {**point(report), **limits, "fits": fits(report, options)}


def board_lines(reports: Sequence[Mapping[str, Any]]) -> list[str]:
    """The table, and below it what the boards' cycles leave out."""
    rows = [_HEADINGS, *map(_row, reports)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    notes = {each["chip"]: each["board_note"] for each in reports if "board_note" in each}
    return [*(_line(row, widths) for row in rows), *(f"{chip}: {note}" for chip, note in notes.items())]


def _row(each: Mapping[str, Any]) -> tuple[str, ...]:
    figures = (f"{each[key]:,}" for key in ("flash_bytes", "ram_total_bytes", "board_cycles"))
    fitting = "yes" if each["fits"] else "no"
    return (each["name"], each["board"], each["chip"], *figures, f"{each['milliseconds']:.3f}", fitting)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.ljust(width) if column < 3 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
