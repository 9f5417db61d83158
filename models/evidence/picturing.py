"""Pictures of recordings as numbers: a raster of reports, or a sensor's signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from zerotap.models.comparing.projection import MOST_COLUMNS, Picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Recording
    from zerotap.features import Pipeline


Form = Literal["reports", "samples"]


def picture_of_reports(recording: Recording, index: int, *, shows_values: bool) -> Picture | None:
    """The first packets of the length that most have: a row a byte; None where there is none.

    Without ``shows_values`` a byte is 1 or 0, whether it is other than 0: of a keyboard no key is told.
    """
    lengths = recording.lengths
    width = int(np.bincount(lengths).argmax()) if len(lengths) else 0
    rows = recording.reports(width)[:MOST_COLUMNS]
    if not rows.size:
        return None
    times = recording.timestamps_ns[lengths == width][: len(rows)]
    values = rows if shows_values else (rows != 0)
    return _picture(recording, index, "reports", (times - times[0]) / 1e9, values.astype(np.int64))


def picture_of_samples(recording: Recording, index: int, pipeline: Pipeline) -> Picture | None:
    """The first samples of every channel, as ``pipeline`` reads them, in their own unit."""
    items = pipeline.items(recording)
    values = pipeline.input.untimed(items)[:MOST_COLUMNS]
    if not values.size:
        return None
    step_s = recording.duration_s / max(1, len(items) - 1)
    units = 10.0 ** -np.array(pipeline.decimals or (0,), np.float64)
    return _picture(recording, index, "samples", np.arange(len(values)) * step_s, values * units)


def _picture(
    recording: Recording, index: int, form: Form, times: NDArray[Any], values: NDArray[Any]
) -> Picture:
    rows = tuple(tuple(row) for row in values.reshape(len(values), -1).T.tolist())
    return Picture(recording.name, index, form, tuple(np.maximum(times, 0).tolist()), rows)
