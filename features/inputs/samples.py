"""Samples: packets that are nothing but a sensor's int16 values, one packet a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from .packet_rows import packet_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Recording


class Samples:
    """Each packet of ``row_bytes`` bytes as int16 (row_bytes / 2,), little-endian."""

    name: ClassVar[str] = "samples"
    dtype: ClassVar[str] = "int16"
    channels_vary: ClassVar[bool] = True

    def read(self, recording: Recording, row_bytes: int) -> tuple[NDArray[np.int64], NDArray[np.int16]]:
        """Give the packets of that length, a view of the recording where it can be."""
        timestamps_ns, rows = packet_rows(recording, row_bytes)
        return timestamps_ns, rows.view("<i2")

    def draw(self, rng: np.random.Generator, count: int, row_bytes: int) -> NDArray[Any]:
        """Values over the whole range of int16."""
        return draw_samples(rng, count, row_bytes)


def draw_samples(rng: np.random.Generator, count: int, row_bytes: int) -> NDArray[np.int16]:
    """Samples int16 (count, row_bytes / 2) over the whole range."""
    return rng.integers(-32768, 32768, (count, row_bytes // 2), dtype=np.int16)
