"""A loop's steps one after the other, in operators that zerotap has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .loops import Loop
from .slices import slices_for_splits


def unrolled(
    loop: Loop, number: int, rows: list[Any], first: list[Any], fixed: dict[str, Any]
) -> tuple[list[Any], list[Any]]:
    """What the steps write, stacked, in the order of ``loop.written``, and the states after the last.

    ``rows``: (steps, 1, ...) each; ``first``: the states before the first step; ``number`` is the loop's.
    """
    import tensorflow as tf

    wanted = [value for _, value, _ in loop.written] + [after for _, after, _, _ in loop.states]
    body = None
    written: list[list[Any]] = []
    origins = [loop.body.get_tensor_by_name(after).op.type for _, after, _, _ in loop.states]
    states = [
        _begun(rows[0][0], state, origin) if is_zero(state) else state
        for state, origin in zip(first, origins, strict=True)
    ]
    for step in range(loop.steps):
        known = dict(fixed)
        known |= {name: values[step] for (name, _), values in zip(loop.rows, rows, strict=True)}
        known |= {name: value for (name, *_), value in zip(loop.states, states, strict=True)}
        body = body or _with_slices(loop.body, known)
        results = tf.graph_util.import_graph_def(
            body, input_map=known, return_elements=wanted, name=f"loop_{number}_step_{step}"
        )
        written.append(results[: len(loop.written)])
        states = results[len(loop.written) :]
    stacked = [
        _stacked(column if every else column[-1:])
        for column, (_, _, every) in zip(zip(*written, strict=True), loop.written, strict=True)
    ]
    return stacked, states


def is_zero(tensor: Any) -> bool:  # noqa: ANN401
    """Whether a tensor is a constant of zeros alone."""
    from tensorflow.python.framework.tensor_util import constant_value

    value = constant_value(tensor)
    return value is not None and not value.any()


def _stacked(rows: Sequence[Any]) -> Any:  # noqa: ANN401
    """Rows (1, ...) as (steps, 1, ...): not by tf.stack, for which zerotap has no operator."""
    import tensorflow as tf

    return tf.expand_dims(tf.concat(rows, 0), 1)


def _begun(row: Any, state: Any, origin: str) -> Any:  # noqa: ANN401
    """Zeros that the converter does not see to be such: it would fold the first step into others.

    ``origin``: what computes the state in a step; what TANH gives has a scale of its own.
    """
    import tensorflow as tf

    zeros = tf.matmul(row, tf.zeros((row.shape[-1], state.shape[-1])))
    return tf.tanh(zeros) if origin == "Tanh" else zeros


def _with_slices(body: Any, known: dict[str, Any]) -> Any:  # noqa: ANN401
    """A body's definition with a slice for each part that a Split makes of a row (1, n).

    ``known``: tensors of the types and shapes of the body's inputs.
    """
    import tensorflow as tf

    definition = body.as_graph_def()
    splits = [operation.name for operation in body.get_operations() if operation.type == "Split"]
    with tf.Graph().as_default():
        inputs = {name: tf.compat.v1.placeholder(each.dtype, each.shape) for name, each in known.items()}
        shaped = tf.graph_util.import_graph_def(definition, input_map=inputs, return_elements=splits, name="")
    slices_for_splits(definition, shaped)
    return definition
