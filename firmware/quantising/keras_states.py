"""Keras layers that keep a state from one inference to the next: refused by name, with the way that works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from zerotap.errors import ModelError

from .refused_layer import layer_named, operations

if TYPE_CHECKING:
    import keras

_ASSIGNS: Final = ("AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp")


def refuse_states(model: keras.Model, source: str) -> None:
    """Raise ModelError where a layer assigns a variable when it is called: Keras runs no stream of one step.

    Keras's own layers do so in training alone, but for recurrent ones, which are judged elsewhere.
    """
    for number, layer in enumerate(operations(model)):
        if _has_variables_of_its_own(layer) and _assigns(layer):
            raise ModelError(
                f"{source}: {layer_named(number, layer)} keeps a state from one inference to the next; "
                "quantise the SavedModel that model.export(DIR) writes, with one stream's steps as samples."
            )


def _has_variables_of_its_own(layer: Any) -> bool:  # noqa: ANN401
    own = not type(layer).__module__.startswith("keras.")
    return own and bool(getattr(layer, "non_trainable_variables", ()))


def _assigns(layer: Any) -> bool:  # noqa: ANN401
    import tensorflow as tf

    taken = layer.input
    if isinstance(taken, list | tuple | dict):
        return False
    specification = tf.TensorSpec((1, *taken.shape[1:]), taken.dtype)
    graph = tf.function(layer, autograph=False).get_concrete_function(specification).graph
    definition = graph.as_graph_def()
    nodes = [*definition.node, *(node for each in definition.library.function for node in each.node_def)]
    return any(node.op in _ASSIGNS for node in nodes)
