"""Models that Keras 2 saved: what their layers' configs say that Keras 3 has no word for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final

# Arguments of Keras 2's layers, with the values that mean what Keras 3 does without them.
_DEFAULTS: Final[dict[str, tuple[object, ...]]] = {
    "groups": (1, None),
    "time_major": (False, None),
    "renorm": (False, None),
    "renorm_clipping": (None,),
    "renorm_momentum": (0.99, None),
    "virtual_batch_size": (None,),
    "fused": (True, False, None),
    "ragged": (False, None),
}
# Arguments that only training needs: SeparableConv2D has them of the Conv2D that it was derived from.
_OF_TRAINING: Final = ("kernel_initializer", "kernel_regularizer", "kernel_constraint")
# An Embedding says it again, which the InputLayer before it says.
_OF_INPUT: Final = ("batch_input_shape",)


@contextmanager
def keras_2_layers() -> Iterator[None]:
    """While it lasts, Keras takes layers as Keras 2 describes them, where they compute the same."""
    import keras

    layer, normalisation = keras.layers.Layer, keras.layers.BatchNormalization
    of_layer, of_normalisation = layer.__init__, normalisation.__init__

    @wraps(of_layer)
    def init_layer(self: Any, *arguments: Any, **given: Any) -> None:  # noqa: ANN401
        known = {key: value for key, value in given.items() if not _is_old(key, value)}
        of_layer(self, *arguments, **known)

    @wraps(of_normalisation)
    def init_normalisation(self: Any, axis: Any = -1, *arguments: Any, **given: Any) -> None:  # noqa: ANN401
        only = axis[0] if isinstance(axis, list | tuple) and len(axis) == 1 else axis
        of_normalisation(self, only, *arguments, **given)

    with _replaced(layer, init_layer), _replaced(normalisation, init_normalisation):
        yield


@contextmanager
def _replaced(kind: type, init: Callable[..., None]) -> Iterator[None]:
    """A class with another __init__."""
    before = vars(kind)["__init__"]
    vars(init)["__signature__"] = inspect.signature(before)  # Keras looks an __init__'s arguments up
    setattr(kind, "__init__", init)  # noqa: B010  (mypy allows no other way)
    try:
        yield
    finally:
        setattr(kind, "__init__", before)  # noqa: B010


def _is_old(key: str, value: object) -> bool:
    return key in (*_OF_TRAINING, *_OF_INPUT) or (key in _DEFAULTS and value in _DEFAULTS[key])
