"""STRIDED_SLICE with constant begin, end and strides, as NumPy's basic indexing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.copying.moves import check_moves, check_sizes, flat_positions, moves
from zerotap.firmware.operators.parts.interface import (
    Implementation,
    data_tensor,
    first_input,
    no_macs,
    output_tensor,
    require,
    require_constant,
    require_int8,
    require_same_scale,
)

from .views import copied

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, that the bounds are constant, and shapes."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require_int8(place, source, target)
    check_sizes(place, source, target)
    require_same_scale(place, source, target)
    require(len(operator.inputs) == 4, place, f"has {len(operator.inputs)} inputs, not 4")
    for what, index in zip(("begin", "end", "stride"), operator.inputs[1:], strict=True):
        bounds = require_constant(place, what, graph.tensors[index], "int32")
        require(bounds.size <= len(source.shape), place, f"has {bounds.size} bounds for {source.shape}")
    sizes = {graph.tensors[index].size for index in operator.inputs[1:]}
    require(len(sizes) == 1, place, f"has {sorted(sizes)} bounds")
    _check_offset(graph, operator, place)
    _check_shrinking(graph, operator, place)
    try:
        view = _view(graph, operator)
    except (IndexError, ValueError) as error:
        raise ModelError(
            f"{place}: cannot slice {source.shape} ({error}); convert the model again."
        ) from error
    require(view.size == target.size > 0, place, f"a slice of {view.shape} cannot fill {target.shape}")
    check_moves(place, *moves(view))


def _check_offset(graph: Graph, operator: Operator, place: str) -> None:
    """With ``offset`` TFLite adds the end to what masks and wrapping left of the begin; nobody mixes them."""
    options = operator.options
    masks = (
        options["begin_mask"] | options["end_mask"] | options["ellipsis_mask"] | options["shrink_axis_mask"]
    )
    begins = np.asarray(graph.tensors[operator.inputs[1]].data)
    require(
        not options["offset"] or (masks | options["new_axis_mask"] == 0 and bool((begins >= 0).all())),
        place,
        "has ends that count from masked or negative begins; convert the model again",
    )


def _check_shrinking(graph: Graph, operator: Operator, place: str) -> None:
    """TFLite drops an axis as NumPy does only where its stride is 1 and its begin is not masked."""
    options = operator.options
    begins, _, strides = (np.asarray(graph.tensors[index].data).ravel() for index in operator.inputs[1:])
    shrunk = [axis for axis in range(strides.size) if _is_set(options["shrink_axis_mask"], axis)]
    require(
        all(
            strides[axis] == 1 and (begins[axis] == 0 or not _is_set(options["begin_mask"], axis))
            for axis in shrunk
        ),
        place,
        "drops an axis with a masked begin or a stride other than 1; convert the model again",
    )


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """The values of the slice."""
    sliced: NDArray[Any] = data[0].ravel()[_view(graph, operator)]
    return sliced.reshape(output_tensor(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """move, or nothing where the slice is the whole."""
    return copied("slice", data_tensor(graph, operator), _view(graph, operator))


def _view(graph: Graph, operator: Operator) -> NDArray[np.int64]:
    """The positions in the input of what is left."""
    view: NDArray[np.int64] = flat_positions(data_tensor(graph, operator).shape)[_index(graph, operator)]
    return np.asarray(view)


def _index(graph: Graph, operator: Operator) -> tuple[Any, ...]:
    bounds = [np.asarray(graph.tensors[index].data).ravel().tolist() for index in operator.inputs[1:]]
    return tuple(_entry(operator, axis, *each) for axis, each in enumerate(zip(*bounds, strict=True)))


def _entry(operator: Operator, axis: int, begin: int, end: int, stride: int) -> Any:  # noqa: ANN401
    options = operator.options
    if _is_set(options["ellipsis_mask"], axis):
        return Ellipsis
    if _is_set(options["new_axis_mask"], axis):
        return None
    if _is_set(options["shrink_axis_mask"], axis):
        return begin
    first = None if _is_set(options["begin_mask"], axis) else begin
    last = None if _is_set(options["end_mask"], axis) else end
    if last is not None and options["offset"]:
        last += begin
    return slice(first, last, stride)


def _is_set(mask: int, axis: int) -> bool:
    return bool(mask >> axis & 1)
