"""A baseline as a table."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.console import Group

from zerotap.reporting import visible

from .score_tables import shares_table
from .tables import WIDTH

if TYPE_CHECKING:
    from zerotap.models.baselines.baseline import Baseline


def baseline_table(title: str, baseline: Baseline) -> Group:
    """Draw the scores of ordinary models, and below them how the dataset was split."""
    (one, *_) = baseline.scores.values()
    data = "synthetic" if baseline.synthetic else "recorded"
    notes = ["desktop models, not for the board", baseline.note, one.warning]
    return Group(
        visible(f"{title}: {one.recordings} test recordings, {data} data"),
        shares_table("model", baseline.scores),
        *(line for note in notes for line in textwrap.wrap(visible(note), WIDTH)),
    )
