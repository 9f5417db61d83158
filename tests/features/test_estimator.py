"""Transforms as a step of scikit-learn's own pipeline."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from zerotap.errors import FeatureError
from zerotap.features.estimator import WindowFeatures
from zerotap.features.transforms.decimate import Decimate
from zerotap.features.transforms.range_scale import RangeScale
from zerotap.features.transforms.window_statistics import Statistics


@pytest.fixture
def shaken() -> tuple[np.ndarray, np.ndarray]:
    """Windows int16 (80, 32, 2) of two kinds: a weak and a strong vibration."""
    rng = np.random.default_rng(0)
    labels = np.arange(80) % 2
    return (rng.normal(0, 200 + 400 * labels[:, None, None], (80, 32, 2))).astype(np.int16), labels


def test_a_step_of_a_scikit_learn_pipeline(shaken):
    windows, labels = shaken
    features = WindowFeatures([Statistics(("deviation", "range"))])
    model = make_pipeline(features, StandardScaler(), LogisticRegression())
    assert clone(model).fit(windows[:40], labels[:40]).score(windows[40:], labels[40:]) > 0.95


def test_columns_are_the_stages_own_results_with_their_names(shaken):
    windows, _ = shaken
    stage = Statistics(("min", "max"))
    features = WindowFeatures([stage])
    assert np.array_equal(features.fit_transform(windows), stage.batch(windows))
    assert features.get_feature_names_out().tolist() == stage.feature_names(features.source_)
    scaled = WindowFeatures([RangeScale((-4000,), (4000,))]).fit(windows)
    assert scaled.transform(windows).shape == (80, 64)
    assert scaled.get_feature_names_out()[[0, 63]].tolist() == ["range_scale_0", "range_scale_63"]
    assert WindowFeatures([]).fit(windows).get_feature_names_out()[0] == "x0"


@pytest.mark.parametrize(
    "wrong", [np.zeros((4, 8, 2)), np.zeros(4, np.int16), [[1, 2]], np.full((2, 2), np.nan)]
)
def test_what_are_no_windows_is_refused(wrong):
    with pytest.raises(FeatureError, match="array of integers"):
        WindowFeatures([RangeScale((0,), (1,))]).fit(wrong)


def test_other_windows_than_fitted_and_stages_with_state_are_refused(shaken):
    windows, _ = shaken
    with pytest.raises(FeatureError, match="one kind"):
        WindowFeatures([RangeScale((0,), (1,))]).fit(windows).transform(windows[:, :5])
    with pytest.raises(FeatureError, match="decimate keeps state"):
        WindowFeatures([Decimate(2)]).fit(windows)


def test_a_constant_channel_is_refused() -> None:
    windows = np.random.default_rng(0).integers(-9, 9, (5, 8, 2)).astype(np.int16)
    windows[:, :, 0] = 3
    with pytest.raises(FeatureError, match="channel 0 is 3"):
        WindowFeatures([Statistics(("mean",))]).fit(windows)
