"""A comparison's page: report and evidence become sections, each left out where it has nothing to show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .palette import series_of
from .sections.data import explorer_section, recordings_section
from .sections.examples import examples_section
from .sections.head import comparison_head
from .sections.scores import (
    BoardLimits,
    classes_section,
    confusion_section,
    cost_section,
    curves_section,
    judgements,
    of_models,
    pairs_section,
)
from .sections.tables import data_section, made_section, models_section, ways_section
from .sections.training import flash_section, layers_section, learning_section, weights_section
from .view import Page

if TYPE_CHECKING:
    from zerotap.models.comparing.evidence import Evidence
    from zerotap.models.comparing.values import Comparison


def comparison_page(comparison: Comparison, evidence: Evidence, limits: Mapping[str, BoardLimits]) -> Page:
    """Lay a comparison out; ``limits`` by the board's name. Raises MissingExtraError without matplotlib."""
    judged, classes = judgements(comparison), comparison.data.classes
    series = series_of({model.name: model.kind for model in comparison.models})
    sections = (
        models_section(comparison),
        cost_section(comparison, limits),
        ways_section(of_models(comparison, evidence.ways)),
        pairs_section(comparison),
        data_section(comparison),
        confusion_section(judged),
        classes_section(judged),
        # A reference's threshold is nobody's to choose.
        curves_section(of_models(comparison, evidence.precision_recall)),
        examples_section(comparison, evidence),
        weights_section(comparison.models, series),
        flash_section(of_models(comparison, evidence.by_flash), series),
        layers_section({model.name: model.costs.layers for model in comparison.models}),
        learning_section(
            of_models(comparison, evidence.curves), of_models(comparison, evidence.learning), series
        ),
        explorer_section(evidence.projection, classes),
        recordings_section(evidence.pictures, classes),
        made_section(comparison),
    )
    return Page(
        comparison_head(comparison),
        tuple(section for section in sections if section is not None),
        f"Written by zerotap {comparison.zerotap}. This file needs no network.",
    )
