"""A foreign .tflite as a float model that can be calibrated.

float16 weights and the int8 weights of a dynamic-range model are folded back to float32, the ids of a text
model become an int32 input, and shapes are fixed: what is left is what the quantiser takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from zerotap.errors import ModelError
from zerotap.firmware.graph import ASSIGN, READ, Graph, Operator, Tensor
from zerotap.firmware.operators import elementwise, way_out_without
from zerotap.firmware.passes.ends import with_integer_ends
from zerotap.firmware.passes.rewriting import (
    drop_operators,
    drop_unused,
    is_whole,
    producers,
    readers,
    redirect,
    with_tensors,
)
from zerotap.firmware.passes.simplify import IDS, PASS_ON, simplify
from zerotap.firmware.passes.tables import with_tables

# Operators that compute in float with weights of another type at input 1.
_HYBRID: Final = ("FULLY_CONNECTED", "CONV_2D", "DEPTHWISE_CONV_2D")

# Operators whose inputs behind the first one may be computed.
_SEVERAL: Final = (
    *("ADD", "BATCH_MATMUL", "CONCATENATION", "MAXIMUM", "MINIMUM", "MUL", "PACK", "SPLIT", "SUB"),
    *("TRANSPOSE_CONV", ASSIGN),
)

FLOAT_OPERATORS: Final = (
    *("FULLY_CONNECTED", "CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D", "AVERAGE_POOL_2D"),
    *("MEAN", "SUM", "REDUCE_MAX", "RESHAPE", "SQUEEZE", "EXPAND_DIMS", "PAD", "CONCATENATION"),
    *("STRIDED_SLICE", "TRANSPOSE", "ADD", "MUL", "SUB", "RELU", "RELU6", "RELU_N1_TO_1", "LEAKY_RELU"),
    *("LOGISTIC", "TANH", "SOFTMAX", "HARD_SWISH", "GATHER", "BATCH_MATMUL", "UNIDIRECTIONAL_SEQUENCE_LSTM"),
    *("SLICE", "SPLIT", "SPLIT_V", "UNPACK", "PACK", "TILE", "RESIZE_NEAREST_NEIGHBOR", "MIRROR_PAD"),
    *("DEPTH_TO_SPACE", "SPACE_TO_DEPTH", "REVERSE_V2", "PRELU", "MAXIMUM", "MINIMUM"),
    *("TRANSPOSE_CONV", "RESIZE_BILINEAR", READ, ASSIGN),
    *sorted(elementwise.FUNCTIONS),
)
"""What a float model may compute with."""


def is_quantised(graph: Graph) -> bool:
    """Whether a file computes in int8 (or uint8) already, floats at its ends and inside of tables aside."""
    computed = [
        graph.tensors[index].dtype
        for operator in with_tables(with_integer_ends(graph)).operators
        for index in operator.outputs
        if operator.name not in ("QUANTIZE", "DEQUANTIZE", "CAST")
    ]
    return any(dtype in ("int8", "uint8") for dtype in computed) and "float32" not in computed


def as_float(graph: Graph) -> Graph:
    """The same model in float32 throughout, with int32 ids where it takes ids.

    Tensor indices stay; tensors may come at the end. Raises ModelError for an operator that zerotap does not
    have, or one that computes in another type.
    """
    _check_arity(graph)
    folded = integer_ids(simplify(_fold_constants(_fold_tables(_fold_weights(graph)))))
    result = drop_unused(_fix_shapes(folded))
    numbers = {operator.outputs: number for number, operator in enumerate(graph.operators)}
    for operator in result.operators:
        _check(result, operator, f"{graph.source}: layer {numbers[operator.outputs]} {operator.name}")
    return result


def _check_arity(graph: Graph) -> None:
    for place, operator in enumerate(graph.operators):
        needed = 2 if operator.name in (*_HYBRID, "GATHER") else 1
        if not is_whole(operator, needed):
            raise ModelError(f"{graph.source}: layer {place} {operator.name} lacks a tensor; convert again.")


def _fold_weights(graph: Graph) -> Graph:
    """Float weights where a float operator has int8 ones."""
    weights = [
        graph.tensors[operator.inputs[1]]
        for operator in graph.operators
        if operator.name in _HYBRID and graph.tensors[operator.inputs[0]].dtype == "float32"
    ]
    return with_tensors(
        graph,
        {each.index: _as_float32(each) for each in weights if each.data is not None and each.scale.size},
    )


def _as_float32(tensor: Tensor) -> Tensor:
    """A tensor in float32; a constant's values are its integers' by its scales."""
    bare = replace(tensor, dtype="float32", scale=np.zeros(0), zero_point=np.zeros(0, np.int64))
    if tensor.data is None:
        return bare
    if not tensor.scale.size:
        return replace(bare, data=tensor.data.astype(np.float32))
    shape = [1] * len(tensor.shape)
    if tensor.scale.size > 1:
        shape[tensor.channel_axis] = -1
    centred = tensor.data.astype(np.float64) - tensor.zero_point.reshape(shape)
    return replace(bare, data=(centred * tensor.scale.reshape(shape)).astype(np.float32))


def _fold_tables(graph: Graph) -> Graph:
    """Float tables where a GATHER's rows are dequantised after it."""
    writers = producers(graph)
    changed: dict[int, Tensor] = {}
    same: dict[int, int] = {}
    for operator in graph.operators:
        if operator.name != "DEQUANTIZE" or graph.tensors[operator.inputs[0]].data is not None:
            continue
        chain = _table_chain(graph, operator.inputs[0], writers)
        if chain:
            changed |= {index: _as_float32(graph.tensors[index]) for index in chain}
            same[operator.outputs[0]] = operator.inputs[0]
    return drop_unused(redirect(with_tensors(graph, changed), same)) if same else graph


