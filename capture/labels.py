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

MOST_TIMES = 6
FREE_BYTES = 1 << 20
MOST_KNOWN, MOST_KNOWN_BYTES = 256, 256
_known: dict[bytes, tuple[LabelSpan, ...]] = {}
"""Memory that labels may take: MOST_TIMES the bytes of their file, and FREE_BYTES."""
_SPAN_BYTES, _NUMBER_BYTES, _WORD_BYTES, _MOST_CHARACTER_BYTES = 80, 24, 200, 4


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
    try:
        return labels_in(read_contents(path, _BOUNDS, inside=True), path)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise _unreadable(path, error) from error


def labels_in(content: bytes, path: Path) -> tuple[LabelSpan, ...]:
    """Read the content of a labels file; raise CaptureError as ``read_labels`` does, naming ``path``."""
    known = _known.get(content)  # most recordings of a dataset are wholly one label, in the same bytes
    if known is None:
        known = _labels_in(content, path)
        if len(content) <= MOST_KNOWN_BYTES and len(_known) < MOST_KNOWN:
            _known[content] = known
    return known


def _labels_in(content: bytes, path: Path) -> tuple[LabelSpan, ...]:
    try:
        # Spreadsheets begin UTF-8 files with a byte-order mark. A line at a time: the text is nowhere whole.
        rows = csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline=""))
        columns = next(rows, [])
        if len(columns) != len(COLUMNS) or set(columns) != set(COLUMNS):
            raise CaptureError(
                f"{path}: line 1 must name the columns {','.join(COLUMNS)}, with commas between: mend it"
            )
        reader = _Rows(path, columns, FREE_BYTES + MOST_TIMES * len(content))
        return tuple(reader.span(rows.line_num, row) for row in rows if row)
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> CaptureError:
    return CaptureError(f"{path}: not a labels file ({error}): write it again as UTF-8 CSV")


class _Rows:
    """Rows to spans; a label, and the end of one that the next begins at, are kept once.

    ``left_bytes``: what the spans may take. Those of a file of a person take a few times its size.
    """

    def __init__(self, path: Path, columns: list[str], left_bytes: int) -> None:
        self._path, self._left = path, left_bytes
        self._order = [columns.index(name) for name in COLUMNS]
        self._words: dict[str, str] = {}
        self._last = ("", 0.0)

    def span(self, line: int, row: list[str]) -> LabelSpan:
        """One label; raises CaptureError, which names the line."""
        if len(row) > len(COLUMNS):
            raise CaptureError(
                f'{self._path}: line {line} has more than 4 cells: put "..." around a label with commas'
            )
        start, end, label, source = ((row[i] if i < len(row) else "").strip() for i in self._order)
        self._left -= _SPAN_BYTES
        try:
            span = LabelSpan(
                self._second(start), self._second(end), self._word(label), self._word(source or "user")
            )
            checked_span(span)
        except ValueError as error:
            raise CaptureError(
                f"{self._path}: line {line}: {error}: give start_s and end_s in seconds"
            ) from error
        except CaptureError as error:
            raise CaptureError(f"{self._path}: line {line}: {error}") from None
        if self._left < 0:
            raise CaptureError(f"{self._path}: line {line}: no person has set so many labels: write it again")
        return span

    def _second(self, text: str) -> float:
        if text != self._last[0]:
            self._last = text, float(text)
            self._left -= _NUMBER_BYTES
        return self._last[1]

    def _word(self, text: str) -> str:
        known = self._words.get(text)
        if known is None:
            known = text
            self._left -= _WORD_BYTES + _MOST_CHARACTER_BYTES * len(text)
            self._words[text] = text
        return known


def checked_span(span: LabelSpan) -> LabelSpan:
    """Return ``span``; raise CaptureError where it could label nothing."""
    if not (math.isfinite(span.start_s) and 0 <= span.start_s <= span.end_s) or not span.label.strip():
        raise CaptureError("a label needs a name and 0 <= start_s <= end_s: mend it")
    return span


def checked_label(label: str) -> str:
    """Return ``label``; raise CaptureError where it is blank, or no UTF-8, as a file's name may be."""
    if not label.strip():
        raise CaptureError("a label is blank: name the class that the recording belongs to")
    if label != label.encode(errors="replace").decode():
        raise CaptureError(f"the label {label!r} is no UTF-8: give another with --label, or rename the file")
    return label


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
