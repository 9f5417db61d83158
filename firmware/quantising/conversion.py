"""What can be quantised, and how each kind becomes int8: a :class:`Source` for every kind of file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.graph import Graph
from zerotap.firmware.oracles.board_oracle import BoardOracle
from zerotap.firmware.oracles.oracle import Oracle
from zerotap.firmware.passes.computed_types import check_computed_types
from zerotap.firmware.passes.ends import with_integer_ends
from zerotap.firmware.passes.rewriting import table_rows, with_tensors
from zerotap.firmware.passes.simplify import simplify
from zerotap.firmware.passes.weight_bits import INT8_BITS, narrow
from zerotap.firmware.several_ends import Samples, as_rows, fields, in_order
from zerotap.firmware.tflite.files import SAVED_MODEL, is_tflite_file
from zerotap.firmware.tflite.model_bytes import ModelFile, holds_model, tflite_bytes
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.firmware.tflite.writer import rewrite_tflite
from zerotap.reporting import LOADING, Progress, no_progress

from . import keras_ends
from .float_interpreter import run_time_shapes, run_windows
from .float_model import as_float, integer_ids, is_quantised
from .judgement import judged
from .lengths import keras_of_lengths, tflite_of_lengths
from .model_inputs import model_inputs
from .quantise import (
    check_model,
    keras_float,
    keras_windows,
    quantise,
    quantise_float,
    real_values,
    takes_ids_as_other,
    windows_of,
)
from .ranges.percentiles import WHOLE_RANGE
from .refused_layer import naming_masks, refuse_kinds

if TYPE_CHECKING:
    import keras


class Convert(Protocol):
    """What makes the int8 .tflite of a model by prepared windows (n, ...)."""

    def __call__(self, windows: NDArray[Any], weight_bits: int, percentile: float = WHOLE_RANGE) -> bytes:
        """Its content; ``weight_bits`` and ``percentile`` as of quantise()."""


@dataclass(frozen=True, slots=True)
class Source:
    """A model to quantise.

    ``name`` is what errors call it, ``origin`` what the report says that it was. ``prepare`` turns samples as
    the user has them into windows (n, ...) of the model's own dtype and shape, and raises ModelError for what
    cannot calibrate it; of several inputs both are arrays by name, see :mod:`..several_ends`. ``outputs``
    gives the model's own float outputs (n, outputs), or rows (n,) of several, for prepared windows;
    ``convert(windows, weight_bits)`` the int8 .tflite. ``is_stream``: it keeps a state, so that windows are
    one stream in their order. ``float_content``: the float .tflite that it is converted by, None of what is
    int8 already.
    """

    name: str
    origin: str
    prepare: Callable[[Samples], NDArray[Any]]
    outputs: Callable[[NDArray[Any]], NDArray[Any]]
    convert: Convert
    is_stream: bool = False
    float_content: Callable[[], bytes] | None = None


def open_source(
    model: ModelFile,
    *,
    lengths: Sequence[int] = (),
    trust: bool = False,
    on_progress: Progress = no_progress,
) -> Source | None:
    """Open a SavedModel's folder, a .tflite, or C source that holds a .tflite; None for any other file.

    TensorFlow has the file in this process: what a stranger sent is opened by ``quantise_file``. ``lengths``:
    one for each free extent of its windows. ``trust``: a SavedModel may run what it holds.

    Raises:
        ModelError: no such file, a damaged one, a SavedModel without ``trust``, or operators or types that
            zerotap does not have.
    """
    path = Path(model)
    if not path.exists():
        raise ModelError(f"{path}: there is no such file; check the path.")
    if (path / SAVED_MODEL).is_file():
        check_trust(path, trust)
        on_progress(LOADING, 0, 0)
        return _saved_model(path, lengths)
    if not _is_model(path):
        return None
    content = tflite_bytes(model)
    if lengths:
        content = tflite_of_lengths(content, lengths, str(model))
    graph = read_tflite(content, source=str(model))
    return _from_tflite(
        graph, content, "a .tflite" if is_tflite_file(path) else "a .tflite in C", on_progress
    )


def check_trust(path: str | Path, trust: bool) -> None:
    """Raise ModelError for a SavedModel's folder without ``trust``."""
    if (Path(path) / SAVED_MODEL).is_file() and not trust:
        raise ModelError(
            f"{path}: a SavedModel is a program, which can read and write files as soon as it is loaded; add "
            "--trust (trust=True in Python) if you trust who made it, or ask for a .keras file or a .tflite."
        )


