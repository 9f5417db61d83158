"""Words for the verdict's numbers: plain text, each number with its unit."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose
from typing import Final

from zerotap.models.comparing.compared_model import ComparedModel
from zerotap.models.evaluation.resampling import Interval

NO_WIDTH: Final = (
    "An interval without width says nothing: every resample gave the same, the recordings are too few, or "
    "too alike, to say how far off it is."
)
LEAST_P: Final = 0.001
_DIGITS: Final = 2
_ROUND: Final = 100  # from here on a number has three digits without a point


def p_number(p: float) -> str:
    """A probability to three places, in sentences as in tables: "0.125"; below LEAST_P "< 0.001"."""
    return f"< {LEAST_P}" if p < LEAST_P else f"{round(p, 3):g}"


def p_value(p: float) -> str:
    """Write "p = 0.012", or "p < 0.001"."""
    return f"p {p_number(p)}" if p < LEAST_P else f"p = {p_number(p)}"


def rounded_up(count: int) -> int:
    """A count to two digits, never fewer: 48,074 is 49,000."""
    step: int = 10 ** max(0, len(str(count)) - _DIGITS)
    return -(-count // step) * step


def interval_words(interval: Interval) -> str:
    """An interval of differences, each end with its sign."""
    return f"95 % interval {interval.low:+z.3f} to {interval.high:+z.3f}"


def has_no_width(interval: Interval) -> bool:
    """Whether all resamples gave the same, so that the interval says nothing."""
    return isclose(interval.low, interval.high, abs_tol=1e-9)


def named(model: ComparedModel) -> str:
    """The model with its kind."""
    return f"{model.name} ({model.kind})"


def costs_of(model: ComparedModel) -> str:
    """What a model takes on the board, RAM with the stack."""
    costs, unit = model.costs, model.costs.per_unit
    time = f"{milliseconds(unit.ms_mean)} a {unit.unit} (at most {milliseconds(unit.ms_max)})"
    return f"{costs.flash_bytes:,} B of flash, {costs.ram_with_stack_bytes:,} B of RAM, {time}"


def milliseconds(ms: float) -> str:
    """A time to three digits."""
    return f"{_number(ms)} ms"


def savings(one: ComparedModel, other: ComparedModel) -> str:
    """What the cheaper of two models saves, and what it takes more of."""
    if not any(_gaps(one, other)):
        return "both cost the same"
    cheap, dear = sorted(
        (one, other), key=lambda model: (model.costs.per_unit.ms_mean, model.costs.flash_bytes)
    )
    gaps = list(zip(_gaps(cheap, dear), _measures(cheap), strict=True))
    less = [words.format(_number(gap)) for gap, words in gaps if gap > 0]
    more = [words.format(_number(-gap)) for gap, words in gaps if gap < 0]
    ways = (("saves", less, ""), ("takes", more, " more"))
    parts = [f"{verb} {listed(found)}{end}" for verb, found, end in ways if found]
    return f"the cheaper, {cheap.name}, {' but '.join(parts)}"


def _price(model: ComparedModel) -> tuple[float, int]:
    return model.costs.per_unit.ms_mean, model.costs.flash_bytes


def _gaps(mine: ComparedModel, other: ComparedModel) -> tuple[float, float, float]:
    """What ``mine`` takes less of: flash, RAM, time; no time where the two count other units."""
    ms = other.costs.per_unit.ms_mean - mine.costs.per_unit.ms_mean
    return (
        other.costs.flash_bytes - mine.costs.flash_bytes,
        other.costs.ram_with_stack_bytes - mine.costs.ram_with_stack_bytes,
        ms if mine.costs.per_unit.unit == other.costs.per_unit.unit else 0.0,
    )


def _measures(model: ComparedModel) -> tuple[str, str, str]:
    return "{} B of flash", "{} B of RAM", f"{{}} ms a {model.costs.per_unit.unit}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= _ROUND else f"{value:.3g}"


def listed(parts: Sequence[str]) -> str:
    """Join with commas and an "and"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]
