"""The calibration error, on probabilities of which the answer is known."""

import numpy as np
import pytest

from zerotap.models.evaluation.calibration import BINS, calibration_error


def test_nine_of_ten_said_with_nine_tenths_is_calibrated():
    right = np.array([True] * 9 + [False])
    assert calibration_error(np.full(10, 0.9), right) == pytest.approx(0)


def test_always_sure_and_half_right_is_off_by_a_half():
    assert calibration_error(np.ones(4), np.array([True, False, True, False])) == pytest.approx(0.5)


def test_bins_do_not_cancel_each_other():
    confidences = np.array([0.95, 0.95, 0.55, 0.55])
    right = np.array([True, False, True, True])  # .45 too sure, and .45 too little
    assert calibration_error(confidences, right) == pytest.approx(0.45)


def test_it_is_the_sum_over_bins_that_its_docstring_gives():
    rng = np.random.default_rng(0)
    confidences = rng.random(500)
    right = rng.random(500) < confidences**2
    bins = [(confidences >= at / BINS) & (confidences < (at + 1) / BINS) for at in range(BINS)]
    expected = sum(abs(right[one].mean() - confidences[one].mean()) * one.mean() for one in bins if one.any())
    assert calibration_error(confidences, right) == pytest.approx(expected)
