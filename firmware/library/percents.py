"""A score in per cent without float: integers that C and Python compute alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from zerotap.firmware.artefacts import ClassScores
from zerotap.firmware.c_code import c_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_CODES: Final = np.arange(-128, 128)
_SUM_BITS: Final = 24
_WEIGHT_BITS: Final = 15

_ROUNDED: Final = """/* 100 * part / whole, halves up, by bits: part is up to whole, that up to 2^24. */
static int32_t percent_of(uint32_t part, uint32_t whole)
{
    uint32_t percent = 0;
    for (uint32_t bit = 64; bit != 0; bit >>= 1) {
        if ((percent + bit) * 2 * whole <= 200 * part + whole) {
            percent += bit;
        }
    }
    return (int32_t)percent;
}
"""


class Percent(Protocol):
    """One way to a percentage."""

    @property
    def about(self) -> str:
        """What it is a percentage of, as a clause."""

    def of(self, scores: NDArray[Any]) -> NDArray[np.int32]:
        """Percentages int32 (n, classes) of scores (n, classes): what NAME_percent gives."""

    def definitions(self) -> str:
        """C before the function: tables."""

    def expression(self, name: str) -> str:
        """Statements of the function, whose arguments are scores and number, which is in range."""


@dataclass(frozen=True, slots=True)
class SoftmaxPercent:
    """Softmax of int8 logits: a weight for each step below the largest, and its share of all weights."""

    classes: int
    scale: float

    @property
    def about(self) -> str:
        """Of all classes together."""
        return "the softmax of the scores, of all classes 100 but for rounding"

    @property
    def weights(self) -> NDArray[np.uint32]:
        """exp(-step * scale) of steps 0 to 255, so large that the sum of all classes fits."""
        one = 1 << min(_WEIGHT_BITS, _SUM_BITS - math.ceil(math.log2(self.classes)))
        return np.array([round(one * math.exp(-step * self.scale)) for step in range(256)], np.uint32)

    def of(self, scores: NDArray[Any]) -> NDArray[np.int32]:
        """As the C."""
        codes = scores.astype(np.int64)
        weights = self.weights.astype(np.int64)[codes.max(axis=1, keepdims=True) - codes]
        return _rounded(weights, weights.sum(axis=1, keepdims=True))

    def definitions(self) -> str:
        """The table."""
        table = c_source.wrapped(self.weights.tolist())
        return (
            f"/* exp(-step * {self.scale!r}), of steps below the largest score. */\n"
            f"static const uint16_t weights[256] = {{\n{table}\n}};\n\n{_ROUNDED}"
        )

    def expression(self, name: str) -> str:
        """Sum the weights."""
        return f"""    const int32_t largest = scores[{name}_argmax(scores)];
    uint32_t sum = 0;
    for (int32_t i = 0; i < {name}_CLASSES; i++) {{
        sum += weights[largest - scores[i]];
    }}
    return percent_of(weights[largest - scores[number]], sum);
"""


@dataclass(frozen=True, slots=True)
class CodePercent:
    """A percentage for each int8 code: ``real`` gives the probability of the score's real value."""

    scores: ClassScores
    real: Callable[[float], float]
    about: str

    @property
    def table(self) -> NDArray[np.int32]:
        """Of the codes -128 to 127."""
        values = ((_CODES - self.scores.zero_point) * self.scores.scale).tolist()
        return np.array([math.floor(100 * self.real(value) + 0.5) for value in values], np.int32).clip(0, 100)

    def of(self, scores: NDArray[Any]) -> NDArray[np.int32]:
        """As the C."""
        return self.table[scores.astype(np.int64) + 128]

    def definitions(self) -> str:
        """The table."""
        table = c_source.wrapped(self.table.tolist())
        return f"/* Of scores -128 to 127. */\nstatic const uint8_t percents[256] = {{\n{table}\n}};\n"

    def expression(self, name: str) -> str:
        """Look it up."""
        return "    return percents[scores[number] + 128];\n"


@dataclass(frozen=True, slots=True)
class SharePercent:
    """A share of all votes: ``whole`` is what a class has that every tree is sure of."""

    whole: int
    about: str = "its share of the trees' votes"

    def of(self, scores: NDArray[Any]) -> NDArray[np.int32]:
        """As the C."""
        return _rounded(scores.astype(np.int64), np.int64(self.whole))

    def definitions(self) -> str:
        """The division."""
        return _ROUNDED

    def expression(self, name: str) -> str:
        """Divide by a constant."""
        return f"    return percent_of((uint32_t)scores[number], {self.whole});\n"


def percent_of(scores: ClassScores, *, are_named: bool, are_labels: bool) -> Percent | None:
    """How scores become percentages; None where nothing says what they are shares of.

    ``are_named``: the classes are known by name, so that the outputs are a classifier's. ``are_labels``: each
    is a label of its own, beside which others may hold too.
    """
    if scores.meaning == "shares":
        return SharePercent(round(1 / scores.scale))
    if scores.meaning == "probabilities":
        return CodePercent(scores, float, "the probability that the model gives")
    if scores.meaning != "logits" or not are_named:
        return None
    if are_labels:
        return CodePercent(scores, _logistic, "the logistic of the score, each label by itself")
    return SoftmaxPercent(scores.classes, scores.scale) if scores.classes > 1 else None


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value > 0 else 1 - 1 / (1 + math.exp(value))


def _rounded(part: NDArray[np.int64], whole: NDArray[np.int64] | np.int64) -> NDArray[np.int32]:
    """100 * part / whole, halves up."""
    return ((200 * part + whole) // (2 * whole)).astype(np.int32)
