"""Shapes that a .tflite does not state: those that follow from a batch of 1 only when it runs."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np

from zerotap.errors import ModelError

from .graph import Graph, Tensor


def run_time_shapes(content: bytes, graph: Graph) -> dict[int, Tensor]:
    """Run a model once on zeros; the tensors whose shapes turn out to be others than the file says.

    A file with a free batch may state 1 for whatever it computes from the batch, as behind a Dense layer on
    sequences. Raises ModelError where TensorFlow cannot run the file.
    """
    import tensorflow as tf

    resolver = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            interpreter = tf.lite.Interpreter(model_content=content, experimental_op_resolver_type=resolver)
        interpreter.allocate_tensors()
        source = graph.tensors[graph.input]
        interpreter.set_tensor(graph.input, np.zeros(source.shape, source.dtype))
        interpreter.invoke()
        details = interpreter.get_tensor_details()
    except (RuntimeError, ValueError) as error:
        fault = str(error).splitlines()[0]
        raise ModelError(f"{graph.source}: TensorFlow cannot run it ({fault}); convert it again.") from error
    shapes = {each["index"]: tuple(int(extent) for extent in each["shape"]) for each in details}
    return {
        tensor.index: replace(tensor, shape=shapes[tensor.index])
        for tensor in graph.tensors
        if tensor.data is None and shapes.get(tensor.index, tensor.shape) != tensor.shape
    }
