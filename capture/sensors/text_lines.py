"""Lines of numbers: text, a sample a line; ``line_fields`` says what a line may look like.

A sketch may first tell something to a person (lines before the first sample, also when it starts again) and
name its channels in the line before its samples, or beside each number. Numbers are decimal, with a point and
an exponent or without; blank lines say nothing; every other line is lost and counted, also one with more,
fewer or other numbers than most have. Lines end by a newline, or, where there is none, by a carriage return.

A line carries no check: "123" that lost its first digit is a whole line, "23". So the first line of the
recording, and the first after an event (a gap, a failed or cut transfer), is not believed, unless it is the
header, has names, or begins what a virtual device or a file of numbers gave line by line; or what a board
gave so, where the lines after it show that it is whole (``first_lines``). No board sends lines of more than
MOST_LINE_BYTES: they are lost.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.capture.packet import is_virtual

from .first_lines import MOST_AFTER, is_plainly_whole
from .line_fields import MOST_LINE_BYTES, fields_of, names_in
from .samples import Samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture.packet import Recording

MOST_TOLD_LINES: Final = 64
_CHUNK_BYTES = 1 << 15  # split at once: bounds the memory
_NEWLINE, _RETURN = 10, 13
_MOST_KINDS = 0xFFFF
_OTHER = 0
"""The kind of a line that is no sample. Kinds from 1 on: lines before the first sample, then samples."""


class _Found:
    """Lines that are not blank, as columns: a recording may hold millions.

    ``kinds``: of each line, ``ends``: the byte after it; ``values``: the numbers themselves. For each kind
    ``widths``, how many numbers it has, ``names`` of these, and ``bytes_of``, the bytes of all its lines.
    ``told``: the lines before the first sample.
    """

    def __init__(self, recording: Recording) -> None:
        self.kinds, self.ends, self.values = array("H"), array("I"), array("d")
        self.bytes_of: Counter[int] = Counter()
        payload, edges = recording.payload, _edges(recording)
        newline = b"\n" if (payload == _NEWLINE).any() or not (payload == _RETURN).any() else b"\r"
        self.told = _told(payload[: min(edges[1], MOST_LINE_BYTES)], newline)
        self._kinds: dict[object, int] = {text: kind for kind, text in enumerate(self.told, 1)}
        self.widths, self.blank_bytes = [0] * (1 + len(self.told)), 0
        self.names: list[tuple[bytes, ...]] = [()] * len(self.widths)
        believed = _begins_whole(recording, newline)
        for start, stop in pairwise(edges):
            is_first = not (believed and start == 0)
            for end, text in _lines(payload, start, stop, newline):
                if not (is_first and start == 0 and is_virtual(recording.device)):
                    self._take(end, text, is_first)
                is_first = False

    def _take(self, end: int, line: bytes, is_doubtful: bool) -> None:
        text = line.strip()
        if not text:
            self.blank_bytes += len(line) + 1
            return
        kind = self._kinds.get(text, _OTHER)
        numbers: tuple[float, ...] = ()
        if kind == _OTHER:
            kind, numbers = self._sample(text, is_doubtful)
        self.kinds.append(kind)
        self.ends.append(end)
        self.values.extend(numbers)
        self.bytes_of[kind] += len(line) + 1

    def _sample(self, text: bytes, is_doubtful: bool) -> tuple[int, tuple[float, ...]]:
        numbers, names = fields_of(text)
        if not numbers or (is_doubtful and not names):  # what lost its beginning lost a name
            return _OTHER, ()
        kind = self._kinds.get((len(numbers), names))
        if kind is None:
            if len(self.widths) > _MOST_KINDS:
                return _OTHER, ()
            kind = self._kinds[len(numbers), names] = len(self.widths)
            self.widths.append(len(numbers))
            self.names.append(names[::2])
        return kind, numbers

    def samples(self) -> int:
        """The kind that most lines with numbers have, the first of several; _OTHER where there is none."""
        counts = Counter(self.kinds)
        for kind in range(1 + len(self.told)):
            del counts[kind]
        return counts.most_common(1)[0][0] if counts else _OTHER

    def before(self, kind: int) -> tuple[list[int], int]:
        """The kinds of lines that tell a person something before the first sample, and the header or _OTHER.

        The header is the last line that names as many channels as a sample has; what follows it is lost.
        """
        first = self.kinds.index(kind) if kind != _OTHER else len(self.kinds)
        kinds = list(dict.fromkeys(self.kinds[: min(first, MOST_TOLD_LINES)]))
        tells = {one for one in kinds if 0 < one <= len(self.told)}
        if not self.names[kind]:
            tells |= {one for one in kinds if self.names[one]}  # "range: 2 g"
        told = [one for one in kinds if one in tells]
        headers = [n for n, one in enumerate(told) if len(self._named(one)) == self.widths[kind]]
        if self.names[kind] or not headers:
            return told, _OTHER
        return told[: headers[-1] + 1], told[headers[-1]]

    def _named(self, kind: int) -> tuple[bytes, ...]:
        return names_in(self.told[kind - 1]) if 0 < kind <= len(self.told) else ()

    def channel_names(self, kind: int, header: int) -> tuple[bytes, ...]:
        """The names of a sample's numbers, none where nothing gives them."""
        return self.names[kind] or self._named(header)


