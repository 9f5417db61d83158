"""Recurrent Keras models: which they are, what of them cannot be computed, and their float .tflite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from zerotap.errors import ModelError
from zerotap.firmware.quantising import keras_ends
from zerotap.firmware.quantising.refused_layer import layer_named, operations
from zerotap.firmware.quantising.tracing import tflite_of, traced

from .without_loops import float_tflite

if TYPE_CHECKING:
    import keras

_INSTEAD: Final = "use LSTM, GRU or SimpleRNN"


def is_recurrent(model: keras.Model) -> bool:
    """Whether a model has a layer that walks a sequence, in whatever other layer it is."""
    return any(True for _ in _recurrent(model))


def recurrent_float(model: keras.Model, source: str) -> bytes:
    """The float .tflite of a model with a batch of 1, without loops.

    Raises ModelError for a loop that zerotap does not know; see :func:`refuse_loops` for what it does.
    """
    with _as_loops(model):
        function = traced(model)
    names = keras_ends.signature_names(model)
    return float_tflite(function, names, source) or tflite_of(function, names)


@contextmanager
def _as_loops(model: keras.Model) -> Iterator[None]:
    """Layers without unroll=True, whose steps are then found as a loop's, and without dropout.

    Dropout counts its draws in a variable, also where it draws nothing.
    """
    layers = [each for _, layer in _recurrent(model) for each in (layer, *_sides(layer))]
    cells = [cell for layer in layers for cell in _cells(layer)]
    wanted: list[tuple[Any, str, float]] = [(each, "unroll", False) for each in layers]
    wanted += [(each, name, 0.0) for each in cells for name in ("dropout", "recurrent_dropout")]
    changed = [
        (each, name, getattr(each, name), value) for each, name, value in wanted if hasattr(each, name)
    ]
    for each, name, _, value in changed:
        setattr(each, name, value)
    try:
        yield
    finally:
        for each, name, before, _ in changed:
            setattr(each, name, before)


def _cells(layer: Any) -> list[Any]:  # noqa: ANN401
    """The cell that a layer runs, or the cells one above the other."""
    cell = getattr(layer, "cell", None)
    return list(getattr(cell, "cells", [cell]))


def _sides(layer: Any) -> list[Any]:  # noqa: ANN401
    return [getattr(layer, side, layer) for side in ("forward_layer", "backward_layer")]


def refuse_loops(model: keras.Model, source: str) -> None:
    """Raise ModelError for a recurrent layer that cannot be computed step by step; it says what to use."""
    masks = next(_masks(model), None)
    for number, layer in _recurrent(model):
        fault = _fault(layer, masks if _may_be_masked(model, layer) else None)
        if fault:
            raise ModelError(f"{source}: {layer_named(number, layer)} {fault}.")


def _recurrent(model: keras.Model) -> Iterator[tuple[int, Any]]:
    import keras

    kinds = (keras.layers.RNN, keras.layers.Bidirectional)
    for number, layer in enumerate(_flat(operations(model))):
        if isinstance(layer, kinds):
            yield number, layer


def _flat(found: Sequence[Any]) -> Iterator[Any]:
    """Layers in order, those of a model in a model in its place."""
    for each in found:
        if hasattr(each, "layers"):
            yield from _flat(operations(each))
        else:
            yield each


def _masks(model: keras.Model) -> Iterator[Any]:
    """The layers that tell others to skip steps."""
    import keras

    for layer in _flat(operations(model)):
        if isinstance(layer, keras.layers.Masking) or getattr(layer, "mask_zero", False):
            yield layer


def _may_be_masked(model: keras.Model, layer: Any) -> bool:  # noqa: ANN401
    """Whether a mask of the model may reach a layer: that it does not is known of one that is in no other."""
    try:
        sources = layer.input
    except (AttributeError, ValueError):  # what is used twice has no one input
        return True
    # Keras counts the mask among the inputs.
    return isinstance(sources, list | tuple) or all(each is not layer for each in operations(model))


def _fault(layer: Any, masks: Any) -> str:  # noqa: ANN401
    """Why a layer cannot be computed, and what can; "" where it can."""
    import keras

    inner = _sides(layer)
    if any(isinstance(each, keras.layers.ConvLSTM1D.__base__) for each in inner):
        return (
            "convolves its state, which zerotap does not compute: put Conv1D or Conv2D and pooling before "
            "an LSTM or a GRU"
        )
    if any(each.stateful for each in inner):
        return (
            "keeps its state between windows (stateful=True), and zerotap begins each window anew: build it "
            "with stateful=False, on windows as long as it is to remember"
        )
    if masks is not None:
        what = "Masking" if isinstance(masks, keras.layers.Masking) else "mask_zero=True"
        return (
            f"skips steps by the mask of {type(masks).__name__} ({masks.name}), and on the board each window "
            f"takes all its steps: build it without {what}, pad at the window's beginning, and train again"
        )
    if any(each.input_spec is not None for each in inner) and None in _sequence(layer)[1:2]:
        return f"has a sequence of no fixed length: give the model's Input its number of steps; {_INSTEAD}"
    return ""


def _sequence(layer: Any) -> tuple[int | None, ...]:  # noqa: ANN401
    """The shape of what a layer walks, its first input: others are states; () where it is called twice."""
    tensor = getattr(layer, "input", None)
    first = tensor[0] if isinstance(tensor, list | tuple) else tensor
    return () if first is None else tuple(first.shape)
