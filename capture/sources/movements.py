"""Movements of our own making: what an accelerometer that somebody holds measures, seeded, with noise.

No person was recorded: a hand is sums of sines whose pace and strength wander, a tap a pulse that rings out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ONE_G: Final = 8192
"""The count that means the acceleration of free fall: a range of +-4 g."""
SAMPLES: Final = 1 << 15
"""Of a take, five and a half minutes at 100 a second; then it begins anew, as do a frame's 256 numbers."""
_NOISE_G: Final = 0.012
_TILT_G: Final = 0.12
_WANDER_S: Final = 2.0
_RING_HZ: Final = 18.0
_RING_S: Final = 0.04
_TAPS_S: Final = (0.35, 0.9)

Movement = Callable[[np.random.Generator, float], "NDArray[np.float64]"]
"""Gives the acceleration in g, float64 (SAMPLES, 3), at so many samples a second."""


def movement_samples(name: str, rate_hz: float, take: int = 1) -> NDArray[np.int16]:
    """One of MOVEMENTS as int16 (SAMPLES, 3): x, y, z in counts of 1 / ONE_G g.

    The same ``take`` at the same rate gives the same samples; another is held and moved a little differently.
    """
    rng = np.random.default_rng([take, *name.encode()])
    moved = MOVEMENTS[name](rng, rate_hz)
    tilt = np.array([*rng.normal(0, _TILT_G, 2), 0.0])
    gravity = np.array([0.0, 0.0, 1.0]) + tilt
    measured = moved + gravity / np.linalg.norm(gravity) + rng.normal(0, _NOISE_G, moved.shape)
    counts: NDArray[np.int16] = np.clip(np.rint(measured * ONE_G), -32768, 32767).astype(np.int16)
    return counts


def _rest(rng: np.random.Generator, rate_hz: float) -> NDArray[np.float64]:
    """It lies on a table."""
    return np.zeros((SAMPLES, 3))


def _wave(rng: np.random.Generator, rate_hz: float) -> NDArray[np.float64]:
    """From side to side, and at each end a little up."""
    phase, strength = _phase(rng, rate_hz, 1.3), _wandering(rng, rate_hz)
    return _along(0.7 * strength, np.sin(phase), 0.1 * np.cos(phase), 0.2 * np.sin(2 * phase))


def _circle(rng: np.random.Generator, rate_hz: float) -> NDArray[np.float64]:
    """Round and round, flat above the table."""
    phase, strength = _phase(rng, rate_hz, 1.0), _wandering(rng, rate_hz)
    return _along(0.5 * strength, np.cos(phase), np.sin(phase), 0.05 * np.sin(phase))


def _tap(rng: np.random.Generator, rate_hz: float) -> NDArray[np.float64]:
    """A finger taps on it now and then: a pulse down that rings out."""
    starts = (np.cumsum(rng.uniform(*_TAPS_S, SAMPLES)) * rate_hz).astype(np.int64)
    struck = np.zeros(SAMPLES)
    np.add.at(struck, starts[starts < SAMPLES], rng.uniform(0.7, 1.4, int((starts < SAMPLES).sum())))
    time_s = np.arange(max(2, round(6 * _RING_S * rate_hz))) / rate_hz
    ring = np.exp(-time_s / _RING_S) * np.cos(2 * np.pi * _RING_HZ * time_s)
    pulses = np.convolve(struck, ring)[:SAMPLES]
    return _along(pulses, np.full(SAMPLES, 0.15), np.full(SAMPLES, 0.1), np.full(SAMPLES, -1.0))


def _shake(rng: np.random.Generator, rate_hz: float) -> NDArray[np.float64]:
    """Hard to and fro, mostly along x."""
    phase, strength = _phase(rng, rate_hz, 5.0), _wandering(rng, rate_hz)
    fro = np.sin(phase) + 0.25 * np.sin(3 * phase)
    return _along(1.6 * strength, fro, 0.4 * np.sin(phase + 0.5), 0.3 * np.sin(2 * phase))


def _along(strength: NDArray[np.float64], *axes: NDArray[np.float64]) -> NDArray[np.float64]:
    """So much along x, y and z: (SAMPLES, 3)."""
    moved: NDArray[np.float64] = np.stack([strength * axis for axis in axes], axis=1)
    return moved


def _phase(rng: np.random.Generator, rate_hz: float, turns_hz: float) -> NDArray[np.float64]:
    """The phase in radians of a movement whose pace wanders about ``turns_hz``, from anywhere on."""
    pace_hz = turns_hz * rng.uniform(0.9, 1.1) * _wandering(rng, rate_hz)
    return rng.uniform(0, 2 * np.pi) + 2 * np.pi * np.cumsum(pace_hz) / rate_hz


def _wandering(rng: np.random.Generator, rate_hz: float) -> NDArray[np.float64]:
    """A factor about 1, mostly from 0.8 to 1.2, another every _WANDER_S and straight between: (SAMPLES,)."""
    time_s = np.arange(SAMPLES) / rate_hz
    knots = rng.normal(1, 0.1, int(time_s[-1] / _WANDER_S) + 2).clip(0.7, 1.3)
    factor: NDArray[np.float64] = np.interp(time_s / _WANDER_S, np.arange(len(knots)), knots)
    return factor


MOVEMENTS: Final[Mapping[str, Movement]] = {
    "rest": _rest,
    "wave": _wave,
    "circle": _circle,
    "tap": _tap,
    "shake": _shake,
}
"""Every movement by its name."""
