"""What a model says of packets as they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

RATE_PACKETS: Final = 64
"""So many of the latest give the rate."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One result of a model.

    ``time_s`` since the first packet; ``label``: the class, or the labels that apply, joined by "+", or
    "none". ``percent``: how sure the model is of the class, 0 to 100, or of each label by its name; None
    where scores are no probabilities. ``scores``: the integers that the board computes; None where the board
    said words alone. ``packets`` so far, at ``rate_hz`` over the latest (of a board that classifies by itself
    its answers'). ``latency_ms``: from the packet that completed it; None where the end of a text or of the
    stream did.
    """

    time_s: float
    label: str
    percent: int | dict[str, int] | None
    scores: tuple[int, ...] | None
    packets: int
    rate_hz: float
    latency_ms: float | None

    def to_json(self) -> dict[str, Any]:
        """Every field, fit for JSON."""
        return asdict(self)


def rate_hz(times_ns: Sequence[int]) -> float:
    """How often a second something came, by the latest times; 0 of a single one."""
    lasts_ns = times_ns[-1] - times_ns[0]
    return (len(times_ns) - 1) * 1e9 / lasts_ns if lasts_ns > 0 else 0.0
