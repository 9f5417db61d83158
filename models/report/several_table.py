"""What came of several seeds and of folds, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .tables import Table


def several_table(several: Mapping[str, Any]) -> Table:
    """Draw what came of "folds" and "seeds", as metrics.json has them: macro-F1, its mean and its worst."""
    table = Table()
    for column in ("macro-F1 of", "mean", "worst", "each"):
        table.add_column(column, justify="left" if column in ("macro-F1 of", "each") else "right")
    for name, report in several.items():
        each = report["each"]
        shares = ", ".join(f"{one['macro_f1']:.3f}" for one in each)
        kept = f"; seed {report['kept']} is kept" if "kept" in report else ""
        side = "the test side" if "kept" in report else "training"
        row = (f"{len(each)} {name}, {side}", report["macro_f1_mean"], report["macro_f1_worst"])
        table.add_row(row[0], f"{row[1]:.3f}", f"{row[2]:.3f}", shares + kept)
    return table