def _table_chain(graph: Graph, index: int, writers: Mapping[int, Operator]) -> list[int]:
    """The tensors from a GATHER's table to its dequantised rows; none where there is no such table."""
    chain = [index]
    while (writer := writers.get(chain[-1])) is not None:
        if writer.name not in ("GATHER", *PASS_ON):
            return []
        only = all(reader.name in ("DEQUANTIZE", *PASS_ON) for reader, _ in readers(graph, chain[-1]))
        if not only:
            return []
        chain.append(writer.inputs[0])
    return chain if graph.tensors[chain[-1]].data is not None else []


def _fold_constants(graph: Graph) -> Graph:
    """Float constants where constants are dequantised."""
    changed: dict[int, Tensor] = {}
    folded: list[Operator] = []
    for operator in graph.operators:
        source = graph.tensors[operator.inputs[0]]
        if operator.name == "DEQUANTIZE" and source.data is not None:
            target = graph.tensors[operator.outputs[0]]
            changed[target.index] = replace(target, data=_as_float32(source).data)
            folded.append(operator)
    return drop_operators(with_tensors(graph, changed), folded)


def integer_ids(graph: Graph) -> Graph:
    """An int32 input where an input is only used as ids: float that is cast, or int64.

    The graph itself where the inputs are anything else.
    """
    for index in graph.inputs:
        graph = _integer_ids(graph, index)
    return graph


def _integer_ids(graph: Graph, index: int) -> Graph:
    source = graph.tensors[index]
    if source.dtype not in ("float32", "int64"):
        return graph
    ids, same = {index}, {}
    for operator in graph.operators:
        if is_whole(operator, 1) and operator.inputs[0] in ids and operator.name in (*PASS_ON, "CAST"):
            ids.add(operator.outputs[0])
            if operator.name == "CAST":
                same[operator.outputs[0]] = operator.inputs[0]
    if not all(_takes_ids(graph, each, ids, source.dtype) for each in ids):
        return graph
    changed = {each: replace(graph.tensors[each], dtype="int32") for each in ids}
    return drop_unused(redirect(with_tensors(graph, changed), same))


