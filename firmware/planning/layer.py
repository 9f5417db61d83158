"""What runs on the board, one operator or several that are fused, and the kernels that it may run on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.operators import Implementation, operator_module, shown_name


@dataclass(frozen=True, slots=True)
class Layer:
    """One operator that runs, or several that are fused or run by rows.

    ``index`` is the first operator's in the graph; ``place`` names the layer in errors; ``sources`` and
    ``target`` are the activations that it reads and writes; ``choice`` is the one of ``implementations`` that
    is generated. One that ``is_by_rows`` computes its operators row by row.
    """

    index: int
    operators: tuple[Operator, ...]
    place: str
    sources: tuple[Tensor, ...]
    target: Tensor
    macs: int
    alias: bool
    in_place: bool
    implementations: tuple[Implementation, ...]
    choice: Implementation
    is_by_rows: bool = False

    @property
    def name(self) -> str:
        """The names of the operators that compute, joined by a plus; of many by rows, both ends."""
        named = [shown_name(each) for each in self.operators if not operator_module(each, self.place).ALIAS]
        if self.is_by_rows and len(named) > 2:
            return f"{named[0]}+...+{named[-1]}"
        return "+".join(named) or self.operators[0].name

    @property
    def source(self) -> Tensor:
        """The first activation that it reads."""
        return self.sources[0]

    @property
    def weight_bytes(self) -> int:
        """Bytes of constants in flash: weights, biases, scales and tables."""
        return self.choice.constant_bytes

    def reference(self, graph: Graph, *data: NDArray[Any]) -> NDArray[Any]:
        """The output in NumPy integers, one operator after the other."""
        values = {source.index: each for source, each in zip(self.sources, data, strict=True)}
        for operator in self.operators:
            module = operator_module(operator, self.place)
            inputs = [values[operator.inputs[place]] for place in module.data_inputs(graph, operator)]
            values[operator.outputs[0]] = module.reference(graph, operator, *inputs)
        return values[self.target.index]
