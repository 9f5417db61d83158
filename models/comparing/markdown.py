"""report.md: a comparison for a paper or a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .curves import saved_by_a_kilobyte
from .markdown_text import code_block, escaped, table
from .verdicts.wording import NO_WIDTH, has_no_width, interval_words, p_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zerotap.models.evaluation.resampling import Interval
    from zerotap.models.evaluation.scores import Scores

    from .compared_model import ComparedModel
    from .costs import InvokeTime
    from .curves import FlashPoint
    from .pair_values import Pair
    from .values import Comparison, Reference
    from .ways import Ways

_NONE = "-"


def report_markdown(
    comparison: Comparison,
    by_flash: Mapping[str, Sequence[FlashPoint]] | None = None,
    ways: Mapping[str, Ways] | None = None,
) -> str:
    """Write report.md: the verdict, data and split, models, pairs, how it was verified, and the command.

    ``by_flash``: of models by name their plans, from the smallest to the fastest; ``ways``: what a packet
    costs streamed and whole.

    Names that come from the dataset are escaped. It holds nothing that was typed.
    """
    parts = [
        f"# Raw or text: models compared on {escaped(comparison.data.dataset)}",
        escaped(comparison.verdict.text),
        *_section("Data", _data(comparison)),
        *_section("Models", _models(comparison)),
        *_section("Narrower weights", _narrow(comparison)),
        *_section("What a kilobyte buys", _flash(by_flash or {})),
        *_section("Streamed and whole", _ways(ways or {})),
        *_section("Pairs", _pairs(comparison)),
        *_section("How it was verified", _verified(comparison)),
        *_section("Made with", [f"zerotap {escaped(comparison.zerotap)}", code_block(comparison.command)]),
    ]
    return "\n\n".join(parts) + "\n"


def _section(title: str, parts: list[str]) -> list[str]:
    return [f"## {title}", *parts] if parts else []


def _data(comparison: Comparison) -> list[str]:
    data, sides = comparison.data, comparison.data.recordings
    rows = [[escaped(name), *(f"{count:,}" for count in sides.by_class[name])] for name in data.classes]
    rows.append(["all", f"{sides.train:,}", f"{sides.test:,}"])
    of = "" if data.kind == "other" else f" of a {data.kind}"
    return [
        f"{data.origin.capitalize()} data{of}, split {escaped(data.split)}.",
        table(["class", "training recordings", "test recordings"], rows, 2),
        f"SHA-256 of the training side {escaped(data.hashes['train'])}, of the test side "
        f"{escaped(data.hashes['test'])}.",
    ]


def _models(comparison: Comparison) -> list[str]:
    unit = comparison.models[0].costs.per_unit.unit
    header = ["model", "kind", "macro-F1", "95 %", "accuracy", "float macro-F1", "mean (worst) of seeds"]
    header += ["flash, B", "RAM, B", f"ms a {unit}", "at most", "ms a packet"]
    rows = [_model_row(model) for model in comparison.models]
    rows += [_reference_row(reference, len(header)) for reference in comparison.references]
    left_out = [f"- {escaped(one.name)} is left out: {escaped(one.reason)}." for one in comparison.left_out]
    return [table(header, rows, 10), _models_note(comparison), *(["\n".join(left_out)] if left_out else [])]


def _models_note(comparison: Comparison) -> str:
    recordings = max(model.costs.per_unit.recordings for model in comparison.models)
    return (
        "Scores are by test recording, as the board computes them; 95 % of resamples of the recordings lie "
        "within the range. Macro-F1 is the mean over the classes of F1, which false alarms and misses lower "
        "alike. RAM is with the stack. Times are simulated, with preprocessing and what the board waits "
        f"for its flash, over as many as {recordings} recordings. Models marked desktop are no models for "
        "the board."
    )


def _model_row(model: ComparedModel) -> list[str]:
    floats, costs, seeds = model.scores.floats, model.costs, model.seeds
    spread = f"{seeds.macro_f1_mean:.3f} ({seeds.macro_f1_worst:.3f}) of {len(seeds.each)}"
    return [
        escaped(model.name),
        model.kind,
        *_shares(model.scores.board),
        _NONE if floats is None else f"{floats.macro_f1:.3f}",
        spread,
        f"{costs.flash_bytes:,}",
        f"{costs.ram_with_stack_bytes:,}",
        f"{costs.per_unit.ms_mean:,.2f}",
        f"{costs.per_unit.ms_max:,.2f}",
        _NONE if costs.per_packet is None else f"{costs.per_packet.ms_mean:,.3f}",
    ]


def _reference_row(reference: Reference, columns: int) -> list[str]:
    row = [escaped(reference.name), "desktop", *_shares(reference.scores)]
    return row + [_NONE] * (columns - len(row))


def _shares(scores: Scores) -> list[str]:
    return [f"{scores.macro_f1:.3f}", _range(scores.macro_f1_interval), f"{scores.accuracy:.3f}"]


def _range(interval: Interval | None) -> str:
    return _NONE if interval is None else f"{interval.low:.3f} to {interval.high:.3f}"


def _narrow(comparison: Comparison) -> list[str]:
    rows = [
        [
            escaped(model.name),
            str(one.weight_bits),
            f"{one.macro_f1:.3f}",
            f"{one.flash_bytes:,}",
            f"{one.cycles:,}",
        ]
        for model in comparison.models
        for one in model.narrow
    ]
    header = ["model", "bits a weight", "macro-F1", "flash, B", "cycles of one invoke"]
    return [table(header, rows, 4)] if rows else []


def _flash(by_flash: Mapping[str, Sequence[FlashPoint]]) -> list[str]:
    rows = [
        [
            escaped(name),
            f"{one.flash_bytes:,}",
            f"{one.ram_total_bytes:,}",
            f"{one.cycles:,}",
            f"{one.ms:.3f}",
            "" if before is None else f"{saved_by_a_kilobyte(before, one):,}",
        ]
        for name, points in by_flash.items()
        for before, one in zip((None, *points), points, strict=False)
    ]
    header = ["model", "flash, B", "RAM, B", "cycles of one invoke", "ms", "cycles that a KB more saves"]
    note = (
        "The fastest plan within each budget of flash, from the smallest to the one that was measured above, "
        "by the cost model: the model alone, RAM with the stack, input and output."
    )
    return [table(header, rows, 5), note] if rows else []


def _ways(ways: Mapping[str, Ways]) -> list[str]:
    rows = [
        [
            escaped(model),
            name,
            "yes" if (name == "streamed") == found.is_streamed else "no",
            *(f"{value:,}" for value in (way.cycles_mean, way.cycles_max)),
            f"{way.pause_ms:.3f}",
            *(f"{value:,}" for value in (way.flash_bytes, way.ram_bytes)),
        ]
        for model, found in ways.items()
        for name, way in found.each.items()
    ]
    header = ["model", "windows", "taken", "cycles a packet", "at most", "longest pause, ms"]
    header += ["flash, B", "RAM, B"]
    waits = [f"- {escaped(model)}: {escaped(one.because)}." for model, one in ways.items() if one.because]
    note = (
        "A window is computed while its packets arrive, or whole when it is complete; by the cost model, "
        "without stages before the windows."
    )
    return [table(header, rows, 5), note, *(["\n".join(waits)] if waits else [])] if rows else []


def _pairs(comparison: Comparison) -> list[str]:
    if not comparison.pairs:
        return []
    margin = f"{comparison.verdict.margin:g}"
    header = ["a", "b", "both right", "only a", "only b", "neither", "p", "p by Holm", "macro-F1 of a less b"]
    header.append(f"a not worse than b by {margin}")
    note = (
        "p is that of the exact two-sided McNemar test: how often equally good models would split the "
        "recordings on which one alone is right at least so unevenly. Holm's rule raises it for the number "
        "of pairs: of two models, and apart from these of a model and the best desktop model. The interval "
        f"is of a paired bootstrap over recordings; a is not worse where its low end is above -{margin}, and "
        "where few recordings tell the two apart, if what these may stand for is less too."
    )
    if any(has_no_width(pair.interval) for pair in comparison.pairs):
        note += f" {NO_WIDTH}"
    return [table(header, [_pair_row(pair) for pair in comparison.pairs], 8), note]


def _pair_row(pair: Pair) -> list[str]:
    counts = (pair.both, pair.only_a, pair.only_b, pair.none)
    return [
        escaped(pair.a),
        escaped(pair.b),
        *(f"{count:,}" for count in counts),
        _p(pair.mcnemar),
        _p(pair.p_holm),
        f"{pair.difference:+z.3f} ({interval_words(pair.interval)})",
        "yes" if pair.not_worse else "not shown",
    ]


def _p(p: float) -> str:
    return escaped(p_number(p))


def _verified(comparison: Comparison) -> list[str]:
    rows = [
        [
            escaped(model.name),
            escaped(model.board),
            escaped(model.compiler),
            escaped(model.oracle),
            f"{model.samples:,}",
            f"{model.mismatches:,}",
        ]
        for model in comparison.models
    ]
    header = ["model", "board", "compiler", "oracle", "windows", "mismatches"]
    return [
        "Each model was compiled, linked and run on a simulated board; every output on the test side was "
        "compared with the oracle's for equality, not closeness.",
        table(header, rows, 2),
        *_invokes(comparison),
    ]


def _invokes(comparison: Comparison) -> list[str]:
    """One invoke by both clocks, where they are known."""
    timed = [(model, time) for model in comparison.models if (time := model.costs.on_board) is not None]
    if not timed:
        return []
    rows = [[escaped(model.name), f"{model.costs.cycles:,}", *_times(time)] for model, time in timed]
    header = ["model", "cycles at zero wait states", "on the board, least", "most"]
    note = (
        "One invoke, without preprocessing. On the board: with what it waits for its flash, by a model of "
        f"the flash's cache, over at most {max(time.samples for _, time in timed)} windows. The bound holds "
        "for every window, wherever the reads of flash lie that depend on it. No board has been timed."
    )
    return [table([*header, "ms, least", "ms, most", "ms, bound"], rows, 1), note]


def _times(time: InvokeTime) -> list[str]:
    bound = _NONE if time.ms_bound is None else f"{time.ms_bound:,.3f}"
    cycles = f"{time.cycles_min:,}", f"{time.cycles_max:,}"
    return [*cycles, f"{time.ms_min:,.3f}", f"{time.ms_max:,.3f}", bound]
