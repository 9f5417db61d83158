"""Labels of windows from a recording's label spans: by the majority of their rows, or by all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.errors import FeatureError

from .segments import segments
from .transforms.item_times import timed
from .windows import Windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Recording

    from .transforms.count_window import CountWindows
    from .transforms.time_window import TimeWindows

NONE: Final = -1
LABEL_RULES: Final = ("majority", "span")


def row_labels(recording: Recording, classes: Sequence[str]) -> NDArray[np.int64]:
    """The class index of every packet by the label spans, int64 (n,); NONE outside of all.

    A span holds from its start to before its end; of spans that overlap the later in the list counts, and
    points label nothing. Raises FeatureError for a label that is not among ``classes``.
    """
    since_s = (recording.timestamps_ns - recording.timestamps_ns[:1]) / 1e9
    labels = np.full(len(recording), NONE, np.int64)
    for span in recording.labels:
        if span.label not in classes:
            raise FeatureError(
                f"label {span.label!r} is none of the classes: choose among {', '.join(classes)}"
            )
        labels[(since_s >= span.start_s) & (since_s < span.end_s)] = classes.index(span.label)
    return labels


def window_labels(
    labels: NDArray[np.int64], bounds: NDArray[np.int64], classes: int, rule: str = "majority"
) -> NDArray[np.int64]:
    """Label windows of rows ``bounds[:, 0]`` to before ``bounds[:, 1]``, int64 (m, 2), by their rows' labels.

    "majority" gives what most rows have (the lower index of equals), rows without a label voting for NONE;
    "span" what all rows have, else NONE. Returns int64 (m,).
    """
    if rule not in LABEL_RULES:
        raise FeatureError(f"label rule {rule!r} is unknown: choose one of {', '.join(LABEL_RULES)}")
    votes = labels[:, None] == np.arange(NONE, classes)
    totals = np.concatenate([np.zeros((1, classes + 1), np.int64), np.cumsum(votes, axis=0)])
    counts = totals[bounds[:, 1]] - totals[bounds[:, 0]]
    winner: NDArray[np.int64] = np.argmax(counts, axis=1) + NONE
    if rule == "majority":
        return winner
    return np.where(counts.max(axis=1) == bounds[:, 1] - bounds[:, 0], winner, NONE)


def labelled_windows(
    recordings: Sequence[Recording],
    classes: Sequence[str],
    cut: CountWindows | TimeWindows,
    rule: str = "majority",
    report_bytes: int = 8,
) -> Windows:
    """Cut the packets of ``report_bytes`` bytes of recordings with label spans; ``groups`` counts them.

    No window crosses a gap or an unplug; those without a label are left out. Raises FeatureError where none
    is left.
    """
    parts, labels, groups = [], [], []
    for group, recording in enumerate(recordings):
        for start, piece in _pieces(recording):
            fits = piece.lengths == report_bytes
            rows = piece.reports(report_bytes)
            items = timed(piece.timestamps_ns[fits], rows) if cut.name == "time_windows" else rows
            of_rows = row_labels(recording, classes)[start : start + len(piece)][fits]
            chosen = window_labels(of_rows, cut.bounds(items), len(classes), rule)
            parts.append(cut.batch(items)[chosen != NONE])
            labels.append(chosen[chosen != NONE])
            groups.append(np.full(len(labels[-1]), group, np.int64))
    if not sum(map(len, labels)):
        raise FeatureError("no window lies in a label: label more, choose shorter windows, or rule majority")
    return Windows(np.concatenate(parts), np.concatenate(labels), np.concatenate(groups))


def _pieces(recording: Recording) -> list[tuple[int, Any]]:
    """The segments, each with the index of its first packet."""
    pieces = segments(recording)
    starts = np.cumsum([0, *(len(piece) for piece in pieces)])
    return list(zip(starts.tolist(), pieces, strict=False))
