"""What somebody copied from Arduino's serial monitor: the lines of name:value that its plotter draws."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from zerotap.capture.sensors.line_fields import said_in
from zerotap.errors import CaptureError

from .delimited import text_lines, unreadable
from .table import Row, Table

LEAST_SHARE: Final = 0.5
_SAMPLE_LINES: Final = 64


class PlotterLines:
    """Lines that name each of their numbers; they have no time."""

    name = "name:value lines"
    suffixes = ()

    def recognises(self, head: bytes) -> bool:
        """Whether most of the first lines name their numbers."""
        lines = [line for line in head.splitlines()[:_SAMPLE_LINES] if line.strip()]
        return sum(bool(said_in(line.strip())) for line in lines) > LEAST_SHARE * len(lines)

    def read(self, content: bytes, path: Path) -> list[Table]:
        """Read the lines that name what most do; the others are counted, as on a serial port."""
        try:
            counts = Counter(tuple(names) for _, names, _ in islice(_said(content, path), _SAMPLE_LINES))
        except (UnicodeDecodeError, csv.Error) as error:
            raise unreadable(path, error) from error
        names = next((names for names, _ in counts.most_common() if names), ())
        if not names:
            raise CaptureError(f"{path}: no line names its numbers (x:1,y:2): export it again")
        left_out: list[str] = []
        return [Table(list(names), _rows(content, path, names, left_out), left_out=left_out)]


def _said(content: bytes, path: Path) -> Iterator[tuple[int, list[str], list[str]]]:
    for number, line in enumerate(text_lines(content, path), 1):
        if text := line.strip():
            said = said_in(text.encode())
            yield number, [name for name, _ in said], [value for _, value in said]


def _rows(content: bytes, path: Path, names: tuple[str, ...], left_out: list[str]) -> Iterator[Row]:
    others = 0
    try:
        for number, named, values in _said(content, path):
            if tuple(named) == names:
                yield number, values
            else:
                others += 1
    except UnicodeDecodeError as error:
        raise unreadable(path, error) from error
    if others:
        left_out.append(f"{others} lines that are no samples")
