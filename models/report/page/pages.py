"""The pages as HTML: what stands in a report is cleaned here, once, before anything is laid out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from zerotap.models.comparing.evidence import Evidence
from zerotap.models.comparing.values import Comparison

from .comparison_page import comparison_page
from .drawing import check_packages
from .model_page import folder_page, measured_page
from .rendering import render
from .wording import cleaned

if TYPE_CHECKING:
    from zerotap.models.comparing.projection import Picture

    from .folder_model import FolderModel
    from .sections.scores import BoardLimits


def comparison_html(comparison: Comparison, evidence: Evidence, limits: Mapping[str, BoardLimits]) -> str:
    """The page of a comparison.

    ``limits``: what boards have, by their names. What was typed is on the page where ``evidence`` has texts.
    Raises MissingExtraError without matplotlib or Jinja2.
    """
    check_packages()
    return render(comparison_page(*_cleaned(comparison, evidence), limits))


def measured_html(
    comparison: Comparison, evidence: Evidence, limits: Mapping[str, BoardLimits], version: str
) -> str:
    """The page of the one model that ``comparison`` has; as ``comparison_html`` otherwise."""
    check_packages()
    return render(measured_page(*_cleaned(comparison, evidence), limits, version))


def folder_html(model: FolderModel, limits: Mapping[str, BoardLimits], version: str) -> str:
    """The page of a model that lies in a folder, of which nothing was run."""
    check_packages()
    return render(folder_page(model, limits, version))


def without_text(evidence: Evidence) -> Evidence:
    """The same evidence without what was typed: no texts, and of bytes only whether they are zero."""
    return replace(evidence, texts={}, pictures=tuple(map(_without_values, evidence.pictures)))


def only_model(comparison: Comparison, name: str) -> Comparison:
    """A comparison of one of its models, beside the references; no pair, nothing to decide."""
    verdict = replace(comparison.verdict, winner=None, pair=(), recordings_needed=None)
    return replace(comparison, models=(comparison.model(name),), pairs=(), verdict=verdict)


def _without_values(picture: Picture) -> Picture:
    if picture.form != "reports":
        return picture
    return replace(picture, rows=tuple(tuple(float(value != 0) for value in row) for row in picture.rows))


def _cleaned(comparison: Comparison, evidence: Evidence) -> tuple[Comparison, Evidence]:
    return (
        Comparison.from_json(cleaned(comparison.to_json())),
        Evidence.from_json(cleaned(evidence.to_json())),
    )
