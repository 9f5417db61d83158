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
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from .samples import Samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
        payload, edges = recording.payload, _edges(recording)
        self.blank_bytes, self.first = 0, _first_text(payload[: edges[1]])
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
    """Find every line of numbers; ``values`` are float64. What follows the last newline is no line yet.

    A line of two bytes has a number of eight and a time of eight, so there is room for little else: what is
    not needed any more is dropped before the next is made.
    """
    found = _Found(recording)
    channels = found.channels()
    names = _FIELDS.split(found.first) if found.first else []
    if len(names) != channels:
        names = []
    counts = np.frombuffer(found.counts, np.uint16)
    lines_by = np.searchsorted(
        np.frombuffer(found.ends, np.uint32), recording.offsets[1:].astype(np.uint32), "right"
    )
    found.ends = array("I")
    by_packet, numbers, lost = _by_packet(counts, channels, bool(names), lines_by)
    return Samples(
        values=_of_channels(np.frombuffer(found.values, np.float64), counts, channels).reshape(-1, channels),
        by_packet=by_packet,
        numbers=numbers,
        whole_bytes=found.blank_bytes + found.bytes_of[channels] + (found.bytes_of[_FIRST] if names else 0),
        lost=lost,
        names=tuple(field.decode("utf-8", "replace") for field in names),
    )


def _by_packet(
    counts: NDArray[np.uint16], channels: int, has_header: bool, lines_by: NDArray[np.intp]
) -> tuple[NDArray[np.integer], NDArray[np.integer], int]:
    """How many samples and which number of line the last of them has by the end of each packet; the lost.

    ``lines_by`` (packets,): how many lines. The header's line has no number.
    """
    if not len(counts):
        return np.zeros_like(lines_by), np.zeros_like(lines_by), 0
    tally = _tally(counts, lambda block: block == channels)
    samples_by, samples = _at(tally, lines_by), int(tally[-1])
    places = np.searchsorted(tally, samples_by)  # of each one's line: the first by which there are so many
    del tally
    tally = _tally(counts, lambda block: (block != _FIRST) | (not has_header))
    return samples_by, tally[np.minimum(places, len(tally) - 1)], int(tally[-1]) - samples


def _tally(
    counts: NDArray[np.uint16], is_one: Callable[[NDArray[np.uint16]], NDArray[np.bool]]
) -> NDArray[np.uint32]:
    """How many lines up to each are one of those meant; block by block, for a whole sum makes a copy."""
    tally = np.empty(len(counts), np.uint32)
    total = 0
    for start in range(0, len(counts), _CHUNK_BYTES):
        block = counts[start : start + _CHUNK_BYTES]
        tally[start : start + len(block)] = total + np.cumsum(is_one(block), dtype=np.uint32)
        total = int(tally[start + len(block) - 1])
    return tally


def _at(tally: NDArray[np.uint32], lines_by: NDArray[np.intp]) -> NDArray[np.integer]:
    """The tally of the first ``lines_by`` lines."""
    return np.where(lines_by > 0, tally[np.maximum(lines_by, 1) - 1], 0)


def _of_channels(
    values: NDArray[np.float64], counts: NDArray[np.uint16], channels: int
) -> NDArray[np.float64]:
    """The values of lines of so many numbers, moved to the front of ``values`` block by block."""
    kept = taken = 0
    for start in range(0, len(counts), _CHUNK_BYTES):
        block = counts[start : start + _CHUNK_BYTES]
        numeric = np.where(block == _FIRST, 0, block)
        is_kept = np.repeat(numeric == channels, numeric)
        part = values[taken : taken + len(is_kept)][is_kept]
        values[kept : kept + len(part)] = part
        kept, taken = kept + len(part), taken + len(is_kept)
    return values[:kept]


def _numbers(text: bytes) -> tuple[float, ...]:
    """The numbers of a sample, none if it is no sample."""
    is_sample = len(text) <= MOST_LINE_BYTES and _NUMBERS.fullmatch(text)
    return tuple(map(float, _FIELDS.split(text))) if is_sample else ()


# Bytes that mean nothing make millions of short lines, mostly the same few.
_short_numbers = lru_cache(maxsize=4096)(_numbers)


def _first_text(payload: NDArray[np.uint8]) -> bytes:
    """The first line where it may be a header: short, ended, and no numbers alone."""
    line, newline, _ = payload[: MOST_LINE_BYTES + 1].tobytes().partition(b"\n")
    text = line.strip()
    return text if newline and not _NUMBERS.fullmatch(text) else b""


def _edges(recording: Recording) -> list[int]:
    """The bytes between which no event interrupts the stream."""
    event_times_ns = [event.timestamp_ns for event in recording.events]
    breaks = np.unique(np.searchsorted(recording.timestamps_ns, event_times_ns, side="right"))
    return [0, *recording.offsets[breaks].tolist(), int(recording.offsets[-1])]


def _lines(payload: NDArray[np.uint8], start: int, stop: int) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that end between two bytes, each after the byte behind it."""
    begun = bytearray()
    for at in range(start, stop, _CHUNK_BYTES):
        ended, newline, rest = payload[at : min(at + _CHUNK_BYTES, stop)].tobytes().rpartition(b"\n")
        if not newline:
            begun += rest
            continue
        for line in (bytes(begun) + ended).split(b"\n"):
            start += len(line) + 1
            yield start, line
        begun = bytearray(rest)