def is_int8(model: ModelFile) -> bool:
    """Whether a file is a .tflite, or C source with one, that computes in int8 already.

    Raises ModelError where it is a damaged one.
    """
    return _is_model(Path(model)) and is_quantised(read_tflite(model))


def keras_source(
    model: keras.Model,
    name: str,
    scaled: Callable[[NDArray[Any]], NDArray[Any]] = np.asarray,
    lengths: Sequence[int] = (),
) -> Source:
    """A Keras model, ``name`` in errors; ``scaled`` brings samples to the model's own scale.

    ``lengths``: one for each free extent of its windows.
    """
    if not getattr(model, "inputs", None):
        raise ModelError(
            f"{name}: does not know its input; begin it with keras.Input, or call it once before saving it."
        )
    if lengths:
        refuse_kinds(model, name)  # what cannot be built again either
        model = keras_of_lengths(model, lengths, name)

    def prepare(samples: Samples) -> NDArray[Any]:
        return keras_windows(model, scaled(as_rows(samples)), name)

    outputs = partial(keras_ends.float_outputs, model)

    def convert(windows: NDArray[Any], weight_bits: int, percentile: float = WHOLE_RANGE) -> bytes:
        with naming_masks(model, name):
            return quantise(model, windows, weight_bits, source=name, percentile=percentile)

    check_model(model, name)
    if takes_ids_as_other(model):
        with naming_masks(model, name):
            return float_source(keras_float(model, name), name, outputs)
    float_content = partial(keras_float, model, name)
    return Source(name, "a Keras model", prepare, outputs, convert, float_content=float_content)


def float_source(
    content: bytes, name: str, outputs: Callable[[NDArray[Any]], NDArray[Any]] | None = None
) -> Source:
    """A Keras model by its float .tflite, ``name`` in errors; ``outputs`` are the .tflite's unless given."""
    graph = read_tflite(content, source=name)
    return _float_source(content, graph, "a Keras model", outputs or partial(run_windows, content, graph))


def _is_model(path: Path) -> bool:
    return path.suffix.lower() == ".tflite" or (path.is_file() and holds_model(path))


def _from_tflite(graph: Graph, content: bytes, where: str, on_progress: Progress) -> Source:
    check_computed_types(graph)
    if is_quantised(graph):
        return _quantised_source(content, graph)
    on_progress(LOADING, 0, 0)
    return _float_source(
        content, graph, f"{where}, {_weights_kind(graph)}", partial(run_windows, content, graph)
    )


def _weights_kind(graph: Graph) -> str:
    constants = {tensor.dtype for tensor in graph.tensors if tensor.data is not None and tensor.size > 1}
    if "float16" in constants:
        return "float16"
    return "dynamic range" if "int8" in constants else "float32"


def _float_source(
    content: bytes, graph: Graph, origin: str, outputs: Callable[[NDArray[Any]], NDArray[Any]]
) -> Source:
    _check_constants(graph)
    folded = as_float(with_tensors(graph, run_time_shapes(content, graph)))
    prepared = rewrite_tflite(content, graph, folded)

    def convert(windows: NDArray[Any], weight_bits: int, percentile: float = WHOLE_RANGE) -> bytes:
        return quantise_float(prepared, windows, graph.source, weight_bits, percentile=percentile)

    prepare = partial(_windows, folded)
    return Source(graph.source, origin, prepare, outputs, convert, bool(graph.states), lambda: prepared)


def _check_constants(graph: Graph) -> None:
    for tensor in graph.tensors:
        if tensor.data is not None and tensor.data.dtype.kind == "f" and not np.isfinite(tensor.data).all():
            held = "NaN" if np.isnan(tensor.data).any() else "infinity"
            raise ModelError(
                f"{graph.source}: its constant {tensor.name} holds {held}; train it again with a "
                "smaller learning rate, or it is a mask, which int8 has no number for: leave it out."
            )


def _windows(graph: Graph, samples: Samples) -> NDArray[Any]:
    """Samples (n, ...) as a float graph takes them: float32 or int32 ids (n, *input shape without batch)."""
    given = as_rows(samples)
    if len(graph.inputs) == 1:
        return _windows_of_input(graph, graph.input, given)
    names = graph.end_names[0]
    arrays = in_order(given, names, graph.source)
    made = (_windows_of_input(graph, index, each) for index, each in zip(graph.inputs, arrays, strict=True))
    return as_rows(dict(zip(names, made, strict=True)))


