"""The ends of an int8 model: what float32, uint8 and int64 inputs and outputs become on the board.

TFLite's converter puts QUANTIZE behind a float32 or uint8 input and before a uint8 output, and DEQUANTIZE
before a float32 output. They are dropped: NAME_invoke takes and gives what lies inside of them, int8, which
is q - 128 for a uint8 code q. Indices of ARG_MAX are int32 where the file has int64.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import clamp_int8, zero_point
from zerotap.firmware.graph import Graph, Operator, OracleKind, Tensor
from zerotap.firmware.tflite.model_bytes import ModelFile
from zerotap.firmware.tflite.reader import read_tflite

from .computed_types import check_computed_types
from .rewriting import drop_unused, producers, readers, with_ends, with_tensors

_UINT8_OFFSET: Final = 128


def with_integer_ends(graph: Graph) -> Graph:
    """The graph without conversions at its ends; itself where there are none.

    Tensor indices stay. ``file_dtypes`` keeps the dtypes that the file's own ends have.
    """
    dtypes = tuple(graph.tensors[index].dtype for index in (*graph.inputs, *graph.outputs))
    inside = graph
    for index in graph.inputs:
        inside = _without_input_conversion(inside, index)
    for index in graph.outputs:
        inside = _with_int32_indices(_without_output_conversion(inside, index), index)
    return graph if inside is graph else replace(inside, file_dtypes=graph.file_dtypes or dtypes)


def read_model(
    path_or_bytes: ModelFile | bytes, oracle: OracleKind = "tflite", *, source: str | None = None
) -> Graph:
    """As read_tflite(), with the ends that the board has; a file that computes in other types is refused."""
    graph = read_tflite(path_or_bytes, oracle, source=source)
    check_computed_types(graph)
    return with_integer_ends(graph)


def _without_input_conversion(graph: Graph, index: int) -> Graph:
    source = graph.tensors[index]
    reading = [operator for operator, _ in readers(graph, source.index)]
    if len(reading) != 1 or not _converts(graph, reading[0], "QUANTIZE"):
        return graph
    inside = graph.tensors[reading[0].outputs[0]]
    if source.dtype not in ("float32", "uint8") or not _is_int8_of(source, inside):
        return graph
    inputs = (inside.index if each == index else each for each in graph.inputs)
    return drop_unused(_without(with_ends(graph, inputs, graph.outputs), reading[0]))


def _without_output_conversion(graph: Graph, index: int) -> Graph:
    target = graph.tensors[index]
    writer = producers(graph).get(target.index)
    name = {"float32": "DEQUANTIZE", "uint8": "QUANTIZE"}.get(target.dtype)
    if writer is None or name is None or not _converts(graph, writer, name):
        return graph
    inside = graph.tensors[writer.inputs[0]]
    if not _is_int8_of(target, inside) or any(True for _ in readers(graph, target.index)):
        return graph
    if inside.index in graph.outputs:
        return graph
    outputs = (inside.index if each == index else each for each in graph.outputs)
    return drop_unused(with_ends(graph, graph.inputs, outputs))


def _with_int32_indices(graph: Graph, index: int) -> Graph:
    target = graph.tensors[index]
    writer = producers(graph).get(target.index)
    if writer is None or writer.name != "ARG_MAX" or target.dtype != "int64":
        return graph
    return with_tensors(graph, {target.index: replace(target, dtype="int32")})


def _without(graph: Graph, operator: Operator) -> Graph:
    return replace(graph, operators=tuple(each for each in graph.operators if each is not operator))


def _converts(graph: Graph, operator: Operator, name: str) -> bool:
    if operator.name != name or len(operator.inputs) != 1 or len(operator.outputs) != 1:
        return False
    source, target = graph.tensors[operator.inputs[0]], graph.tensors[operator.outputs[0]]
    return source.shape == target.shape


def _is_int8_of(outside: Tensor, inside: Tensor) -> bool:
    """Whether ``inside`` is int8 with one scale, and the same numbers as ``outside``."""
    if inside.dtype != "int8" or inside.scale.size != 1 or inside.data is not None:
        return False
    if outside.dtype != "uint8":
        return True
    same_scale = np.array_equal(outside.scale, inside.scale)
    return same_scale and zero_point(outside) == zero_point(inside) + _UINT8_OFFSET


def board_codes(samples: NDArray[Any], graph: Graph, place: int = 0) -> NDArray[Any]:
    """Samples of the input at ``place`` as the board takes them: of uint8 q - 128, others as they are."""
    if graph.file_dtypes and graph.file_dtypes[place] == "uint8" and samples.dtype == np.uint8:
        return inner_codes(samples, graph.tensors[graph.inputs[place]], "uint8")
    return samples


def file_codes(codes: NDArray[Any], tensor: Tensor, dtype: str) -> NDArray[Any]:
    """The board's codes as the file's own input, of ``dtype``, has them."""
    if dtype == "uint8" and tensor.dtype == "int8":
        unsigned: NDArray[Any] = (codes.astype(np.int16) + _UINT8_OFFSET).astype(np.uint8)
        return unsigned
    if dtype == "float32" and tensor.dtype == "int8":
        real: NDArray[Any] = (codes.astype(np.float64) - zero_point(tensor)) * tensor.scale[0]
        return real.astype(np.float32)
    return codes


def inner_codes(values: NDArray[Any], tensor: Tensor, dtype: str) -> NDArray[Any]:
    """The board's codes behind what the file's own end, of ``dtype``, has."""
    if dtype == "uint8" and tensor.dtype == "int8":
        signed: NDArray[Any] = (values.astype(np.int16) - _UINT8_OFFSET).astype(np.int8)
        return signed
    if dtype == "float32" and tensor.dtype == "int8":
        codes: NDArray[Any] = np.rint(values.astype(np.float64) / tensor.scale[0]) + zero_point(tensor)
        return clamp_int8(codes.astype(np.int64))
    indices: NDArray[Any] = values.astype(tensor.dtype)
    return indices
