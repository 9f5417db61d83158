"""The scores that `train` and `evaluate` print."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zerotap.reporting import next_step, print_report

if TYPE_CHECKING:
    from zerotap.models import FolderWindows, Scores, Trained


def print_scores(
    folder: str, trained: Trained | FolderWindows, scores: dict[str, Scores], as_json: bool
) -> None:
    """Print a model's scores by kind of arithmetic ("float", "int8"), as a table or as JSON."""
    from zerotap.models import reading_of, scores_table

    report: dict[str, Any] = {
        "model": folder,
        "name": trained.facts.name,
        "kind": trained.pipeline.kind,
        "data": trained.facts.data,
        "classes": list(trained.facts.classes),
        "head": trained.facts.head,
        "labels": list(trained.facts.labels),
        "split": trained.facts.note,
        **{arithmetic: values.to_json() for arithmetic, values in scores.items()},
    }
    title = f"{folder}: {next(iter(scores.values())).recordings} test recordings, {trained.facts.data} data"
    print_report(report, scores_table(title, reading_of(trained.facts).head.names, scores), as_json)


def tell_next_step(model: Path, dataset: Path, scores: dict[str, Scores]) -> None:
    """Say what comes next: a float model is quantised, one of integers is what the board computes."""
    if set(scores) == {"float"}:
        next_step(shlex.join(["zerotap", "quantise", str(model), "--dataset", str(dataset)]))
    else:
        next_step(shlex.join(["zerotap", "analyse", str(model)]))
