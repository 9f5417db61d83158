"""Labels: what a person says of a recording, as a CSV file beside it.

``X.labels.csv`` beside ``X.pcapng``, columns start_s, end_s, label, source. An end of "inf" holds to the end.
"""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING

from zerotap.capture.packet import LabelSpan
from zerotap.errors import CaptureError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

COLUMNS = ("start_s", "end_s", "label", "source")


def labels_path(recording: Path) -> Path:
    """Return where the labels of ``recording`` (a capture file) are kept."""
    return recording.with_suffix(".labels.csv")


def write_labels(recording: Path, labels: Iterable[LabelSpan]) -> None:
    """Write the labels beside ``recording``, all or nothing, in place of any that were there."""
    path = labels_path(recording)
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(format_labels(labels), encoding="utf-8", newline="")
    temporary.replace(path)


def format_labels(labels: Iterable[LabelSpan]) -> str:
    """Return the text of a labels file."""
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    rows.writerows((repr(span.start_s), repr(span.end_s), span.label, span.source) for span in labels)
    return text.getvalue()


def read_labels(recording: Path) -> tuple[LabelSpan, ...]:
    """Read the labels beside ``recording``; none where there is no such file.

    Raises CaptureError that names the row for a missing column, a number that is none, or an end before its
    start.
    """
    path = labels_path(recording)
    if not path.exists():
        return ()
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if rows.fieldnames is None or not set(COLUMNS) <= set(rows.fieldnames):
                raise CaptureError(f"{path}: row 1 must name the columns {','.join(COLUMNS)}: add that line")
            return tuple(_span(path, rows.line_num, row) for row in rows)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CaptureError(f"{path}: not a labels file ({error}): write it again as UTF-8 CSV") from error


def _span(path: Path, row_number: int, row: dict[str, str | None]) -> LabelSpan:
    start, end, label, source = (row[column] or "" for column in COLUMNS)
    try:
        span = LabelSpan(float(start), float(end), label, source)
    except ValueError as error:
        raise CaptureError(f"{path}: row {row_number}: {error}: give start_s and end_s in seconds") from error
    if not (math.isfinite(span.start_s) and 0 <= span.start_s <= span.end_s) or not label:
        raise CaptureError(f"{path}: row {row_number}: needs 0 <= start_s <= end_s and a label: mend the row")
    return span