def find_lines(recording: Recording) -> Samples:
    """Find every line of numbers; ``values`` are float64. What follows the last newline is no line yet.

    A line of two bytes has a number of eight and a time of eight, so there is room for little else: what is
    not needed any more is dropped before the next is made.
    """
    found = _Found(recording)
    kind = found.samples()
    told, header = found.before(kind)
    kinds = np.frombuffer(found.kinds, np.uint16)
    lines_by = np.searchsorted(
        np.frombuffer(found.ends, np.uint32), recording.offsets[1:].astype(np.uint32), "right"
    )
    found.ends = array("I")
    by_packet, numbers, lost = _by_packet(kinds, kind, told, lines_by)
    widths = np.array(found.widths)
    return Samples(
        values=_of_kind(np.frombuffer(found.values, np.float64), kinds, kind, widths).reshape(
            -1, found.widths[kind] or 1
        ),
        by_packet=by_packet,
        numbers=numbers,
        whole_bytes=found.blank_bytes + _bytes_of(found, header) + _bytes_of(found, kind),
        lost=lost,
        names=tuple(name.decode("utf-8", "replace") for name in found.channel_names(kind, header)),
        told_bytes=sum(found.bytes_of[one] for one in told if one != header),
    )


def _bytes_of(found: _Found, kind: int) -> int:
    return found.bytes_of[kind] if kind != _OTHER else 0


def _by_packet(
    kinds: NDArray[np.uint16], kind: int, told: list[int], lines_by: NDArray[np.intp]
) -> tuple[NDArray[np.integer], NDArray[np.integer], int]:
    """How many samples and which number of line the last of them has by the end of each packet; the lost.

    ``lines_by`` (packets,): how many lines. Those of the kinds ``told``, for a person, have no number.
    """
    if not len(kinds):
        return np.zeros_like(lines_by), np.zeros_like(lines_by), 0
    tally = _tally(kinds, lambda block: (block == kind) & (block != _OTHER))
    samples_by, samples = _at(tally, lines_by), int(tally[-1])
    places = np.searchsorted(tally, samples_by)  # of each one's line: the first by which there are so many
    del tally
    is_line = np.ones(_MOST_KINDS + 1, np.bool)
    is_line[told] = False
    tally = _tally(kinds, lambda block: is_line[block])
    return samples_by, tally[np.minimum(places, len(tally) - 1)], int(tally[-1]) - samples


def _tally(
    kinds: NDArray[np.uint16], is_one: Callable[[NDArray[np.uint16]], NDArray[np.bool]]
) -> NDArray[np.uint32]:
    """How many lines up to each are one of those meant; block by block, for a whole sum makes a copy."""
    tally = np.empty(len(kinds), np.uint32)
    total = 0
    for start in range(0, len(kinds), _CHUNK_BYTES):
        block = kinds[start : start + _CHUNK_BYTES]
        tally[start : start + len(block)] = total + np.cumsum(is_one(block), dtype=np.uint32)
        total = int(tally[start + len(block) - 1])
    return tally


def _at(tally: NDArray[np.uint32], lines_by: NDArray[np.intp]) -> NDArray[np.integer]:
    """The tally of the first ``lines_by`` lines."""
    return np.where(lines_by > 0, tally[np.maximum(lines_by, 1) - 1], 0)


def _of_kind(
    values: NDArray[np.float64], kinds: NDArray[np.uint16], kind: int, widths: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The values of lines of one kind, moved to the front of ``values`` block by block."""
    kept = taken = 0
    for start in range(0, len(kinds), _CHUNK_BYTES):
        block = kinds[start : start + _CHUNK_BYTES]
        is_kept = np.repeat(block == kind, widths[block])
        part = values[taken : taken + len(is_kept)][is_kept]
        values[kept : kept + len(part)] = part
        kept, taken = kept + len(part), taken + len(is_kept)
    return values[:kept]


def _told(beginning: NDArray[np.uint8], newline: bytes) -> list[bytes]:
    """The different lines without numbers among the first ones."""
    lines = (line.strip() for line in beginning.tobytes().split(newline)[:-1])
    first = islice(filter(None, lines), MOST_TOLD_LINES)
    return list(dict.fromkeys(text for text in first if not fields_of(text)[0]))


def _begins_whole(recording: Recording, newline: bytes) -> bool:
    """Whether the first line is whole: nobody joined a device that was sending already, or it is plain.

    A virtual device and a file of numbers give whole lines; a part of such a recording begins between
    packets, and that is between lines where every packet ends with one. Of any other device the lines that
    follow have to show it too.
    """
    ends = recording.offsets[1:][recording.lengths > 0][:-1]
    if not len(recording) or not (recording.payload[ends - 1] == newline[0]).all():
        return False
    device = recording.device
    is_file = bool(device.product) and not (device.vendor_id or device.bus or device.address)
    return is_virtual(device) or is_file or is_plainly_whole(_first_lines(recording, newline))


def _first_lines(recording: Recording, newline: bytes) -> list[bytes]:
    """The first lines, up to the first event, that are not blank; some more than are looked at."""
    beginning = recording.payload[: min(_edges(recording)[1], MOST_LINE_BYTES)].tobytes()
    lines = (line.strip() for line in beginning.split(newline, 4 * MOST_AFTER)[:-1])
    return [line for line in lines if line]


def _edges(recording: Recording) -> list[int]:
    """The bytes between which no event interrupts the stream."""
    event_times_ns = [event.timestamp_ns for event in recording.events]
    breaks = np.unique(np.searchsorted(recording.timestamps_ns, event_times_ns, side="right"))
    return [0, *recording.offsets[breaks].tolist(), int(recording.offsets[-1])]


def _lines(payload: NDArray[np.uint8], start: int, stop: int, end_of: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that end between two bytes, each after the byte behind it."""
    begun = bytearray()
    for at in range(start, stop, _CHUNK_BYTES):
        ended, newline, rest = payload[at : min(at + _CHUNK_BYTES, stop)].tobytes().rpartition(end_of)
        if not newline:
            begun += rest
            continue
        for line in (bytes(begun) + ended).split(end_of):
            start += len(line) + 1
            yield start, line
        begun = bytearray(rest)
