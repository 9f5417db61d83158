"""One model's page: what it is, how good it is, what it costs, and how that is known."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from .palette import series_of
from .sections.data import explorer_section, recordings_section
from .sections.head import contender
from .sections.scores import (
    BoardLimits,
    Judgement,
    classes_section,
    confusion_section,
    curves_section,
    judgements,
    of_models,
)
from .sections.tables import SIMULATED, data_section, models_section, ways_section
from .sections.training import flash_section, layers_section, learning_section, weights_section
from .view import Cell, Fact, Grid, Head, Page, Row, Section
from .wording import NOTHING, clipped, count, interval, milliseconds, share

if TYPE_CHECKING:
    from zerotap.models.comparing.compared_model import ComparedModel
    from zerotap.models.comparing.evidence import Evidence
    from zerotap.models.comparing.values import Comparison
    from zerotap.models.evaluation.scores import Scores

    from .folder_model import FolderModel, PlannedCosts

KICKER: Final = "zerotap model"


def folder_page(model: FolderModel, limits: Mapping[str, BoardLimits], version: str) -> Page:
    """The page of what lies in a model's folder; nothing was run for it, and it says so."""
    judged = [Judgement(model.facts.name, model.scores, model.names)] if model.scores else []
    layers = {model.facts.name: model.planned.layers} if model.planned else {}
    sections = (
        _what(model),
        _scores(model) if model.scores or model.several else None,
        _planned(model.planned, limits) if model.planned else None,
        confusion_section(judged) if judged else None,
        classes_section(judged),
        layers_section(layers),
        _upload(model.planned.board, limits, shlex.quote(model.folder)) if model.planned else None,
        learning_section({model.facts.name: model.curves}, {}, {}),
        _how_known(model),
    )
    return Page(_folder_head(model), tuple(filter(None, sections)), _footer(version))


def _folder_head(model: FolderModel) -> Head:
    facts, scores, planned = model.facts, model.scores, model.planned
    found = []
    if scores:
        found += [
            Fact("macro-F1", share(scores.macro_f1), _with_interval(scores)),
            Fact("accuracy", share(scores.accuracy), f"{count(scores.recordings)} test recordings"),
        ]
    if planned:
        ms = milliseconds(planned.board_cycles * 1000 / planned.clock_hz)
        found += [
            Fact("flash, B", count(planned.flash_bytes), "by the plan"),
            Fact("RAM, B", count(planned.ram_bytes), "by the plan, with its stack"),
            Fact("ms a run", ms, f"by the plan, {count(planned.board_cycles)} cycles"),
        ]
    return Head(
        kicker=KICKER,
        title=facts.name,
        subject=f"{model.kind}: {_told_apart(model.names)}",
        headline=_headline(scores),
        text=_paragraph(model),
        contenders=(),
        facts=tuple(found),
        short="Summary",
    )


def _headline(scores: Scores | None) -> str:
    if scores is None:
        return "Not scored yet"
    return f"Macro-F1 {share(scores.macro_f1)} on {count(scores.recordings)} recordings"


def _paragraph(model: FolderModel) -> str:
    facts = model.facts
    said = [f"{facts.name} tells {_told_apart(model.names)} apart from {_SOURCES[model.kind]}."]
    if model.scores:
        said.append(
            f"It was scored on recordings of {facts.data} data that it did not learn from, as it was trained."
        )
    if model.planned:
        said.append(
            f"What it takes on an {model.planned.board} is its plan's; no program was run for this page."
        )
    return " ".join(said)


_SOURCES: Final = {"raw": "raw packets", "text": "the text that they spell"}


def _told_apart(names: tuple[str, ...]) -> str:
    return clipped(" / ".join(names))


def _with_interval(scores: Scores) -> str:
    ends = interval(scores.macro_f1_interval)
    return f"95 %: {ends}" if ends else ""


