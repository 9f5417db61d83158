"""Sensor samples through filter, windows and spectra or statistics: names, TOML, and the simulated board."""

import numpy as np
import pytest

from zerotap.features.pipeline import Pipeline
from zerotap.features.transforms.count_window import CountWindows
from zerotap.features.transforms.filters import Design
from zerotap.features.transforms.goertzel import Goertzel
from zerotap.features.transforms.log_bands import LogBands
from zerotap.features.transforms.narrow import Narrow
from zerotap.features.transforms.spectrum import Spectrum
from zerotap.features.transforms.window_statistics import Statistics
from zerotap.firmware.generation.transform_chain import generate_chain
from zerotap.firmware.simulation.toolchain import find_compiler
from zerotap.firmware.simulation.transform_board import BoardChain

# The last stage, and the name of its second feature of windows of two channels.
LAST = {
    "statistics": (Statistics(("mean", "correlation")), "mean_1"),
    "spectrum": (Spectrum(), "bin_0_channel_1"),
    "log_bands": (LogBands.spaced(64, 6), "bins_1_to_1_channel_1"),
    "goertzel": (Goertzel((5.0, 20.0), 100.0), "5.0_hz_channel_1"),
}


@pytest.fixture(params=LAST)
def pipeline(request) -> Pipeline:
    low_pass = Design("lowpass", (10.0,), 100.0, 4).filter()
    return Pipeline("sensor", (low_pass, CountWindows(64, 32), LAST[request.param][0]), "samples", 4)


@pytest.fixture
def samples() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 5000, (200, 2)).astype(np.int16)


def test_toml_gives_the_same_chain(pipeline):
    assert Pipeline.from_toml(pipeline.to_toml()) == pipeline


def test_the_board_gives_the_same_features(pipeline, samples):
    chain = generate_chain("sensor", pipeline.stages, pipeline.signals[0])
    run = BoardChain("sensor", chain, find_compiler("zig")).run(samples)
    results = [result for given in run.results for result in given]
    assert len(results) == 6  # the last is padded
    assert np.array_equal(results, pipeline.apply(samples))


@pytest.mark.parametrize("name", LAST)
def test_features_have_names(name, samples):
    stage, second = LAST[name]
    windows = samples[:192].reshape(3, 64, 2)
    pipeline = Pipeline("named", (CountWindows(64, 64), stage), "samples", 4)
    names = pipeline.feature_names
    assert len(set(names)) == len(names) == stage.batch(windows).reshape(3, -1).shape[1]
    assert names[1] == second
    kept = () if stage.name == "log_bands" else (Narrow(0),)
    assert Pipeline("kept", (*pipeline.stages, *kept), "samples", 4).feature_names == names
    lost = Pipeline("lost", (*pipeline.stages, CountWindows(2, 2)), "samples", 4)
    assert lost.feature_names == []
