"""Single tones in fixed point against the sum itself in float64."""

import numpy as np
import pytest

from zerotap.errors import FeatureError
from zerotap.features.transforms.goertzel import Goertzel
from zerotap.features.transforms.interface import Signal

# By the length of windows: what rounding adds to a magnitude, as features/transforms/goertzel.py states.
ROUNDING = {8: 2, 50: 2, 64: 2, 256: 12, 512: 60}


def reference(items: np.ndarray, tones: np.ndarray) -> np.ndarray:
    """Magnitudes (n, tones, channels) at frequencies in cycles a sample."""
    turns = np.exp(-2j * np.pi * np.outer(tones, np.arange(items.shape[1])))
    return np.abs(np.einsum("tk,nkc->ntc", turns, items.astype(float)))


@pytest.mark.parametrize("length", ROUNDING)
@pytest.mark.parametrize("amplitude", [1, 100, 32767])
def test_magnitudes_are_within_the_stated_error(length, amplitude):
    rng = np.random.default_rng(length)
    tones = np.concatenate(
        [np.arange(1, length // 2) / length, rng.uniform(1 / length, 0.5 - 1 / length, 20)]
    )
    tones = tones[:: max(1, len(tones) // 40)]
    phases = 2 * np.pi * np.outer(rng.choice(tones, 20), np.arange(length)) + rng.uniform(0, 6, (20, 1))
    items = np.concatenate(
        [np.rint(amplitude * np.sin(phases)), rng.integers(-amplitude, amplitude + 1, (20, length))]
    ).astype(np.int16)[:, :, np.newaxis]
    error = np.abs(Goertzel(tuple(tones), 1.0).batch(items) - reference(items, tones))
    assert error.max() < length * amplitude * 5e-4 + ROUNDING[length]


@pytest.mark.parametrize("frequency", [1 / 512, 0.2499, 0.25, 0.2501, 0.5 - 1 / 512])
def test_the_loudest_tones_do_not_overflow(frequency):
    cosine = np.cos(2 * np.pi * frequency * np.arange(512))
    for samples in (np.where(cosine < 0, -32768, 32767), np.full(512, -32768), np.tile([-32768, 32767], 256)):
        items = samples.astype(np.int16)[np.newaxis, :, np.newaxis]
        result = Goertzel((frequency,), 1.0).batch(items).item()
        assert abs(result - reference(items, np.array([frequency])).item()) < 512 * 32768 * 1e-3


def test_a_tone_stands_out_in_its_own_channel():
    time_s = np.arange(100) / 1000
    items = np.stack(
        [3000 * np.sin(2 * np.pi * 50 * time_s), 3000 * np.sin(2 * np.pi * 120 * time_s)], axis=1
    )
    result = Goertzel((50.0, 120.0), 1000.0).batch(items.astype(np.int16)[np.newaxis])[0]
    assert np.abs(np.diag(result) - 150_000).max() < 300
    assert max(result[0, 1], result[1, 0]) < 300


@pytest.mark.parametrize(
    ("tones", "rate", "message"),
    [
        ((), 100.0, "no tone"),
        ((50.0,), 100.0, "50.0 Hz"),
        ((0.0,), 100.0, "0.0 Hz"),
        ((float("nan"),), 100.0, "nan Hz"),
        ((5.0,), float("inf"), "inf samples"),
    ],
)
def test_no_tone(tones, rate, message):
    with pytest.raises(FeatureError, match=message):
        Goertzel(tones, rate)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Signal((64, 1), "int8"), "int16"),
        (Signal((64,), "int16"), "samples, channels"),
        (Signal((7, 1), "int16"), "8 to 512"),
        (Signal((513, 1), "int16"), "8 to 512"),
        (Signal((16, 1), "int16"), "6.25 to 43.75 Hz"),
    ],
)
def test_what_is_refused(source, message):
    with pytest.raises(FeatureError, match=message):
        Goertzel((5.0, 40.0), 100.0).output(source)