def _what(model: FolderModel) -> Section:
    facts = model.facts
    size = [facts.preset, ", ".join(map(str, facts.layers))]
    return Section(
        "what",
        "What it is",
        "What it is",
        facts=(
            Fact("family", facts.family or facts.name, " ".join(filter(None, size))),
            Fact("parameters", count(facts.parameters)),
            Fact("input", " × ".join(map(str, model.input_shape)), ", then ".join(model.stages)),
            Fact("head", facts.head, clipped(", ".join(model.names))),
            Fact(
                "trained",
                f"{count(facts.epochs)} epochs" if facts.epochs else "fitted at once",
                f"seed {facts.seed}",
            ),
            Fact("data", facts.data, clipped(facts.note)),
        ),
    )


def _scores(model: FolderModel) -> Section:
    scores = model.scores
    rows = [] if scores is None else [_score_row("recordings", scores)]
    if scores and scores.windows and scores.windows.counted > scores.recordings:
        rows.append(_score_row("windows, one by one", scores.windows))
    grids = (
        [Grid(("test side, by", "macro-F1", "accuracy", "calibration error"), tuple(rows))] if rows else []
    )
    if model.several:
        several = tuple(
            Row(
                (
                    Cell(f"{len(one.each)} {one.name}"),
                    Cell(share(one.mean)),
                    Cell(share(one.worst)),
                    Cell(", ".join(map(share, one.each))),
                )
            )
            for one in model.several
        )
        grids.append(Grid(("macro-F1 of", "mean", "worst", "each"), several))
    says = scores.warning if scores else ""
    return Section("scores", "How good it is", "Scores", f"{says}." if says else "", grids=tuple(grids))


def _score_row(name: str, scores: Scores) -> Row:
    error = scores.calibration_error
    return Row(
        (
            Cell(name, count(scores.counted)),
            Cell(share(scores.macro_f1), interval(scores.macro_f1_interval)),
            Cell(share(scores.accuracy), interval(scores.accuracy_interval)),
            Cell(NOTHING if error is None else share(error)),
        )
    )


def _planned(planned: PlannedCosts, limits: Mapping[str, BoardLimits]) -> Section:
    limit = limits.get(planned.board)
    flash = f"{planned.flash_bytes / limit.flash_bytes:.1%} of {count(limit.flash_bytes)}" if limit else ""
    ram = f"{planned.ram_bytes / limit.ram_bytes:.1%} of {count(limit.ram_bytes)}" if limit else ""
    return Section(
        "costs",
        "What it costs",
        "Costs",
        f"By its plan for an {planned.board} at {planned.clock_hz / 1e6:g} MHz: the model alone, without its "
        "preprocessing. Nothing was linked or run. Milliseconds hold what the board waits for its flash.",
        facts=(
            Fact("flash, B", count(planned.flash_bytes), flash),
            Fact("RAM with its stack, B", count(planned.ram_bytes), ram),
            Fact(
                "cycles a run",
                count(planned.cycles),
                f"at zero wait states; {count(planned.board_cycles)} on the board, "
                f"{milliseconds(planned.board_cycles * 1000 / planned.clock_hz)} ms",
            ),
        ),
    )


def _upload(board: str, limits: Mapping[str, BoardLimits], folder: str) -> Section | None:
    """The commands that bring it onto the board; None of a board that is not known here."""
    if board not in limits:
        return None
    exports = f"zerotap export {folder} --out DIR --name NAME"
    return Section(
        "upload",
        "How it gets onto the board",
        "Upload",
        f"SelfTest, an example of the exported library, says whether the {board} computes what the oracle "
        "did. PORT is among those that arduino-cli board list shows.",
        code="\n".join((exports, *limits[board].upload)),
    )


def _how_known(model: FolderModel) -> Section:
    return Section(
        "verified",
        "How it is verified",
        "Verification",
        "This page was written from the model's folder alone. With a dataset the linked program runs on the "
        "simulated board, and each test window's answer is compared with the oracle for equality:",
        code=f"zerotap report {shlex.quote(model.folder)} --dataset DIR",
    )


