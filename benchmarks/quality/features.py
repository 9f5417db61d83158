"""The features of sensors and of typing, as pipelines: the desktop's models read what the board's read."""

from __future__ import annotations

from zerotap.features import Pipeline
from zerotap.features.transforms import (
    CountWindows,
    Decimate,
    KeyProfile,
    KeystrokeTiming,
    RangeScale,
    SampleScale,
    Statistics,
)

FRAME_BYTES = 2
EXERCISE = (
    Decimate(4),
    CountWindows(50, 50, padding="drop"),
    Statistics(("mean", "deviation", "min", "max")),
)
MOTIONS = (
    CountWindows(100, 100, padding="edge"),
    Statistics(("mean", "deviation", "mean_absolute_difference")),
)


def of_frames(name: str, stages: tuple, channels: int) -> Pipeline:
    return Pipeline(name, stages, "frames", FRAME_BYTES * channels)


TYPISTS = Pipeline("typists", (KeystrokeTiming(), KeyProfile()), "timed_reports")
FEATURES = {
    "exercise": of_frames("exercise", EXERCISE, 3),
    "motions": of_frames("motions", MOTIONS, 6),
    "typists": TYPISTS,
}
SCALED = {
    "exercise": of_frames("exercise", (*EXERCISE, SampleScale(), RangeScale()), 3),
    "motions": of_frames("motions", (*MOTIONS, SampleScale(), RangeScale()), 6),
}
