"""Where an activation's bytes may lie: the arena is aligned to words, the caller's own arrays are not.

The operators themselves say what they are (ALIAS and IN_PLACE of their modules, to which test_placement.py
holds these names); this file only asks by name, so that operators can use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from zerotap.firmware.graph import Graph, Operator

ALIASES: Final = frozenset({"EXPAND_DIMS", "RESHAPE", "SQUEEZE"})
IN_PLACE: Final = ALIASES | {
    *("ADD", "HARD_SWISH", "LEAKY_RELU", "LOGISTIC", "MUL", "QUANTIZE", "RELU", "RELU6", "RELU_N1_TO_1"),
    *("MAXIMUM", "MINIMUM", "PRELU", "SOFTMAX", "SQUARED_DIFFERENCE", "SUB", "TANH"),
}
# They are left out where nothing moves, so that the output is the input's bytes.
_MOVES: Final = frozenset(
    {
        *("CONCATENATION", "DEPTH_TO_SPACE", "MIRROR_PAD", "PACK", "PAD", "PADV2", "RESIZE_NEAREST_NEIGHBOR"),
        *("REVERSE_V2", "SLICE", "SPACE_TO_DEPTH", "SPLIT", "SPLIT_V", "STRIDED_SLICE", "TILE", "TRANSPOSE"),
        "UNPACK",
    }
)


def in_arena(graph: Graph, *tensors: int) -> bool:
    """Whether these activations, by index, lie in the arena whatever the plan, so at multiples of 4 bytes."""

    def before(tensor: int) -> Iterable[int]:
        aliased = (each for each in graph.operators if tensor in each.outputs and keeps_bytes(each))
        return (source for each in aliased for source in each.inputs)

    def after(tensor: int) -> Iterable[int]:
        sharing = (each for each in graph.operators if tensor in each.inputs and _shares_bytes(each))
        return (target for each in sharing for target in each.outputs)

    read, written = _closure(tensors, before), _closure(tensors, after)
    return read.isdisjoint(graph.inputs) and written.isdisjoint(graph.outputs)


def keeps_bytes(operator: Operator) -> bool:
    """Whether the operator's output may be its input under another shape."""
    return operator.name in _MOVES or operator.name in ALIASES


def _shares_bytes(operator: Operator) -> bool:
    return operator.name in IN_PLACE or keeps_bytes(operator)


def _closure(tensors: Iterable[int], step: Callable[[int], Iterable[int]]) -> set[int]:
    found: set[int] = set()
    waiting = list(tensors)
    while waiting:
        tensor = waiting.pop()
        if tensor not in found:
            found.add(tensor)
            waiting += step(tensor)
    return found
