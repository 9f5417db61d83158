"""Models whose oracle is TFLite's builtin kernels: what these round as the processor likes is refused.

Their DEPTHWISE_CONV_2D, MUL and QUANTIZE round halves by where an output lies in the processor's vectors.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from zerotap.errors import ModelError
from zerotap.firmware.graph import Graph, Operator, lacks_reference_kernel

_UNSTEADY: Final = ("DEPTHWISE_CONV_2D", "MUL", "QUANTIZE")


def check_steady(graph: Graph) -> None:
    """Raise ModelError for a model with operators of both kinds, unless the oracle is tflm."""
    lacking = next((each for each in graph.operators if lacks_reference_kernel(each)), None)
    unsteady = sorted({each.name for each in graph.operators if _is_unsteady(graph, each)})
    if graph.oracle == "tflite" and lacking is not None and unsteady:
        name = graph.tensors[lacking.outputs[0]].name
        raise ModelError(
            f"{graph.source}: layer {graph.operators.index(lacking)} {lacking.name} ({name}): beside it "
            f"TensorFlow rounds {', '.join(unsteady)} as the processor likes, which no board can equal; "
            "build the model without one of the two."
        )


def _is_unsteady(graph: Graph, operator: Operator) -> bool:
    """Where the scale stays, QUANTIZE has nothing to round."""
    if operator.name != "QUANTIZE" or not (operator.inputs and operator.outputs):
        return operator.name in _UNSTEADY
    source, target = (graph.tensors[index] for index in (operator.inputs[0], operator.outputs[0]))
    return source.dtype == "int8" and not np.array_equal(source.scale, target.scale)
