"""What a comparison says: pairs, verdict, and its files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap import __version__
from zerotap.models import (
    EVIDENCE_FILE,
    REPORT_FILE,
    ComparedData,
    Comparison,
    Evidence,
    Judged,
    LeftOut,
    Reading,
    pairs_of,
    read_facts,
    reading_of,
    report_markdown,
    verdict_of,
)

if TYPE_CHECKING:
    from .references import Referred
    from .results import Result
    from .task import Asked

MARKDOWN_FILE: Final = "report.md"


def judged(
    data: ComparedData,
    asked: Asked,
    results: Sequence[Result],
    referred: Sequence[Referred],
    evidence: Evidence,
) -> Comparison:
    """The comparison of what was measured, with pairs and verdict."""
    models = tuple(one.finished.model for one in results if one.finished.model is not None)
    references = tuple(one.reference for one in referred)
    best = max(referred, key=lambda one: one.reference.scores.macro_f1)
    truth = np.array([one.index for one in evidence.tested], np.int64)
    pairs = pairs_of(
        [_of_model(one) for one in results if one.finished.model is not None],
        _of_reference(best, data),
        truth,
        asked.margin,
    )
    verdict = verdict_of(data, models, references, pairs, asked.margin)
    left_out = tuple(
        LeftOut(one.finished.name, one.finished.left_out) for one in results if one.finished.left_out
    )
    return Comparison(__version__, asked.command, data, models, references, pairs, verdict, left_out)


def _of_model(result: Result) -> Judged:
    reading = reading_of(read_facts(result.folder)[0])
    return Judged(result.finished.name, reading, result.finished.judgement.said(reading))


def _of_reference(referred: Referred, data: ComparedData) -> Judged:
    reading = Reading.by_greatest(data.classes)
    return Judged(referred.reference.name, reading, referred.judgement.said(reading))


def write_report(folder: Path, comparison: Comparison, evidence: Evidence) -> None:
    """Write what a comparison found into its folder."""
    for name, content in ((REPORT_FILE, comparison.to_json()), (EVIDENCE_FILE, evidence.to_json())):
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    (folder / MARKDOWN_FILE).write_text(report_markdown(comparison), encoding="utf-8")
