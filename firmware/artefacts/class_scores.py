"""What an inference's scores say of classes: how many there are, and what a score is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from zerotap.firmware.graph import Graph, Operator

Meaning = Literal["logits", "probabilities", "shares", "margins", "indices"]
_PROBABILITIES: Final = frozenset({"SOFTMAX", "LOGISTIC"})
_AS_IT_WAS: Final = frozenset({"RESHAPE", "SQUEEZE", "EXPAND_DIMS"})


@dataclass(frozen=True, slots=True)
class ClassScores:
    """``classes`` scores, each of which means scale * (score - zero_point).

    ``meaning``: "logits"; "probabilities", of a model that ends in SOFTMAX or LOGISTIC; a forest's "shares"
    of votes; "margins" of a table's weights; or "indices", one, of the class itself.
    """

    classes: int
    meaning: Meaning
    scale: float = 1.0
    zero_point: int = 0


def graph_scores(graph: Graph) -> ClassScores | None:
    """The scores of a graph's one output; None where it gives a row of them for each place, or indices."""
    target = graph.tensors[graph.output]
    if graph.has_several_ends:
        return None
    last = _last(graph)
    if target.dtype != "int8":
        given = graph.tensors[last.inputs[0]] if last and last.name == "ARG_MAX" else None
        return ClassScores(given.size, "indices") if given and target.size == 1 else None
    if not target.scale.size or target.size != target.shape[-1]:
        return None
    meaning: Meaning = "probabilities" if last and last.name in _PROBABILITIES else "logits"
    return ClassScores(target.size, meaning, float(target.scale[0]), int(target.zero_point[0]))


def _last(graph: Graph) -> Operator | None:
    """The operator that computed the output, before its elements were only arranged."""
    made = {output: operator for operator in graph.operators for output in operator.outputs}
    operator = made.get(graph.output)
    while operator is not None and operator.name in _AS_IT_WAS:
        operator = made.get(operator.inputs[0])
    return operator
