"""The scores that `train` and `evaluate` print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zerotap.reporting import print_report

if TYPE_CHECKING:
    from zerotap.models import FolderWindows, Scores, Trained


def print_scores(
    folder: str, trained: Trained | FolderWindows, scores: dict[str, Scores], as_json: bool
) -> None:
    """Print a model's scores by kind of arithmetic ("float", "int8"), as a table or as JSON."""
    from zerotap.models import scores_table

    report: dict[str, Any] = {
        "model": folder,
        "name": trained.facts.name,
        "kind": trained.pipeline.kind,
        "data": trained.facts.data,
        "classes": list(trained.facts.classes),
        "split": trained.facts.note,
        **{arithmetic: values.to_json() for arithmetic, values in scores.items()},
    }
    title = f"{folder}: {scores['float'].recordings} test recordings, {trained.facts.data} data"
    print_report(report, scores_table(title, trained.facts.classes, scores), as_json)
