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
    """Layers with unroll=True as the same layers without: their steps are found as a loop's."""
    layers = [each for _, layer in _recurrent(model) for each in (layer, *_sides(layer))]
    unrolled = [each for each in layers if getattr(each, "unroll", False)]
    for layer in unrolled:
        layer.unroll = False
    try:
        yield
    finally:
        for layer in unrolled:
            layer.unroll = True


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
    if any(each.input_spec is not None and None in layer.input.shape[1:2] for each in inner):
        return f"has a sequence of no fixed length: give the model's Input its number of steps; {_INSTEAD}"
    return ""
