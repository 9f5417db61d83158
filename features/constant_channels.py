"""Channels that never change: a sensor that is not connected, or an axis that is not read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.errors import FeatureError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def refuse_constant_channels(samples: NDArray[Any]) -> None:
    """Raise FeatureError for a channel of sensor samples int16 (..., channels) that holds a single value.

    Nothing can be learnt from it, its correlations are undefined (0 by convention, on the host as on the
    board) and no range can be taken from it. Bytes are no such samples: a report's reserved byte is always 0.
    """
    rows = samples.reshape(-1, samples.shape[-1])
    if len(rows) < 2:
        return
    constant = np.flatnonzero((rows == rows[0]).all(axis=0))
    if len(constant):
        channel = int(constant[0])
        raise FeatureError(
            f"channel {channel} is {rows[0, channel]} in all {len(rows):,} samples: "
            "connect what it measures, or leave it out"
        )
