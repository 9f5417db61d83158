"""Models whose oracle is TFLite's builtin kernels: what these round as the processor likes is refused.

Their DEPTHWISE_CONV_2D, MUL and QUANTIZE round halves by where an output lies in the processor's vectors.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from zerotap.errors import ModelError
from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.tflite.reference_kernels import has_reference_kernel

_UNSTEADY: Final = ("DEPTHWISE_CONV_2D", "MUL", "QUANTIZE")


def check_steady(graph: Graph) -> None:
    """Raise ModelError for a model with operators of both kinds, unless the oracle is tflm."""
    unsteady = sorted({each.name for each in graph.operators if _is_unsteady(graph, each)})
    if graph.oracle == "tflite" and not graph.has_reference_kernels and unsteady:
        raise ModelError(
            f"{_lacking(graph)}: beside it "
            f"TensorFlow rounds {', '.join(unsteady)} as the processor likes, which no board can equal; "
            "build the model without one of the two."
        )


def _lacking(graph: Graph) -> str:
    """The operator that the reference kernels lack, as the file has it, also where a table stands for it."""
    for place, layer in enumerate(graph.operators):
        for each in layer.options.get("operators", (layer,)):
            if not has_reference_kernel(each.name, each.version):
                return f"{graph.source}: layer {place} {each.name} ({graph.tensors[each.outputs[0]].name})"
    return f"{graph.source}: an operator that TensorFlow's reference kernels lack"


def _is_unsteady(graph: Graph, operator: Operator) -> bool:
    """Where the scale stays, QUANTIZE has nothing to round."""
    if operator.name != "QUANTIZE" or not (operator.inputs and operator.outputs):
        return operator.name in _UNSTEADY
    source, target = (graph.tensors[index] for index in (operator.inputs[0], operator.outputs[0]))
    return source.dtype == "int8" and not np.array_equal(source.scale, target.scale)
