"""CSV files: packets in hexadecimal, or the samples of a sensor with their times.

Packets: columns timestamp_ns, endpoint, transfer, data. Samples: first the time, then a column a channel. The
time is called timestamp (milliseconds, as Edge Impulse's importer has it) or time, with _s, _ms, _us or _ns
behind it for a unit.
"""

from __future__ import annotations

import csv
import io
import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.packet import DeviceIdentity, Recording
from zerotap.contents import Bounds, read_contents, text_fault
from zerotap.errors import CaptureError

from .streams import with_directions
from .transfers import TRANSFER_TYPES

if TYPE_CHECKING:
    from zerotap.capture.sensors.sensor_stream import SensorStream

PACKET_COLUMNS = ["timestamp_ns", "endpoint", "transfer", "data"]
UNITS_NS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
SENSOR_ENDPOINT = 0x82  # bulk IN, where an Arduino's serial port sends
LATEST_NS = 2**63 - 1
MOST_LINE_CHARACTERS = 1 << 16
_BOUNDS = Bounds(CaptureError, 1 << 28, "divide it", text_fault)

_TIME_NAME = re.compile(r"(?:timestamp|time)(?:_(s|ms|us|ns))?", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)

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


def read_csv(path: str | Path) -> list[Recording]:
    """Read packets, a recording for each endpoint; or samples, as the lines of numbers of a board's port.

    A recording of samples begins with a line that names the channels, at the time of the first sample.
    Raises CaptureError that names the line for a header without a time, a cell that is no number, a time
    before the last one, or a row of another length.
    """
    path = Path(path)
    try:
        return csv_in(read_contents(path, _BOUNDS), path)
    except OSError as error:
        raise _unreadable(path, error) from error


def csv_in(content: bytes, path: Path) -> list[Recording]:
    """Read the content of a .csv file; raise CaptureError, which names ``path``, as ``read_csv`` does."""
    try:
        with io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(_short_lines(path, file))
            header = [cell.strip() for cell in next(reader, [])]
            rows = _whole_rows(path, reader, len(header))
            is_packets = header == PACKET_COLUMNS
            return _read_packets(path, rows) if is_packets else _read_samples(path, header, rows)
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> CaptureError:
    return CaptureError(f"{path}: cannot be read as UTF-8 CSV ({error}): export it again")


def _short_lines(path: Path, lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if len(line) > MOST_LINE_CHARACTERS:
            raise CaptureError(
                f"{path}: line {number} has more than {MOST_LINE_CHARACTERS} characters: leave columns out"
            )
        yield line


def _whole_rows(path: Path, reader: Iterator[list[str]], width: int) -> Rows:
    """Yield each row that is not blank with the number of its line."""
    for line, row in enumerate(reader, 2):
        if len(row) not in (0, width):
            raise CaptureError(f"{path}: line {line} has {len(row)} cells and the header {width}: mend it")
        if row:
            yield line, [cell.strip() for cell in row]


class _Columns:
    """Packets as columns, while they are read: an object each would take forty times the file."""

    def __init__(self) -> None:
        self.timestamps_ns, self.lengths, self.payload = array("q"), array("I"), bytearray()

    def append(self, timestamp_ns: int, data: bytes) -> None:
        self.timestamps_ns.append(timestamp_ns)
        self.lengths.append(len(data))
        self.payload += data

    def recording(self, path: Path, endpoint: int, transfer: str) -> Recording:
        offsets = np.zeros(len(self.lengths) + 1, np.int64)
        np.cumsum(np.frombuffer(self.lengths, np.uint32), out=offsets[1:])
        return Recording(
            timestamps_ns=np.frombuffer(self.timestamps_ns, np.int64),
            endpoints=np.full(len(self.lengths), endpoint, np.uint8),
            payload=np.frombuffer(self.payload, np.uint8),
            offsets=offsets,
            device=DeviceIdentity(product=path.name),
            name=f"0.0.{endpoint & 0x0F}",
            transfer=transfer,
        )


def _read_packets(path: Path, rows: Rows) -> list[Recording]:
    found: dict[tuple[int, str], _Columns] = defaultdict(_Columns)
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


def _read_samples(path: Path, header: list[str], rows: Rows) -> list[Recording]:
    time_name = _TIME_NAME.fullmatch(header[0]) if header else None
    if time_name is None or len(header) < 2:
        raise CaptureError(
            f"{path}: line 1 must name the time (timestamp, time_s, time_ms, time_us or time_ns) and at "
            f"least one channel, or be {','.join(PACKET_COLUMNS)}: add that line"
        )
    unit_ns = UNITS_NS[time_name[1].lower() if time_name[1] else "ms"]
    names = [re.sub(r"[\s,]+", "_", name) or f"channel_{n}" for n, name in enumerate(header[1:])]
    columns, earliest_ns = _Columns(), 0
    for line, cells in rows:
        wrong = next((cell for cell in cells if not _NUMBER.fullmatch(cell)), None)
        timestamp_ns = -1 if wrong is not None else round(Decimal(cells[0]) * unit_ns)
        if wrong is not None or not earliest_ns <= timestamp_ns <= LATEST_NS:
            before = f"the time {cells[0]} is before the last or 1970"
            why = before if wrong is None else f"{wrong!r} is no number"
            raise CaptureError(f"{path}: line {line}: {why}: mend the row or leave it out")
        if not columns.lengths:
            columns.append(timestamp_ns, _line(names))
        columns.append(timestamp_ns, _line(cells[1:]))
        earliest_ns = timestamp_ns
    return [columns.recording(path, SENSOR_ENDPOINT, "bulk")] if columns.lengths else []


def _line(cells: list[str]) -> bytes:
    return (",".join(cells) + "\n").encode()