def _windows_of_input(graph: Graph, index: int, samples: NDArray[Any]) -> NDArray[Any]:
    tensor = graph.tensors[index]
    if tensor.shape[:1] != (1,):
        raise ModelError(f"{graph.source}: takes {tensor.shape}; convert the model with a batch of 1.")
    if samples.ndim == 0 or len(samples) == 0 or samples[0].size != tensor.size:
        raise ModelError(
            f"{graph.source}: calibration needs windows of shape {windows_of(tensor.shape[1:])}, "
            f"got {samples.shape}."
        )
    if np.issubdtype(samples.dtype, np.floating) and not np.all(np.isfinite(samples)):
        raise ModelError("the calibration windows hold NaN or infinity; leave those windows out.")
    shaped = samples.reshape(len(samples), *tensor.shape[1:])
    if tensor.dtype == "int32":
        return _ids(graph, shaped)
    if not np.issubdtype(samples.dtype, np.floating):
        raise ModelError(
            f"{graph.source}: the samples are {samples.dtype}, the model takes {tensor.dtype}; save them as "
            "float32, scaled as the model was trained on them."
        )
    return shaped.astype(np.float32)


def _ids(graph: Graph, samples: NDArray[Any]) -> NDArray[Any]:
    computed = (tensor.index for tensor in graph.tensors if tensor.data is None)
    rows = table_rows(graph, computed) or np.iinfo(np.int32).max
    low, high = np.min(samples), np.max(samples)
    if low < 0 or high >= rows or not np.array_equal(samples, np.trunc(samples)):
        raise ModelError(
            f"{graph.source}: takes ids from 0 to {rows - 1}, the samples go from {low} to {high}; "
            "give whole numbers in that range, as the model was trained on."
        )
    return samples.astype(np.int32)


def _quantised_source(content: bytes, graph: Graph) -> Source:
    """A full-int8 file, of which nothing is left to do but narrower weights, or int32 ids for int64.

    Its ends may be float32 or uint8: windows become the int8 codes inside of them.
    """
    simplified = integer_ids(simplify(graph))
    inside = with_integer_ends(graph)
    takes_ids = any(graph.tensors[index] is not simplified.tensors[index] for index in graph.inputs)

    def prepare(samples: Samples) -> NDArray[Any]:
        return _windows(simplified, samples) if takes_ids else model_inputs(samples, inside)

    def outputs(windows: NDArray[Any]) -> NDArray[Any]:
        if takes_ids:
            made, ends = Oracle(content).invoke(model_inputs(_widened(windows, graph), graph)), graph
        else:
            made, ends = BoardOracle(content).invoke(windows), inside
        tensors = (ends.tensors[index] for index in ends.outputs)
        reals = [real_values(each, tensor) for each, tensor in zip(fields(made), tensors, strict=True)]
        return reals[0] if len(reals) == 1 else as_rows(dict(zip(graph.end_names[1], reals, strict=True)))

    def convert(windows: NDArray[Any], weight_bits: int, percentile: float = WHOLE_RANGE) -> bytes:
        del windows
        if percentile < WHOLE_RANGE:
            raise ModelError(f"{graph.source}: is int8 already, and keeps its ranges: leave out --percentile")
        after = narrow(simplified, weight_bits) if weight_bits < INT8_BITS else simplified
        if weight_bits == INT8_BITS and not takes_ids:
            judged(content, graph.source)  # what export refuses is not sent there
            raise ModelError(
                f"{graph.source}: is int8 already; use it as it is with `zerotap export`, or narrow its "
                "weights with --weight-bits."
            )
        return judged(rewrite_tflite(content, graph, after), graph.source)

    return Source(graph.source, "an int8 .tflite", prepare, outputs, convert, bool(graph.states))


def _widened(windows: NDArray[Any], graph: Graph) -> NDArray[Any]:
    """Ids in the dtype that the file has them in."""
    if windows.dtype.names is None:
        return windows.astype(graph.tensors[graph.input].dtype)
    dtypes = (graph.tensors[index].dtype for index in graph.inputs)
    names = graph.end_names[0]
    arrays = in_order(windows, names, graph.source)
    return as_rows(
        {name: each.astype(dtype) for name, each, dtype in zip(names, arrays, dtypes, strict=True)}
    )


def _saved_model(folder: Path, lengths: Sequence[int]) -> Source:
    from .saved_models.saved_model import read_saved_model

    content, outputs = read_saved_model(folder, lengths)
    graph = read_tflite(content, source=str(folder))
    if graph.states:  # the loaded model's variables have no beginning to go back to
        outputs = partial(run_windows, content, graph)
    return _float_source(content, graph, "a SavedModel", outputs)
