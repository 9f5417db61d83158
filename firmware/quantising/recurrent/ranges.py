"""Ranges of recurrent layers in a calibrated .tflite, before it is quantised.

What every step computes alike gets the range over all steps, so that all steps are the same integers. What
an LSTM writes, its state and its hidden values get one range: TensorFlow's kernels write the one and take it
for the other. Its cells get at least what these kernels can hold: they have no fewer than 0 integer bits.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.passes.loops import STEP
from zerotap.firmware.tflite.reader import read_tflite

_LSTM: Final = "UNIDIRECTIONAL_SEQUENCE_LSTM"
_STATE, _CELL_STATE, _HIDDEN = 18, 19, 4
# The quantiser gives what these read and write one scale.
_SAME_SCALE: Final = ("CONCATENATION", "RESHAPE", "STRIDED_SLICE", "TRANSPOSE", "REVERSE_V2")
_CELL_RANGE: Final = 1.0
_ENDING: Final = re.compile(r"_?\d*$")


def with_recurrent_ranges(content: bytes, source: str | None = None) -> bytes:
    """The calibrated .tflite with these ranges; itself where it has no recurrent layer.

    ``source`` names the model in errors.
    """
    graph = read_tflite(content, source=source)
    cells = [operator.inputs[_CELL_STATE] for operator in graph.operators if operator.name == _LSTM]
    alike = list(_alike(graph))
    if not cells and not alike:
        return content
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
    ranges = [tensor.quantization for tensor in model.subgraphs[0].tensors]
    for cell in cells:
        _widen(ranges[cell], -_CELL_RANGE, _CELL_RANGE)
    for group in alike:
        known = [ranges[index] for index in group if _has_range(ranges[index])]
        if known:
            least = min(float(each.min[0]) for each in known)
            most = max(float(each.max[0]) for each in known)
            for each in known:
                _widen(each, least, most)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _has_range(quantisation: Any) -> bool:  # noqa: ANN401
    return quantisation is not None and quantisation.min is not None and len(quantisation.min) == 1


def _widen(quantisation: Any, least: float, most: float) -> None:  # noqa: ANN401
    if _has_range(quantisation):
        quantisation.min = [min(float(quantisation.min[0]), least)]
        quantisation.max = [max(float(quantisation.max[0]), most)]


def _alike(graph: Graph) -> Iterator[list[int]]:
    """Groups of tensors that are one after the other at every step: what an operator reads and writes."""
    kinds: dict[tuple[str, str, int], list[Operator]] = defaultdict(list)
    seen: dict[tuple[str, str, str], int] = defaultdict(int)
    for operator in graph.operators:
        name = graph.tensors[operator.outputs[0]].name
        match = STEP.search(name)
        if match is None:
            continue
        kind = _ENDING.sub("", STEP.sub(match["loop"], name))
        place = seen[match[0], operator.name, kind]
        seen[match[0], operator.name, kind] += 1
        kinds[operator.name, kind, place].append(operator)
    columns = [
        column
        for operators in kinds.values()
        for column in zip(*((*each.inputs, *each.outputs) for each in operators), strict=False)
    ]
    columns += _written(graph)
    ours = {index for column in columns for index in column}
    yield from (group for group in _joined([*columns, *_moved(graph)]) if not ours.isdisjoint(group))


def _written(graph: Graph) -> list[tuple[int, ...]]:
    """What each LSTM writes, its state and its hidden values."""
    lstms = [each for each in graph.operators if each.name == _LSTM and len(each.intermediates) > _HIDDEN]
    return [(each.outputs[0], each.inputs[_STATE], each.intermediates[_HIDDEN]) for each in lstms]


def _moved(graph: Graph) -> list[tuple[int, ...]]:
    """What operators that keep a scale read and write."""
    moving = [each for each in graph.operators if each.name in _SAME_SCALE]
    computed = [[at for at in each.inputs if graph.tensors[at].data is None] for each in moving]
    return [(*inputs, each.outputs[0]) for inputs, each in zip(computed, moving, strict=True)]


def _joined(columns: Iterable[tuple[int, ...]]) -> Iterator[list[int]]:
    """Join groups that share a tensor; a group of one is left out."""
    leaders: dict[int, int] = {}

    def leader(index: int) -> int:
        while leaders.setdefault(index, index) != index:
            index = leaders[index]
        return index

    for column in columns:
        for index in column[1:]:
            if index >= 0 and column[0] >= 0:
                leaders[leader(index)] = leader(column[0])
    groups: dict[int, list[int]] = defaultdict(list)
    for index in leaders:
        groups[leader(index)].append(index)
    yield from (group for group in groups.values() if len(group) > 1)
