"""The files that the import benchmark reads, made by concatenation of what the virtual keyboard typed."""

import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

from zerotap.capture import Dataset, type_corpus

PACKETS = 60_000
USBPCAP = 249
BULK_BYTES = 65_536
MESSAGE = "The quick brown fox jumps over the lazy dog. Pack my box with five dozen jugs!"
START_S, INTERVAL_US = 1_700_000_000, 4_000

_USBPCAP = struct.Struct("<HQIHBHHBBI")  # USBPcap's "Capture format specification", 27 bytes
_RECORD = struct.Struct("<IIII")

Frame = tuple[int, bytes]


def write_captures(folder: Path) -> dict[str, Path]:
    """Write every file of the benchmark into ``folder``, and return them by name."""
    reports = typed_reports()
    regular, mixed = list(keyboard_alone(reports)), list(keyboard_and_serial_port(reports))
    breaks = list(keyboard_with_breaks(reports))
    return {
        "keyboard, pcap": _write_pcap(folder / "keyboard.pcap", regular),
        "keyboard, pcapng": _write_pcapng(folder / "keyboard.pcapng", regular),
        "keyboard and serial port, pcap": _write_pcap(folder / "mixed.pcap", mixed),
        "keyboard and serial port, pcapng": _write_pcapng(folder / "mixed.pcapng", mixed),
        "keyboard with breaks, pcap": _write_pcap(folder / "breaks.pcap", breaks),
        "keyboard and one 64 KB transfer, pcap": _write_pcap(folder / "large.pcap", with_large(regular)),
    }


def typed_reports() -> list[bytes]:
    """Return the reports of a message typed on the virtual keyboard."""
    with tempfile.TemporaryDirectory() as folder:
        dataset = type_corpus([("fox", MESSAGE)], Path(folder) / "typed", seed=0, synthetic=True)
        (entry,) = Dataset.open(dataset.path).entries()
        return [packet.data for packet in dataset.load(entry).packets()]


def keyboard_alone(reports: list[bytes]) -> Iterator[Frame]:
    """Request, completion, request, ...: what USBPcap writes of a keyboard."""
    for number in range(PACKETS // 2):
        time_us = number * 2 * INTERVAL_US
        yield time_us, _frame(number, 0, 1, 0x81, b"")
        yield time_us + INTERVAL_US, _frame(number, 1, 1, 0x81, reports[number % len(reports)])


def keyboard_with_breaks(reports: list[bytes]) -> Iterator[Frame]:
    """The same with a report of another length every 330 reports, as game controllers and tablets send."""
    for number, (time_us, frame) in enumerate(keyboard_alone(reports)):
        is_break = number % 660 == 15
        yield time_us, _frame(number // 2, 1, 1, 0x81, bytes(12)) if is_break else frame


def keyboard_and_serial_port(reports: list[bytes]) -> Iterator[Frame]:
    """The same with every third completion a bulk transfer of 1 to 37 bytes: no lengths repeat for long."""
    stream = b"".join(reports)
    for time_us, frame in keyboard_alone(reports):
        number = time_us // INTERVAL_US
        if number % 6 == 5:
            length = 1 + number * number % 37
            at = number % (len(stream) - length)
            yield time_us, _frame(number, 1, 3, 0x82, stream[at : at + length])
        else:
            yield time_us, frame


def with_large(frames: list[Frame]) -> list[Frame]:
    """Put one transfer of 64 KB in the middle."""
    middle = len(frames) // 2
    large = (frames[middle][0], _frame(middle, 1, 3, 0x82, bytes(range(256)) * (BULK_BYTES // 256)))
    return [*frames[:middle], large, *frames[middle + 1 :]]


def _frame(number: int, info: int, transfer: int, endpoint: int, data: bytes) -> bytes:
    return _USBPCAP.pack(27, number, 0, 9, info, 1, 5, endpoint, transfer, len(data)) + data


def _write_pcap(path: Path, frames: list[Frame]) -> Path:
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, USBPCAP)]
    for time_us, frame in frames:
        seconds, microseconds = divmod(time_us, 1_000_000)
        parts.append(_RECORD.pack(START_S + seconds, microseconds, len(frame), len(frame)) + frame)
    path.write_bytes(b"".join(parts))
    return path


def _write_pcapng(path: Path, frames: list[Frame]) -> Path:
    parts = [
        _block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)),
        _block(1, struct.pack("<HHI", USBPCAP, 0, 1 << 18)),
    ]
    for time_us, frame in frames:
        ticks = START_S * 1_000_000 + time_us
        head = struct.pack("<5I", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
        parts.append(_block(6, head + frame))
    path.write_bytes(b"".join(parts))
    return path


def _block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)
