"""Pacing: the rate and jitter of samples, measured from when they arrived."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_BASELINE_ARRIVALS = 256
"""Packets end within a sample: intervals are measured over many packets, at most a quarter of them all."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Rates in samples a second, jitter in seconds; all None where fewer than two arrivals can be told apart.

    ``rate_hz`` is 1 / the median interval and ignores pauses, ``mean_rate_hz`` is from first to last with the
    pauses in it. Jitter is how far packets arrive from the time that their samples would take at ``rate_hz``:
    root mean square, and the 99th percentile. Where samples run over from one packet into the next, up to
    one sample's time of it is theirs.
    """

    rate_hz: float | None = None
    mean_rate_hz: float | None = None
    jitter_s: float | None = None
    jitter_p99_s: float | None = None

    def to_json(self) -> dict[str, float | None]:
        """Return the fields by name."""
        return asdict(self)


def measure_pace(timestamps_ns: NDArray[np.int64], numbers: NDArray[np.integer]) -> Pace:
    """Measure samples that arrived in packets at ``timestamps_ns`` int64 (n,).

    ``numbers`` integer (n,), growing, counts them as the sender did, up to the last of each packet, so that
    lost ones take their time too.
    """
    is_last = np.append(timestamps_ns[1:] != timestamps_ns[:-1], True)[: len(timestamps_ns)]
    seconds = (timestamps_ns[is_last] - timestamps_ns[:1]) / 1e9
    counts = numbers[is_last]
    if len(seconds) < 2 or seconds[-1] <= 0:
        return Pace()
    span = max(1, min(MOST_BASELINE_ARRIVALS, len(seconds) // 4))
    interval_s = float(np.median((seconds[span:] - seconds[:-span]) / (counts[span:] - counts[:-span])))
    if interval_s <= 0:
        return Pace()
    late_s = np.diff(seconds) - np.diff(counts) * interval_s
    return Pace(
        rate_hz=1 / interval_s,
        mean_rate_hz=float((counts[-1] - counts[0]) / seconds[-1]),
        jitter_s=float(np.sqrt(np.mean(late_s**2))),
        jitter_p99_s=float(np.percentile(np.abs(late_s), 99)),
    )
