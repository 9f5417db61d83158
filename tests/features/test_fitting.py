"""Fitting: a pipeline that leaves something out, and what training recordings fill in."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from zerotap.capture import Packet, Recording
from zerotap.capture.sensors.binary_frames import encode_frames
from zerotap.errors import FeatureError
from zerotap.features import Pipeline, sensor_pipeline
from zerotap.features.transforms.count_window import CountWindows
from zerotap.features.transforms.interface import Signal
from zerotap.features.transforms.range_scale import RangeScale
from zerotap.features.transforms.sample_scale import SampleScale
from zerotap.features.transforms.standardise import Standardise
from zerotap.features.transforms.window_statistics import Statistics

EXAMPLE = Path(__file__).parents[2] / "examples" / "motion.toml"
STAGES = (SampleScale(), RangeScale(), CountWindows(2, 2))


def told(values: np.ndarray, name: str = "told") -> Recording:
    lines = [f"{','.join(f'c{n}' for n in range(values.shape[1]))}\n"]
    lines += [",".join(f"{value:g}" for value in row) + "\n" for row in values]
    packets = [Packet(n * 10**7, 0x83, line.encode()) for n, line in enumerate(lines)]
    return replace(Recording.from_packets(packets, name=name), transfer="bulk")


def test_decimals_and_ranges_are_those_of_the_training_recordings_alone():
    train = told(np.array([[0.5, -3], [1.25, 9], [0.75, 0]]))
    pipeline = Pipeline("moves", STAGES, "numbers", 0)
    assert not pipeline.is_fitted
    fitted = pipeline.fitted([(train, 0)])
    assert fitted.is_fitted
    assert (fitted.report_bytes, fitted.decimals) == (8, (2, 0))
    assert fitted.stages[0] == SampleScale((13, -9), (162, 15))
    windows = fitted.transform([(train, 0), (told(np.array([[9.0, 99], [-9.0, -99]])), 1)])
    assert windows.x[-1].tolist() == [[127, 127], [-128, -128]]
    assert fitted.fitted([(told(np.array([[8.0, 8], [7, 7]])), 0)]) is fitted


def test_a_fitted_pipeline_comes_back_from_toml_and_one_that_is_not_too():
    pipeline = Pipeline("moves", STAGES, "numbers", 0)
    fitted = pipeline.fitted([(told(np.array([[0.5, -3], [1.25, 9]])), 0)])
    for one in (pipeline, fitted):
        assert Pipeline.from_toml(one.to_toml()) == one


def test_what_is_given_is_kept():
    scale = SampleScale((-100,), (100,))
    pipeline = Pipeline("moves", (scale, RangeScale(), CountWindows(2, 2)), "numbers", 4, (1,))
    fitted = pipeline.fitted([(told(np.array([[0.125], [8.5]])), 0)])
    assert (fitted.decimals, fitted.stages[0]) == ((1,), scale)
    assert fitted.stages[1].is_fitted


def test_before_it_is_fitted_a_pipeline_cuts_nothing_and_says_what_to_do():
    pipeline = Pipeline("moves", STAGES, "numbers", 0)
    for use in (lambda: pipeline.signals, lambda: pipeline.transform([(told(np.ones((3, 2))), 0)])):
        with pytest.raises(FeatureError, match="leaves out what training measures: train a model with it"):
            use()


def test_a_channel_that_never_changes_is_told_and_does_not_stop_training(caplog):
    values = np.column_stack([np.arange(6), np.full(6, 7.5)])
    with caplog.at_level(logging.WARNING):
        fitted = Pipeline("moves", STAGES, "numbers", 0).fitted([(told(values), 0)])
    assert "channel c1 is 7.5 in all 6 training samples" in caplog.text
    assert "c0" not in caplog.text
    assert len(fitted.transform([(told(values), 0)])) == 3


def test_recordings_without_numbers_are_named_with_a_way_out():
    keys = Recording.from_packets([Packet(0, 0x81, bytes(8))], name="keys")
    with pytest.raises(
        FeatureError, match=r'keys has no numbers: it holds 8-byte packets: .* source = "reports"'
    ):
        Pipeline("moves", STAGES, "numbers", 0).fitted([(keys, 0)])
    with pytest.raises(FeatureError, match="no recordings to fit"):
        Pipeline("moves", STAGES, "numbers", 0).fitted([])


def test_text_and_frames_are_not_mixed():
    lines = told(np.array([[0.5, -3], [1.25, 9], [0.75, 0]]), "lines")
    sent = encode_frames(np.zeros((30, 2), np.int16))
    frames = replace(Recording.from_packets([Packet(0, 0x83, sent)], name="frames"), transfer="bulk")
    with pytest.raises(FeatureError, match=r"frames of binary and lines of text samples: .* other units"):
        sensor_pipeline("moves", [(lines, 0), (frames, 1)])


@pytest.mark.parametrize(
    ("source", "decimals"), [("frames", (1,)), ("numbers", (1, 2, 3)), ("numbers", (400,))]
)
def test_decimals_that_cannot_be_are_refused(source, decimals):
    with pytest.raises(FeatureError, match="decimals"):
        Pipeline("moves", (CountWindows(2, 2),), source, 8, decimals)


@pytest.mark.parametrize("channels", [1, 3, 6])
def test_the_example_fits_a_sensor_of_any_number_of_channels(channels):
    rng = np.random.default_rng(channels)
    fitted = Pipeline.read(EXAMPLE).fitted([(told(rng.normal(0, 1, (300, channels))), 0)])
    assert fitted.signals[-1] == Signal((2 * channels,), "int8")


def test_ranges_are_measured_behind_windows_of_samples_too():
    rng = np.random.default_rng(2)
    values = rng.integers(-500, 900, (60, 3)).astype("<i2")
    recording = Recording.from_packets([Packet(n, 0x81, row.tobytes()) for n, row in enumerate(values)])
    pipeline = Pipeline("raw", (CountWindows(10, 5), RangeScale()), "samples", 6)
    fitted = pipeline.fitted([(recording, 0)])
    low, high = values.min(axis=0).tolist(), values.max(axis=0).tolist()
    assert fitted.stages[1] == RangeScale(tuple(low), tuple(high))
    windows = fitted.transform([(recording, 0)])
    assert (windows.x.dtype, int(windows.x.min()), int(windows.x.max())) == (np.int8, -128, 127)


def test_a_range_of_statistics_is_refused_with_what_takes_them():
    values = np.random.default_rng(2).integers(-500, 900, (60, 3)).astype("<i2")
    recording = Recording.from_packets([Packet(n, 0x81, row.tobytes()) for n, row in enumerate(values)])
    stages = (CountWindows(10, 5), Statistics(("mean", "mean_absolute_difference")))
    with pytest.raises(
        FeatureError, match=r"not int32 of shape .*sample_scale before it, or take standardise"
    ):
        Pipeline("raw", (*stages, RangeScale()), "samples", 6).fitted([(recording, 0)])
    scaled = Pipeline("raw", (*stages, SampleScale(), RangeScale()), "samples", 6).fitted([(recording, 0)])
    standard = Pipeline("raw", (*stages, Standardise()), "samples", 6).fitted([(recording, 0)])
    assert scaled.signals[-1] == standard.signals[-1] == Signal((6,), "int8")


def test_the_typists_example_takes_the_keys_of_the_training_recordings(typing):
    reports = typing([(0, usage, False) for usage in (4, 5, 4, 6, 7)])
    packets = [Packet(n * 90_000_000, 0x81, row.tobytes()) for n, row in enumerate(reports)]
    fitted = Pipeline.read(EXAMPLE.with_name("typists.toml")).fitted([(Recording.from_packets(packets), 0)])
    assert fitted.stages[1].keys == (4, 5, 6, 7)
    assert fitted.signals[-1] == Signal((4 * 4 + 15,), "int8")
