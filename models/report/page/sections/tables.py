"""The tables that are read for themselves: models, data, how it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from zerotap.models.report.page.view import Cell, Fact, Grid, Row, Section
from zerotap.models.report.page.wording import NOTHING, clipped, count, interval, milliseconds, share

from .head import board_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotap.models.comparing.compared_model import ComparedModel
    from zerotap.models.comparing.values import Comparison, LeftOut, Reference
    from zerotap.models.comparing.ways import WayCost, Ways

SIMULATED: Final = (
    "Flash, RAM and cycles are those of the linked program on a simulated core (Cortex-M0+ Technical "
    "Reference Manual timings); milliseconds hold what the board waits for its flash, by a model of its "
    "cache: no board has been timed. Every test window's answer was compared with the oracle for equality."
)


def models_section(comparison: Comparison) -> Section:
    """Every model with its score and its costs, and the desktop's references."""
    best = comparison.best.name
    rows = [_model_row(model, model.name == best) for model in comparison.models]
    rows += map(_reference_row, comparison.references)
    rows += [_left_out_row(one) for one in comparison.left_out]
    unit = comparison.models[0].costs.per_unit.unit
    columns = (
        "model",
        "macro-F1",
        "accuracy",
        "flash, B",
        "RAM, B",
        f"ms a {unit}",
        "ms a packet",
        "seeds",
        "exact",
    )
    return Section(
        "models",
        "Models",
        "Models",
        "Scores are by recording, with 95 % intervals, as the board computes them; "
        f"{board_line(comparison.models)}. A cost is its mean, with the most below it. "
        "References run on a desktop and are not for the board.",
        grids=(Grid(columns, tuple(rows), SIMULATED),),
    )


def _model_row(model: ComparedModel, is_best: bool) -> Row:
    board, costs, seeds = model.scores.board, model.costs, model.seeds
    unit, packet = costs.per_unit, costs.per_packet
    seen = Cell(share(seeds.macro_f1_mean), f"worst {share(seeds.macro_f1_worst)}")
    cells = (
        Cell(model.name, f"{model.kind}, {count(model.parameters)} parameters"),
        Cell(share(board.macro_f1), interval(board.macro_f1_interval)),
        Cell(share(board.accuracy), interval(board.accuracy_interval)),
        Cell(count(costs.flash_bytes)),
        Cell(count(costs.ram_bytes), f"stack {count(costs.stack_bytes)}"),
        Cell(milliseconds(unit.ms_mean), f"≤ {milliseconds(unit.ms_max)}"),
        Cell(milliseconds(packet.ms_mean), f"≤ {milliseconds(packet.ms_max)}") if packet else Cell(NOTHING),
        seen if len(seeds.each) > 1 else Cell(f"seed {seeds.kept}"),
        Cell(
            "yes" if not model.mismatches else f"{count(model.mismatches)} differ",
            f"{count(model.samples)} windows",
        ),
    )
    return Row(cells, model.kind, is_best)


def _reference_row(reference: Reference) -> Row:
    scores = reference.scores
    cells = (
        Cell(reference.name, "desktop, not for the board"),
        Cell(share(scores.macro_f1), interval(scores.macro_f1_interval)),
        Cell(share(scores.accuracy), interval(scores.accuracy_interval)),
    )
    return Row((*cells, *(Cell(NOTHING),) * 6), "desktop")


def _left_out_row(one: LeftOut) -> Row:
    return Row((Cell(one.name, f"left out: {clipped(one.reason)}"), *(Cell(NOTHING),) * 8), "desktop")


def ways_section(ways: Mapping[str, Ways]) -> Section | None:
    """What a packet costs with windows computed while they arrive, and whole; None where nothing is known."""
    rows = [
        _way_row(model, name, found, way) for model, found in ways.items() for name, way in found.each.items()
    ]
    if not rows:
        return None
    columns = ("model", "windows", "cycles a packet", "longest pause, ms", "flash, B", "RAM, B")
    return Section(
        "ways",
        "Streamed and whole",
        "Streaming",
        "A window is computed while its packets arrive, or whole when it is complete: by the cost model, "
        "without stages before the windows. The way that is taken is marked.",
        grids=(Grid(columns, tuple(rows)),),
    )


def _way_row(model: str, name: str, found: Ways, way: WayCost) -> Row:
    taken = (name == "streamed") == found.is_streamed
    why = clipped(found.because) if taken and not found.is_streamed else ""
    cells = (
        Cell(model, why),
        Cell(name, "taken" if taken else ""),
        Cell(count(way.cycles_mean), f"≤ {count(way.cycles_max)}"),
        Cell(milliseconds(way.pause_ms)),
        Cell(count(way.flash_bytes)),
        Cell(count(way.ram_bytes)),
    )
    return Row(cells, is_best=taken)


def data_section(comparison: Comparison) -> Section:
    """What was recorded, how it was divided, and its hashes."""
    data = comparison.data
    sides = data.recordings
    rows = tuple(
        Row((Cell(name), Cell(count(sides.by_class[name][0])), Cell(count(sides.by_class[name][1]))))
        for name in data.classes
    )
    all_of_it = Row((Cell("all"), Cell(count(sides.train)), Cell(count(sides.test))), is_best=True)
    return Section(
        "data",
        "Data",
        "Data",
        facts=(
            Fact("dataset", data.dataset, f"{data.origin}, {_SOURCES[data.kind]}"),
            Fact("split", clipped(data.split)),
            *(Fact(f"SHA-256, {side}", value, is_code=True) for side, value in data.hashes.items()),
        ),
        grids=(Grid(("class", "train", "test"), (*rows, all_of_it)),),
    )


_SOURCES: Final = {"keyboard": "a keyboard's packets", "sensor": "a sensor's samples", "other": "raw packets"}


def made_section(comparison: Comparison) -> Section:
    """The command, the tools and every model's training and verification."""
    columns = ("model", "family", "seed kept", "validation", "oracle", "compiler", "verified")
    rows = tuple(
        Row(
            (
                Cell(model.name),
                Cell(model.family or "own file", model.preset),
                Cell(str(model.seeds.kept), _each_seed(model)),
                Cell(_maybe(model.validation_macro_f1)),
                Cell(model.oracle),
                Cell(model.compiler),
                Cell(f"{count(model.samples)} windows", f"{count(model.mismatches)} differ"),
            ),
            model.kind,
        )
        for model in comparison.models
    )
    return Section(
        "made",
        "How it was made",
        "How it was made",
        "A model is chosen by its validation score, on recordings that were held out of training; the test "
        "side decided nothing.",
        grids=(Grid(columns, rows, is_words=True),),
        code=comparison.command,
    )


def _each_seed(model: ComparedModel) -> str:
    if len(model.seeds.each) < 2:
        return ""
    return ", ".join(f"{one.seed}: {share(one.macro_f1)}" for one in model.seeds.each)


def _maybe(value: float | None) -> str:
    return NOTHING if value is None else share(value)
