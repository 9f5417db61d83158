"""What a recorded sensor turned out to send, measured once and kept beside the recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zerotap.capture.files.reading import read_recordings
from zerotap.capture.sensors.sensor_stream import describe_sensor

from .dataset import Dataset


def note_sensor(dataset: Dataset, path: Path) -> dict[str, Any] | None:
    """Measure framing, channels, rate and jitter of the recording ``path`` and store them in the manifest.

    None, and nothing stored, where its bytes are no samples.
    """
    measured = [describe_sensor(recording) for recording in read_recordings(path)]
    if len(measured) != 1 or measured[0] is None:
        return None
    dataset.note_sensor(path.stem, {key: value for key, value in measured[0].items() if value is not None})
    return measured[0]


def sensor_line(measured: dict[str, Any]) -> str:
    """Say in a line what ``note_sensor`` measured."""
    rate_hz, jitter_s = measured["rate_hz"], measured["jitter_s"]
    pace = "rate unknown" if rate_hz is None else f"{rate_hz:.2f} samples/s, jitter {jitter_s * 1e3:.2f} ms"
    shape = f"{measured['framing']}, {len(measured['channels'])} channels, {measured['samples']} samples"
    return f"sensor: {shape}, {pace}, {measured['lost_frames']} lost"
