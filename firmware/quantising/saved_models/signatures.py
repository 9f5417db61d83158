"""A SavedModel's signature: the order and the shapes of its inputs and outputs, of which it keeps neither."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.quantising.lengths import fixed_shape, shown
from zerotap.firmware.several_ends import as_rows, in_order
from zerotap.firmware.tflite.end_names import apart, plain_name

SIGNATURE: Final = "serving_default"

_NUMBER: Final = re.compile(r"\d+")


def ordered(names: Iterable[str]) -> list[str]:
    """Names of a signature's side by alphabet, output_2 before output_10: their own order is lost."""
    return sorted(names, key=lambda name: _NUMBER.sub(lambda found: found[0].zfill(20), name))


def c_names(names: Sequence[str]) -> list[str]:
    """What inputs or outputs are called, as identifiers of C."""
    return apart([plain_name(name) for name in names])


def window_shapes(shapes: Mapping[str, Any], lengths: Sequence[int], folder: Path) -> list[tuple[int, ...]]:
    """The shapes of inputs by name (TensorShapes) without the batch, a free extent as ``lengths`` has it.

    Raises ModelError for a batch of more than 1, other lengths than there are free extents, and either of
    several inputs, whose lengths could not be told apart.
    """
    return [
        _window_shape(name, shape, lengths, folder, alone=len(shapes) == 1) for name, shape in shapes.items()
    ]


def _window_shape(
    name: str,
    shape: Any,  # noqa: ANN401
    lengths: Sequence[int],
    folder: Path,
    *,
    alone: bool,
) -> tuple[int, ...]:
    extents = list(shape) if shape.rank else []
    if not extents or extents[0] not in (None, 1):
        raise ModelError(f"{folder}: takes {shape}; save it with a free batch.")
    if alone:
        return fixed_shape(extents[1:], lengths, str(folder))
    if lengths:
        raise ModelError(f"{folder}: --length is for a model of one input; leave it out.")
    if None in extents[1:]:
        raise ModelError(
            f"{folder}: takes windows of any length, {shown(extents[1:])}, at its input {name}, a board "
            "those of one; save it with every extent fixed but the batch."
        )
    return tuple(extents[1:])


def run_by_window(
    run: Callable[[list[NDArray[Any]]], Sequence[Any]],
    windows: NDArray[Any],
    names: tuple[Sequence[str], Sequence[str]],
    folder: Path,
) -> NDArray[Any]:
    """What ``run`` makes of each window's arrays, a batch of 1 each: outputs (n, outputs), or rows (n,).

    ``windows``: (n, ...), or of several inputs rows (n,), by the first of ``names``; the second are the
    outputs'.
    """
    taken, given = names
    arrays = [windows] if len(taken) == 1 else in_order(windows, taken, str(folder))
    made = [run([each[np.newaxis] for each in row]) for row in zip(*arrays, strict=True)]
    outputs = [np.stack(each).reshape(len(windows), -1) for each in zip(*made, strict=True)]
    return outputs[0] if len(outputs) == 1 else as_rows(dict(zip(given, outputs, strict=True)))
