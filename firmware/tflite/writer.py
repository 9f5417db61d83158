"""Writes an edited :class:`Graph` back into the .tflite that it was read from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from zerotap.errors import ModelError
from zerotap.firmware.graph import ASSIGN, READ, Graph, Tensor

from .reader import DAMAGE

Ends = tuple[Sequence[int], Sequence[int]]


def rewrite_tflite(content: bytes, before: Graph, after: Graph) -> bytes:
    """The file with ``after`` in the place of ``before``, which is ``read_tflite(content)``.

    ``after`` may have other tensors at the same indices, more of them at the end, fewer operators, and other
    inputs of those that are left; an operator is known by its outputs and keeps its options. Shapes become
    fixed. Variables stay where any is read or assigned. Metadata, and tensors, buffers and operator codes
    that nothing uses, are left out.

    Raises:
        ModelError: the file is damaged where read_tflite() does not look.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from tensorflow.lite.tools import flatbuffer_utils

    try:
        model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
        _set_tensors(model, before, after)
        _set_operators(model, before, after)
        _set_signatures(model, before, after)
        _leave_out_tensors(model)
        _leave_out_codes(model)
        _leave_out_buffers(model)
    except DAMAGE as error:  # in what read_tflite() has no use for: metadata, signatures, other options
        raise ModelError(f"{before.source}: damaged .tflite ({error}); make it again.") from error
    written: bytes = flatbuffer_utils.convert_object_to_bytearray(model)
    return written


