"""Scores as tables of at most 80 columns: shares with their intervals, each class, and the verdicts."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.console import Group

from zerotap.reporting import visible

from .tables import FRAME, WIDTH, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zerotap.models.evaluation.resampling import Interval
    from zerotap.models.evaluation.scores import Scores

_LABEL_COLUMNS = ("neither", "said wrongly", "missed", "true and said")


def scores_table(title: str, classes: Sequence[str], scores: dict[str, Scores]) -> Group:
    """Draw scores by kind of arithmetic ("float", "int8"): shares, each class, and the verdicts on it.

    ``classes`` are the names of the classes, or of the labels of a model of several. Of each class the shares
    of the last arithmetic are shown: the board's, where it is there.
    """
    last = list(scores.values())[-1]
    return Group(
        visible(title),
        shares_table("arithmetic", scores),
        *textwrap.wrap(last.warning, WIDTH),
        *([_each_class(list(scores)[-1], classes, last)] if last.per_class else []),
        *(_verdicts(name, classes, values) for name, values in scores.items()),
    )


def shares_table(what: str, scores: dict[str, Scores]) -> Table:
    """Draw a line for each of ``scores``, and one for its windows where recordings have several.

    The range behind a share is that of 95 % of resamples of the recordings.
    """
    table = Table()
    for column in (what, "by", "accuracy", "macro-F1", "calibration"):
        table.add_column(column, justify="left" if column in (what, "by") else "right")
    for name, values in scores.items():
        table.add_row(name, "recording", *_shares(values))
        if values.windows and values.windows.counted > values.recordings:
            table.add_row("", "window", *_shares(values.windows))
    return table


def _shares(scores: Scores) -> tuple[str, str, str]:
    error = scores.calibration_error
    return (
        _with_interval(scores.accuracy, scores.accuracy_interval),
        _with_interval(scores.macro_f1, scores.macro_f1_interval),
        "-" if error is None else f"{error:.3f}",
    )


def _with_interval(share: float, interval: Interval | None) -> str:
    low_high = "" if interval is None else f" {_short(interval.low)}-{_short(interval.high)}"
    return f"{share:.3f}{low_high}"


def _short(share: float) -> str:
    return f"{share:.3f}".removeprefix("0") if share < 1 else "1"


def _each_class(arithmetic: str, classes: Sequence[str], scores: Scores) -> Table:
    what = "label" if scores.of_labels else "class"
    table = Table(title=f"each {what}, {arithmetic}", title_justify="left")
    table.add_column(what, overflow="fold")
    for column in ("precision", "recall", "F1", "recordings"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, one in zip(classes, scores.per_class, strict=True):
        table.add_row(name, f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.f1:.3f}", str(one.support))
    return table


def _verdicts(arithmetic: str, classes: Sequence[str], scores: Scores) -> Table:
    """Every verdict on every class where the names leave room, else each class's mistakes."""
    if scores.of_labels:
        return _of_labels(arithmetic, classes, scores)
    most = len(str(scores.recordings))
    widths = [max(most, len(name)) + FRAME for name in ("true class", *classes)]
    narrow = max(map(len, ("true class", *classes))) + FRAME + sum(widths[1:]) < WIDTH
    return (_every_verdict if narrow else _mistakes)(arithmetic, classes, scores)


def _every_verdict(arithmetic: str, classes: Sequence[str], scores: Scores) -> Table:
    table = Table(title=f"verdicts, {arithmetic}", title_justify="left")
    table.add_column("true class")
    for name in classes:
        table.add_column(name, justify="right", no_wrap=True)
    for name, counts in zip(classes, scores.confusion, strict=True):
        table.add_row(name, *map(str, counts))
    return table


def _mistakes(arithmetic: str, classes: Sequence[str], scores: Scores) -> Table:
    table = Table(title=f"verdicts, {arithmetic}", title_justify="left", width=WIDTH)
    table.add_column("true class", overflow="fold", ratio=2)
    table.add_column("right", justify="right", no_wrap=True)
    table.add_column("mistaken for", overflow="fold", ratio=3)
    for index, counts in enumerate(scores.confusion):
        wrong = sorted((-count, other) for other, count in enumerate(counts) if count and other != index)
        mistaken = ", ".join(f"{classes[other]} ({-count})" for count, other in wrong)
        table.add_row(classes[index], f"{counts[index]} of {sum(counts)}", mistaken)
    return table


def _of_labels(arithmetic: str, labels: Sequence[str], scores: Scores) -> Table:
    table = Table(title=f"verdicts, {arithmetic}", title_justify="left", width=WIDTH)
    table.add_column("label", overflow="fold")
    for column in _LABEL_COLUMNS:
        table.add_column(column, justify="right")
    for name, counts in zip(labels, scores.confusion, strict=True):
        table.add_row(name, *map(str, counts))
    return table
