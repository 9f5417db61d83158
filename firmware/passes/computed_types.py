"""What a quantised file computes in: int8, or a type that zerotap has no arithmetic for."""

from __future__ import annotations

from typing import Final

from zerotap.errors import ModelError
from zerotap.firmware.graph import Graph

# They change the type, or pass values on, at the ends of a file.
_NO_ARITHMETIC: Final = ("QUANTIZE", "DEQUANTIZE", "CAST", "RESHAPE", "EXPAND_DIMS", "SQUEEZE")
_CALLED: Final = {
    "int16": "int16 with int8 weights (16x8 quantisation)",
    "uint8": "uint8 (quantised by TensorFlow 1)",
}


def check_computed_types(graph: Graph) -> None:
    """Raise ModelError, which names the layer, where a file computes in int16 or uint8."""
    for number, operator in enumerate(graph.operators):
        target = graph.tensors[operator.outputs[0]] if operator.outputs else None
        if target is None or target.dtype not in _CALLED or operator.name in _NO_ARITHMETIC:
            continue
        if not target.scale.size:
            continue
        source = next((graph.tensors[index].shape for index in operator.inputs if index != -1), ())
        raise ModelError(
            f"{graph.source}: layer {number} {operator.name} ({target.name}), {source} -> {target.shape}, "
            f"computes in {_CALLED[target.dtype]}, zerotap in int8: give the float model that the file was "
            "made of to `zerotap quantise`."
        )