def rename_ends(content: bytes, ends: Ends | None, names: tuple[Sequence[str], Sequence[str]]) -> bytes:
    """The file with inputs and outputs, by their tensors, in this order, or its own, and of these names."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from tensorflow.lite.python import schema_py_generated as schema
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
    subgraph = model.subgraphs[0]
    ends = ends or (subgraph.inputs, subgraph.outputs)
    subgraph.inputs, subgraph.outputs = ([int(index) for index in side] for side in ends)
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = "serving_default", 0
    signature.inputs, signature.outputs = map(partial(_named, schema), ends, names)
    model.signatureDefs = [signature]
    written: bytes = flatbuffer_utils.convert_object_to_bytearray(model)
    return written


def _named(schema: Any, tensors: Sequence[int], names: Sequence[str]) -> list[Any]:  # noqa: ANN401
    records = []
    for index, name in zip(tensors, names, strict=True):
        record = schema.TensorMapT()
        record.name, record.tensorIndex = name, int(index)
        records.append(record)
    return records


def _set_tensors(model: Any, before: Graph, after: Graph) -> None:  # noqa: ANN401
    from tensorflow.lite.python import schema_py_generated as schema

    records = model.subgraphs[0].tensors
    known = len(records)  # before has more: what assignments make of states
    for tensor in after.tensors:
        if tensor.index >= known:
            records.append(schema.TensorT())
        elif tensor is before.tensors[tensor.index]:
            continue
        _set_tensor(schema, model, records[tensor.index], tensor)
    for record, tensor in zip(records, after.tensors, strict=True):
        record.name, record.shapeSignature = tensor.name, None


def _set_tensor(schema: Any, model: Any, record: Any, tensor: Tensor) -> None:  # noqa: ANN401
    record.shape, record.hasRank = list(tensor.shape), True
    record.type = getattr(schema.TensorType, tensor.dtype.upper())
    record.quantization = _quantisation(schema, tensor) if tensor.scale.size else None
    record.buffer = 0
    if tensor.data is not None:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(tensor.data).tobytes(), np.uint8)
        record.buffer = len(model.buffers)
        model.buffers.append(buffer)


def _quantisation(schema: Any, tensor: Tensor) -> Any:  # noqa: ANN401
    record = schema.QuantizationParametersT()
    record.scale = [float(scale) for scale in tensor.scale]
    record.zeroPoint = [int(zero_point) for zero_point in tensor.zero_point]
    record.quantizedDimension = tensor.channel_axis
    return record


def _set_operators(model: Any, before: Graph, after: Graph) -> None:  # noqa: ANN401
    subgraph = model.subgraphs[0]
    naming, others = _naming_first(model, subgraph.operators)
    records = {each.outputs: record for each, record in zip(before.operators, others, strict=True)}
    has_states = any(operator.name in (READ, ASSIGN) for operator in after.operators)
    subgraph.operators = naming if has_states else []
    model.subgraphs = model.subgraphs if has_states else [subgraph]
    for operator in after.operators:
        record = records[operator.outputs]
        handle = list(record.inputs[:1]) if operator.name in (READ, ASSIGN) else []
        record.inputs = [*handle, *operator.inputs[len(handle) :]]
        subgraph.operators.append(record)
    subgraph.inputs, subgraph.outputs = list(after.inputs), list(after.outputs)


def _naming_first(model: Any, records: Sequence[Any]) -> tuple[list[Any], list[Any]]:  # noqa: ANN401
    """The operators that name and initialise variables, and the others, which a graph has."""
    from tensorflow.lite.python import schema_py_generated as schema

    naming = (schema.BuiltinOperator.VAR_HANDLE, schema.BuiltinOperator.CALL_ONCE)
    codes = [max(each.builtinCode, each.deprecatedBuiltinCode) for each in model.operatorCodes]
    parts: tuple[list[Any], list[Any]] = ([], [])
    for record in records:
        parts[codes[record.opcodeIndex] not in naming].append(record)
    return parts


def _set_signatures(model: Any, before: Graph, after: Graph) -> None:  # noqa: ANN401
    """A signature names each input and each output, of a part of a model none does."""
    kept = []
    for signature in model.signatureDefs or ():
        followed = [
            _follow(signature.inputs, before.inputs, after.inputs),
            _follow(signature.outputs, before.outputs, after.outputs),
        ]
        kept += [signature] if all(followed) else []
    model.signatureDefs = kept or None


def _follow(named: Any, before: Sequence[int], after: Sequence[int]) -> bool:  # noqa: ANN401
    """Bring names from the ends that were to those that are; False where there are no such."""
    if len(before) != len(after) or any(int(record.tensorIndex) not in before for record in named or ()):
        return False
    for record in named or ():
        record.tensorIndex = after[before.index(int(record.tensorIndex))]
    return True


def _leave_out_tensors(model: Any) -> None:  # noqa: ANN401
    subgraph = model.subgraphs[0]
    used = {int(index) for indices in _index_lists(subgraph) for index in indices} - {-1}
    places = {index: place for place, index in enumerate(sorted(used))} | {-1: -1}
    subgraph.tensors = [subgraph.tensors[index] for index in sorted(used)]
    subgraph.inputs, subgraph.outputs = _moved(subgraph.inputs, places), _moved(subgraph.outputs, places)
    for record in subgraph.operators:
        record.inputs, record.outputs = (
            _moved(each, places) for each in (_listed(record.inputs), _listed(record.outputs))
        )
        if record.intermediates is not None:
            record.intermediates = _moved(record.intermediates, places)
    for signature in model.signatureDefs or ():
        for named in (*(signature.inputs or ()), *(signature.outputs or ())):
            named.tensorIndex = places[int(named.tensorIndex)]


def _index_lists(subgraph: Any) -> Iterator[Any]:  # noqa: ANN401
    yield from (subgraph.inputs, subgraph.outputs)
    for record in subgraph.operators:
        yield from (_listed(record.inputs), _listed(record.outputs))
        if record.intermediates is not None:
            yield record.intermediates


def _listed(indices: Any) -> Any:  # noqa: ANN401
    """A VAR_HANDLE has no inputs at all, an ASSIGN_VARIABLE no outputs."""
    return [] if indices is None else indices


def _moved(indices: Any, places: dict[int, int]) -> list[int]:  # noqa: ANN401
    return [places[int(index)] for index in indices]


def _leave_out_codes(model: Any) -> None:  # noqa: ANN401
    operators = [record for subgraph in model.subgraphs for record in subgraph.operators]
    used = sorted({record.opcodeIndex for record in operators})
    model.operatorCodes = [model.operatorCodes[index] for index in used]
    for record in operators:
        record.opcodeIndex = used.index(record.opcodeIndex)


def _leave_out_buffers(model: Any) -> None:  # noqa: ANN401
    """Buffer 0 is the empty one, by the schema."""
    holders = [holder for subgraph in model.subgraphs for holder in subgraph.tensors]
    used = sorted({0} | {holder.buffer for holder in holders})
    model.buffers = [model.buffers[index] for index in used]
    for holder in holders:
        holder.buffer = used.index(holder.buffer)
    # Metadata is of the file as it was, and TensorFlow crashes where it is damaged.
    model.metadata = model.metadataBuffer = None
