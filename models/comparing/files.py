"""report.json and evidence.json as files of a comparison's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from .evidence import Evidence
from .json_place import read_document
from .together import check_together
from .values import Comparison

REPORT_FILE: Final = "report.json"
EVIDENCE_FILE: Final = "evidence.json"
MOST_REPORT_BYTES: Final = 16 << 20
MOST_EVIDENCE_BYTES: Final = 128 << 20


def read_comparison(folder: str | Path) -> Comparison:
    """Read report.json of a folder that `zerotap compare` wrote; raises ModelError where it is none."""
    place = read_document(Path(folder) / REPORT_FILE, MOST_REPORT_BYTES)
    return Comparison.from_json(place.value, place.file)


def read_evidence(folder: str | Path, comparison: Comparison) -> Evidence:
    """Read evidence.json of the same folder; raises ModelError where it is none, or of another comparison."""
    place = read_document(Path(folder) / EVIDENCE_FILE, MOST_EVIDENCE_BYTES)
    evidence = Evidence.from_json(place.value, place.file)
    check_together(comparison, evidence, place)
    return evidence
