"""Scoring: verdicts by recording and by window, from the outputs of windows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from zerotap.features import Windows

from .calibration import calibration_error
from .readings import Reading
from .resampling import Difference, interval, macro_f1_difference, resampled_counts
from .scores import ClassScores, Scores
from .tallies import LabelTally

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .tallies import Shares


class _Units(NamedTuple):
    """What is judged: outputs (n, outputs), the class of each, and the number of the recording it is of."""

    outputs: NDArray[Any]
    y: NDArray[np.int64]
    recording: NDArray[np.int64]


def score(outputs: NDArray[Any], windows: Windows, how: int | Reading) -> Scores:
    """Score outputs (n, outputs) by recording and by window.

    A recording's verdict is read from the mean of its windows' outputs. ``windows`` gives the true classes
    and which recording each window is from; ``how`` the outputs are read, or the number of classes where the
    greatest of logits (n, classes) decides.
    """
    reading = Reading.by_greatest(how) if isinstance(how, int) else how
    each = _each_window(outputs, windows)
    recordings = _each_recording(each)
    by_window = _scores(each, recordings.y, reading)
    return replace(_scores(recordings, recordings.y, reading), windows=by_window)


def difference(
    verdicts: NDArray[np.int64], others: NDArray[np.int64], windows: Windows, reading: Reading
) -> Difference:
    """The macro-F1 of one model's verdicts on ``windows`` less that of another's, paired by recording.

    Verdicts as ``reading`` gives them, of the same windows in the same order. ``windows`` has a window a
    recording where verdicts are by recording (see ``by_recording``); of it ``x`` is not read.
    """
    truth, tally = reading.truth(windows.y), reading.tally
    groups, first, member = np.unique(windows.groups, return_index=True, return_inverse=True)
    rows = np.zeros((2, len(groups), tally.cells), np.int64)
    for mine, said in zip(rows, (verdicts, others), strict=True):
        np.add.at(mine, member, tally.rows(truth, said))
    return macro_f1_difference(tally, rows[0], rows[1], windows.y[first])


def by_recording(outputs: NDArray[Any], windows: Windows) -> Windows:
    """The mean outputs of each recording's windows, as ``x`` float64 (recordings, outputs), by group."""
    one = _each_recording(_each_window(outputs, windows))
    return Windows(one.outputs, one.y, np.unique(windows.groups))


def _each_window(outputs: NDArray[Any], windows: Windows) -> _Units:
    return _Units(outputs, windows.y, np.unique(windows.groups, return_inverse=True)[1])


def _each_recording(units: _Units) -> _Units:
    numbers, first, count = np.unique(units.recording, return_index=True, return_counts=True)
    sums = np.zeros((len(numbers), units.outputs.shape[1]))
    np.add.at(sums, units.recording, units.outputs)
    return _Units(sums / count[:, None], units.y[first], numbers)


def _rows(units: _Units, reading: Reading) -> NDArray[np.int64]:
    return reading.tally.rows(reading.truth(units.y), reading.verdicts(units.outputs))


def _scores(units: _Units, classes: NDArray[np.int64], reading: Reading) -> Scores:
    """Scores of units, of recordings that are of ``classes`` (recordings,)."""
    tally = reading.tally
    rows = np.zeros((len(classes), tally.cells), np.int64)
    np.add.at(rows, units.recording, _rows(units, reading))
    counts = rows.sum(axis=0)
    shares, drawn = tally.shares(counts), tally.shares(resampled_counts(rows, classes))
    sure = reading.confidences(units.outputs, units.y)
    return Scores(
        accuracy=float(shares.accuracy),
        macro_f1=float(shares.macro_f1),
        confusion=tally.grid(counts),
        recordings=len(classes),
        per_class=_per_class(shares),
        accuracy_interval=interval(drawn.accuracy),
        macro_f1_interval=interval(drawn.macro_f1),
        calibration_error=None if sure is None else calibration_error(*sure),
        of_labels=isinstance(tally, LabelTally),
    )


def _per_class(shares: Shares) -> tuple[ClassScores, ...]:
    columns = (shares.precision, shares.recall, shares.f1, shares.support)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return tuple(ClassScores(*row) for row in rows)
