"""The inputs and outputs of a Keras model: their names and order, and what TensorFlow makes of both."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.several_ends import Samples, as_rows, in_order
from zerotap.firmware.tflite.end_names import apart, plain_name
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.firmware.tflite.writer import rename_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras


def inputs(model: keras.Model) -> list[Any]:
    """The model's inputs in order; raises ModelError for what is no model that knows them."""
    # A Sequential that was never called has inputs but no input; one without an Input raises there.
    found = getattr(model, "inputs", None)
    if not found:
        raise ModelError(_no_model(model))
    return list(found)


def input_names(model: keras.Model) -> list[str]:
    """What each input is called, as an identifier of C."""
    return apart([plain_name(each.name) for each in inputs(model)])


def output_names(model: keras.Model) -> list[str]:
    """What each output is called: as its layer."""
    names = getattr(model, "output_names", None) or [each.name for each in model.outputs]
    return apart([plain_name(name) for name in names])


def split(model: keras.Model, samples: Samples, source: str) -> list[NDArray[Any]]:
    """An array for each input, in order; raises ModelError where the samples have other names."""
    if len(inputs(model)) == 1:
        return [samples]  # type: ignore[list-item]
    return in_order(as_rows(samples), input_names(model), source)


def as_taken(model: keras.Model, windows: NDArray[Any]) -> NDArray[Any]:
    """Checked windows in the dtypes of the model's inputs."""
    taken = inputs(model)
    if len(taken) == 1:
        return windows.astype(taken[0].dtype)
    names = input_names(model)
    arrays = (windows[name].astype(each.dtype) for name, each in zip(names, taken, strict=True))
    return as_rows(dict(zip(names, arrays, strict=True)))


def float_outputs(model: keras.Model, windows: NDArray[Any]) -> NDArray[Any]:
    """The model's outputs (n, outputs), or of several rows (n,), for checked windows."""
    import keras

    given = [windows[name] for name in windows.dtype.names] if windows.dtype.names else windows
    made = model.predict(_as_structured(model, given), verbose=0)
    outputs = [np.asarray(each).reshape(len(windows), -1) for each in keras.tree.flatten(made)]
    return outputs[0] if len(outputs) == 1 else as_rows(dict(zip(output_names(model), outputs, strict=True)))


def fixed_batch(model: keras.Model) -> keras.Model:
    """The model behind inputs with a batch of 1: a free batch has Flatten compute its shape at run time."""
    import keras

    found = inputs(model)
    if len(found) == 1 and len(model.outputs) == 1:
        source = _fixed(found[0], "input")
        return keras.Model(source, model(source), name="zerotap")
    names = input_names(model) if len(found) > 1 else ["input"]
    sources = [_fixed(each, name) for each, name in zip(found, names, strict=True)]
    given = _as_structured(model, sources if len(sources) > 1 else sources[0])
    return keras.Model(sources, keras.tree.flatten(model(given)), name="zerotap")


def with_names(content: bytes, model: keras.Model) -> bytes:
    """A .tflite of fixed_batch() with the inputs and outputs in the model's own order, by its names."""
    graph = read_tflite(content)
    if not graph.has_several_ends:
        return content
    taken, given = graph.end_names
    wanted = input_names(model) if len(graph.inputs) > 1 else ["input"]
    signed = [f"output_{place}" for place in range(len(graph.outputs))]
    if set(taken) != set(wanted) or set(given) != set(signed):
        return content
    sources = [graph.inputs[taken.index(name)] for name in wanted]
    targets = [graph.outputs[given.index(name)] for name in signed]
    own = inputs(model)[0].name if len(wanted) == 1 else None
    names = ([plain_name(own)] if own else wanted, output_names(model))
    return rename_ends(content, (sources, targets), names)


def _fixed(tensor: Any, name: str) -> Any:  # noqa: ANN401
    import keras

    return keras.Input(batch_shape=(1, *tensor.shape[1:]), dtype=tensor.dtype, name=name)


def _as_structured(model: keras.Model, given: Any) -> Any:  # noqa: ANN401
    """A list of what is given to a model with several inputs, in the form that it takes them: a dict, say."""
    import keras

    if len(inputs(model)) == 1:
        return given
    structure: Sequence[Any] | dict[str, Any] = model.input
    return keras.tree.pack_sequence_as(structure, given)


def _no_model(model: object) -> str:
    if isinstance(model, str | Path):
        way_out = "give a path to zerotap.quantise_file, a model that begins with keras.Input here"
        return f"{model} is no Keras model that knows its input: {way_out}."
    return f"{model!r:.80} is no Keras model that knows its input: begin it with keras.Input."
