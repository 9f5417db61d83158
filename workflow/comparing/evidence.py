"""evidence.json's content: what results and recordings show beside the scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zerotap.capture import US
from zerotap.features import PIPELINE_FILE, Pipeline
from zerotap.models import (
    Evidence,
    JudgedRecording,
    Picture,
    Projection,
    picture_of_reports,
    picture_of_samples,
    project,
    texts_of,
)

if TYPE_CHECKING:
    from zerotap.capture import Recording

    from .references import Referred
    from .results import Result
    from .task import Asked, Sides


def gathered(sides: Sides, asked: Asked, results: Sequence[Result], referred: Sequence[Referred]) -> Evidence:
    """Everything that pictures draw; what was typed only where it was asked for."""
    compared = [one.finished for one in results if one.finished.model is not None]
    judgements = {one.name: one.judgement for one in compared}
    judgements |= {one.reference.name: one.judgement for one in referred}
    pipeline = _of_first_raw(results)
    return Evidence(
        recordings=_recordings(sides),
        verdicts={name: one.verdicts for name, one in judgements.items()},
        confidence={name: one.confidence for name, one in judgements.items() if one.confidence},
        curves={one.name: one.curves for one in compared if one.curves},
        learning={one.name: one.learning for one in compared if one.learning},
        precision_recall={name: one.precision_recall for name, one in judgements.items()},
        projection=None if pipeline is None else _projection(sides, pipeline, asked.seed),
        pictures=_pictures(sides, pipeline, asked.with_text),
        texts=_texts(sides) if asked.with_text else {},
        by_flash={one.name: one.by_flash for one in compared if one.by_flash},
        ways={one.name: one.ways for one in compared if one.ways and one.ways.each},
    )


def _of_first_raw(results: Sequence[Result]) -> Pipeline | None:
    raw = (one for one in results if one.finished.model and one.finished.model.kind == "raw")
    first = next(raw, None)
    return None if first is None else Pipeline.read(first.folder / PIPELINE_FILE, inside=True)


def _recordings(sides: Sides) -> tuple[JudgedRecording, ...]:
    split = sides.split
    train = [JudgedRecording(recording.name, number, "train") for recording, number in split.train]
    test = [JudgedRecording(recording.name, number, "test") for recording, number in split.test]
    return (*train, *test)


def _projection(sides: Sides, pipeline: Pipeline, seed: int) -> Projection | None:
    """The windows of the first raw model."""
    return project(*sides.cut(pipeline), sides.names, pipeline.name, seed)


def _pictures(sides: Sides, pipeline: Pipeline | None, with_text: bool) -> tuple[Picture, ...]:
    """The first test recording of each class."""
    first = {number: recording for recording, number in reversed(sides.typed.test)}
    pictures = [_picture(sides, one, number, pipeline, with_text) for number, one in sorted(first.items())]
    return tuple(picture for picture in pictures if picture is not None)


def _picture(
    sides: Sides, recording: Recording, number: int, pipeline: Pipeline | None, with_text: bool
) -> Picture | None:
    """Bytes of what is no sensor are shown with text alone: a keyboard may not have been told as one."""
    if sides.kind != "sensor":
        return picture_of_reports(recording, number, shows_values=with_text)
    return picture_of_samples(recording, number, pipeline) if pipeline else None


def _texts(sides: Sides) -> dict[str, str]:
    """What was typed in each test recording."""
    if sides.kind != "keyboard":
        return {}
    names = (recording.name for recording, _ in sides.split.test)
    return dict(zip(names, texts_of(sides.typed.test, US), strict=True))
