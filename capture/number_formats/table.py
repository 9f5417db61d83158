"""What every format of numbers reads a file as: rows of cells, and how a person wants them read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from zerotap.errors import CaptureError

if TYPE_CHECKING:
    from zerotap.capture.packet import DeviceIdentity

Row = tuple[int, list[str]]
"""Where it stands in the file, and its cells: numbers as text, with a decimal point."""


@dataclass(frozen=True, slots=True)
class Table:
    """One take of a file. ``names`` of the columns, one a cell, None where the file gives none.

    ``interval_ns`` from row to row where the format has one, more than 0, counted from ``start_ns`` (since
    1970). ``place`` is what the numbers of rows count. ``left_out`` says what of the file is in no row, and
    why. ``has_header``: a first line may name the columns, as of CSV.
    """

    names: list[str] | None
    rows: Iterable[Row]
    interval_ns: Fraction | None = None
    start_ns: int = 0
    device: DeviceIdentity | None = None
    place: str = "line"
    left_out: list[str] = field(default_factory=list)
    has_header: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read tables of numbers.

    ``time_unit``: of the time's column, "s", "ms", "us" or "ns"; of a table without names, it is the first
    column's. ``rate_hz``, more than 0, instead of any time in the file. ``label_column``: the name or the
    number (from 1 on) of the column of labels; ``side_column`` and ``group_column`` likewise, of the side of
    a split and of who or what recorded. ``strict``: refuse a time whose unit cannot be right, instead of a
    warning.
    """

    time_unit: str | None = None
    rate_hz: float | None = None
    label_column: str | None = None
    side_column: str | None = None
    group_column: str | None = None
    strict: bool = False

    def __post_init__(self) -> None:
        """Raise CaptureError for a rate that is none."""
        if self.rate_hz is not None and not 0 < self.rate_hz < inf:
            raise CaptureError(f"a rate of {self.rate_hz} Hz is none: give --rate-hz a number above 0")


class NumberFormat(Protocol):
    """One format of files of numbers."""

    @property
    def name(self) -> str:
        """What a person calls it."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Of files that are read as this, lower case."""

    def recognises(self, head: bytes) -> bool:
        """Whether a file whose suffix says nothing begins as this does; ``head`` is its first 64 KiB."""

    def read(self, content: bytes, path: Path) -> list[Table]:
        """Read the whole of a file; its rows may be read later, once, and raise CaptureError then too.

        Raises CaptureError that names ``path`` and the place.
        """
