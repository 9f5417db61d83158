"""Runs a foreign .tflite as it is, on TensorFlow's own kernels: for its shapes and for its outputs."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.oracles.refusals import refused_place
from zerotap.firmware.passes.rewriting import is_whole
from zerotap.firmware.several_ends import as_rows, in_order

if TYPE_CHECKING:
    import tensorflow as tf

_PADDINGS: Final = (0, 1)  # SAME, VALID


def run_time_shapes(content: bytes, graph: Graph) -> dict[int, Tensor]:
    """Run a model once on zeros; the tensors whose shapes turn out to be others than the file says.

    A file with a free batch may state 1 for whatever it computes from the batch, as behind a Dense layer on
    sequences. Raises ModelError where TensorFlow cannot run the file.
    """
    sources = [graph.tensors[index] for index in graph.inputs]
    with _interpreter(content, graph) as interpreter:
        _invoke(interpreter, graph, [np.zeros(source.shape, source.dtype) for source in sources])
        shapes = _shapes(interpreter)
    states = {state.tensor for state in graph.states}.union(graph.results) - set(graph.outputs)
    return {
        tensor.index: replace(tensor, shape=shapes[tensor.index])
        for tensor in graph.tensors
        if tensor.data is None
        and tensor.index not in states
        and shapes.get(tensor.index, tensor.shape) != tensor.shape
    }


def run_windows(content: bytes, graph: Graph, windows: NDArray[Any]) -> NDArray[Any]:
    """The outputs (n, outputs), of the model's own type, for windows (n, ...), which are cast to the input's.

    Of several inputs, or outputs, rows (n,). Raises ModelError where TensorFlow cannot run the file.
    """
    names, targets = graph.end_names
    given = [windows] if len(graph.inputs) == 1 else in_order(windows, names, graph.source)
    with _interpreter(content, graph) as interpreter:
        made = [_invoke(interpreter, graph, row) for row in zip(*given, strict=True)]
    outputs = [np.stack(each) for each in zip(*made, strict=True)]
    return outputs[0] if len(outputs) == 1 else as_rows(dict(zip(targets, outputs, strict=True)))


def run_tensors(content: bytes, graph: Graph, windows: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """What every operator of a model gives for windows (n, ...), by the tensor's name: (n, values) each.

    ``windows`` as the model's inputs take them. Raises ModelError where TensorFlow cannot run the file.
    """
    names, _ = graph.end_names
    given = [windows] if len(graph.inputs) == 1 else in_order(windows, names, graph.source)
    computed = {graph.tensors[index].name: index for each in graph.operators for index in each.outputs}
    with _interpreter(content, graph, keeps_all=True) as interpreter:
        made = []
        for row in zip(*given, strict=True):
            _invoke(interpreter, graph, row)
            made.append([interpreter.get_tensor(index).ravel() for index in computed.values()])
    return {name: np.stack(each) for name, each in zip(computed, zip(*made, strict=True), strict=True)}


def _invoke(
    interpreter: tf.lite.Interpreter, graph: Graph, row: Sequence[NDArray[Any]]
) -> list[NDArray[Any]]:
    interpreter.reset_all_variables()  # a recurrent layer begins each window anew
    for index, values in zip(graph.inputs, row, strict=True):
        source = graph.tensors[index]
        interpreter.set_tensor(index, values.astype(source.dtype).reshape(source.shape))
    interpreter.invoke()
    return [interpreter.get_tensor(index).ravel() for index in graph.outputs]


@contextlib.contextmanager
def _interpreter(content: bytes, graph: Graph, *, keeps_all: bool = False) -> Iterator[tf.lite.Interpreter]:
    """An interpreter; whatever it refuses while it is in use becomes a ModelError.

    ``keeps_all``: every tensor can be read afterwards, in its own memory.
    """
    import tensorflow as tf

    _require_all(graph, _has_sane_options)
    resolver = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            interpreter = tf.lite.Interpreter(
                model_content=content,
                experimental_op_resolver_type=resolver,
                experimental_preserve_all_tensors=keeps_all,
            )
        interpreter.allocate_tensors()
        _require_all(graph, partial(_has_sane_groups, _shapes(interpreter)))
        yield interpreter
    except (RuntimeError, ValueError) as error:
        fault = refused_place(graph, error)
        raise ModelError(f"{graph.source}: TensorFlow cannot run it ({fault}); convert it again.") from error


def _shapes(interpreter: tf.lite.Interpreter) -> dict[int, tuple[int, ...]]:
    details = interpreter.get_tensor_details()
    return {each["index"]: tuple(int(extent) for extent in each["shape"]) for each in details}


def _require_all(graph: Graph, is_sane: Callable[[Operator], bool]) -> None:
    """TensorFlow's kernels divide by these numbers without a look, which ends the process."""
    for place, operator in enumerate(graph.operators):
        if not is_sane(operator):
            raise ModelError(
                f"{graph.source}: layer {place} {operator.name} has a stride, padding, dilation, filter or "
                "number of channels that no model has; the file is damaged, make it again."
            )


def _has_sane_options(operator: Operator) -> bool:
    return all(
        value in _PADDINGS if name == "padding" else value >= 1
        for name, value in operator.options.items()
        if name == "padding" or name.startswith(("stride_", "dilation_", "filter_"))
    )


def _has_sane_groups(shapes: Mapping[int, tuple[int, ...]], operator: Operator) -> bool:
    if operator.name != "CONV_2D" or not is_whole(operator, 2):
        return True
    source, weights = (shapes.get(index, ()) for index in operator.inputs[:2])
    if len(source) != 4 or len(weights) != 4:
        return False
    groups, rest = divmod(source[3], weights[3])
    return groups < 2 or (rest == 0 and weights[0] % groups == 0)
