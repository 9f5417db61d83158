"""Framing: the bytes of a serial port (CDC) into samples of a sensor, with the rate that was measured.

A framing is a function from a recording to ``Samples``: ``find_frames`` for binary frames, ``find_lines``
for text. Either starts again at the next whole frame or line after a loss, and counts what it passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.errors import CaptureError

from .binary_frames import find_frames
from .pacing import Pace, measure_pace
from .samples import Samples
from .text_lines import find_lines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture.packet import Recording

FRAMINGS: Mapping[str, Callable[[Recording], Samples]] = {"binary": find_frames, "text": find_lines}
"""Every framing by name."""
LEAST_SHARE = 0.5
"""What share of the bytes must be samples before "auto" believes that they are meant to be."""


@dataclass(frozen=True, slots=True, eq=False)
class SensorStream:
    """Samples in order, and how they came.

    ``values`` (n, channels): int16 from binary frames, float64 from text. ``timestamps_ns`` int64 (n,): when
    the packet arrived that completed the sample; those of one packet share it. ``dropped_bytes`` belong to
    no sample, ``lost_frames`` are samples known to be missing. ``rate_hz`` and ``jitter_s`` are the measured
    ones of ``pace``, None where they can't be measured.
    """

    kind: str
    values: NDArray[np.int16] | NDArray[np.float64]
    timestamps_ns: NDArray[np.int64]
    names: tuple[str, ...]
    dropped_bytes: int
    lost_frames: int
    pace: Pace

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        rate = "unknown" if self.rate_hz is None else f"{self.rate_hz:.1f} Hz"
        return f"SensorStream({self.kind}, {len(self)} samples of {', '.join(self.names)}, {rate})"

    @property
    def rate_hz(self) -> float | None:
        """Samples a second."""
        return self.pace.rate_hz

    @property
    def jitter_s(self) -> float | None:
        """How far packets arrive from when they should, root mean square in seconds."""
        return self.pace.jitter_s

    def to_json(self) -> dict[str, Any]:
        """Return everything but the samples and their times as plain values for JSON."""
        return {
            "framing": self.kind,
            "channels": list(self.names),
            "samples": len(self),
            "lost_frames": self.lost_frames,
            "dropped_bytes": self.dropped_bytes,
            **self.pace.to_json(),
        }


def frame_recording(recording: Recording, kind: str = "auto") -> SensorStream:
    """Find the samples in a recording's bytes; ``kind`` is "binary", "text" or "auto", the likelier of them.

    How the bytes were divided into packets changes nothing but the timestamps. Raises CaptureError for an
    unknown kind, for bytes without a sample, and with "auto" where less than half of them are samples.
    """
    if kind not in ("auto", *FRAMINGS):
        raise CaptureError(f"unknown framing {kind!r}; choose auto or one of {', '.join(FRAMINGS)}")
    found = ((name, find(recording)) for name, find in FRAMINGS.items() if kind in ("auto", name))
    best, samples = max(found, key=lambda one: one[1].whole_bytes)
    total_bytes = len(recording.payload)
    least_bytes = LEAST_SHARE * (total_bytes - samples.told_bytes) if kind == "auto" else 0
    if not len(samples.values) or samples.whole_bytes < least_bytes:
        raise CaptureError(
            f"{recording.name}: {samples.whole_bytes} of {total_bytes} bytes are samples ({best}): let the "
            "board send lines of numbers, or the binary frames of examples/SensorStream"
        )
    return _stream(recording, best, samples)


def describe_sensor(recording: Recording) -> dict[str, Any] | None:
    """Return framing, channels, samples, losses, rate and jitter for a report; None if it is no sensor.

    Only bulk endpoints carry a serial port's bytes.
    """
    if recording.transfer != "bulk":
        return None
    try:
        return frame_recording(recording).to_json()
    except CaptureError:
        return None


def _stream(recording: Recording, kind: str, samples: Samples) -> SensorStream:
    counts = np.diff(samples.by_packet, prepend=0)
    arrives = counts > 0
    timestamps_ns = np.repeat(recording.timestamps_ns[arrives], counts[arrives])
    return SensorStream(
        kind=kind,
        values=samples.values,
        timestamps_ns=timestamps_ns,
        names=samples.names or tuple(f"channel_{i}" for i in range(samples.values.shape[1])),
        dropped_bytes=len(recording.payload) - samples.whole_bytes,
        lost_frames=samples.lost,
        pace=measure_pace(recording.timestamps_ns[arrives], samples.numbers[arrives]),
    )
