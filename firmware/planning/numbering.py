"""One numbering of layers: analyse's, also for what TensorFlow says of a file's operators."""

from __future__ import annotations

from zerotap.errors import ModelError
from zerotap.firmware.graph import Graph, Operator

from .plan import prepared


def analysed_number(graph: Graph, number: int) -> int:
    """The number that analyse gives the layer with a file's operator; the operator's own if it has none."""
    outputs = set(graph.operators[number].outputs)
    try:
        layers = prepared(graph).operators
    except (ModelError, OverflowError):
        return number
    found = (place for place, layer in enumerate(layers) if not outputs.isdisjoint(_written(layer)))
    return next(found, number)


def _written(layer: Operator) -> set[int]:
    """What a layer writes, with what lies inside of a table."""
    inside = layer.options.get("operators", ())
    return {index for operator in (layer, *inside) for index in operator.outputs}
