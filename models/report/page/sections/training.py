"""How models came to be and what they are made of: learning, widths of weights, flash, layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from zerotap.models.report.page.drawing import Drawing, Words
from zerotap.models.report.page.pictures.by_flash import time_by_flash
from zerotap.models.report.page.pictures.layers import layer_bars
from zerotap.models.report.page.pictures.learning import learning_curve, training_curve
from zerotap.models.report.page.pictures.weights import Width, weights_flash, weights_score
from zerotap.models.report.page.view import Section
from zerotap.models.report.page.wording import count, milliseconds, share

if TYPE_CHECKING:
    from zerotap.models.comparing.compared_model import ComparedModel
    from zerotap.models.comparing.costs import LayerCost
    from zerotap.models.comparing.curves import CurvePoint, FlashPoint, LearningPoint


def learning_section(
    curves: Mapping[str, Sequence[CurvePoint]],
    learning: Mapping[str, Sequence[LearningPoint]],
    series_of: Mapping[str, int],
) -> Section | None:
    """Losses by epoch, and scores by how many recordings a model learned from; ``series_of`` its line."""
    there = {name: points for name, points in learning.items() if points}
    drawings = [_learning(there, series_of)] if there else []
    drawn = [(name, points) for name, points in curves.items() if points]
    drawings += [_training(at, name, points) for at, (name, points) in enumerate(drawn)]
    if not drawings:
        return None
    says = (
        "Scores by the number of recordings are of one seed, in floats: where the line still rises, more "
        "recordings would help. A loss that falls in training and rises on what was held out is learned by "
        "heart."
    )
    return Section("training", "Learning", "Learning", says, drawings=tuple(drawings))


def _learning(curves: Mapping[str, Sequence[LearningPoint]], series_of: Mapping[str, int]) -> Drawing:
    said = "; ".join(
        f"{name} from {share(points[0].macro_f1)} at {count(points[0].recordings)} to "
        f"{share(points[-1].macro_f1)} at {count(points[-1].recordings)}"
        for name, points in curves.items()
    )
    words = Words(
        "learning", "Score by number of recordings", "", f"Macro-F1 by training recordings: {said}."
    )
    return learning_curve(words, curves, series_of)


def _training(at: int, name: str, points: Sequence[CurvePoint]) -> Drawing:
    last = points[-1]
    held = "" if last.validation_loss is None else f", {share(last.validation_loss)} on what was held out"
    words = Words(
        f"training-{at}",
        f"{name}: loss by epoch",
        "",
        f"Loss of {name} over {count(last.epoch)} epochs, from {share(points[0].loss)} to "
        f"{share(last.loss)}{held}.",
    )
    return training_curve(words, points)


def weights_section(models: Sequence[ComparedModel], series_of: Mapping[str, int]) -> Section | None:
    """From floats over int8 to narrower weights; None where no model has two widths."""
    several = {model.name: widths for model in models if len(widths := _widths(model)) > 1}
    if not several:
        return None
    drawings = [weights_score(_weights_words("weights-score", "macro-F1", several), several, series_of)]
    dear = {
        name: each for name, each in several.items() if sum(one.flash_bytes is not None for one in each) > 1
    }
    if dear:
        drawings.append(weights_flash(_weights_words("weights-flash", "flash", dear), dear, series_of))
    return Section(
        "weights",
        "Float, int8, narrower",
        "Weights",
        "What a model scores as it was trained, in int8 as the board computes it, and with fewer bits a "
        "weight.",
        drawings=tuple(drawings),
    )


def _widths(model: ComparedModel) -> list[Width]:
    scores, costs = model.scores, model.costs
    narrow = sorted(model.narrow, key=lambda one: -one.weight_bits)
    rows = [Width("float", scores.floats.macro_f1, None, None)] if scores.floats else []
    if not narrow or narrow[0].weight_bits < 8:
        name = "int8" if scores.floats else "board"
        rows.append(Width(name, scores.board.macro_f1, costs.flash_bytes, costs.cycles))
    return rows + [Width(_bits(one.weight_bits), one.macro_f1, one.flash_bytes, one.cycles) for one in narrow]


def _bits(bits: int) -> str:
    return "int8" if bits == 8 else f"{bits} bit"


def _weights_words(name: str, what: str, models: Mapping[str, Sequence[Width]]) -> Words:
    said = "; ".join(
        f"{model}: " + ", ".join(f"{one.name} {share(one.macro_f1)}" for one in each)
        for model, each in models.items()
    )
    return Words(
        name, f"{what} by width of weights", "", f"Lines of {what} by width of weights. Macro-F1 of {said}."
    )


def flash_section(models: Mapping[str, Sequence[FlashPoint]], series_of: Mapping[str, int]) -> Section | None:
    """What a kilobyte of flash buys, all models in one picture; None where no model has a choice."""
    several = {name: points for name, points in models.items() if len(points) > 1}
    if not several:
        return None
    said = "; ".join(f"{name} {_from_to(points)}" for name, points in several.items())
    words = Words("by-flash", "Time of a run by flash", "", f"Lines of milliseconds a run by flash: {said}.")
    return Section(
        "flash",
        "What a kilobyte buys",
        "Flash",
        "A point is the fastest plan within so much flash, from the smallest to the one that was measured: "
        "the model alone, by the cost model. RAM is with the stack, input and output.",
        drawings=(time_by_flash(words, several, series_of),),
    )


def _from_to(points: Sequence[FlashPoint]) -> str:
    small, fast = points[0], points[-1]
    return (
        f"from {milliseconds(small.ms)} ms at {count(small.flash_bytes)} B to {milliseconds(fast.ms)} ms at "
        f"{count(fast.flash_bytes)} B"
    )


def layers_section(models: Mapping[str, Sequence[LayerCost]]) -> Section | None:
    """Each layer's part of cycles and flash, a picture a model."""
    there = [(name, layers) for name, layers in models.items() if layers]
    drawings = tuple(_layers(at, name, layers) for at, (name, layers) in enumerate(there))
    says = "Shares of one run of the model, and of the flash that its layers take, in the order of computing."
    return (
        Section("layers", "Where cycles and flash go", "Layers", says, drawings=drawings)
        if drawings
        else None
    )


def _layers(at: int, name: str, layers: Sequence[LayerCost]) -> Drawing:
    dear = max(layers, key=lambda one: one.cycles)
    cycles = sum(one.cycles for one in layers)
    words = Words(
        f"layers-{at}",
        name,
        f"{count(cycles)} cycles a run of the model",
        f"Bars of cycles and flash by layer for {name}. Most cycles: {dear.operator.lower()}, "
        f"{dear.cycles / max(1, cycles):.0%}.",
    )
    return layer_bars(words, layers)
