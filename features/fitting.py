"""Fitting: what a pipeline leaves out is measured on the training recordings, on those alone."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np

from zerotap.errors import FeatureError

from .inputs.frames import stream_of
from .inputs.numbers import ITEM_BYTES, measured_decimals
from .inputs.registry import input_of
from .segments import segments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Recording

    from .pipeline import Pipeline
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


def fit(pipeline: Pipeline, recordings: Sequence[tuple[Recording, int]]) -> Pipeline:
    """Fill in what ``pipeline`` leaves out: the channels and decimals of numbers, ranges of stages.

    Raises FeatureError where no recording has anything to measure.
    """
    pieces = [piece for recording, _ in recordings for piece in segments(recording)]
    if pipeline.is_of_numbers:
        pipeline = _with_numbers(pipeline, pieces)
    items = [found for piece in pieces if len(found := pipeline.items(piece))]
    stages = []
    for stage in pipeline.stages:
        if not items:
            raise _nothing_in(pipeline, pieces)
        whole = stage if is_fitted(stage) else cast("Measured", stage).fitted_to(np.concatenate(items))
        items = [results for each in items if len(results := whole.batch(each))]
        stages.append(whole)
    return replace(pipeline, stages=tuple(stages))


def _with_numbers(pipeline: Pipeline, pieces: Sequence[Recording]) -> Pipeline:
    streams = [stream for piece in pieces if (stream := stream_of(piece, "auto"))]
    if not streams:
        raise _nothing_in(pipeline, pieces)
    names = streams[0].names
    values = np.concatenate([stream.values for stream in streams if stream.values.shape[1] == len(names)])
    for channel in np.flatnonzero((values == values[0]).all(axis=0)).tolist():
        _log.warning(
            "channel %s is %g in all %d training samples: nothing is learnt from it",
            names[channel],
            values[0, channel],
            len(values),
        )
    return replace(
        pipeline,
        report_bytes=pipeline.report_bytes or ITEM_BYTES * len(names),
        decimals=pipeline.decimals or measured_decimals(values),
    )


def _nothing_in(pipeline: Pipeline, recordings: Sequence[Recording]) -> FeatureError:
    if not recordings:
        return FeatureError("there are no recordings to fit a pipeline to: record or import some")
    named = recordings[0].name or "(unnamed)"
    return FeatureError(f"recording {named} has no {pipeline.source}: {way_out(recordings[0])}")


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
