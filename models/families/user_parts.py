"""What is looked for in a user's model beyond its shape: what it ends in, and whose weights it has."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from zerotap.errors import ModelError

if TYPE_CHECKING:
    import keras

_SAME_VALUES: Final = ("Reshape", "Flatten", "Dropout", "Identity", "Permute")
"""Layers behind which the values are what they were before."""


def last_function(model: keras.Model) -> str:
    """What a built model's output comes out of, in small letters: an activation's name, else its layer's.

    Of a model within the model what that ends in.
    """
    last, tensor = model, model.outputs[0]
    while True:
        if hasattr(last, "outputs"):
            tensor = last.outputs[0]
        elif hasattr(last, "layer"):  # a wrapper
            last = last.layer
            continue
        elif _passes_on(last):
            tensor = last._inbound_nodes[-1].input_tensors[0]
        else:
            break
        last = tensor._keras_history.operation
    name = getattr(getattr(last, "activation", None), "__name__", "")
    return name if name not in ("", "linear") else type(last).__name__.lower()


def _passes_on(layer: Any) -> bool:  # noqa: ANN401  (keras ships no types)
    kind = type(layer).__name__
    is_linear = getattr(getattr(layer, "activation", None), "__name__", "") == "linear"
    return kind in _SAME_VALUES or (kind == "Activation" and is_linear)


def check_new_weights(path: Path, model: keras.Model, given: Iterable[Any]) -> None:
    """Raise ModelError where a model has weights that were ``given`` before and that training changes.

    What one seed or fold learnt would be where the next begins. Frozen layers may be shared.
    """
    known = {id(variable) for variable in given}
    for layer in model._flatten_layers(include_self=False):
        if not layer.trainable or hasattr(layer, "outputs"):
            continue
        if any(id(variable) in known for variable in layer.variables):
            raise ModelError(
                f"{path}: build gives layer {layer.name} a second time, with what an earlier seed or fold "
                "learnt: make every layer within build, or freeze it (trainable = False)"
            )
