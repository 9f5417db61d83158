"""CSV files: packets in hexadecimal, or the samples of a sensor with their times.

Packets: columns timestamp_ns, endpoint, transfer, data. Samples, as they are written here: first the
timestamp (milliseconds, as Edge Impulse's importer has it), then a column a channel;
``capture.number_formats`` says what else is read as samples.
"""

from __future__ import annotations

import codecs
import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from zerotap.capture.number_formats.delimited import text_lines, unreadable
from zerotap.capture.number_formats.lines import PacketColumns
from zerotap.capture.number_formats.registry import numbers_in
from zerotap.capture.number_formats.times import LATEST_NS, UNITS_NS
from zerotap.contents import HEAD_BYTES, Bounds, read_contents, text_fault
from zerotap.errors import CaptureError, not_opened

from .streams import with_directions
from .transfers import TRANSFER_TYPES

if TYPE_CHECKING:
    from zerotap.capture.number_formats.table import Reading
    from zerotap.capture.packet import Recording
    from zerotap.capture.sensors.sensor_stream import SensorStream

PACKET_COLUMNS = ["timestamp_ns", "endpoint", "transfer", "data"]
_BOUNDS = Bounds(CaptureError, 1 << 28, "divide it", text_fault)

Rows = Iterator[tuple[int, list[str]]]


def write_packets(path: Path, recording: Recording) -> None:
    """Write a row for each packet; reading the file again gives the same times, endpoints and bytes."""
    with path.open("x", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(PACKET_COLUMNS)
        for packet in recording.packets():
            endpoint = f"{packet.endpoint:#04x}"
            rows.writerow([packet.timestamp_ns, endpoint, recording.transfer, packet.data.hex()])


def write_samples(path: Path, stream: SensorStream) -> None:
    """Write a row for each sample: milliseconds since 1970, exact to the nanosecond, then the channels."""
    with path.open("x", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["timestamp", *stream.names])
        for timestamp_ns, values in zip(stream.timestamps_ns.tolist(), stream.values.tolist(), strict=True):
            milliseconds, rest_ns = divmod(timestamp_ns, UNITS_NS["ms"])
            rows.writerow([f"{milliseconds}.{rest_ns:06d}", *values])


def read_csv(path: str | Path, reading: Reading | None = None) -> list[Recording]:
    """Read packets, a recording for each endpoint; or samples, as the lines of numbers of a board's port.

    A recording of samples begins with a line that names the channels, at the time of the first sample.
    Raises CaptureError that names the line for a header without a time, a cell that is no number, a time
    before the last one, or a row of another length.
    """
    path = Path(path)
    try:
        return csv_in(read_contents(path, _BOUNDS), path, reading)
    except OSError as error:
        raise not_opened(path, error) from error


def csv_in(content: bytes, path: Path, reading: Reading | None = None) -> list[Recording]:
    """Read the content of a .csv file; raise CaptureError, which names ``path``, as ``read_csv`` does."""
    if not holds_packets(content[:HEAD_BYTES]):
        return [recording for _, recording in numbers_in(content, path, reading).recordings]
    try:
        rows = csv.reader(text_lines(content, path))
        next(rows)
        return _read_packets(path, _whole_rows(path, rows))
    except (UnicodeDecodeError, csv.Error) as error:
        raise unreadable(path, error) from error


def holds_packets(head: bytes) -> bool:
    """Whether a file begins with the line that ``write_packets`` writes first."""
    first = head.removeprefix(codecs.BOM_UTF8).split(b"\n")[0].split(b",")
    return [cell.strip().decode("latin-1") for cell in first] == PACKET_COLUMNS


def _whole_rows(path: Path, reader: Iterator[list[str]]) -> Rows:
    """Yield each row that is not blank with the number of its line."""
    for line, row in enumerate(reader, 2):
        if len(row) not in (0, len(PACKET_COLUMNS)):
            raise CaptureError(
                f"{path}: line {line} has {len(row)} cells and the header {len(PACKET_COLUMNS)}: mend it"
            )
        if row:
            yield line, [cell.strip() for cell in row]


def _read_packets(path: Path, rows: Rows) -> list[Recording]:
    found: dict[tuple[int, str], PacketColumns] = defaultdict(PacketColumns)
    for line, (time_cell, endpoint_cell, transfer, data) in rows:
        try:
            timestamp_ns, endpoint, payload = int(time_cell), int(endpoint_cell, 0), bytes.fromhex(data)
        except ValueError as error:
            raise CaptureError(f"{path}: line {line}: {error}: write nanoseconds, 0x81 and hex") from error
        is_fit = 0 <= timestamp_ns <= LATEST_NS and 0 <= endpoint <= 0xFF
        if not is_fit or transfer not in TRANSFER_TYPES:
            known = " or ".join(TRANSFER_TYPES)
            raise CaptureError(f"{path}: line {line}: a time, endpoint or transfer ({known}) is out of range")
        found[endpoint, transfer].append(timestamp_ns, payload)
    in_order = sorted(found.items(), key=lambda item: item[0])
    return with_directions([c.recording(path, endpoint, transfer) for (endpoint, transfer), c in in_order])
