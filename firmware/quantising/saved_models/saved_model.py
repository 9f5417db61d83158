"""A SavedModel's folder as a float .tflite with a batch of 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from zerotap.contents import check_regular
from zerotap.errors import ModelError
from zerotap.firmware.quantising.recurrent.without_loops import float_tflite
from zerotap.firmware.quantising.tensorflow_steps import refusals
from zerotap.firmware.quantising.tracing import Names, tflite_of
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.firmware.tflite.writer import rename_ends

from .saved_graph import read_saved_graph
from .signatures import SIGNATURE, c_names, ordered, run_by_window, window_shapes


def read_saved_model(
    folder: Path, lengths: Sequence[int] = ()
) -> tuple[bytes, Callable[[NDArray[Any]], NDArray[Any]]]:
    """Convert the serving signature.

    Returns the float .tflite and the signature as a function: windows (n, ...) to outputs (n, outputs), or of
    several inputs, or outputs, rows (n,), by the signature's names and in their alphabet. Raises ModelError:
    no SavedModel, a shape that is not fixed, or operators that TensorFlow cannot convert.
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
        specifications, given = _ends(folder, signature, lengths)
        taken = list(specifications)

        def signed(*windows: Any) -> list[Any]:  # noqa: ANN401
            made = signature(**dict(zip(taken, windows, strict=True)))
            return [made[name] for name in given]

        types = list(specifications.values())
        concrete = tf.function(signed, types, autograph=False).get_concrete_function()
        names = c_names(taken), c_names(given)
        content = _converted(concrete, loaded, names, folder)

    def run(window: list[NDArray[Any]]) -> Sequence[Any]:
        tensors = (tf.constant(array, each.dtype) for array, each in zip(window, types, strict=True))
        return [each.numpy() for each in concrete(*tensors)]

    def outputs(windows: NDArray[Any]) -> NDArray[Any]:
        return run_by_window(run, windows, names, folder)

    return content, outputs


def _converted(concrete: Any, loaded: Any, names: Names, folder: Path) -> bytes:  # noqa: ANN401
    try:
        return float_tflite(concrete, names, str(folder)) or tflite_of(concrete, names)
    except ValueError:  # it assigns variables, which cannot become constants
        return _stream(concrete, loaded, names)


def _stream(concrete: Any, loaded: Any, names: Names) -> bytes:  # noqa: ANN401
    """With variables, which only a SavedModel keeps; that has its inputs and outputs in no order."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], loaded)
    converter.experimental_enable_resource_variables = True
    content: bytes = converter.convert()
    graph = read_tflite(content)
    if not graph.has_several_ends:
        return content
    sides = zip(("input", "output"), (graph.inputs, graph.outputs), graph.end_names, strict=True)
    taken, given = (_by_number(side, tensors, found) for side, tensors, found in sides)
    return rename_ends(content, (taken, given), names)


def _by_number(side: str, tensors: Sequence[int], names: Sequence[str]) -> list[int]:
    """Tensors called input_0, input_1 and so on, in order; one alone may have another name."""
    if len(tensors) == 1:
        return list(tensors)
    return [tensors[names.index(f"{side}_{place}")] for place in range(len(tensors))]


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


def _ends(folder: Path, signature: Any, lengths: Sequence[int]) -> tuple[dict[str, Any], list[str]]:  # noqa: ANN401
    """The types of the inputs, with a batch of 1, by name, and the outputs' names."""
    import tensorflow as tf

    inputs = signature.structured_input_signature[1]
    taken = {name: inputs[name] for name in ordered(inputs)}
    shapes = window_shapes({name: each.shape for name, each in taken.items()}, lengths, folder)
    fixed = {
        name: tf.TensorSpec([1, *shape], each.dtype, f"input_{place}")
        for place, ((name, each), shape) in enumerate(zip(taken.items(), shapes, strict=True))
    }
    return fixed, ordered(signature.structured_outputs)
