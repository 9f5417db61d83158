"""Writes an edited :class:`Graph` back into the .tflite that it was read from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from zerotap.errors import ModelError
from zerotap.firmware.graph import Graph, Tensor

from .reader import DAMAGE

_DEPRECATED_CODE_MAX: Final = 127


def rewrite_tflite(content: bytes, before: Graph, after: Graph) -> bytes:
    """The file with ``after`` in the place of ``before``, which is ``read_tflite(content)``.

    ``after`` may have other tensors at the same indices, more of them at the end, fewer operators, and other
    inputs of those that are left; an operator is known by its outputs and keeps its options. Shapes become
    fixed. Metadata, and tensors, buffers and operator codes that nothing uses, are left out.

    Raises:
        ModelError: the file is damaged where read_tflite() does not look.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from tensorflow.lite.tools import flatbuffer_utils

    try:
        model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
        _set_tensors(model, before, after)
        _set_operators(model.subgraphs[0], after)
        _leave_out_tensors(model)
        _leave_out_codes(model)
        _leave_out_buffers(model)
    except DAMAGE as error:  # in what read_tflite() has no use for: metadata, signatures, other options
        raise ModelError(f"{before.source}: damaged .tflite ({error}); make it again.") from error
    written: bytes = flatbuffer_utils.convert_object_to_bytearray(model)
    return written


def _set_tensors(model: Any, before: Graph, after: Graph) -> None:  # noqa: ANN401
    from tensorflow.lite.python import schema_py_generated as schema

    records = model.subgraphs[0].tensors
    for tensor in after.tensors:
        if tensor.index >= len(before.tensors):
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


def _set_operators(subgraph: Any, after: Graph) -> None:  # noqa: ANN401
    records = {tuple(int(index) for index in record.outputs): record for record in subgraph.operators}
    subgraph.operators = []
    for operator in after.operators:
        record = records[operator.outputs]
        record.inputs = list(operator.inputs)
        subgraph.operators.append(record)
    subgraph.inputs, subgraph.outputs = [after.input], [after.output]


def _leave_out_tensors(model: Any) -> None:  # noqa: ANN401
    subgraph = model.subgraphs[0]
    used = {int(index) for indices in _index_lists(subgraph) for index in indices} - {-1}
    places = {index: place for place, index in enumerate(sorted(used))} | {-1: -1}
    subgraph.tensors = [subgraph.tensors[index] for index in sorted(used)]
    subgraph.inputs, subgraph.outputs = _moved(subgraph.inputs, places), _moved(subgraph.outputs, places)
    for record in subgraph.operators:
        record.inputs, record.outputs = _moved(record.inputs, places), _moved(record.outputs, places)
        if record.intermediates is not None:
            record.intermediates = _moved(record.intermediates, places)
    for signature in model.signatureDefs or ():
        _name_ends(signature, subgraph)


def _index_lists(subgraph: Any) -> Iterator[Any]:  # noqa: ANN401
    yield from (subgraph.inputs, subgraph.outputs)
    for record in subgraph.operators:
        yield from (record.inputs, record.outputs)
        if record.intermediates is not None:
            yield record.intermediates


def _moved(indices: Any, places: dict[int, int]) -> list[int]:  # noqa: ANN401
    return [places[int(index)] for index in indices]


def _name_ends(signature: Any, subgraph: Any) -> None:  # noqa: ANN401
    """A signature names the one input and the one output."""
    for named, index in ((signature.inputs, subgraph.inputs[0]), (signature.outputs, subgraph.outputs[0])):
        for record in named or ():
            record.tensorIndex = index


def _leave_out_codes(model: Any) -> None:  # noqa: ANN401
    operators = model.subgraphs[0].operators
    used = sorted({record.opcodeIndex for record in operators})
    model.operatorCodes = [model.operatorCodes[index] for index in used]
    for record in operators:
        record.opcodeIndex = used.index(record.opcodeIndex)


def _leave_out_buffers(model: Any) -> None:  # noqa: ANN401
    """Buffer 0 is the empty one, by the schema."""
    holders = model.subgraphs[0].tensors
    used = sorted({0} | {holder.buffer for holder in holders})
    model.buffers = [model.buffers[index] for index in used]
    for holder in holders:
        holder.buffer = used.index(holder.buffer)
    # Metadata is of the file as it was, and TensorFlow crashes where it is damaged.
    model.metadata = model.metadataBuffer = None
