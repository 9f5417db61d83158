"""The scores that `train` and `evaluate` print."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from zerotap.reporting import next_step, print_report

if TYPE_CHECKING:
    from zerotap.models import FolderWindows, Scores, Trained


def print_scores(
    folder: str,
    trained: Trained | FolderWindows,
    scores: dict[str, Scores],
    as_json: bool,
    several: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Print a model's scores by kind of arithmetic ("float", "int8"), as a table or as JSON.

    ``several``: what came of several seeds and folds.
    """
    from rich.console import Group

    from zerotap.models import reading_of, scores_table, several_table

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
        **several,
    }
    title = f"{folder}: {next(iter(scores.values())).recordings} test recordings, {trained.facts.data} data"
    table = scores_table(title, reading_of(trained.facts).head.names, scores)
    print_report(report, Group(table, several_table(several)) if several else table, as_json)


def several(trained: Trained) -> dict[str, Any]:
    """What training measured of several seeds and of folds, empty without."""
    from zerotap.models import METRICS_FILE

    metrics = trained.records.get(METRICS_FILE, {})
    return {name: metrics[name] for name in ("folds", "seeds") if name in metrics}


def tell_next_step(model: Path, dataset: Path, scores: dict[str, Scores]) -> None:
    """Say what comes next: a float model is quantised, one of integers is what the board computes."""
    if set(scores) == {"float"}:
        next_step(shlex.join(["zerotap", "quantise", str(model), "--dataset", str(dataset)]))
    else:
        next_step(shlex.join(["zerotap", "analyse", str(model)]))
