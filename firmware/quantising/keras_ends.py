"""The inputs and outputs of a Keras model: their names and order, and what TensorFlow makes of both."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.several_ends import Samples, as_rows, in_order
from zerotap.firmware.tflite.end_names import apart, plain_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras

_OUT_OF_RANGE: Final = re.compile(r"indices\[[\d,]+\] = -?\d+ is not in \[\d+, \d+\)")


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
    """The model's outputs (n, outputs), or of several rows (n,), for checked windows.

    Raises ModelError for what a layer refuses, such as ids beyond an embedding's rows.
    """
    import keras
    import tensorflow as tf

    given = [windows[name] for name in windows.dtype.names] if windows.dtype.names else [windows]
    try:
        made = model.predict(as_structured(model, given), verbose=0)
    except tf.errors.InvalidArgumentError as error:
        raise ModelError(
            f"the model refuses the samples{_refused(str(error))}; "
            "check the ids' range first, from 0 to below the embedding's rows."
        ) from error
    outputs = [np.asarray(each).reshape(len(windows), -1) for each in keras.tree.flatten(made)]
    return outputs[0] if len(outputs) == 1 else as_rows(dict(zip(output_names(model), outputs, strict=True)))


def _refused(said: str) -> str:
    """What TensorFlow says of a value, " (indices[0,3] = 34 is not in [0, 20))"; else nothing."""
    found = _OUT_OF_RANGE.search(said)
    return f" ({found[0]})" if found else ""


def signature_names(model: keras.Model) -> tuple[list[str], list[str]]:
    """What the .tflite's signature calls inputs and outputs: one alone as TensorFlow's converter does."""
    taken, given = input_names(model), output_names(model)
    if len(taken) == 1 and len(given) == 1:
        return ["input"], ["output_0"]
    return taken, given


def as_structured(model: keras.Model, given: Sequence[Any]) -> Any:  # noqa: ANN401
    """What is given for each input, in the form that the model takes them: a dict, say."""
    import keras

    if len(given) == 1:
        return given[0]
    structure: Sequence[Any] | dict[str, Any] = model.input
    return keras.tree.pack_sequence_as(structure, given)


def _no_model(model: object) -> str:
    if isinstance(model, str | Path):
        way_out = "give a path to zerotap.quantise_file, a model that begins with keras.Input here"
        return f"{model} is no Keras model that knows its input: {way_out}."
    return f"{model!r:.80} is no Keras model that knows its input: begin it with keras.Input."
