"""A model that was made, on the simulated board: verified on its whole test side, pushed, exported."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from zerotap import foreign
from zerotap.features import IntegerModel
from zerotap.firmware import BuildOptions, Verification, export, model_options, open_artefact, verify
from zerotap.models import (
    Costs,
    FlashPoint,
    InvokeTime,
    Judgement,
    LayerCost,
    NarrowWeights,
    Scores,
    WayCost,
    Ways,
    dequantise,
    judge,
    model_input,
    reading_of,
    score,
)
from zerotap.reporting import LOADING, Progress
from zerotap.workflow.building import thresholds_of

from .unit_costs import drawn_recordings, per_packet, per_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .making import Made
    from .task import Asked, Sides

NO_LETTER: Final = "[^A-Za-z0-9_]"
"""What a model's name may hold and no name in C does."""


@dataclass(frozen=True, slots=True, eq=False)
class Boarded:
    """What a model scores, says and costs on the board, and what that was verified against.

    ``by_flash``: what its plan says of smaller budgets of flash, up to the one that was asked for; ``ways``:
    what a packet costs streamed and whole, None of an integer model.
    """

    scores: Scores
    judgement: Judgement
    costs: Costs
    narrow: tuple[NarrowWeights, ...]
    verification: Verification
    by_flash: tuple[FlashPoint, ...]
    ways: Ways | None


def put_on_board(made: Made, name: str, sides: Sides, asked: Asked, on_progress: Progress) -> Boarded:
    """Run every test window of a model on the board, push some recordings, and export it to its arduino/.

    Raises NotExactError where a bit differs from the oracle's, DoesNotFitError, and what verify() and
    export() raise.
    """

    def report(stage: str, done: int, total: int) -> None:
        if stage != LOADING:  # it has been, to train
            on_progress(f"{name}, {stage}", done, total)

    trained, options = made.trained, _options(made, asked)
    drawn = drawn_recordings(sides, trained.pipeline)
    pieces = [piece for recording in drawn for piece in recording]
    planned = model_options(made.folder, options, report)
    measured = verify(made.folder, _inputs(made), planned, recordings=pieces, on_progress=report)
    measured.check(name)
    report("exporting", 0, 0)
    library = export(
        made.folder,
        made.folder / "arduino",
        f"{re.sub(NO_LETTER, '_', name)}_model",
        options,
        thresholds=thresholds_of(trained),
        on_progress=report,
    )
    logits = dequantise(measured.outputs, measured.output_scale, measured.output_zero_point)
    reading = reading_of(trained.facts)
    board = options.board
    pushed = [measured.push_costs[first:last] for first, last in _places(drawn)]
    costs = Costs(
        flash_bytes=library.report["flash_bytes"],
        ram_bytes=library.report["ram_bytes"],
        stack_bytes=library.report["stack_bytes"],
        cycles=measured.cycles,
        ms=measured.ms,
        per_unit=per_unit(pushed, sides.unit, board),
        per_packet=per_packet(pushed, board),
        layers=_layers(made, measured, planned),
        on_board=_invoke_time(measured),
    )
    narrow = _narrow(made, asked, report)
    scores, judgement = score(logits, trained.test, reading), judge(logits, trained.test, reading)
    return Boarded(scores, judgement, costs, narrow, measured, _by_flash(made, planned), _ways(made, planned))


def _invoke_time(measured: Verification) -> InvokeTime:
    time = measured.on_board
    milliseconds = measured.board.milliseconds
    return InvokeTime(
        **asdict(time),
        ms_min=milliseconds(time.cycles_min),
        ms_max=milliseconds(time.cycles_max),
        ms_bound=None if time.cycles_bound is None else milliseconds(time.cycles_bound),
    )


def _options(made: Made, asked: Asked) -> BuildOptions:
    """Tables and forests have no hot loops that could run from RAM."""
    is_network = not isinstance(made.trained.network, IntegerModel)
    return asked.options if is_network else replace(asked.options, code="auto")


def _inputs(made: Made) -> NDArray[Any]:
    x = made.trained.test.x
    return x if isinstance(made.trained.network, IntegerModel) else model_input(x)


def _places(drawn: Sequence[Sequence[object]]) -> list[tuple[int, int]]:
    """Where each recording's pieces begin and end among all."""
    ends, places = 0, []
    for recording in drawn:
        places.append((ends, ends + len(recording)))
        ends += len(recording)
    return places


def _layers(made: Made, measured: Verification, options: BuildOptions) -> tuple[LayerCost, ...]:
    """What the plan says of each layer; an integer model is one, which was measured."""
    report = open_artefact(made.folder, options).analyse()
    if "layers" not in report:
        return (LayerCost(report["model"], report["kernel"], measured.cycles, report["flash_bytes"]),)
    return tuple(
        LayerCost(layer["name"], layer["operator"], layer["cycles"], layer["flash_bytes"])
        for layer in report["layers"]
    )


def _by_flash(made: Made, options: BuildOptions) -> tuple[FlashPoint, ...]:
    """Plans from the smallest to the fastest; none where there is no choice."""
    points = [
        FlashPoint(one["flash_bytes"], one["ram_total_bytes"], one["cycles"], one["milliseconds"])
        for one in open_artefact(made.folder, options).curve()
    ]
    return tuple(points) if len(points) > 1 else ()


def _ways(made: Made, options: BuildOptions) -> Ways | None:
    """What the plan says of windows computed while they arrive, and whole."""
    found = open_artefact(made.folder, options).streaming(made.trained.pipeline)
    if found is None:
        return None
    costs = (_way(found[way]) if way in found else None for way in ("streamed", "whole"))
    return Ways(found["is_streamed"], found["because"], *costs)


def _way(found: Mapping[str, Any]) -> WayCost:
    """What a report tells of it; the longest packet's cycles on the board are its milliseconds there."""
    return WayCost(
        found["cycles_mean"],
        found["cycles_max"],
        found["pause_ms"],
        found["flash_bytes"],
        found["ram_bytes"],
    )


def _narrow(made: Made, asked: Asked, on_progress: Progress) -> tuple[NarrowWeights, ...]:
    """Narrower weights: what the oracle scores with them, and what the plan says that they cost."""
    if isinstance(made.trained.network, IntegerModel):
        return ()
    return tuple(_with_bits(made, bits, asked, on_progress) for bits in asked.weight_bits)


def _with_bits(made: Made, bits: int, asked: Asked, on_progress: Progress) -> NarrowWeights:
    trained, options = made.trained, asked.options
    on_progress(f"trying weights of {bits} bits", 0, 0)
    content = foreign.quantise_trained(trained, bits, isolation=options.isolation)
    artefact = open_artefact(content, options)
    outputs = artefact.oracle(on_progress).invoke(artefact.inputs(_inputs(made)))
    scores = score(dequantise(outputs, *artefact.real), trained.test, reading_of(trained.facts))
    planned = artefact.analyse()
    return NarrowWeights(bits, scores.macro_f1, planned["flash_bytes"], planned["cycles"])
