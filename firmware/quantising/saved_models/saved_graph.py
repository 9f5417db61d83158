"""A SavedModel by its graph, where TensorFlow 2 cannot load its objects: an optimiser of before 2.11, say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.firmware.tflite.writer import rename_ends

from .signatures import SIGNATURE, c_names, ordered, run_by_window, window_shapes

_TAG: Final = "serve"


def read_saved_graph(
    folder: Path, lengths: Sequence[int] = ()
) -> tuple[bytes, Callable[[NDArray[Any]], NDArray[Any]]]:
    """Convert the serving signature by TensorFlow 1's loader; its session lives as long as the function.

    Returns the float .tflite with a batch of 1, and the signature as a function: windows (n, ...) to outputs
    (n, outputs), or of several inputs, or outputs, rows (n,). Raises ModelError: no such signature, a shape
    that is not fixed.
    """
    import tensorflow as tf

    graph = tf.Graph()
    session = tf.compat.v1.Session(graph=graph)
    with graph.as_default():
        loaded = tf.compat.v1.saved_model.load(session, [_TAG], str(folder))
        sources, targets = _ends(folder, loaded, graph)
        shapes = window_shapes({name: each.shape for name, each in sources.items()}, lengths, folder)
        for each, shape in zip(sources.values(), shapes, strict=True):
            each.set_shape([1, *shape])
        taken, given = list(sources.values()), list(targets.values())
        content: bytes = tf.compat.v1.lite.TFLiteConverter.from_session(session, taken, given).convert()
    names = c_names(list(sources)), c_names(list(targets))
    made = read_tflite(content)

    def run(window: list[NDArray[Any]]) -> Sequence[Any]:
        fed = {
            each: array.astype(each.dtype.as_numpy_dtype) for each, array in zip(taken, window, strict=True)
        }
        outputs: list[Any] = session.run(given, fed)
        return outputs

    def outputs(windows: NDArray[Any]) -> NDArray[Any]:
        return run_by_window(run, windows, names, folder)

    return rename_ends(content, (made.inputs, made.outputs), names), outputs


def _ends(folder: Path, loaded: Any, graph: Any) -> tuple[dict[str, Any], dict[str, Any]]:  # noqa: ANN401
    """The signature's tensors by name, those that are taken and those that are given."""
    if SIGNATURE not in loaded.signature_def:
        raise ModelError(f"{folder}: has no signature {SIGNATURE}; save it with model.export().")
    signature = loaded.signature_def[SIGNATURE]
    return _tensors(signature.inputs, graph), _tensors(signature.outputs, graph)


def _tensors(side: Mapping[str, Any], graph: Any) -> dict[str, Any]:  # noqa: ANN401
    return {name: graph.get_tensor_by_name(side[name].name) for name in ordered(side)}
