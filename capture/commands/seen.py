"""What a recording looks like while it comes: the values of samples as sparklines, or the last report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zerotap.errors import CaptureError

if TYPE_CHECKING:
    from zerotap.capture.packet import Packet
    from zerotap.capture.sensors.sensor_stream import SensorStream

BARS = "▁▂▃▄▅▆▇█"
LATEST_BYTES = 1 << 14
SHOWN_VALUES, SHOWN_CHANNELS, SHOWN_BYTES = 32, 8, 16


def seen_lines(latest: Sequence[Packet], hidden: bool) -> list[str]:
    """Return lines for the ``latest`` packets of a stream: values of its samples, or the last report."""
    if not latest:
        return []
    if (stream := _samples(latest)) is not None:
        return _value_lines(stream)
    if hidden:
        return []
    data = latest[-1].data
    more = " ..." if len(data) > SHOWN_BYTES else ""
    return [f"  last report: {data[:SHOWN_BYTES].hex(' ')}{more} ({len(data)} bytes)"]


def _samples(latest: Sequence[Packet]) -> SensorStream | None:
    """The samples in the latest packets; None where they are something else."""
    from dataclasses import replace

    from zerotap.capture.packet import Recording
    from zerotap.capture.sensors.sensor_stream import frame_recording

    chosen: list[Packet] = []
    size = 0
    for packet in reversed(latest):
        size += len(packet.data)
        if chosen and size > LATEST_BYTES:
            break
        chosen.append(packet)
    recording = replace(Recording.from_packets(reversed(chosen)), transfer="bulk")
    try:
        stream = frame_recording(recording)
    except CaptureError:
        return None
    return stream if len(stream) else None


def _value_lines(stream: SensorStream) -> list[str]:
    rate = "" if stream.rate_hz is None else f"  {stream.rate_hz:.0f} samples/s"
    width = max(map(len, stream.names[:SHOWN_CHANNELS]))
    lines = [rate] if rate else []
    for name, column in zip(stream.names[:SHOWN_CHANNELS], stream.values.T.tolist(), strict=False):
        values = column[-SHOWN_VALUES:]
        lines.append(f"  {name.ljust(width)}  {values[-1]:>10g}  {sparkline(values)}")
    left = len(stream.names) - SHOWN_CHANNELS
    return [*lines, f"  and {left} channels more"] if left > 0 else lines


def sparkline(values: Sequence[float]) -> str:
    """Return a character for each value, the higher the higher; those between the least and the most."""
    least, most = min(values), max(values)
    steps = (len(BARS) - 1) / (most - least) if most > least else 0.0
    return "".join(BARS[round((value - least) * steps)] for value in values)
