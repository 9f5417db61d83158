"""A SavedModel by its graph, where TensorFlow 2 cannot load its objects: an optimiser of before 2.11, say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError

from .lengths import fixed_shape

SIGNATURE: Final = "serving_default"
_TAG: Final = "serve"


def read_saved_graph(
    folder: Path, lengths: Sequence[int] = ()
) -> tuple[bytes, Callable[[NDArray[Any]], NDArray[Any]]]:
    """Convert the serving signature by TensorFlow 1's loader; its session lives as long as the function.

    Returns the float .tflite with a batch of 1, and the signature as a function: windows (n, ...) to outputs
    (n, outputs). Raises ModelError: no such signature, several inputs or outputs, a shape that is not fixed.
    """
    import tensorflow as tf

    graph = tf.Graph()
    session = tf.compat.v1.Session(graph=graph)
    with graph.as_default():
        loaded = tf.compat.v1.saved_model.load(session, [_TAG], str(folder))
        source, target = _ends(folder, loaded, graph)
        source.set_shape([1, *window_shape(source.shape, lengths, folder)])
        converter = tf.compat.v1.lite.TFLiteConverter.from_session(session, [source], [target])
        content: bytes = converter.convert()

    def outputs(windows: NDArray[Any]) -> NDArray[Any]:
        batches = (window[np.newaxis].astype(source.dtype.as_numpy_dtype) for window in windows)
        values = [session.run(target, {source: batch}) for batch in batches]
        return np.stack(values).reshape(len(windows), -1)

    return content, outputs


def _ends(folder: Path, loaded: Any, graph: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """The signature's two tensors."""
    if SIGNATURE not in loaded.signature_def:
        raise ModelError(f"{folder}: has no signature {SIGNATURE}; save it with model.export().")
    signature = loaded.signature_def[SIGNATURE]
    ends = list(signature.inputs.values()), list(signature.outputs.values())
    if [len(each) for each in ends] != [1, 1]:
        raise ModelError(
            f"{folder}: has {len(ends[0])} inputs and {len(ends[1])} outputs; "
            "save it as a .keras file or convert it to a .tflite, which may have several."
        )
    source, target = (graph.get_tensor_by_name(each[0].name) for each in ends)
    return source, target


def window_shape(shape: Any, lengths: Sequence[int], folder: Path) -> tuple[int, ...]:  # noqa: ANN401
    """A signature's shape (a TensorShape) without the batch, its free extents as ``lengths`` has them.

    Raises ModelError for a batch of more than 1, or other lengths than there are free extents.
    """
    extents = list(shape) if shape.rank else []
    if not extents or extents[0] not in (None, 1):
        raise ModelError(f"{folder}: takes {shape}; save it with a free batch.")
    return fixed_shape(extents[1:], lengths, str(folder))
