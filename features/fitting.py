"""Fitting: what a pipeline leaves out is measured on the training recordings, on those alone."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np

from zerotap.errors import FeatureError

from .inputs.frames import stream_of
from .inputs.registry import input_of
from .inputs.sensor_numbers import ITEM_BYTES, measured_decimals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Recording

    from .transforms.interface import Transform

_log = logging.getLogger(__name__)


class Measured(Protocol):
    """A transform that can be left without its ranges."""

    @property
    def is_fitted(self) -> bool:
        """Whether it has them."""

    def fitted_to(self, items: NDArray[Any]) -> Transform:
        """The transform with the ranges of items (n, ..., channels), n from 1 on."""


def is_fitted(stage: Transform | Measured) -> bool:
    """Whether a stage can run as it is."""
    return getattr(stage, "is_fitted", True)


def fit_stages(
    stages: Sequence[Transform], items: Sequence[NDArray[Any]], pieces: Sequence[Recording], source: str
) -> tuple[Transform, ...]:
    """``stages`` with the ranges that they leave out, of what comes to each when ``items`` go in.

    ``items`` are those of ``pieces`` of recordings, read as ``source``. Raises FeatureError where none holds
    any.
    """
    items = [each for each in items if len(each)]
    whole = []
    for stage in stages:
        if not items:
            raise nothing_in(pieces, source)
        ready = stage if is_fitted(stage) else cast("Measured", stage).fitted_to(np.concatenate(items))
        items = [results for each in items if len(results := ready.batch(each))]
        whole.append(ready)
    return tuple(whole)


def measure_numbers(pieces: Sequence[Recording]) -> tuple[int, tuple[int, ...]]:
    """The bytes of a row of numbers, and the decimals of each channel or of all.

    A channel that never changes is told of by a warning. Raises FeatureError where no piece holds any, or
    some are text and others binary frames.
    """
    found = [(piece.name, stream) for piece in pieces if (stream := stream_of(piece, "auto"))]
    if not found:
        raise nothing_in(pieces, "numbers")
    _check_one_kind({stream.kind: name for name, stream in found})
    streams = [stream for _, stream in found]
    names = streams[0].names
    values = np.concatenate([stream.values for stream in streams if stream.values.shape[1] == len(names)])
    for channel in np.flatnonzero((values == values[0]).all(axis=0)).tolist():
        _log.warning(
            "channel %s is %g in all %d training samples: nothing is learnt from it",
            names[channel],
            values[0, channel],
            len(values),
        )
    return ITEM_BYTES * len(names), measured_decimals(values)


def _check_one_kind(recordings: Mapping[str, str]) -> None:
    """Raise FeatureError for a recording of each of several kinds: their numbers have other units."""
    if len(recordings) > 1:
        told = " and ".join(f"{name or '(unnamed)'} of {kind}" for kind, name in sorted(recordings.items()))
        raise FeatureError(
            f"recordings {told} samples: their numbers have other units; keep them in datasets of their own, "
            "or take one kind out (`zerotap remove`)"
        )


def nothing_in(recordings: Sequence[Recording], source: str) -> FeatureError:
    """What to raise where a pipeline finds nothing to measure."""
    if not recordings:
        return FeatureError("there are no recordings to fit a pipeline to: record or import some")
    named = recordings[0].name or "(unnamed)"
    return FeatureError(f"recording {named} has no {source}: {way_out(recordings[0])}")


def way_out(recording: Recording) -> str:
    """What to do with a recording in which a pipeline finds nothing."""
    found = input_of(recording)
    if found is None:
        return "it holds no packet at all: record it again, or take it out of the dataset"
    holds, row_bytes = found
    rows = {
        "frames": f"frames of {row_bytes // 2} channels",
        "numbers": f"lines of {row_bytes // ITEM_BYTES} numbers",
    }.get(holds.name, f"{row_bytes}-byte packets")
    return (
        f'it holds {rows}: give a --pipeline with source = "{holds.name}" and report_bytes = {row_bytes} '
        "(`zerotap transforms` lists the stages), or take it out of the dataset"
    )
