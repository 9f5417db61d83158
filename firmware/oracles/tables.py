"""Fills the tables of a plan: what operators that compute each element by itself give for the 256 inputs."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.arithmetic.fixed_point import INT8_MAX, INT8_MIN, zero_point
from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators import OPERATORS, elementwise, operator_module
from zerotap.firmware.operators.parts.interface import data_tensor
from zerotap.firmware.passes.rewriting import with_ends, with_tensors
from zerotap.firmware.planning.layer import Layer
from zerotap.firmware.planning.plan import Plan
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.firmware.tflite.writer import rewrite_tflite
from zerotap.isolation import DEFAULT_LIMITS, Answer, Limits, ask, packed, unpacked
from zerotap.reporting import Progress

from .oracle import TFLiteInterpreter
from .refusals import first_words
from .tflm import TFLMInterpreter

CODES: Final = np.arange(INT8_MIN, INT8_MAX + 1)
_NAMED_MAX: Final = 3


def filled(planned: Plan) -> Plan:
    """The plan with every table filled: by NumPy references where all operators have one, or by the oracle.

    Raises:
        ModelError: the oracle refuses an input, which is named, or the operators altogether.
    """
    if not any(_is_empty(layer) for layer in planned.layers):
        return planned
    limits = planned.options.isolation
    layers = tuple(
        _filled(planned.graph, layer, limits) if _is_empty(layer) else layer for layer in planned.layers
    )
    return replace(planned, layers=layers)


def _is_empty(layer: Layer) -> bool:
    operator = layer.operators[0]
    return operator.name == elementwise.NAME and operator.options["tables"] is None


def _filled(graph: Graph, layer: Layer, limits: Limits | None) -> Layer:
    empty = layer.operators[0]
    tables = _by_references(graph, empty, layer.place)
    if tables is None:
        tables = _by_oracle(graph, empty, layer.place, limits)
    operator = elementwise.with_tables(empty, tables)
    choices = elementwise.implementations(graph, operator)
    return replace(layer, operators=(operator,), implementations=choices, choice=choices[0])


def _by_references(graph: Graph, table: Operator, place: str) -> NDArray[np.int8] | None:
    """The outputs (1, 256) by the operators' own references; None where one has none, or places differ."""
    inner: tuple[Operator, ...] = table.options["operators"]
    rounding = graph.rounds_as_builtin and any(operator.name == "QUANTIZE" for operator in inner)
    if rounding or table.options["places"].any() or any(each.name not in OPERATORS for each in inner):
        return None
    flat = _flattened(graph, inner, table.inputs[0])
    values = {table.inputs[0]: CODES.astype(np.int8)}
    try:
        for operator in inner:
            module = operator_module(operator, place)
            module.check(graph, operator, place)
            read = [operator.inputs[position] for position in module.data_inputs(graph, operator)]
            values[operator.outputs[0]] = module.reference(flat, operator, *(values[each] for each in read))
    except (ModelError, KeyError, OverflowError):  # what only the oracle can judge
        return None
    return values[table.outputs[0]].astype(np.int8)[np.newaxis]


def _flattened(graph: Graph, inner: tuple[Operator, ...], source: int) -> Graph:
    """The graph with 256 elements in the tensors of a table's operators."""
    indices = {source, *(index for operator in inner for index in operator.outputs)}
    return with_tensors(graph, {each: replace(graph.tensors[each], shape=CODES.shape) for each in indices})


def _by_oracle(graph: Graph, table: Operator, place: str, limits: Limits | None) -> NDArray[np.int8]:
    try:
        answer, faults = _asked_for(graph, table, limits)
    except ModelError as error:
        raise ModelError(f"{place}: {error}") from error
    if faults:
        source = data_tensor(graph, table)
        steps = [int(CODES[row]) - zero_point(source) for row in list(faults)[:_NAMED_MAX]]
        raise elementwise.refused(place, steps, float(source.scale[0]), next(iter(faults.values())))
    if np.any(answer[0] != answer[1]):
        raise ModelError(
            f"{place}: TensorFlow's kernel rounds the last elements otherwise than the first; give the layer "
            "before it a multiple of 16 outputs."
        )
    outputs: NDArray[np.int8] = answer[0].astype(np.int8)
    return outputs


