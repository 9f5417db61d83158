"""How good models are, in pictures: against cost, in pairs, by class."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from zerotap.models.comparing.verdicts.mcnemar import ALPHA
from zerotap.models.comparing.verdicts.wording import NO_WIDTH, has_no_width, p_number
from zerotap.models.report.page.drawing import Drawing, Words
from zerotap.models.report.page.pictures.classes import class_bars
from zerotap.models.report.page.pictures.confusion import confusion
from zerotap.models.report.page.pictures.differences import differences
from zerotap.models.report.page.pictures.pareto import Cost, Point, front, pareto
from zerotap.models.report.page.pictures.precision_recall import (
    DRAWN_MOST,
    average_precision,
    precision_recall,
)
from zerotap.models.report.page.view import Cell, Grid, Row, Section
from zerotap.models.report.page.wording import count, share, signed, signed_interval

if TYPE_CHECKING:
    from zerotap.models.comparing.compared_model import ComparedModel
    from zerotap.models.comparing.curves import ClassCurve
    from zerotap.models.comparing.pair_values import Pair
    from zerotap.models.comparing.values import Comparison
    from zerotap.models.evaluation.scores import Scores

_PAIR_COLUMNS: Final = (
    "a − b",
    "both right",
    "only a",
    "only b",
    "neither",
    "macro-F1",
    "p, exact McNemar",
    "p, Holm",
    "a not worse than b",
)
_LABEL_COLUMNS: Final = ("neither", "said wrongly", "missed", "true and said")
_Known = TypeVar("_Known")


@dataclass(frozen=True, slots=True)
class BoardLimits:
    """What a program may fill of the board's flash and RAM, in bytes.

    ``upload``: the commands that compile and upload an example of the library DIR.
    """

    flash_bytes: int
    ram_bytes: int
    upload: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A model's name, its scores, and the names of the classes, or labels, that they are of."""

    model: str
    scores: Scores
    names: tuple[str, ...]


def cost_section(comparison: Comparison, limits: Mapping[str, BoardLimits]) -> Section:
    """Score against cycles and against flash; ``limits`` by the board's name."""
    model = comparison.models[0]
    unit, limit = model.costs.per_unit.unit, limits.get(model.board)
    cycles = Cost(f"cycles a {unit}, on the board", clock_hz=model.clock_hz)
    flash = Cost("flash, bytes", limit.flash_bytes if limit else None, f"all of {model.board}")
    return Section(
        "cost",
        "Score against cost",
        "Score against cost",
        "Higher is better, further left is cheaper; the grey line joins the models that no other beats in "
        f"both. What a {unit} takes holds its preprocessing and every run of the model in it.",
        drawings=(
            _pareto("cycles", comparison, cycles, lambda one: one.costs.per_unit.timed_cycles_mean),
            _pareto("flash", comparison, flash, lambda one: one.costs.flash_bytes),
        ),
    )


def _pareto(
    name: str, comparison: Comparison, cost: Cost, cost_of: Callable[[ComparedModel], float]
) -> Drawing:
    points = [_point(model, cost_of(model)) for model in comparison.models]
    best = "; ".join(f"{one.name} {share(one.score)} for {count(one.cost)}" for one in front(points))
    words = Words(
        f"pareto-{name}",
        f"macro-F1 against {cost.axis.removesuffix(', bytes')}",
        "Circles are models on raw packets, squares models on text; a bar is a 95 % interval.",
        f"Scatter of {len(points)} models by {cost.axis} and macro-F1. On the front, cheapest first: {best}.",
    )
    references = [(one.name, one.scores.macro_f1) for one in comparison.references]
    return pareto(words, points, references, cost)


def _point(model: ComparedModel, cost: float) -> Point:
    board = model.scores.board
    ends = board.macro_f1_interval
    return Point(model.name, model.kind, board.macro_f1, (ends[0], ends[1]) if ends else None, cost)


def pairs_section(comparison: Comparison) -> Section | None:
    """Models in pairs on the same recordings."""
    if not comparison.pairs:
        return None
    margin = comparison.verdict.margin
    shown = sum(one.p_holm < ALPHA for one in comparison.pairs)
    first = comparison.pairs[0]
    words = Words(
        "pairs",
        "Difference of macro-F1, a − b",
        f"A dot is the difference, its bar 95 % of a paired bootstrap over recordings. Filled: shown by "
        f"exact McNemar with Holm's correction, p < {ALPHA:g}. The band is the margin of {margin:g}.",
        f"Interval plot of {len(comparison.pairs)} pairs, {shown} of them with a difference that is shown. "
        f"{first.a} less {first.b}: {signed(first.difference)}.",
    )
    return Section(
        "pairs",
        "The same recordings, in pairs",
        "Pairs",
        f"Two models are judged on the recordings on which only one of them is right.{_no_width(comparison)}",
        drawings=(differences(words, comparison.pairs, margin),),
        grids=(Grid(_PAIR_COLUMNS, tuple(map(_pair_row, comparison.pairs))),),
    )


