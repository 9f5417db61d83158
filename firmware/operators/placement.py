"""Where an activation's bytes may lie: the arena is aligned to words, the caller's own arrays are not."""

from __future__ import annotations

from ..graph import Graph


def in_arena(graph: Graph, *tensors: int) -> bool:
    """Whether these activations, by index, lie in the arena whatever the plan, so at multiples of 4 bytes."""
    return not any(_may_be_input(graph, each) or _may_be_output(graph, each) for each in tensors)


def _may_be_input(graph: Graph, tensor: int) -> bool:
    """Only through operators that keep the bytes where they are."""
    producers = [each for each in graph.operators if tensor in each.outputs]
    aliased = [each.inputs[0] for each in producers if _keeps_bytes(each.name)]
    return tensor == graph.input or any(_may_be_input(graph, each) for each in aliased)


def _may_be_output(graph: Graph, tensor: int) -> bool:
    """Also through operators that work in place."""
    readers = [each for each in graph.operators if tensor in each.inputs]
    onward = [each.outputs[0] for each in readers if _keeps_bytes(each.name) or _works_in_place(each.name)]
    return tensor == graph.output or any(_may_be_output(graph, each) for each in onward)


def _keeps_bytes(operator: str) -> bool:
    from . import OPERATORS

    return operator in OPERATORS and OPERATORS[operator].ALIAS


def _works_in_place(operator: str) -> bool:
    from . import OPERATORS

    return operator in OPERATORS and OPERATORS[operator].IN_PLACE
