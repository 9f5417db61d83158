"""What somebody copied from Arduino's serial monitor, with its clock in front of each line or without.

x:1,y:-2.5                      what its plotter draws
16:24:05.234 -> x:1,y:-2.5      the same with the clock, which is the time
16:24:05.234 -> 1,-2.5          numbers alone, behind a line of names or without
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from zerotap.capture.sensors.line_fields import names_in, numbers_in_line, said_in
from zerotap.errors import CaptureError

from .delimited import text_lines, unreadable
from .table import Row, Table

LEAST_SHARE: Final = 0.5
_SAMPLE_LINES: Final = 64
_CLOCK = re.compile(r"(\d\d:\d\d:\d\d\.\d{3}) -> ?(.*)", re.DOTALL)
_TIME: Final = "time"


@dataclass(frozen=True, slots=True)
class _Line:
    """``clock`` is "" without one; ``names`` are empty where numbers have none, ``values`` in other lines."""

    number: int
    clock: str
    names: tuple[str, ...]
    values: list[str]
    text: str

    @property
    def kind(self) -> tuple[bool, int, tuple[str, ...]]:
        """What lines of one sender have in common."""
        return bool(self.clock), len(self.values), self.names


class MonitorLines:
    """Lines of a serial monitor that are no table: they name their numbers, or have the clock in front."""

    name = "serial monitor"
    suffixes = ()

    def recognises(self, head: bytes) -> bool:
        """Whether most of the first lines are samples of this kind."""
        lines = [line for line in head.splitlines()[:_SAMPLE_LINES] if line.strip()]
        read = (_line(0, line.decode("utf-8", "replace")) for line in lines)
        return sum(bool(one.values) for one in read) > LEAST_SHARE * len(lines)

    def read(self, content: bytes, path: Path) -> list[Table]:
        """Read the lines that are as most are; the others are counted, as on a serial port."""
        try:
            first = list(islice(_lines(content, path), _SAMPLE_LINES))
        except UnicodeDecodeError as error:
            raise unreadable(path, error) from error
        kinds = Counter(one.kind for one in first if one.values)
        if not kinds:
            raise CaptureError(f"{path}: no line names its numbers (x:1,y:2): export it again")
        kind = kinds.most_common(1)[0][0]
        left_out: list[str] = []
        rows = _rows(content, path, kind, left_out)
        return [Table(_names(first, kind), rows, left_out=left_out)]


def _line(number: int, line: str) -> _Line:
    found = _CLOCK.fullmatch(line.strip())
    clock, text = (found[1], found[2].strip()) if found else ("", line.strip())
    said = said_in(text.encode())
    values = [value for _, value in said] or (numbers_in_line(text.encode()) if clock else [])
    return _Line(number, clock, tuple(name for name, _ in said), values, text)


def _lines(content: bytes, path: Path) -> Iterator[_Line]:
    for number, line in enumerate(text_lines(content, path), 1):
        if line.strip():
            yield _line(number, line)


def _names(first: list[_Line], kind: tuple[bool, int, tuple[str, ...]]) -> list[str]:
    """The names of the columns: beside the numbers, in the line before them, or none."""
    has_clock, count, names = kind
    start = next(n for n, line in enumerate(first) if line.kind == kind)
    headers = [names_in(line.text.encode()) for line in first[:start] if not line.values]
    header = next((tuple(map(bytes.decode, one)) for one in reversed(headers) if len(one) == count), ())
    numbered = tuple(f"channel_{n}" for n in range(count))
    return [_TIME] * has_clock + list(names or header or numbered)


def _rows(
    content: bytes, path: Path, kind: tuple[bool, int, tuple[str, ...]], left_out: list[str]
) -> Iterator[Row]:
    others = 0
    try:
        for line in _lines(content, path):
            if line.kind == kind:
                yield line.number, [line.clock, *line.values] if line.clock else line.values
            else:
                others += 1
    except UnicodeDecodeError as error:
        raise unreadable(path, error) from error
    if others:
        left_out.append(f"{others} lines that are no samples")