def _no_width(comparison: Comparison) -> str:
    return f" {NO_WIDTH}" if any(has_no_width(one.interval) for one in comparison.pairs) else ""


def _pair_row(pair: Pair) -> Row:
    return Row(
        (
            Cell(f"{pair.a} − {pair.b}"),
            *(Cell(count(number)) for number in (pair.both, pair.only_a, pair.only_b, pair.none)),
            Cell(signed(pair.difference), signed_interval(pair.interval)),
            Cell(p_number(pair.mcnemar)),
            Cell(p_number(pair.p_holm)),
            Cell("yes" if pair.not_worse else "not shown"),
        )
    )


def judgements(comparison: Comparison) -> list[Judgement]:
    """The scores on the board of every model."""
    return [
        Judgement(one.name, one.scores.board, one.labels or comparison.data.classes)
        for one in comparison.models
    ]


def of_models(comparison: Comparison, known: Mapping[str, _Known]) -> dict[str, _Known]:
    """Of what is known by name, that of the models for the board."""
    names = {model.name for model in comparison.models}
    return {name: one for name, one in known.items() if name in names}


def confusion_section(judged: Sequence[Judgement]) -> Section:
    """What is taken for what, a picture a model."""
    drawings = tuple(_confusion(at, one) for at, one in enumerate(judged))
    says = "A cell counts test recordings; its colour is its share of the true class's row."
    return Section("confusion", "What is taken for what", "Confusion", says, drawings=drawings)


def _confusion(at: int, one: Judgement) -> Drawing:
    counts = one.scores.confusion
    columns = _LABEL_COLUMNS if one.scores.of_labels else one.names
    wrong = [
        (number, one.names[row], columns[column])
        for row, numbers in enumerate(counts)
        for column, number in enumerate(numbers)
        if (row != column and number)
    ]
    worst = max(wrong, default=None, key=lambda cell: cell[0])
    said = (
        f"Most often wrong: {worst[1]} taken for {worst[2]}, {count(worst[0])} times."
        if worst
        else "No mistake."
    )
    if one.scores.of_labels:
        said = "Rows are labels; columns say whether a label was true and said."
    words = Words(
        f"confusion-{at}",
        one.model,
        f"accuracy {share(one.scores.accuracy)}, macro-F1 {share(one.scores.macro_f1)}",
        f"Confusion matrix of {one.model} over {count(one.scores.recordings)} recordings. {said}",
    )
    return confusion(words, one.names, columns, counts)


def classes_section(judged: Sequence[Judgement]) -> Section | None:
    """Precision, recall and F1 of each class, a picture a model."""
    drawings = tuple(_classes(at, one) for at, one in enumerate(judged) if one.scores.per_class)
    says = "The bar is F1; the upright mark is precision, the cross recall."
    return Section("classes", "Each class", "Each class", says, drawings=drawings) if drawings else None


def _classes(at: int, one: Judgement) -> Drawing:
    scored = sorted(zip(one.scores.per_class, one.names, strict=True), key=lambda pair: pair[0].f1)
    (worst, low), (best, high) = scored[0], scored[-1]
    words = Words(
        f"classes-{at}",
        one.model,
        "",
        f"Bars of F1 by class for {one.model}, from {low} with {share(worst.f1)} to {high} with "
        f"{share(best.f1)}.",
    )
    return class_bars(words, one.names, one.scores.per_class)


def curves_section(curves: Mapping[str, Mapping[str, ClassCurve]]) -> Section | None:
    """Precision against recall, a picture a model."""
    there = [(model, by_class) for model, by_class in curves.items() if by_class]
    drawings = tuple(_curves(at, model, by_class) for at, (model, by_class) in enumerate(there))
    says = "How precise a model is when its threshold falls until it finds more; a mark is where it works."
    title = "Precision against recall"
    return Section("precision-recall", title, title, says, drawings=drawings) if drawings else None


def _curves(at: int, model: str, by_class: Mapping[str, ClassCurve]) -> Drawing:
    said = "; ".join(f"{name} {share(average_precision(one))}" for name, one in list(by_class.items())[:8])
    words = Words(
        f"precision-recall-{at}",
        model,
        f"Of {len(by_class)} curves the {DRAWN_MOST} worst." if len(by_class) > DRAWN_MOST else "",
        f"Precision against recall of {model} by class. Average precision: {said}.",
    )
    return precision_recall(words, by_class)
