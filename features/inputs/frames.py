"""Frames: samples out of the binary frames that a sensor's serial port carries (examples/SensorStream)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from zerotap.capture import SensorStream, frame_recording
from zerotap.errors import CaptureError, FeatureError

from .samples import draw_samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Recording


class Frames:
    """Each whole frame's sample as int16 (channels,), two bytes a channel, however packets divide the frames.

    A sample's time is that of the packet that completed its frame.
    """

    name: ClassVar[str] = "frames"
    dtype: ClassVar[str] = "int16"
    channels_vary: ClassVar[bool] = True

    def read(self, recording: Recording, row_bytes: int) -> tuple[NDArray[np.int64], NDArray[np.int16]]:
        """Give every sample; raises FeatureError where frames have another number of channels."""
        stream = stream_of(recording, "binary")
        if stream is None:
            return np.empty(0, np.int64), np.empty((0, row_bytes // 2), np.int16)
        channels = stream.values.shape[1]
        if 2 * channels != row_bytes:
            raise FeatureError(
                f"recording {recording.name or '(unnamed)'} has frames of {channels} channels, not of "
                f"{row_bytes // 2}: set the pipeline's report_bytes to {2 * channels}"
            )
        return stream.timestamps_ns, stream.values.astype(np.int16, copy=False)

    def draw(self, rng: np.random.Generator, count: int, row_bytes: int) -> NDArray[Any]:
        """Values over the whole range of int16: what a board samples itself, without the frames' bytes."""
        return draw_samples(rng, count, row_bytes)


def channels_in(recording: Recording) -> int | None:
    """The channels of the recording's binary frames; None where no frame is whole."""
    stream = stream_of(recording, "binary")
    return None if stream is None else int(stream.values.shape[1])


def stream_of(recording: Recording, framing: str) -> SensorStream | None:
    """The samples of a recording by a framing, or by the likelier one ("auto"); None where there are none."""
    try:
        return frame_recording(recording, framing)
    except CaptureError:
        return None
