"""The steps of a training, each a batch: what comes when is a matter of the seed and the step's number alone.

So a training that was killed goes on with the very batch that would have come next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf
    from numpy.typing import NDArray

    from .augmentation import Mover


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Model inputs ``x`` (n, ...), their targets (n, ...) and what each weighs, float32 (n,)."""

    x: NDArray[Any]
    targets: NDArray[Any]
    weights: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.x)

    def only(self, chosen: NDArray[np.bool_]) -> Examples:
        """Those that are ``chosen``, bool (n,)."""
        return Examples(self.x[chosen], self.targets[chosen], self.weights[chosen])


def batches(
    examples: Examples, batch: int, seed: int, first_step: int, mover: Mover | None
) -> tf.data.Dataset:
    """(x, targets, weights) of each step from ``first_step`` on, without end: pass by pass, each shuffled.

    The last batch of a pass may be smaller. ``mover`` augments each.
    """
    import tensorflow as tf

    a_pass = -(-len(examples) // batch)
    places = tf.data.Dataset.range(first_step // a_pass, tf.int64.max)
    places = places.flat_map(lambda number: _a_pass(len(examples), batch, seed, number))
    steps = tf.data.Dataset.range(first_step, tf.int64.max)
    arrays = tuple(tf.constant(array) for array in (examples.x, examples.targets, examples.weights))

    def gather(step: tf.Tensor, chosen: tf.Tensor) -> tuple[tf.Tensor, ...]:
        x, targets, weights = (tf.gather(array, chosen) for array in arrays)
        return (x if mover is None else mover(x, step), targets, weights)

    numbered = tf.data.Dataset.zip(steps, places.skip(first_step % a_pass))
    return numbered.map(gather, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def _a_pass(count: int, batch: int, seed: int, number: tf.Tensor) -> tf.data.Dataset:
    """The places of each batch of a pass."""
    import tensorflow as tf

    seeds = tf.stack([tf.constant(seed, tf.int64), number])
    drawn = tf.random.stateless_uniform((count,), seeds, None, None, tf.int32)
    order = tf.argsort(drawn, stable=True)
    begins = tf.data.Dataset.range(0, count, batch)
    return begins.map(lambda begin: order[begin : begin + batch])
