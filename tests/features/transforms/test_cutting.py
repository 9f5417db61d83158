"""Windows: shapes, what they hold, and that they are views where they can be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.errors import FeatureError
from zerotap.features import count_windows

SHAPES = st.tuples(st.integers(1, 80), st.integers(1, 20), st.integers(1, 20), st.floats(0, 1)).filter(
    lambda shape: shape[2] <= shape[1]
)


def stream(rows: int) -> np.ndarray:
    # No row is zero, so padding shows.
    return (np.arange(rows * 8) % 255 + 1).astype(np.uint8).reshape(rows, 8)


@given(SHAPES)
def test_every_window_starts_one_hop_after_the_last_and_only_the_last_is_padded(shape):
    rows, length, hop, fill = shape
    data = stream(rows)
    windows = count_windows(data, length, hop, fill)
    assert windows.shape[1:] == (length, 8)
    assert windows.dtype == np.uint8
    assert len(windows) >= 1
    for number, window in enumerate(windows):
        real = data[number * hop : number * hop + length]
        assert np.array_equal(window[: len(real)], real)
        assert not window[len(real) :].any()
        assert len(real) == length or number == len(windows) - 1


@given(SHAPES)
def test_what_is_left_out_is_less_than_the_minimum_fill(shape):
    rows, length, hop, fill = shape
    windows = count_windows(stream(rows), length, hop, fill)
    unseen = rows - ((len(windows) - 1) * hop + length)
    if unseen > 0:
        assert rows - len(windows) * hop < fill * length
    # No window is there in vain: without the last one, some rows would be unseen.
    assert len(windows) == 1 or (len(windows) - 2) * hop + length < rows


@given(SHAPES)
def test_a_minimum_fill_of_zero_sees_every_row(shape):
    rows, length, hop, _ = shape
    assert (len(count_windows(stream(rows), length, hop, 0.0)) - 1) * hop + length >= rows


def test_unpadded_windows_are_a_view():
    data = stream(96)
    assert np.shares_memory(count_windows(data, 32, 16), data)


def test_no_rows_give_no_windows():
    assert count_windows(stream(0), 5, 5).shape == (0, 5, 8)


@pytest.mark.parametrize("parameters", [(0, 1, 0.5), (4, 0, 0.5), (4, 5, 0.5), (4, 4, 1.5), (4, 4, -0.1)])
def test_impossible_parameters_are_refused(parameters):
    with pytest.raises(FeatureError, match="choose"):
        count_windows(stream(10), *parameters)
