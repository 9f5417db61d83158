"""Lines of numbers: text, a sample a line, its numbers separated by commas, tabs or spaces.

The first line may be a header that names the channels. Numbers are decimal, with a point and an exponent or
without; blank lines say nothing; every other line is lost and counted, also one with more or fewer numbers
than most have.

A line carries no check: "123" that lost its first digit is a whole line, "23". So the first line of the
recording, and the first after an event (a gap, a failed or cut transfer), is not believed, unless it is the
header.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .samples import Samples

if TYPE_CHECKING:
    from zerotap.capture.packet import Recording

_NUMBER = rb"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_SEPARATOR = rb"(?:[ \t]*,[ \t]*|[ \t]+)"
_NUMBERS = re.compile(_NUMBER + rb"(?:" + _SEPARATOR + _NUMBER + rb")*")
_FIELDS = re.compile(_SEPARATOR)


class _Line(NamedTuple):
    """A line, stripped; ``size`` counts all its bytes, ``end`` is the byte after it in the payload."""

    text: bytes
    end: int
    size: int
    is_first: bool

    def numbers(self) -> list[bytes]:
        """The numbers of a sample, none if it is no sample."""
        return _FIELDS.split(self.text) if not self.is_first and _NUMBERS.fullmatch(self.text) else []


def find_lines(recording: Recording) -> Samples:
    """Find every line of numbers; ``values`` are float64. What follows the last newline is no line yet."""
    lines = list(_lines(recording))
    numbers = [line.numbers() for line in lines]
    channels = Counter(map(len, filter(None, numbers))).most_common(1)[0][0] if any(numbers) else 1
    header = lines[0].text if lines and _is_header(lines[0], channels) else b""
    is_silent = np.array([line.text in (b"", header) for line in lines], bool)
    is_sample = np.array([len(fields) == channels for fields in numbers], bool)
    is_whole = is_silent | is_sample
    samples = [fields for fields in numbers if len(fields) == channels]
    return Samples(
        values=np.array(samples, "S").astype(np.float64).reshape(-1, channels),
        ends=np.array([line.end for line in lines], np.int64)[is_sample],
        numbers=np.cumsum(~is_silent)[is_sample],
        whole_bytes=int(np.array([line.size for line in lines], np.int64)[is_whole].sum()),
        lost=int((~is_whole).sum()),
        names=tuple(field.decode("utf-8", "replace") for field in _FIELDS.split(header) if header),
    )


def _lines(recording: Recording) -> Iterator[_Line]:
    """Yield the lines that end; each stretch without an event begins with a line that ``is_first``."""
    event_times_ns = [event.timestamp_ns for event in recording.events]
    breaks = np.unique(np.searchsorted(recording.timestamps_ns, event_times_ns, side="right"))
    edges = [0, *recording.offsets[breaks].tolist(), int(recording.offsets[-1])]
    payload = recording.payload.tobytes()
    for start, stop in pairwise(edges):
        end = start
        for text in payload[start:stop].split(b"\n")[:-1]:
            is_first = end == start
            end += len(text) + 1
            yield _Line(text.strip(), end, len(text) + 1, is_first)


def _is_header(line: _Line, channels: int) -> bool:
    return bool(line.text) and not _NUMBERS.fullmatch(line.text) and len(_FIELDS.split(line.text)) == channels
