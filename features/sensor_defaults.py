"""The pipeline of a sensor's dataset where none is given: windows of about a second, half of it new."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from .inputs.frames import stream_of
from .inputs.registry import input_of
from .pipeline import Pipeline
from .transforms.count_window import CountWindows
from .transforms.decimate import MOST, Decimate
from .transforms.range_scale import RangeScale
from .transforms.sample_scale import SampleScale
from .transforms.window_statistics import MAX_CHANNELS, MIN_LENGTH, Statistics

if TYPE_CHECKING:
    from zerotap.capture import Recording, SensorStream

    from .transforms.interface import Transform

WINDOW_S: Final = 1.0
HOP: Final = 0.5
"""Of a window is new in the next."""
MOST_VALUES: Final = 2048
"""Of a window: more are decimated. A dense layer of 64 then takes half of the flash."""
LENGTH_WITHOUT_RATE: Final = 64


def is_of_sensor(recording: Recording) -> bool:
    """Whether it holds the samples of a sensor's serial port, binary frames or lines of numbers."""
    found = input_of(recording) if recording.transfer == "bulk" else None
    return found is not None and found[0].name in ("frames", "numbers")


def sensor_pipeline(
    name: str,
    training: Sequence[tuple[Recording, int]],
    statistics: Sequence[str] = (),
    fewest: int = 1,
    *,
    window_s: float = WINDOW_S,
    hop: float = HOP,
) -> Pipeline:
    """Windows of about ``window_s`` at the rate that was measured in ``training``, fitted to it.

    Each begins a share ``hop``, above 0 to 1, of its length after the one before.

    Without ``statistics`` a window's samples, int8 (length, channels); with them those of each window, int8
    (statistics * channels,), where it has enough samples and channels. A window is no longer than the median
    recording, but at least ``fewest`` samples. ``training`` holds (recording, class index); raises
    FeatureError where it has no samples.
    """
    streams = [stream for recording, _ in training if (stream := stream_of(recording, "auto"))]
    is_binary = bool(streams) and all(stream.kind == "binary" for stream in streams)
    channels = streams[0].values.shape[1] if streams else 1
    length = _length(streams, fewest, window_s)
    factor = min(MOST, -(-length * channels // MOST_VALUES))
    length = max(fewest, length // factor)
    samples: list[Transform] = [] if is_binary else [SampleScale()]
    samples += [Decimate(factor)] if factor > 1 else []
    windows = CountWindows(length, max(1, int(length * hop)), padding="edge")
    if statistics and length >= MIN_LENGTH and channels <= MAX_CHANNELS:
        stages = [*samples, windows, Statistics(tuple(statistics)), SampleScale(), RangeScale()]
    else:
        stages = [*samples, RangeScale(), windows]
    source, row_bytes = ("frames", 2 * channels) if is_binary else ("numbers", 0)
    return Pipeline(name, tuple(stages), source, row_bytes).fitted(training)


def _length(streams: Sequence[SensorStream], fewest: int, window_s: float) -> int:
    """Samples of a window."""
    rates = [stream.rate_hz for stream in streams if stream.rate_hz]
    second = round(float(np.median(rates)) * window_s) if rates else round(LENGTH_WITHOUT_RATE * window_s)
    median = int(np.median([len(stream) for stream in streams])) if streams else second
    return max(fewest, min(second, median), 1)
