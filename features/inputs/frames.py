"""Samples out of the binary frames that a sensor's serial port carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture import frame_recording
from zerotap.errors import CaptureError, FeatureError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Recording


def framed_samples(recording: Recording, channels: int) -> NDArray[np.int16]:
    """The samples of a recording's binary frames, int16 (n, channels); none where no frame is whole.

    Raises FeatureError where the frames have another number of channels.
    """
    try:
        values = frame_recording(recording, "binary").values
    except CaptureError:
        return np.empty((0, channels), np.int16)
    if values.shape[1] != channels:
        raise FeatureError(
            f"recording {recording.name or '(unnamed)'} has frames of {values.shape[1]} channels, not of "
            f"{channels}: set the pipeline's report_bytes to {2 * values.shape[1]}"
        )
    return values.astype(np.int16, copy=False)
