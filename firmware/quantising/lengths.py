"""Models that take windows of any length, as they are for one: the board's memory is laid out beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from zerotap.errors import ModelError

if TYPE_CHECKING:
    import keras

_MOST: Final = 1 << 16


def fixed_shape(shape: Sequence[int | None], lengths: Sequence[int], source: str) -> tuple[int, ...]:
    """A window's shape, its free extents (None) in order as ``lengths`` has them.

    Raises ModelError where there are more or fewer of them, or one that is no length.
    """
    if not all(0 < length < _MOST for length in lengths):
        raise ModelError(f"{source}: a length is from 1 to {_MOST - 1}, not {_listed(lengths)}.")
    free = sum(extent is None for extent in shape)
    if free != len(lengths):
        raise ModelError(_count_fault(shape, lengths, source))
    given = iter(lengths)
    return tuple(next(given) if extent is None else extent for extent in shape)


def _count_fault(shape: Sequence[int | None], lengths: Sequence[int], source: str) -> str:
    windows = shown(shape)
    if None not in shape:
        return f"{source}: takes windows {windows}, which have no free length; leave out --length."
    wanted = " ".join("--length N" for extent in shape if extent is None)
    chose = f", not {_listed(lengths)}" if lengths else ""
    return (
        f"{source}: takes windows of any length, {windows}, a board those of one; add {wanted}{chose} "
        "(lengths= in Python), or save it with every extent fixed but the batch."
    )


def suggested(shape: Sequence[int | None], windows: Sequence[int]) -> tuple[int, ...]:
    """The lengths that windows of one shape give a model's free extents; () where they do not fit."""
    if len(shape) != len(windows) or any(
        a is not None and a != b for a, b in zip(shape, windows, strict=True)
    ):
        return ()
    return tuple(given for extent, given in zip(shape, windows, strict=True) if extent is None)


def shown(shape: Sequence[int | None]) -> str:
    """The shape of windows as Keras writes it: (n, None, 3)."""
    return f"({', '.join(('n', *map(str, shape)))})"


def _listed(lengths: Sequence[int]) -> str:
    return " and ".join(map(str, lengths))


def keras_of_lengths(model: keras.Model, lengths: Sequence[int], source: str) -> keras.Model:
    """The same layers with the same weights, behind an input of fixed ``lengths``.

    Raises ModelError where a layer cannot take windows of them, or the model has several inputs.
    """
    import keras

    if len(getattr(model, "inputs", None) or ()) != 1:
        raise ModelError(f"{source}: --length is for a model of one input that it knows.")
    (free,) = model.inputs
    window = keras.Input(fixed_shape(free.shape[1:], lengths, source), dtype=free.dtype, name=free.name)
    try:
        fixed = keras.models.clone_model(model, input_tensors=window)
    except (ValueError, TypeError) as error:
        words = (str(error).splitlines() or [""])[0][:120]
        raise ModelError(
            f"{source}: cannot take a length of {_listed(lengths)} ({words}); give another."
        ) from error
    fixed.set_weights(model.get_weights())
    return fixed


def tflite_of_lengths(content: bytes, lengths: Sequence[int], source: str) -> bytes:
    """A .tflite whose input has fixed ``lengths``; what follows from them is found when it runs.

    Raises ModelError as fixed_shape() does.
    """
    from tensorflow.lite.tools import flatbuffer_utils

    from zerotap.firmware.tflite.reader import DAMAGE

    try:
        model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
        graph = model.subgraphs[0]
        record = graph.tensors[graph.inputs[0]]
        states = record.shape if record.shapeSignature is None else record.shapeSignature
        shape = [None if extent < 0 else int(extent) for extent in states[1:]]
    except DAMAGE as error:
        raise ModelError(f"{source}: damaged .tflite ({error}); make it again.") from error
    record.shape = [1, *fixed_shape(shape, lengths, source)]
    for tensor in graph.tensors:
        tensor.shapeSignature = None
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))
