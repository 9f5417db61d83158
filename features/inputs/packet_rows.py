"""Packets of one length as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Recording


def packet_rows(recording: Recording, row_bytes: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Timestamps in ns int64 (n,) and bytes uint8 (n, row_bytes) of the packets of that length."""
    return recording.timestamps_ns[recording.lengths == row_bytes], recording.reports(row_bytes)


def most_common_length(recording: Recording) -> int | None:
    """The length in bytes that most packets with data have; None where there are none."""
    lengths = recording.lengths[recording.lengths > 0]
    return int(np.bincount(lengths).argmax()) if len(lengths) else None
