"""A SavedModel's folder as a float .tflite with a batch of 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.contents import check_regular
from zerotap.errors import ModelError

from .recurrent.without_loops import float_tflite
from .saved_graph import SIGNATURE, read_saved_graph, window_shape
from .tensorflow_steps import refusals


def read_saved_model(
    folder: Path, lengths: Sequence[int] = ()
) -> tuple[bytes, Callable[[NDArray[Any]], NDArray[Any]]]:
    """Convert the serving signature.

    Returns the float .tflite and the signature as a function: windows (n, ...) to outputs (n, outputs).
    Raises ModelError: no SavedModel, several inputs or outputs, a shape that is not fixed, or operators that
    TensorFlow cannot convert.
    """
    for path in folder.rglob("*"):
        if not path.is_dir() and path.exists():
            check_regular(path, ModelError)
    import tensorflow as tf

    with refusals(str(folder)):
        try:
            loaded = _load(folder)
        except AttributeError:  # what an optimiser's slots come to, of which nothing is needed
            return read_saved_graph(folder, lengths)
        signature = _signature(folder, loaded)
        name, output, specification = _ends(folder, signature, lengths)

        def single(window: Any) -> Any:  # noqa: ANN401
            return signature(**{name: window})[output]

        concrete = tf.function(single, [specification], autograph=False).get_concrete_function()
        content = _without_loops(concrete, folder)
        if content is None:
            converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], loaded)
            converter.experimental_enable_resource_variables = True
            content = converter.convert()

    def outputs(windows: NDArray[Any]) -> NDArray[Any]:
        values = [
            concrete(tf.constant(window[np.newaxis], specification.dtype)).numpy() for window in windows
        ]
        return np.stack(values).reshape(len(windows), -1)

    return content, outputs


def _without_loops(concrete: Any, folder: Path) -> bytes | None:  # noqa: ANN401
    try:
        return float_tflite(concrete, str(folder))
    except ValueError:  # it assigns variables, which cannot become constants
        return None


def _load(folder: Path) -> Any:  # noqa: ANN401
    import tensorflow as tf

    try:
        return tf.saved_model.load(str(folder))
    except (OSError, KeyError, tf.errors.OpError) as error:
        raise ModelError(f"{folder}: cannot be read as a SavedModel ({error}); save it again.") from error


def _signature(folder: Path, loaded: Any) -> Any:  # noqa: ANN401
    signatures = dict(loaded.signatures)
    if SIGNATURE in signatures:
        return signatures[SIGNATURE]
    if len(signatures) != 1:
        raise ModelError(
            f"{folder}: has the signatures {', '.join(sorted(signatures)) or '(none)'} and no {SIGNATURE}; "
            "save it with model.export()."
        )
    return next(iter(signatures.values()))


def _ends(folder: Path, signature: Any, lengths: Sequence[int]) -> tuple[str, str, Any]:  # noqa: ANN401
    """The input's name, the output's, and the input's type with a batch of 1."""
    import tensorflow as tf

    inputs, outputs = signature.structured_input_signature[1], signature.structured_outputs
    if len(inputs) != 1 or len(outputs) != 1:
        raise ModelError(
            f"{folder}: has {len(inputs)} inputs and {len(outputs)} outputs; "
            "save it as a .keras file or convert it to a .tflite, which may have several."
        )
    ((name, specification),) = inputs.items()
    shape = window_shape(specification.shape, lengths, folder)
    return name, next(iter(outputs)), tf.TensorSpec([1, *shape], specification.dtype)
