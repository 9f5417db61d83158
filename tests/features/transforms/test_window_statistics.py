"""Statistics in fixed point against NumPy's and SciPy's in float."""

from itertools import combinations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from zerotap.errors import FeatureError
from zerotap.features.transforms.interface import Signal
from zerotap.features.transforms.square_root import square_root
from zerotap.features.transforms.window_statistics import MAX_LENGTH, STATISTICS, Statistics, energy_shift

WINDOWS = st.one_of(
    arrays(dtype, st.tuples(st.integers(1, 5), st.integers(2, 60), st.integers(2, 4)))
    for dtype in (np.int8, np.int16)
)


def signed(values):
    return (values < 0).astype(int)


def below_mean(values):
    return (values.shape[1] * values.astype(int) < values.sum(axis=1, dtype=int, keepdims=True)).astype(int)


FLOAT = {
    "mean": lambda x: x.mean(axis=1) * 16,
    "deviation": lambda x: x.std(axis=1) * 16,
    "min": lambda x: x.min(axis=1),
    "max": lambda x: x.max(axis=1),
    "range": lambda x: np.ptp(x.astype(int), axis=1),
    "rms": lambda x: np.sqrt(np.mean(x.astype(float) ** 2, axis=1)) * 16,
    "zero_crossings": lambda x: np.abs(np.diff(signed(x), axis=1)).sum(axis=1),
    "mean_crossings": lambda x: np.abs(np.diff(below_mean(x), axis=1)).sum(axis=1),
    "energy": lambda x: (x.astype(int) ** 2).sum(axis=1) >> energy_shift(x.shape[1], x.dtype.name),
    "mean_absolute_difference": lambda x: np.abs(np.diff(x.astype(int), axis=1)).sum(1) * 16 / x.shape[1],
}
# Half a unit of the rounding, and for square roots the unit below that of their floor.
TOLERANCE = {"mean": 0.501, "deviation": 1, "rms": 1, "mean_absolute_difference": 0.501}


@pytest.mark.parametrize("name", FLOAT)
@given(items=WINDOWS)
def test_each_is_numpys_rounded(name, items):
    result = Statistics((name,)).batch(items)
    assert np.abs(result - FLOAT[name](items)).max() <= TOLERANCE.get(name, 0)


@given(items=WINDOWS)
def test_correlation_is_pearsons(items):
    results = Statistics(("correlation",)).batch(items) / 2**14
    pairs = list(combinations(range(items.shape[2]), 2))
    for window, row in zip(items.astype(float), results, strict=True):
        for (i, j), r in zip(pairs, row, strict=True):
            spreads = 16 * len(window) * window[:, [i, j]].std(axis=0)
            if spreads.min() == 0:
                assert r == 0
            else:
                expected = scipy.stats.pearsonr(window[:, i], window[:, j]).statistic
                assert abs(r - expected) < 2**-14 + 1.2 * (1 / spreads).sum()


def test_correlation_is_exact_to_its_last_bits_for_a_long_window():
    rng = np.random.default_rng(4)
    x = rng.normal(0, 5000, (100, 256, 2))
    x[:, :, 1] += x[:, :, 0]
    items = np.clip(x, -32768, 32767).astype(np.int16)
    expected = [np.corrcoef(window.T.astype(float))[0, 1] for window in items]
    assert np.abs(Statistics(("correlation",)).batch(items)[:, 0] / 2**14 - expected).max() < 2**-14


@given(items=WINDOWS)
def test_interquartile_is_off_by_less_than_a_bin(items):
    ordered = np.sort(items.astype(int), axis=1)
    quarter = items.shape[1] // 4
    exact = ordered[:, -1 - quarter] - ordered[:, quarter]
    spread = ordered[:, -1] - ordered[:, 0]
    error = np.abs(Statistics(("interquartile",)).batch(items) - exact)
    assert np.all(np.where(spread < 32, error == 0, error < spread / 16))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16"])
def test_the_longest_and_largest_windows_do_not_overflow(dtype):
    limits = np.iinfo(dtype)
    items = np.full((1, MAX_LENGTH, 2), limits.max, dtype)
    items[0, ::2] = limits.min
    names = ("mean", "deviation", "rms", "energy", "range", "correlation")
    mean, _, deviation, _, rms, _, energy, _, spread, _, r = Statistics(names).batch(items)[0].tolist()
    assert abs(mean / 16 - items.mean()) <= 1 / 16
    assert abs(deviation / 16 - items.std()) <= 1 / 16
    assert abs(rms / 16 - np.sqrt(np.mean(items.astype(float) ** 2))) <= 1 / 16
    assert energy == (items[0, :, 0].astype(int) ** 2).sum() >> energy_shift(MAX_LENGTH, dtype)
    assert spread == limits.max - limits.min
    assert r == 1 << 14
    steps = Statistics(("mean_absolute_difference",)).batch(items)[0] / 16
    assert np.abs(steps - spread * (MAX_LENGTH - 1) / MAX_LENGTH).max() <= 1 / 16


def test_many_windows_are_as_one_by_one():
    items = np.random.default_rng(0).integers(-3000, 3000, (5000, 20, 3)).astype(np.int16)
    statistics = Statistics(tuple(STATISTICS))
    batch = statistics.batch(items)
    assert np.array_equal(batch[::97], np.concatenate([statistics.batch(row[None]) for row in items[::97]]))


def test_a_view_of_overlapping_windows_will_do():
    rows = np.random.default_rng(0).integers(-9, 9, (100, 2)).astype(np.int8)
    windows = np.moveaxis(np.lib.stride_tricks.sliding_window_view(rows, 10, axis=0), -1, 1)
    statistics = Statistics(("mean", "interquartile"))
    assert np.array_equal(statistics.batch(windows), statistics.batch(windows.copy()))


@given(value=st.integers(0, 2**62 - 1))
def test_square_root_is_exact(value):
    root = int(square_root(np.array([value]))[0])
    assert root**2 <= value < (root + 1) ** 2


def test_square_root_at_every_step():
    roots = np.arange(2**31 - 1000, 2**31, dtype=np.int64)
    assert np.array_equal(square_root(roots**2), roots)
    assert np.array_equal(square_root(roots**2 - 1), roots - 1)


def test_names():
    names = Statistics(("mean", "correlation")).feature_names(Signal((9, 3), "int16"))
    assert names == ["mean_0", "mean_1", "mean_2", "correlation_0_1", "correlation_0_2", "correlation_1_2"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Signal((9, 3), "float64"), "float64"),
        (Signal((9, 3), "int32"), "int32"),
        (Signal((9,), "int16"), "samples, channels"),
        (Signal((1, 3), "int16"), "2 to 2048"),
        (Signal((2049, 3), "int16"), "2 to 2048"),
        (Signal((9, 0), "int16"), "1 to 64"),
        (Signal((9, 1), "int16"), "two channels"),
        (Signal((9, 2), "uint8"), "mean_crossings"),
    ],
)
def test_what_is_refused(source, message):
    statistics = Statistics(("zero_crossings", "correlation"))
    with pytest.raises(FeatureError, match=message):
        statistics.output(source)
    with pytest.raises(FeatureError, match=message):
        statistics.batch(np.zeros((2, *source.shape), source.dtype))


@pytest.mark.parametrize(("names", "message"), [(("median",), "median.*mean"), ((), "no statistic"),
                                                (("min", "min"), "twice")])  # fmt: skip
def test_unknown_statistics_are_refused(names, message):
    with pytest.raises(FeatureError, match=message):
        Statistics(names)
