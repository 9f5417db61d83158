"""A Keras model as one TensorFlow function, and that as a .tflite without a SavedModel between them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from zerotap.firmware.tflite.writer import rename_ends

from . import keras_ends

if TYPE_CHECKING:
    import keras

Names = tuple[Sequence[str], Sequence[str]]
"""What inputs and outputs are called, each in order."""


def traced(model: keras.Model) -> Any:  # noqa: ANN401
    """The model as a concrete function with a batch of 1: its inputs in order to its outputs.

    With a free batch, Flatten would compute its shape at run time.
    """
    import keras
    import tensorflow as tf

    found = keras_ends.inputs(model)
    names = keras_ends.signature_names(model)[0]
    given = [
        tf.TensorSpec((1, *each.shape[1:]), each.dtype, name) for each, name in zip(found, names, strict=True)
    ]

    def run(*windows: Any) -> Any:  # noqa: ANN401
        made = model(keras_ends.as_structured(model, list(windows)), training=False)
        return keras.tree.flatten(made)

    return tf.function(run, given, autograph=False).get_concrete_function()


def converted(model: keras.Model, calibrate: Callable[..., bytes] | None = None) -> bytes:
    """The .tflite of a Keras model with a batch of 1, its inputs and outputs in order and by their names.

    ``calibrate``: what is made of the converter's float file, which is then one to quantise: it begins with
    the file's content. Raises what TensorFlow's converter raises.
    """
    return tflite_of(traced(model), keras_ends.signature_names(model), calibrate)


def tflite_of(
    function: Any,  # noqa: ANN401
    names: Names,
    calibrate: Callable[..., bytes] | None = None,
    *,
    keeps_calls: bool = False,
) -> bytes:
    """The .tflite of a concrete function, its variables as constants; otherwise as converted().

    ``names``: what its inputs and outputs are called, each in order. ``keeps_calls``: of a function without
    variables; the functions that it calls stay, and become one operator where the converter has one.

    TensorFlow's own way from a Keras model, or with the function's variables at hand, goes through a
    SavedModel, which is written and read twice: most of the time, for the same operators, weights and scales.
    """
    import tensorflow as tf

    with _without_advice():
        converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
    if keeps_calls:
        parts = function.graph.as_graph_def(), function.inputs, function.outputs, function
        converter._freeze_concrete_function = lambda: parts  # its own puts calls in their places
    if calibrate is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: iter(())  # has to be there, and is not asked
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter._quantize = calibrate  # its own calibrates in this process, which a crash would end
    with _without_advice():
        content: bytes = converter.convert()
    return rename_ends(content, None, names)


@contextmanager
def _without_advice() -> Iterator[None]:
    """TensorFlow warns of a deprecated way wherever it is not given the variables, see tflite_of().

    And, once a text layer was built in this process, of its table, whatever model is converted.
    """
    logs = [logging.getLogger(name) for name in ("absl", "tensorflow")]
    levels = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)
