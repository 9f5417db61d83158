"""The time of a row: which column has it, in which unit, and whether that can be right."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

UNITS_NS: Final = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
LATEST_NS: Final = 2**63 - 1
FASTEST_HZ: Final = 2_000
"""Of a time whose unit nobody told: 0.1 apart are rather seconds than 10,000 samples a second."""
SLOWEST_HZ: Final = 0.5
"""... and 2,500 apart rather microseconds than one sample in 2.5 s."""
_LIKELY_MOMENTS_HZ: Final = (1e-3, 1e6)

_WORDS: Final = {
    "s": ("s", "sec", "secs", "second", "seconds", "sekunden"),
    "ms": ("ms", "msec", "milli", "millis", "millisecond", "milliseconds", "millisekunden"),
    "us": ("us", "usec", "µs", "μs", "micro", "micros", "microsecond", "microseconds"),
    "ns": ("ns", "nsec", "nano", "nanos", "nanosecond", "nanoseconds"),
}
_UNIT_OF: Final = {word: unit for unit, words in _WORDS.items() for word in words}
_TIMES: Final = frozenset(
    (
        *("timestamp", "timestamps", "time", "times", "datetime", "date", "elapsed", "uptime", "epoch", "t"),
        *("zeit", "zeitstempel", "temps", "horodatage", "tiempo", "tijd", "tid", "czas"),
    )
)
_BESIDE: Final = frozenset(
    (
        "unix",
        "system",
        "sensor",
        "local",
        "device",
        "relative",
        "absolute",
        "utc",
        "since",
        "start",
        "boot",
        "in",
    )
)
_CLOCK = re.compile(r"(\d{1,2}):(\d\d):(\d\d)(?:[.,:](\d{1,9}))?")
_ISO = re.compile(r"(\d{4}-?\d\d-?\d\d[T ]\d\d:?\d\d(?::?\d\d)?)(?:[.,](\d{1,9}))?\d*(Z|[+-]\d\d:?\d\d)?")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_NUMBERS = re.compile(rf"{_NUMBER.pattern}(,{_NUMBER.pattern})*", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_2001_S, _YEAR_2100_S = 978_307_200, 4_102_444_800


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """The column of the time and its unit; ``unit`` is "" where the name does not tell."""

    index: int
    unit: str


def is_number(cell: str) -> bool:
    """Whether a cell is a decimal number, with a point and an exponent or without."""
    return _NUMBER.fullmatch(cell) is not None


def are_numbers(line: str) -> bool:
    """Whether the cells of a line between commas are all numbers."""
    return _NUMBERS.fullmatch(line) is not None


def is_moment(cell: str) -> bool:
    """Whether a cell is a date and time as ISO 8601 has them, or a time of day."""
    return _moment_ns(cell) is not None


def time_columns(names: Sequence[str]) -> list[TimeColumn]:
    """Return the columns that are times by their names, the first that is the likeliest."""
    units = enumerate(map(_unit_in, names))
    found = [TimeColumn(index, unit) for index, unit in units if unit is not None]
    return [one for one in found if one.index == 0 or not _is_short(names[one.index])]


def _is_short(name: str) -> bool:
    """Whether it is a time as the first column alone: "t" may be a temperature, "s" a speed."""
    return len(name.strip()) < 3


def _unit_in(name: str) -> str | None:
    """Return the unit of a time's column, "" where its name has none; None where it is no time."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = [word for word in re.split(r"[^a-zµμ]+", apart.lower()) if word]
    unit = next((_UNIT_OF[word] for word in reversed(words) if word in _UNIT_OF), "")
    others = {word for word in words if word not in _UNIT_OF} - _BESIDE
    is_time = others <= _TIMES and (bool(unit) or bool(others))
    return unit if is_time else None


def unit_by_size(cells: Sequence[str]) -> str:
    """Return the unit in which the numbers are moments of 2001 to 2099 in a likely rate; "" where none is."""
    first = _decimal(cells[0])
    if first is None:
        return ""
    for unit, unit_ns in UNITS_NS.items():
        if _YEAR_2001_S <= first * unit_ns / 10**9 < _YEAR_2100_S:
            rate_hz = rate_of(cells, number_reader(unit))
            least_hz, most_hz = _LIKELY_MOMENTS_HZ
            return unit if rate_hz is None or least_hz <= rate_hz <= most_hz else ""
    return ""


def rate_of(cells: Sequence[str], read_ns: Callable[[str], int | None]) -> float | None:
    """Return the rows a second that the times in ``cells`` make, None where they do not advance."""
    first_ns, last_ns = read_ns(cells[0]), read_ns(cells[-1])
    if first_ns is None or last_ns is None or last_ns <= first_ns:
        return None
    return (len(cells) - 1) * 1e9 / (last_ns - first_ns)


def is_likely(rate_hz: float | None) -> bool:
    """Whether boards send at such a rate; True where it is unknown."""
    return rate_hz is None or SLOWEST_HZ <= rate_hz <= FASTEST_HZ


def number_reader(unit: str) -> Callable[[str], int | None]:
    """Return what reads a number of ``unit`` as ns, to the nearest; None for what is no number."""
    unit_ns = UNITS_NS[unit]

    def read_ns(cell: str) -> int | None:
        if cell.isascii() and cell.isdigit():
            return int(cell) * unit_ns
        value = _decimal(cell)
        return None if value is None else round(value * unit_ns)

    return read_ns


def moment_reader() -> Callable[[str], int | None]:
    """Return what reads a moment as ns since 1970, or since midnight; None for anything else.

    A moment without a zone is taken as UTC.
    """
    return _moment_ns


def _decimal(cell: str) -> Decimal | None:
    if not is_number(cell):
        return None
    try:
        return Decimal(cell)
    except InvalidOperation:  # pragma: no cover  (the pattern is a part of what Decimal takes)
        return None


def _moment_ns(cell: str) -> int | None:
    if clock := _CLOCK.fullmatch(cell):
        hours, minutes, seconds = (int(part) for part in clock.groups()[:3])
        return (hours * 3600 + minutes * 60 + seconds) * 10**9 + _fraction_ns(clock[4])
    if not (iso := _ISO.fullmatch(cell)):
        return None
    try:
        moment = datetime.fromisoformat(iso[1] + (iso[3] or "+00:00"))
    except ValueError:
        return None
    return (moment - _EPOCH) // timedelta(seconds=1) * 10**9 + _fraction_ns(iso[2])


def _fraction_ns(digits: str | None) -> int:
    return int((digits or "0").ljust(9, "0"))
