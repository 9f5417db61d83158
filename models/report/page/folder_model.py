"""What a model's folder says of a model, and what its plan adds: nothing in it was run for the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from zerotap.models.comparing.costs import LayerCost
from zerotap.models.comparing.curves import CurvePoint
from zerotap.models.comparing.json_place import Place, read_document
from zerotap.models.comparing.reading_scores import read_scores
from zerotap.models.evaluation.scores import Scores
from zerotap.models.facts import Facts
from zerotap.models.head_kinds import LABELS
from zerotap.models.trained import CURVES_FILE, METRICS_FILE, read_facts

from .wording import cleaned

MOST_BYTES: Final = 16 << 20
_LOSS, _HELD_OUT = "loss", "val_loss"


@dataclass(frozen=True, slots=True)
class PlannedCosts:
    """What a model will take, by its plan: no program was linked or run.

    ``cycles`` are of one invoke at zero wait states, ``board_cycles`` with what the board waits for its
    flash. ``ram_bytes`` holds the stack.
    """

    board: str
    clock_hz: int
    flash_bytes: int
    ram_bytes: int
    cycles: int
    board_cycles: int
    layers: tuple[LayerCost, ...]


@dataclass(frozen=True, slots=True)
class SeveralScores:
    """Macro-F1 of several seeds or folds."""

    name: str
    mean: float
    worst: float
    each: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FolderModel:
    """A model's folder as values; whatever an older one lacks is None, or empty."""

    facts: Facts
    kind: str
    input_shape: tuple[int, ...]
    stages: tuple[str, ...]
    scores: Scores | None = None
    several: tuple[SeveralScores, ...] = ()
    curves: tuple[CurvePoint, ...] = ()
    planned: PlannedCosts | None = None
    folder: str = field(default="")

    @property
    def names(self) -> tuple[str, ...]:
        """The classes, or the labels, that scores are of."""
        return self.facts.labels if self.facts.head == LABELS else self.facts.classes


def read_folder_model(folder: Path, planned: PlannedCosts | None) -> FolderModel:
    """Read a model's folder; names in it are cleaned. Raises ModelError where it is none, or damaged."""
    facts, pipeline = read_facts(folder)
    tidy = Facts(**{key: _cleaned(getattr(facts, key)) for key in Facts.__dataclass_fields__})
    metrics = _document(folder / METRICS_FILE)
    return FolderModel(
        facts=tidy,
        kind=pipeline.kind,
        input_shape=tuple(pipeline.input_shape),
        stages=tuple(stage["transform"] for stage in cleaned(pipeline.to_dict()).get("stages", ())),
        scores=None if metrics is None else _scores(metrics, facts),
        several=() if metrics is None else tuple(_several(metrics)),
        curves=_curves(_document(folder / CURVES_FILE)),
        planned=planned,
        folder=cleaned(folder.name),
    )


def _cleaned(value: Any) -> Any:  # noqa: ANN401
    return tuple(map(cleaned, value)) if isinstance(value, tuple) else cleaned(value)


def _document(path: Path) -> Place | None:
    return read_document(path, MOST_BYTES) if path.exists() else None


def _scores(metrics: Place, facts: Facts) -> Scores | None:
    if "test" not in metrics.value:
        return None
    place, of_labels = metrics["test"], facts.head == LABELS
    names = len(facts.labels if of_labels else facts.classes)
    return read_scores(place, names, place["recordings"].whole(1), of_labels=of_labels)


def _several(metrics: Place) -> list[SeveralScores]:
    found = [(name, metrics[name]) for name in ("seeds", "folds") if name in metrics.value]
    return [
        SeveralScores(
            name,
            place["macro_f1_mean"].share(),
            place["macro_f1_worst"].share(),
            tuple(one["macro_f1"].share() for one in place["each"].each()),
        )
        for name, place in found
    ]


def _curves(document: Place | None) -> tuple[CurvePoint, ...]:
    """Losses by epoch; curves.json has a list for each name."""
    if document is None or _LOSS not in document.value:
        return ()
    losses = [one.number() for one in document[_LOSS].each()]
    held: list[float | None] = [None] * len(losses)
    if _HELD_OUT in document.value:
        held = [one.number() for one in document[_HELD_OUT].each()]
    document.require(len(held) == len(losses), f"has {len(held)} of {_HELD_OUT} and {len(losses)} of {_LOSS}")
    return tuple(CurvePoint(at + 1, *both) for at, both in enumerate(zip(losses, held, strict=True)))


def planned_costs(analysis: Mapping[str, Any]) -> PlannedCosts:
    """The costs of what ``analyse`` gives; an integer model has no layers."""
    return PlannedCosts(
        board=analysis["board"],
        clock_hz=analysis["clock_hz"],
        flash_bytes=analysis["flash_bytes"],
        ram_bytes=analysis["ram_bytes"],
        cycles=analysis["cycles"],
        board_cycles=analysis["board_cycles"],
        layers=tuple(
            LayerCost(cleaned(one["name"]), one["operator"], one["cycles"], one["flash_bytes"])
            for one in analysis.get("layers", ())
        ),
    )
