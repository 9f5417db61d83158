"""What each column of a table is: the time, the label, a channel, or nothing that a model can learn from."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zerotap.errors import CaptureError, UnknownTimeError

from .table import Reading, Row, Table
from .times import (
    TimeColumn,
    is_likely,
    is_moment,
    is_number,
    moment_reader,
    number_reader,
    rate_of,
    time_columns,
    unit_by_size,
)

_log = logging.getLogger(__name__)
_MISSING: Final = ("", "nan", "na", "n/a", "null", "none", "inf", "-inf", "+inf")
MOST_COLUMNS: Final = 16_384
"""More numbers have no room in a line that is read again."""
TIME_NAMES: Final = "timestamp, time_s, time_ms, time_us or time_ns"


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns by number. ``time`` None: rows come every ``interval_ns``; ``read_ns`` reads a time.

    ``said``: the columns of the label, the side and the group, None for each that nobody asked for.
    """

    names: list[str]
    channels: list[int]
    time: int | None
    read_ns: Callable[[str], int | None]
    said: tuple[int | None, int | None, int | None]
    left_out: list[str]


def layout_of(table: Table, head: Sequence[Row], path: Path, reading: Reading) -> Layout:
    """Decide by the names and the first rows.

    Raises CaptureError where no column is a channel or one that was asked for is missing; UnknownTimeError
    where there is no time, or, with ``reading.strict``, its unit cannot be right.
    """
    width = len(table.names) if table.names is not None else len(head[0][1])
    if width > MOST_COLUMNS:
        raise CaptureError(
            f"{path}: {table.place} 1 has {width:,} columns: leave all but {MOST_COLUMNS:,} out"
        )
    names = table.names if table.names is not None else [f"channel_{n}" for n in range(width)]
    whole = [cells for _, cells in head if len(cells) == width]
    first = [next((row[n] for row in whole if row[n]), "") for n in range(width)]
    said = _said(names, reading, path)
    times = [one for one in _times(table, first, whole, reading) if one.index not in said]
    keeps_time = reading.rate_hz is None and table.interval_ns is None
    time = next((one for one in times if _is_time(first[one.index])), None) if keeps_time else None
    left_out = _left_out(table.names, names, first, whole, times, time, said)
    channels = [n for n in range(width) if n not in said and n not in left_out]
    if (keeps_time and time is None and first) or not channels:
        raise _no_time(path, table, bool(channels and any(first)))
    unit = _unit(time, names, whole, path, reading) if time else "ms"
    return Layout(
        names=[names[n] for n in channels],
        channels=channels,
        time=time.index if time else None,
        read_ns=moment_reader() if unit == "moment" else number_reader(unit),
        said=said,
        left_out=[f"column {names[n] or n + 1} ({why})" for n, why in sorted(left_out.items()) if why],
    )


def _is_time(cell: str) -> bool:
    return not cell or is_number(cell) or is_moment(cell)


def _times(
    table: Table, first: Sequence[str], whole: Sequence[Sequence[str]], reading: Reading
) -> list[TimeColumn]:
    """The columns that are times: by their names, or the first of a table without names."""
    if table.names is not None:
        named = time_columns(table.names)
        known = {one.index for one in named}
        return named + [
            TimeColumn(n, "") for n, cell in enumerate(first) if n not in known and is_moment(cell)
        ]
    if not first:
        return []
    is_told = reading.time_unit is not None or is_moment(first[0])
    column = [row[0] for row in whole]
    return [TimeColumn(0, "")] if is_told or (not reading.rate_hz and unit_by_size(column)) else []


def _said(names: Sequence[str], reading: Reading, path: Path) -> tuple[int | None, int | None, int | None]:
    """The columns of the label, the side and the group."""
    return (
        _column(names, reading.label_column, path, "--label-from"),
        _column(names, reading.side_column, path, "--split-from"),
        _column(names, reading.group_column, path, "--group-from"),
    )


def _column(names: Sequence[str], wanted: str | None, path: Path, option: str) -> int | None:
    if wanted is None:
        return None
    for n, name in enumerate(names):
        if name.strip().lower() == wanted.strip().lower():
            return n
    if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return int(wanted) - 1
    raise CaptureError(f"{path}: has no column {wanted}: choose {option} column:NAME of {', '.join(names)}")


def _left_out(
    given: Sequence[str] | None,
    names: Sequence[str],
    first: Sequence[str],
    whole: Sequence[Sequence[str]],
    times: Sequence[TimeColumn],
    time: TimeColumn | None,
    said: Sequence[int | None],
) -> dict[int, str]:
    """Why columns are no channels; "" for the time itself."""
    why = {one.index: "" if one == time else "a time, another one is taken" for one in times}
    for n, cell in enumerate(first):
        if n in why or n in said:
            continue
        if not cell:
            why[n] = "empty"
        elif not is_number(cell) and cell.lower() not in _MISSING and cell[0].isalpha():
            why[n] = "text"
        elif n == 0 and given and not names[0].strip() and _counts(whole):
            why[n] = "row numbers"
    return why if whole else {one.index: "" for one in times[:1]}


def _counts(whole: Sequence[Sequence[str]]) -> bool:
    """Whether the first column numbers the rows."""
    numbers = [row[0] for row in whole]
    return numbers[0].isdecimal() and numbers == [str(int(numbers[0]) + n) for n in range(len(numbers))]


def _no_time(path: Path, table: Table, has_channels: bool) -> CaptureError:
    if table.has_header:
        why = "" if table.names or has_channels else "holds no table: "
        why += (
            f"line 1 must name the time ({TIME_NAMES}) and at least one channel, or be "
            "timestamp_ns,endpoint,transfer,data: add that line"
        )
    elif has_channels:
        why = f"nothing in it is named as a time ({TIME_NAMES}): name it so"
    else:
        return CaptureError(
            f"{path}: holds no numbers besides a time: export it again with at least one channel"
        )
    text = f"{path}: {why}, or import it with --rate-hz HZ"
    if not table.names:
        text += " (without a time) or --time-unit s, ms or us (its first column is the time)"
    return UnknownTimeError(text, has_time=False) if has_channels else CaptureError(text)


def _unit(
    time: TimeColumn, names: Sequence[str], whole: Sequence[Sequence[str]], path: Path, reading: Reading
) -> str:
    cells = [row[time.index] for row in whole]
    if cells and is_moment(cells[0]):
        return "moment"
    told = reading.time_unit or time.unit or (unit_by_size(cells) if cells else "")
    if told:
        return told
    rate_hz = rate_of(cells, number_reader("ms")) if cells else None
    if not is_likely(rate_hz):
        _doubt(path, names[time.index], rate_hz, reading)
    return "ms"


def _doubt(path: Path, name: str, rate_hz: float | None, reading: Reading) -> None:
    said = f"{path}: column {name} in milliseconds would be {rate_hz:,.6g} samples a second"
    if reading.strict:
        raise UnknownTimeError(
            f"{said}: give --time-unit s, ms or us, or --rate-hz HZ in place of the column", has_time=True
        )
    _log.warning("%s: name its unit (%s_s, %s_us) if that is wrong", said, name, name)
