"""Standardised features: close to the formula, clipped, fitted to training recordings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import Packet, Recording
from zerotap.errors import FeatureError
from zerotap.features import Pipeline
from zerotap.features.transforms.count_window import CountWindows
from zerotap.features.transforms.interface import Signal
from zerotap.features.transforms.standardise import LEAST_DEVIATION, MOST, STEPS, Standardise
from zerotap.features.transforms.window_statistics import Statistics

MEANS = st.floats(-MOST, MOST) | st.floats(-1000, 1000)
DEVIATIONS = st.floats(LEAST_DEVIATION, MOST) | st.floats(LEAST_DEVIATION, 1000)
INT32 = st.integers(-(1 << 31), (1 << 31) - 1)


@given(MEANS, DEVIATIONS, st.lists(st.floats(-6, 6), min_size=1, max_size=30), st.lists(INT32, max_size=10))
def test_results_are_the_formula_within_a_fiftieth_of_a_step(mean, deviation, places, values):
    values = values + [int(np.clip(mean + place * deviation, -(1 << 31), (1 << 31) - 1)) for place in places]
    items = np.array(values, np.int32)[:, None]
    exact = np.clip(STEPS * (items.astype(np.float64) - mean) / deviation, -128, 127)
    result = Standardise((mean,), (deviation,)).batch(items)
    assert np.abs(result - exact).max() <= 0.5 + 0.02


def test_four_deviations_fill_an_int8_and_more_is_clipped():
    items = np.array([[100], [110], [90], [139], [141], [60], [0], [1000]], np.int16)
    result = Standardise((100.0,), (10.0,)).batch(items)
    assert result.ravel().tolist() == [0, 32, -32, 125, 127, -128, -128, 127]


def test_fitting_takes_mean_and_deviation_of_each_feature():
    rng = np.random.default_rng(0)
    items = np.stack([rng.normal(500, 40, 4000), rng.normal(-3, 2, 4000), np.full(4000, 7)], axis=1)
    fitted = Standardise().fitted_to(np.rint(items).astype(np.int32))
    assert np.allclose(fitted.mean, [500, -3, 7], atol=2)
    assert np.allclose(fitted.deviation, [40, 2, 1], rtol=0.05)
    results = fitted.batch(np.rint(items).astype(np.int32))
    assert np.allclose(results.mean(axis=0), 0, atol=0.5)
    assert np.allclose(results[:, :2].std(axis=0), STEPS, rtol=0.02)


def test_a_rare_feature_gets_the_least_deviation():
    items = np.zeros((4000, 1), np.int32)
    items[7] = 1
    fitted = Standardise().fitted_to(items)
    assert fitted.deviation == (LEAST_DEVIATION,)
    assert fitted.batch(np.array([[0], [1]], np.int32)).ravel().tolist() == [0, 127]


def test_a_pipeline_measures_it_behind_the_statistics_and_keeps_it_as_toml():
    rng = np.random.default_rng(1)
    samples = rng.integers(-300, 300, (120, 3)).astype("<i2")
    recording = Recording.from_packets([Packet(n, 0x81, row.tobytes()) for n, row in enumerate(samples)])
    stages = (CountWindows(20, 10), Statistics(("mean", "deviation")), Standardise())
    pipeline = Pipeline("features", stages, "samples", 6)
    assert not pipeline.is_fitted
    assert Pipeline.from_toml(pipeline.to_toml()) == pipeline
    fitted = pipeline.fitted([(recording, 0)])
    assert Pipeline.from_toml(fitted.to_toml()) == fitted
    windows = fitted.transform([(recording, 0)])
    assert (windows.x.dtype, windows.x.shape[1:]) == (np.int8, (6,))
    assert np.abs(windows.x.mean(axis=0)).max() < 1
    assert fitted.feature_names == [
        f"{name}_{channel}" for name in ("mean", "deviation") for channel in range(3)
    ]


@pytest.mark.parametrize(
    ("mean", "deviation", "message"),
    [
        ((1.0,), (), "1 means and 0 deviations"),
        ((1.0,), (0.1,), "deviation from 0.125"),
        ((float("nan"),), (1.0,), "feature 0 of mean nan"),
        ((1.0, float("inf")), (1.0, 1.0), "feature 1 of mean inf"),
        ((1.0,), (float("nan"),), "deviation nan"),
    ],
)
def test_other_values_are_refused(mean, deviation, message):
    with pytest.raises(FeatureError, match=message):
        Standardise(mean, deviation)


def test_as_many_features_as_it_has():
    with pytest.raises(FeatureError, match="standardise of 2 features takes no int8 of shape"):
        Standardise((1.0, 2.0), (1.0, 1.0)).output(Signal((3,), "int8"))
