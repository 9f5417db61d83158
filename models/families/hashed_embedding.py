"""The layer that looks hashed words up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf
from keras import layers

if TYPE_CHECKING:
    from typing import TypeAlias

    DType: TypeAlias = str | keras.DTypePolicy | None


@keras.saving.register_keras_serializable(package="zerotap")
class HashedEmbedding(layers.Layer):  # type: ignore[misc]  # keras ships no types
    """A table of ``buckets`` rows: ids int32 (n, ids), 0 to buckets - 1, become float32 (n, ids, width).

    It is tf.gather alone; Keras's own Embedding wraps indices below 0, which costs the board three more
    operators.
    """

    def __init__(
        self, buckets: int, width: int, name: str | None = None, trainable: bool = True, dtype: DType = None
    ) -> None:
        super().__init__(name=name, trainable=trainable, dtype=dtype)
        self.buckets = buckets
        self.width = width

    def build(self, input_shape: tuple[int, ...]) -> None:
        """Make the table."""
        self.table = self.add_weight(shape=(self.buckets, self.width), initializer="uniform", name="table")

    def call(self, ids: tf.Tensor) -> tf.Tensor:
        """Look the ids up."""
        return tf.gather(self.table, ids)

    def get_config(self) -> dict[str, Any]:
        """Return what ``__init__`` needs to make the layer again."""
        return {**super().get_config(), "buckets": self.buckets, "width": self.width}
