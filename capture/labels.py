"""Labels: what a person says of a recording, as a CSV file beside it that they may edit.

``X.labels.csv`` beside ``X.pcapng``, columns start_s, end_s, label, source. A span holds from its start until
before its end, "inf" to the end of the recording; a point has both equal.
"""

from __future__ import annotations

import csv
import io
import math
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from zerotap.contents import Bounds, read_contents, text_fault
from zerotap.errors import CaptureError
from zerotap.writing import check_no_links, locked, new_file

from .packet import LabelSpan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

RECORDINGS = "recordings"
"""The folder of a dataset that its recordings and their labels are in."""
COLUMNS = ("start_s", "end_s", "label", "source")
_BOUNDS = Bounds(CaptureError, 1 << 24, "no person has set so many labels: write it again", text_fault)


def labels_path(recording: str | Path) -> Path:
    """Return where the labels of ``recording`` (a capture file) are kept."""
    return Path(recording).with_suffix(".labels.csv")


def write_labels(recording: str | Path, labels: Iterable[LabelSpan]) -> None:
    """Write the labels beside ``recording``, all or nothing, in place of any that were there.

    Raises OutputError where the folder or the disk does not take them; the old ones are then still there.
    """
    target = labels_path(recording)
    whole = target.absolute()
    check_no_links(whole, whole.parent.parent if whole.parent.name == RECORDINGS else whole.parent)
    with new_file(target, private=True, replace=True) as path:
        path.write_text(format_labels(labels), encoding="utf-8", newline="")


def change_labels(
    recording: str | Path, change: Callable[[tuple[LabelSpan, ...]], Iterable[LabelSpan]]
) -> tuple[LabelSpan, ...]:
    """Write what ``change`` makes of the labels beside ``recording``, and return it.

    Of several programs that change labels at the same time each sees what the one before it wrote. Raises
    what ``read_labels``, ``change`` and ``write_labels`` do.
    """
    with locked(Path(recording).parent):
        labels = tuple(change(read_labels(recording)))
        write_labels(recording, labels)
    return labels


def format_labels(labels: Iterable[LabelSpan]) -> str:
    """Return the text of a labels file."""
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    rows.writerows((repr(span.start_s), repr(span.end_s), span.label, span.source) for span in labels)
    return text.getvalue()


def read_labels(recording: str | Path) -> tuple[LabelSpan, ...]:
    """Read the labels beside ``recording``; none where there is no such file.

    Raises CaptureError that names the line for a column that is missing or unknown, a cell too many, a
    number that is none, or an end before its start.
    """
    path = labels_path(recording)
    if not path.exists():
        return ()
    try:
        return labels_in(read_contents(path, _BOUNDS), path)
    except OSError as error:
        raise _unreadable(path, error) from error


def labels_in(content: bytes, path: Path) -> tuple[LabelSpan, ...]:
    """Read the content of a labels file; raise CaptureError as ``read_labels`` does, naming ``path``."""
    try:
        # Spreadsheets begin UTF-8 files with a byte-order mark.
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        if sorted(rows.fieldnames or ()) != sorted(COLUMNS):
            raise CaptureError(
                f"{path}: line 1 must name the columns {','.join(COLUMNS)}, with commas between: mend it"
            )
        return tuple(_span(path, rows.line_num, row) for row in rows)
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> CaptureError:
    return CaptureError(f"{path}: not a labels file ({error}): write it again as UTF-8 CSV")


def _span(path: Path, line: int, row: dict[str | None, str | None]) -> LabelSpan:
    if None in row:
        raise CaptureError(f'{path}: line {line} has more than 4 cells: put "..." around a label with commas')
    start, end, label, source = ((row[column] or "").strip() for column in COLUMNS)
    try:
        return checked_span(LabelSpan(float(start), float(end), label, source or "user"))
    except ValueError as error:
        raise CaptureError(f"{path}: line {line}: {error}: give start_s and end_s in seconds") from error
    except CaptureError as error:
        raise CaptureError(f"{path}: line {line}: {error}") from None


def checked_span(span: LabelSpan) -> LabelSpan:
    """Return ``span``; raise CaptureError where it could label nothing."""
    if not (math.isfinite(span.start_s) and 0 <= span.start_s <= span.end_s) or not span.label.strip():
        raise CaptureError("a label needs a name and 0 <= start_s <= end_s: mend it")
    return span


def spans_of(labels: Iterable[LabelSpan]) -> list[LabelSpan]:
    """Return the labels that have a duration, in the order of their starts; the others are points.

    Raises CaptureError where two overlap: no packet has two labels.
    """
    spans = sorted((span for span in labels if span.start_s < span.end_s), key=lambda span: span.start_s)
    for before, after in pairwise(spans):
        if after.start_s < before.end_s:
            raise CaptureError(
                f"the labels {before.label} ({before.start_s:g} to {before.end_s:g} s) and {after.label} "
                f"(from {after.start_s:g} s) overlap: end the first before the second begins"
            )
    return spans
