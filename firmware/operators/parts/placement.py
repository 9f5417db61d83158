"""Where an activation's bytes may lie: the arena is aligned to words, the caller's own arrays are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from zerotap.firmware.graph import Graph, Operator

# They are left out where nothing moves, so that the output is the input's bytes.
_MOVES: Final = ("CONCATENATION", "PAD", "PADV2", "REVERSE_V2", "STRIDED_SLICE", "TRANSPOSE")


def in_arena(graph: Graph, *tensors: int) -> bool:
    """Whether these activations, by index, lie in the arena whatever the plan, so at multiples of 4 bytes."""

    def before(tensor: int) -> Iterable[int]:
        aliased = (each for each in graph.operators if tensor in each.outputs and keeps_bytes(each))
        return (source for each in aliased for source in each.inputs)

    def after(tensor: int) -> Iterable[int]:
        sharing = (each for each in graph.operators if tensor in each.inputs and _shares_bytes(each))
        return (target for each in sharing for target in each.outputs)

    return graph.input not in _closure(tensors, before) and graph.output not in _closure(tensors, after)


def keeps_bytes(operator: Operator) -> bool:
    """Whether the operator's output may be its input under another shape."""
    from zerotap.firmware.operators import OPERATORS

    return operator.name in _MOVES or (operator.name in OPERATORS and OPERATORS[operator.name].ALIAS)


def _shares_bytes(operator: Operator) -> bool:
    from zerotap.firmware.operators import OPERATORS

    in_place = operator.name in OPERATORS and OPERATORS[operator.name].IN_PLACE
    return in_place or keeps_bytes(operator)


def _closure(tensors: Iterable[int], step: Callable[[int], Iterable[int]]) -> set[int]:
    found: set[int] = set()
    waiting = list(tensors)
    while waiting:
        tensor = waiting.pop()
        if tensor not in found:
            found.add(tensor)
            waiting += step(tensor)
    return found