def measured_page(
    comparison: Comparison, evidence: Evidence, limits: Mapping[str, BoardLimits], version: str
) -> Page:
    """The page of the one model in ``comparison``, which was verified on the simulated board."""
    (model,) = comparison.models
    classes = comparison.data.classes
    judged, series = judgements(comparison), series_of({model.name: model.kind})
    sections = (
        _measured_what(model),
        replace(models_section(comparison), title="How good it is, what it costs", short="Scores and costs"),
        ways_section(of_models(comparison, evidence.ways)),
        confusion_section(judged),
        classes_section(judged),
        curves_section(of_models(comparison, evidence.precision_recall)),
        weights_section(comparison.models, series),
        flash_section(of_models(comparison, evidence.by_flash), series),
        layers_section({model.name: model.costs.layers}),
        _upload(model.board, limits, "MODEL"),
        learning_section(
            of_models(comparison, evidence.curves), of_models(comparison, evidence.learning), series
        ),
        explorer_section(evidence.projection, classes),
        recordings_section(evidence.pictures, classes),
        data_section(comparison),
        _verified(model),
    )
    return Page(_measured_head(comparison, limits), tuple(filter(None, sections)), _footer(version))


def _measured_head(comparison: Comparison, limits: Mapping[str, BoardLimits]) -> Head:
    (model,) = comparison.models
    board, limit = model.scores.board, limits.get(model.board)
    names = model.labels if board.of_labels else comparison.data.classes
    share_of = f", {model.costs.flash_bytes / limit.flash_bytes:.1%} of the board's" if limit else ""
    costs, unit = model.costs, model.costs.per_unit
    text = (
        f"{model.name} tells {_told_apart(names)} apart from {_SOURCES[model.kind]}, scored on "
        f"{count(board.recordings)} recordings of {comparison.data.origin} data that it did not learn "
        f"from, as the board computes it. On an {model.board} it takes {count(costs.flash_bytes)} B of "
        f"flash{share_of}, and {milliseconds(unit.ms_mean)} ms a {unit.unit} with its preprocessing. "
        f"{_exactness(model)}"
    )
    return Head(
        kicker=KICKER,
        title=model.name,
        subject=f"{comparison.data.dataset}, {model.kind}",
        headline=_headline(board),
        text=text,
        contenders=(contender(model, False),),
        facts=(
            Fact("accuracy", share(board.accuracy), interval(board.accuracy_interval)),
            Fact("test recordings", count(board.recordings), f"{comparison.data.origin} data"),
            Fact("verified windows", count(model.samples), f"{count(model.mismatches)} differed"),
        ),
        short="Summary",
    )


def _exactness(model: ComparedModel) -> str:
    if model.mismatches:
        return f"{count(model.mismatches)} of {count(model.samples)} windows differ from the oracle."
    return f"All {count(model.samples)} windows gave the bits of the oracle."


def _measured_what(model: ComparedModel) -> Section:
    stages = [
        str(stage.get("transform", ""))
        for stage in model.pipeline.get("stages", ())
        if isinstance(stage, dict)
    ]
    return Section(
        "what",
        "What it is",
        "What it is",
        facts=(
            Fact("family", model.family or "own file", model.preset),
            Fact("parameters", count(model.parameters)),
            Fact("preprocessing", clipped(", then ".join(stages)) or "none"),
            Fact("head", model.head, clipped(", ".join(model.labels))),
        ),
    )


def _verified(model: ComparedModel) -> Section:
    return Section(
        "verified",
        "How it was verified",
        "Verification",
        SIMULATED,
        facts=(
            Fact("oracle", model.oracle),
            Fact("compiler", model.compiler),
            Fact("board", model.board, f"{model.clock_hz / 1e6:g} MHz, simulated"),
            Fact("windows", count(model.samples), f"{count(model.mismatches)} differed"),
        ),
    )


def _footer(version: str) -> str:
    return f"Written by zerotap {version}. This file needs no network."
