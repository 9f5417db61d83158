"""Descriptions: what a capture or a dataset holds, as plain values that become JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zerotap.capture.files.link_types import READ_NAMES
from zerotap.capture.files.number_files import given_file
from zerotap.capture.files.reading import warnings_of
from zerotap.capture.sensors.sensor_stream import describe_sensor

from .dataset import Dataset
from .loading import read_each

if TYPE_CHECKING:
    from zerotap.capture.packet import Recording


def describe(path: str | Path) -> dict[str, Any]:
    """Describe the dataset in the folder ``path``, or else the capture in that file."""
    return describe_dataset(path) if Path(path).is_dir() else describe_capture(path)


def describe_capture(path: str | Path) -> dict[str, Any]:
    """Return type, path, size_bytes, streams, what is not USB, and where it is torn, of a capture or .csv.

    ``warnings`` says the last two in sentences; ``sensors`` is what ``framing`` measures of the streams that
    are samples. Raises CaptureError as reading does.
    """
    path = Path(path)
    capture = given_file(path).capture()
    sensors = {recording.name: describe_sensor(recording) for recording in capture.recordings}
    return {
        "type": "capture",
        "path": str(path),
        "size_bytes": path.stat().st_size if path.is_file() else None,
        "streams": [_describe_stream(recording) for recording in capture.recordings],
        "sensors": [{"stream": name, **sensor} for name, sensor in sensors.items() if sensor],
        "foreign_packets": capture.foreign,
        "torn_at_byte": capture.tear.at if capture.tear else None,
        "warnings": warnings_of(capture, path),
    }


def _describe_stream(recording: Recording) -> dict[str, Any]:
    device = recording.device
    return {
        "stream": recording.name,
        "device": f"{device.vendor_id:04x}:{device.product_id:04x}" if device.vendor_id else None,
        "endpoint": int(recording.endpoints[0]),
        "transfer": recording.transfer,
        "packets": len(recording),
        "bytes": len(recording.payload),
        "lengths": {
            str(length): count for length, count in sorted(Counter(recording.lengths.tolist()).items())
        },
        "seconds": recording.duration_s,
        **{kind: sum(event.kind == kind for event in recording.events) for kind in ("failed", "gap")},
        "link_type": recording.link_type,
        "link_type_name": READ_NAMES[recording.link_type],
    }


def describe_dataset(path: str | Path) -> dict[str, Any]:
    """Return type, path, manifest and classes (recordings, packets, seconds of each) of a dataset.

    ``split``: ``by`` what it is divided, and ``test_fraction`` (0 to 1), which has no say by "column".
    ``damaged`` says in a sentence each what cannot be read; the classes count what can. Raises CaptureError
    for a folder that is no dataset.
    """
    dataset = Dataset.open(path)
    totals = {label: {"recordings": 0, "packets": 0, "seconds": 0.0} for label in dataset.classes}
    entries, faults = dataset.readable_entries()
    loaded, damaged = read_each(dataset.load, entries)
    for entry, recording in loaded:
        total = totals.setdefault(entry.label, {"recordings": 0, "packets": 0, "seconds": 0.0})
        total["recordings"] += 1
        total["packets"] += len(recording)
        total["seconds"] += recording.duration_s
    return {
        "type": "dataset",
        "path": str(path),
        "data": "synthetic" if dataset.synthetic else "real",
        "licence": dataset.manifest.licence,
        "consent": dataset.manifest.consent,
        "device": asdict(dataset.manifest.device),
        "split": dataset.manifest.split.to_toml(),
        "classes": [{"label": label, **total} for label, total in totals.items()],
        "damaged": [str(fault) for fault in (*faults, *damaged)],
    }
