"""Tables into recordings: one for each take and each run of a label, side and group, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerotap.capture.sensors.line_fields import MOST_LINE_BYTES
from zerotap.errors import CaptureError

from .layout import Layout, layout_of
from .lines import SENSOR_ENDPOINT, PacketColumns, channel_names, line_of
from .times import LATEST_NS, are_numbers, is_number

if TYPE_CHECKING:
    from zerotap.capture.packet import Recording

    from .table import Reading, Table

HEAD_ROWS: Final = 1000
MOST_RUNS: Final = 5000


@dataclass(frozen=True, slots=True)
class Taken:
    """Recordings, each with the label of its column or None; and what was left out, with the reason.

    ``sides`` and ``groups``: what the columns of these say of each recording, "" where none was asked for.
    """

    recordings: list[tuple[str | None, Recording]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    sides: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)

    def extend(self, other: Taken) -> None:
        """Add what another table of the file gave."""
        self.recordings.extend(other.recordings)
        self.left_out.extend(note for note in other.left_out if note not in self.left_out)
        self.sides.extend(other.sides)
        self.groups.extend(other.groups)


Said = tuple[str | None, str | None, str | None]
"""The cells of the label, the side and the group in a row; None where nobody asked for the column."""


def recordings_of(table: Table, path: Path, reading: Reading) -> Taken:
    """Return the rows of a table as the lines of numbers of a board's port, first a line of names.

    Every run of one label, side and group is a recording. Raises CaptureError that names the place of a cell
    that is no number, of a time before the last one, of a row of another length; and as ``layout_of`` does.
    """
    rows = iter(table.rows)
    head = list(islice(rows, HEAD_ROWS))
    if not head and table.names is None:
        head = [(1, [])]
    layout = layout_of(table, head, path, reading)
    if not head or not head[0][1]:
        return Taken(left_out=table.left_out)
    runs = _Runs(table, layout, path, reading)
    for place, cells in chain(head, rows):
        runs.take(place, cells)
    return runs.taken([*table.left_out, *layout.left_out])


class _Runs:
    """The recordings of a table while its rows are read."""

    def __init__(self, table: Table, layout: Layout, path: Path, reading: Reading) -> None:
        self._layout, self._path = layout, path
        self._device, self._place = table.device, table.place
        self._width = len(table.names) if table.names is not None else 0
        self._has_names = table.names is not None
        self._header = line_of(channel_names(layout.names))
        interval_ns = Fraction(10**9) / Fraction(reading.rate_hz) if reading.rate_hz else table.interval_ns
        self._interval_ns, self._start_ns = interval_ns or Fraction(0), table.start_ns
        self._rows = self._unlabelled = self._latest_ns = 0
        self._shift_ns: int | None = None
        self._said: Said = (None, None, None)
        self._runs: list[tuple[Said, PacketColumns]] = []

    def take(self, place: int, cells: list[str]) -> None:
        """Add a row."""
        self._width = self._width or len(cells)
        if len(cells) != self._width:
            what = "the header" if self._has_names else "the first row"
            raise CaptureError(f"{self._at(place)} has {len(cells)} cells and {what} {self._width}: mend it")
        label, side, group = (None if n is None else cells[n] for n in self._layout.said)
        said = (label, side, group)
        line = self._line(place, cells)
        is_new = not self._runs or said != self._said
        timestamp_ns = self._time(place, cells, is_new)
        self._rows += 1
        if label == "":
            self._unlabelled += 1
            self._said = said
            return
        if is_new:
            self._begin(said, timestamp_ns)
        self._runs[-1][1].append(timestamp_ns, line)

    def _line(self, place: int, cells: list[str]) -> bytes:
        numbers = ",".join([cells[n] for n in self._layout.channels])
        # A cell with a comma of its own, "1,000.5", would become two numbers.
        is_apart = numbers.count(",") == len(self._layout.channels) - 1
        if not (is_apart and are_numbers(numbers)):
            wrong = next((cells[n] for n in self._layout.channels if not is_number(cells[n])), "")
            raise self._no_number(place, wrong)
        if len(numbers) >= MOST_LINE_BYTES:
            raise CaptureError(f"{self._at(place)} is too long a line of numbers: leave columns out")
        return numbers.encode() + b"\n"

    def _at(self, place: int) -> str:
        return f"{self._path}: {self._place} {place}"

    def _no_number(self, place: int, cell: str) -> CaptureError:
        return CaptureError(f"{self._at(place)}: {cell!r} is no number: mend the row or leave it out")

    def _begin(self, said: Said, timestamp_ns: int) -> None:
        if len(self._runs) == MOST_RUNS:
            raise CaptureError(
                f"{self._path}: the label changes more than {MOST_RUNS} times: sort the rows by it"
            )
        self._said = said
        self._runs.append((said, PacketColumns()))
        self._runs[-1][1].append(timestamp_ns, self._header)

    def _time(self, place: int, cells: list[str], is_new: bool) -> int:
        """The time of a row in ns; where its label is new it may begin anew."""
        if self._layout.time is None:
            timestamp_ns = round(self._start_ns + self._rows * self._interval_ns)
            cell = str(self._rows)
        else:
            cell = cells[self._layout.time]
            read_ns = self._layout.read_ns(cell)
            if read_ns is None:
                raise self._no_number(place, cell)
            timestamp_ns = self._shifted(read_ns, is_new)
        if not self._latest_ns <= timestamp_ns <= LATEST_NS:
            raise CaptureError(
                f"{self._at(place)}: the time {cell} is before the last or 1970: mend the row or leave it out"
            )
        self._latest_ns = timestamp_ns
        return timestamp_ns

    def _shifted(self, read_ns: int, is_new: bool) -> int:
        """Count a time that begins below 0, as after a trigger, from its first row on."""
        if self._shift_ns is None or (is_new and read_ns + self._shift_ns < self._latest_ns):
            self._shift_ns, self._latest_ns = max(0, -read_ns), 0
        return read_ns + self._shift_ns

    def taken(self, left_out: list[str]) -> Taken:
        """Return the runs; ``left_out``: what of the table was so before."""
        taken = Taken(left_out=[*left_out, *self.left_out()])
        for (label, side, group), columns in self._runs:
            recording = columns.recording(self._path, SENSOR_ENDPOINT, "bulk", self._device)
            taken.recordings.append((label, recording))
            taken.sides.append(side or "")
            taken.groups.append(group or "")
        return taken

    def left_out(self) -> Iterator[str]:
        """Say which rows are in no run."""
        if self._unlabelled:
            yield f"{self._unlabelled} rows without a label"