def _asked_for(graph: Graph, table: Operator, limits: Limits | None) -> tuple[NDArray[Any], dict[int, str]]:
    outputs = tuple(operator.outputs[0] for operator in table.options["operators"])
    ends = (table.inputs[0], table.outputs[0])
    places = tuple(table.options["places"].tolist())
    builtin = not graph.has_reference_kernels
    return _asked(graph.content, graph.oracle, outputs, ends, places, builtin, limits)


@lru_cache(maxsize=32)
def _asked(
    content: bytes,
    oracle: str,
    outputs: tuple[int, ...],
    ends: tuple[int, int],
    places: tuple[int, ...],
    builtin: bool,
    limits: Limits | None,
) -> tuple[NDArray[Any], dict[int, str]]:
    """The oracle's least and largest output of each table for each input (2, tables, 256).

    And, by an input's place, what it refuses.
    """
    values = {"outputs": outputs, "ends": ends, "builtin": builtin, "run": oracle == "tflite"}
    arrays = [packed(content), np.array(places)]
    answer = ask(f"{__name__}:fill", values, arrays, source="the model", isolation=limits)
    if oracle == "tflite":
        return answer.arrays[0], {int(row): words for row, words in answer.values["faults"]}
    interpreter = TFLMInterpreter(unpacked(answer.arrays[0]), limits or DEFAULT_LIMITS)
    return _extremes(interpreter.invoke(_samples(interpreter.input[0])), arrays[1]), {}


def _extremes(outputs: NDArray[Any], places: NDArray[np.int64]) -> NDArray[Any]:
    """Outputs (inputs, n) as the least and the largest of each table (2, tables, inputs)."""
    alike = [outputs[:, places == number] for number in range(int(places.max()) + 1)]
    return np.stack([[each.min(axis=1) for each in alike], [each.max(axis=1) for each in alike]])


def _samples(shape: tuple[int, ...]) -> NDArray[np.int8]:
    """Every input at every place: (256, *shape)."""
    codes = CODES.astype(np.int8).reshape(-1, *(1 for _ in shape))
    return np.ascontiguousarray(np.broadcast_to(codes, (CODES.size, *shape)))


def fill(values: dict[str, Any], arrays: list[NDArray[Any]], _on_progress: Progress) -> Answer:
    """The child's: a part of a .tflite as a file of its own, or what TensorFlow's kernels make of it."""
    content = unpacked(arrays[0])
    whole = read_tflite(content)
    written = set(values["outputs"])
    operators = tuple(each for each in whole.operators if each.outputs[0] in written)
    source, target = values["ends"]
    part = rewrite_tflite(content, whole, with_ends(replace(whole, operators=operators), [source], [target]))
    if not values["run"]:
        return Answer(arrays=(packed(part),))
    interpreter = TFLiteInterpreter(part, values["builtin"])
    rows = [_row(interpreter, sample) for sample in _samples(interpreter.input[0])]
    taken = [each for each in rows if not isinstance(each, str)]
    faults = [(row, each) for row, each in enumerate(rows) if isinstance(each, str)]
    extremes = _extremes(np.concatenate(taken), arrays[1]) if taken else np.zeros((2, 0), np.int8)
    return Answer({"faults": faults}, (extremes,))


def _row(interpreter: TFLiteInterpreter, sample: NDArray[np.int8]) -> NDArray[Any] | str:
    """The outputs (1, elements) for one input, or why it is refused."""
    try:
        return interpreter.invoke(sample[np.newaxis])
    except ModelError as error:
        return first_words(str(error.__cause__ or error))
