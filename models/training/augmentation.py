"""Augmentation: windows that might have been recorded, made anew for every step, off unless asked for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.errors import ModelError

if TYPE_CHECKING:
    import tensorflow as tf
    from numpy.typing import NDArray

    from zerotap.features import Windows

MOST: Final = {"jitter": 3.0, "scale": 0.9, "warp": 0.9}
_KNOTS: Final = 4
"""Places of a window between which time goes at one speed."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far windows are moved; 0 leaves them. Raises ModelError for what is out of range.

    ``jitter`` (to 3): noise on each value, in standard deviations of its channel over the training windows.
    ``scale`` (to .9): how far each channel of a window is stretched about its mean in training, as a standard
    deviation of the factor. ``warp`` (to .9): how far the speed of time varies within a window, likewise.
    """

    jitter: float = 0.0
    scale: float = 0.0
    warp: float = 0.0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not 0 <= value <= MOST[name]:
                raise ModelError(f"augmentation {name}={value:g} is out of range: give 0 to {MOST[name]:g}")

    @property
    def is_off(self) -> bool:
        """Whether windows stay as they are."""
        return not (self.jitter or self.scale or self.warp)

    @classmethod
    def read(cls, text: str) -> Augmentation:
        """Read "jitter=.3,scale=.1,warp=.1", any of them; raises ModelError, which says what is meant."""
        values: dict[str, float] = {}
        for word in filter(None, text.split(",")):
            name, _, value = word.partition("=")
            if name.strip() not in MOST:
                raise _unread(word)
            if name.strip() in values:
                raise ModelError(f"augmentation {name.strip()} is given twice: give it once")
            try:
                values[name.strip()] = float(value)
            except ValueError as error:
                raise _unread(word) from error
        return cls(**values)

    def check(self, name: str, windows: Windows) -> None:
        """Raise ModelError where a model's windows cannot be moved so: ids, or time where there is none."""
        if self.is_off:
            return
        if windows.x.dtype == np.int32:
            raise ModelError(
                f"model {name} reads ids, which cannot be moved a little: leave out the augmentation"
            )
        if self.warp and windows.x.ndim != _WITH_TIME:
            raise ModelError(
                f"windows of shape {windows.x.shape[1:]} have no time to warp: leave out warp={self.warp:g}"
            )


_WITH_TIME: Final = 3


def _unread(word: str) -> ModelError:
    return ModelError(
        f"augmentation {word!r} is none: give jitter=SIGMAS, scale=SHARE and warp=SHARE, with commas between"
    )


@dataclass(frozen=True, slots=True, eq=False)
class Mover:
    """An augmentation with what it measured on training windows, x float32 0 to 1 (n, ..., channels)."""

    augmentation: Augmentation
    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    seed: int

    @classmethod
    def measured(cls, augmentation: Augmentation, x: NDArray[np.float32], seed: int) -> Mover:
        """Measure each channel of windows of (time, channels), each value of others."""
        axes = tuple(range(x.ndim - 1)) if x.ndim >= _WITH_TIME else (0,)
        return cls(augmentation, x.mean(axis=axes), x.std(axis=axes), seed)

    def __call__(self, x: tf.Tensor, step: tf.Tensor) -> tf.Tensor:
        """Move a batch float32 (n, ...) as the seed and the step's number draw it; it stays in 0 to 1."""
        import tensorflow as tf

        moved = x
        if self.augmentation.warp:
            moved = warped(moved, self._normal((tf.shape(x)[0], _KNOTS), step, 0) * self.augmentation.warp)
        if self.augmentation.scale:
            each = (tf.shape(x)[0], *[1] * (len(x.shape) - 2), x.shape[-1])
            factors = 1 + self._normal(each, step, 1) * self.augmentation.scale
            moved = self.mean + (moved - self.mean) * factors
        if self.augmentation.jitter:
            noise = self._normal(tf.shape(x), step, 2)
            moved += noise * (self.augmentation.jitter * self.deviation)
        return tf.clip_by_value(moved, 0.0, 1.0)

    def _normal(self, shape: Any, step: tf.Tensor, what: int) -> tf.Tensor:  # noqa: ANN401
        import tensorflow as tf

        seeds = tf.stack([tf.constant(self.seed, tf.int64), step * len(MOST) + what])
        return tf.random.stateless_normal(shape, seeds)


def warped(x: tf.Tensor, changes: tf.Tensor) -> tf.Tensor:
    """Let time go faster and slower in windows (n, time, channels), between the same first and last sample.

    ``changes`` (n, knots): how much faster it goes at places spread over the window; half of its speed is the
    least. Samples between two are in proportion.
    """
    import tensorflow as tf

    length, knots = int(x.shape[1]), int(changes.shape[1])
    places = np.linspace(0, knots - 1, length)
    left = np.minimum(places.astype(int), knots - 2)
    share = (places - left).astype(np.float32)
    speeds = tf.gather(changes, left, axis=1) * (1 - share) + tf.gather(changes, left + 1, axis=1) * share
    times = tf.cumsum(tf.maximum(1 + speeds, 0.5), axis=1, exclusive=True)
    times *= (length - 1) / tf.maximum(times[:, -1:], 1e-6)
    begin = tf.clip_by_value(tf.cast(times, tf.int32), 0, max(length - 2, 0))
    part = (times - tf.cast(begin, tf.float32))[..., None]
    after = tf.minimum(begin + 1, length - 1)
    return tf.gather(x, begin, batch_dims=1) * (1 - part) + tf.gather(x, after, batch_dims=1) * part
