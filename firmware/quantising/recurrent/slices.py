"""Nodes of a graph's definition replaced by slices, the operator that every set of TFLite's kernels has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


def slices_for_splits(definition: Any, splits: list[Any]) -> None:  # noqa: ANN401
    """Put a slice in the place of each part that a Split makes of a row (1, n).

    ``splits``: the operations in a graph where they have shapes.
    """
    for split in splits:
        source, width = split.inputs[1], split.outputs[0].shape[-1]
        if source.shape.rank == 2 and source.shape[0] == 1:
            bounds = [([0, at], [0, at + width]) for at in range(0, source.shape[1], width)]
            # With a masked axis, or the converter makes a SLICE of it.
            _replace(definition, split, source, [Cut(*each, [1, 1], 1) for each in bounds])


def slices_for_reverses(definition: Any, graph: Any) -> dict[str, str]:  # noqa: ANN401
    """Put a slice with the stride -1 in the place of each ReverseV2 along one axis of a graph.

    Returns the new tensors' names by the old ones'. TFLite's reference kernels have no ReverseV2 of int8, and
    the other kernels round otherwise.
    """
    from tensorflow.python.framework.tensor_util import constant_value

    renamed: dict[str, str] = {}
    for operation in graph.get_operations():
        axes = constant_value(operation.inputs[1]) if operation.type == "ReverseV2" else None
        rank = operation.inputs[0].shape.rank if axes is not None else None
        if axes is not None and rank is not None and axes.size == 1:
            reversed_axis = int(axes.ravel()[0]) % rank
            strides = [-1 if axis == reversed_axis else 1 for axis in range(rank)]
            whole = Cut([0] * rank, [0] * rank, strides, (1 << rank) - 1)
            renamed |= _replace(definition, operation, operation.inputs[0], [whole])
    return renamed


@dataclass(frozen=True, slots=True)
class Cut:
    """One strided slice; the axes of ``mask`` (a bit each) are taken whole."""

    begin: list[int]
    end: list[int]
    strides: list[int]
    mask: int


def _replace(
    definition: Any,  # noqa: ANN401
    operation: Any,  # noqa: ANN401
    source: Any,  # noqa: ANN401
    cuts: list[Cut],
) -> dict[str, str]:
    """One slice of ``source`` for each output of ``operation``."""
    import tensorflow as tf

    parts: dict[str, str] = {}
    with tf.Graph().as_default() as graph:
        values = tf.compat.v1.placeholder(source.dtype, source.shape, "source")
        for part, (output, cut) in enumerate(zip(operation.outputs, cuts, strict=True)):
            masks = {"begin_mask": cut.mask, "end_mask": cut.mask, "name": f"{operation.name}_part_{part}"}
            parts[output.name] = tf.strided_slice(values, cut.begin, cut.end, cut.strides, **masks).op.name
    added = [node for node in graph.as_graph_def().node if node.name != "source"]
    for node in added:
        node.input[:] = [source.name if each == "source" else each for each in node.input]
    for node in definition.node:
        node.input[:] = [parts.get(each if ":" in each else f"{each}:0", each) for each in node.input]
    definition.node.extend(added)
    return {output: f"{part}:0" for output, part in parts.items()}
