"""What a comparison says, as its files: report.json, report.md, evidence.json and the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zerotap import __version__
from zerotap.models import EVIDENCE_FILE, REPORT_FILE, ComparedData, Comparison, Evidence, Verdict

if TYPE_CHECKING:
    from .references import Referred
    from .results import Result
    from .task import Asked


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
    verdict = Verdict(None, "-", None, asked.margin, ())
    return Comparison(__version__, asked.command, data, models, references, (), verdict)


def write_report(folder: Path, comparison: Comparison, evidence: Evidence) -> None:
    """Write what a comparison found into its folder."""
    for name, content in ((REPORT_FILE, comparison.to_json()), (EVIDENCE_FILE, evidence.to_json())):
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