def _takes_ids(graph: Graph, index: int, ids: set[int], input_dtype: str) -> bool:
    """Whether a tensor of ids is whole, or only cast, and read by nothing but GATHERs and the way to them."""
    dtype = graph.tensors[index].dtype
    if dtype not in (*IDS, input_dtype) or index in graph.outputs:
        return False
    return all(
        not ids.isdisjoint(operator.outputs) or (operator.name == "GATHER" and position == 1 and dtype in IDS)
        for operator, position in readers(graph, index)
    )


def _fix_shapes(graph: Graph) -> Graph:
    """Constant shapes for RESHAPE and TRANSPOSE_CONV, in place of arithmetic on the batch size."""
    tensors, operators = list(graph.tensors), []
    for operator in graph.operators:
        if operator.name not in ("RESHAPE", "TRANSPOSE_CONV"):
            operators.append(operator)
            continue
        target, index = graph.tensors[operator.outputs[0]], len(tensors)
        _check_size(graph, operator)
        shape = np.array(target.shape, np.int32)
        none, zero = np.zeros(0), np.zeros(0, np.int64)
        tensors.append(Tensor(index, f"{target.name}/shape", shape.shape, "int32", none, zero, shape))
        inputs: tuple[int, ...] = (operator.inputs[0], index)
        if operator.name == "TRANSPOSE_CONV":
            inputs = (index, *operator.inputs[1:])
        operators.append(replace(operator, inputs=inputs))
    return replace(graph, tensors=tuple(tensors), operators=tuple(operators))


def _check_size(graph: Graph, operator: Operator) -> None:
    """Raise ModelError for a RESHAPE that a free batch makes another size."""
    source, target = graph.tensors[operator.inputs[0]], graph.tensors[operator.outputs[0]]
    if operator.name == "RESHAPE" and source.size != target.size:
        raise ModelError(
            f"{graph.source}: layer {_number(graph, operator)} RESHAPE ({target.name}) makes {target.shape} "
            f"of {source.shape}; convert the model with a batch of 1."
        )


def _number(graph: Graph, operator: Operator) -> int:
    return next(number for number, each in enumerate(graph.operators) if each.outputs == operator.outputs)


def _check(graph: Graph, operator: Operator, place: str) -> None:
    target = graph.tensors[operator.outputs[0]]
    sources = [graph.tensors[index] for index in operator.inputs if index != -1]
    shapes = " + ".join(str(source.shape) for source in sources if source.data is None)
    place = f"{place} ({target.name}), {shapes} -> {target.shape}"
    if operator.name in ("QUANTIZE", "DEQUANTIZE"):
        raise ModelError(
            f"{place}: the file is quantised in part, which zerotap neither runs nor quantises; give the "
            "float model that it was made of to `zerotap quantise`."
        )
    is_number = operator.name == "CAST" and graph.tensors[operator.inputs[0]].dtype == "bool"
    if operator.name not in FLOAT_OPERATORS and not is_number:
        raise ModelError(f"{place}: zerotap quantises no {operator.name}; {way_out_without(operator.name)}")
    passes_ids = operator.name in PASS_ON and target.dtype == "int32"
    if target.dtype not in ("float32", _truth(operator)) and not passes_ids:
        raise ModelError(f"{place}: computes {target.dtype} in a float model; convert its source to float32.")
    for index in operator.inputs[1:]:
        if index != -1 and _is_computed(graph.tensors[index]) and not _may_vary(graph, operator, index):
            raise ModelError(
                f"{place}: its {graph.tensors[index].name} is computed at run time, not a constant; "
                "rebuild the model without it."
            )


def _truth(operator: Operator) -> str:
    """The type that an operator may have beside float32."""
    decides = operator.name in elementwise.COMPARISONS or operator.name.startswith("LOGICAL_")
    return "bool" if decides else "float32"


def _is_computed(tensor: Tensor) -> bool:
    return tensor.data is None and not tensor.variable


def _may_vary(graph: Graph, operator: Operator, index: int) -> bool:
    if operator.name == "GATHER":
        return graph.tensors[index].dtype == "int32"
    return operator.name in _SEVERAL or operator.name in elementwise.FUNCTIONS
