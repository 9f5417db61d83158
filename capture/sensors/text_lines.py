"""Lines of numbers: text, a sample a line, its numbers separated by commas, tabs or spaces.

The first line may be a header that names the channels. Numbers are decimal, with a point and an exponent or
without; blank lines say nothing; every other line is lost and counted, also one with more or fewer numbers
than most have.

A line carries no check: "123" that lost its first digit is a whole line, "23". So the first line of the
recording, and the first after an event (a gap, a failed or cut transfer), is not believed, unless it is the
header. No board sends lines of more than MOST_LINE_BYTES: they are lost.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from .samples import Samples

if TYPE_CHECKING:
    from zerotap.capture.packet import Recording

MOST_LINE_BYTES = 1 << 15
_SHORT_BYTES = 8
_CHUNK_BYTES = 1 << 15  # split at once: bounds the memory

# Each takes what it can and gives nothing back: a line is passed over once.
_NUMBER = rb"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?"
_SEPARATOR = rb"(?:[ \t]*+,[ \t]*+|[ \t]++)"
_NUMBERS = re.compile(_NUMBER + rb"(?:" + _SEPARATOR + _NUMBER + rb")*+")
_FIELDS = re.compile(_SEPARATOR)
_OTHER = 0
"""In place of the count of numbers of a line that is no sample; of one that equals the first, _FIRST."""
_FIRST = 0xFFFF


class _Found:
    """Lines that are not blank, as columns: a recording may hold millions.

    ``counts``: the numbers in each, ``ends``: the byte after it; ``values``: the numbers themselves.
    ``bytes_of``: the bytes of all lines of one count. ``first``: the first line of the recording where that
    is not all numbers.
    """

    def __init__(self, recording: Recording) -> None:
        self.counts, self.ends, self.values = array("H"), array("I"), array("d")
        self.bytes_of: Counter[int] = Counter()
        self.blank_bytes, self.first = 0, b""
        payload, edges = recording.payload.tobytes(), _edges(recording)
        self.first = _first_text(payload[: edges[1]])
        for start, stop in pairwise(edges):
            is_first = True
            for end, text in _lines(payload, start, stop):
                self._take(end, text, is_first)
                is_first = False

    def _take(self, end: int, line: bytes, is_first: bool) -> None:
        text = line.strip()
        if not text:
            self.blank_bytes += len(line) + 1
            return
        numbers = () if is_first else _short_numbers(text) if len(text) <= _SHORT_BYTES else _numbers(text)
        count = _FIRST if text == self.first else len(numbers)
        self.counts.append(count)
        self.ends.append(end)
        self.values.extend(numbers)
        self.bytes_of[count] += len(line) + 1

    def channels(self) -> int:
        """The count of numbers that most lines have, the first of several."""
        counts = Counter(self.counts)
        del counts[_OTHER], counts[_FIRST]
        return counts.most_common(1)[0][0] if counts else 1


def find_lines(recording: Recording) -> Samples:
    """Find every line of numbers; ``values`` are float64. What follows the last newline is no line yet."""
    found = _Found(recording)
    channels = found.channels()
    names = _FIELDS.split(found.first) if found.first else []
    if len(names) != channels:
        names = []
    counts = np.frombuffer(found.counts, np.uint16)
    is_sample = counts == channels
    is_silent = (counts == _FIRST) & bool(names)
    values = np.frombuffer(found.values, np.float64)
    numeric = counts[(counts != _OTHER) & (counts != _FIRST)]
    if (numeric != channels).any():
        values = values[np.repeat(numeric == channels, numeric)]
    return Samples(
        values=values.reshape(-1, channels),
        ends=np.frombuffer(found.ends, np.uint32)[is_sample],
        numbers=np.cumsum(~is_silent, dtype=np.int32)[is_sample],
        whole_bytes=found.blank_bytes + found.bytes_of[channels] + (found.bytes_of[_FIRST] if names else 0),
        lost=int((~is_sample & ~is_silent).sum()),
        names=tuple(field.decode("utf-8", "replace") for field in names),
    )


def _numbers(text: bytes) -> tuple[float, ...]:
    """The numbers of a sample, none if it is no sample."""
    is_sample = len(text) <= MOST_LINE_BYTES and _NUMBERS.fullmatch(text)
    return tuple(map(float, _FIELDS.split(text))) if is_sample else ()


# Bytes that mean nothing make millions of short lines, mostly the same few.
_short_numbers = lru_cache(maxsize=4096)(_numbers)


def _first_text(payload: bytes) -> bytes:
    """The first line where it may be a header: short, ended, and no numbers alone."""
    line, newline, _ = payload[: MOST_LINE_BYTES + 1].partition(b"\n")
    text = line.strip()
    return text if newline and not _NUMBERS.fullmatch(text) else b""


def _edges(recording: Recording) -> list[int]:
    """The bytes between which no event interrupts the stream."""
    event_times_ns = [event.timestamp_ns for event in recording.events]
    breaks = np.unique(np.searchsorted(recording.timestamps_ns, event_times_ns, side="right"))
    return [0, *recording.offsets[breaks].tolist(), int(recording.offsets[-1])]


def _lines(payload: bytes, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that end between two bytes, each after the byte behind it."""
    while (last := payload.rfind(b"\n", start, min(stop, start + _CHUNK_BYTES))) >= 0 or (
        last := payload.find(b"\n", start, stop)
    ) >= 0:
        for line in payload[start:last].split(b"\n"):
            start += len(line) + 1
            yield start, line
