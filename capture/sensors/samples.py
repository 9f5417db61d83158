"""Samples: what a framing finds in the bytes of a recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Samples in order: ``values`` (n, channels), int16 or float64.

    For each packet of the recording: ``by_packet``, integers, how many samples are complete at its end, and
    ``numbers``, the place of the last of them in the sender's count, lost ones included. ``whole_bytes``: of
    the samples and of what belongs between them. ``names`` of the channels where the stream gives any.
    ``told_bytes`` are of lines for a person, before the first sample.
    """

    values: NDArray[np.int16] | NDArray[np.float64]
    by_packet: NDArray[np.integer]
    numbers: NDArray[np.integer]
    whole_bytes: int
    lost: int
    names: tuple[str, ...] = ()
    told_bytes: int = 0
