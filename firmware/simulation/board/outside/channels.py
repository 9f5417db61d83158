"""What is on the analog inputs of a board: levels that stand, or samples that are played."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zerotap.errors import BoardError

# By the ADC's input (data sheet, table of multiplexed signals).
_PINS = (
    *("PA02", "PA03", "PB08", "PB09", "PA04", "PA05", "PA06", "PA07", "PB00", "PB01"),
    *("PB02", "PB03", "PB04", "PB05", "PB06", "PB07", "PA08", "PA09", "PA10", "PA11"),
)


@dataclass(frozen=True, slots=True)
class _Played:
    samples: Sequence[float]
    rate_hz: float
    start_s: float

    def at(self, now_s: float) -> float:
        number = int((now_s - self.start_s) * self.rate_hz)
        return self.samples[max(min(number, len(self.samples) - 1), 0)]


class Channels:
    """Levels by input, named as in "A1" or "PB02": 0 is 0 V, 4,096 the supply of 3.3 V.

    That is what a sketch's analogRead() of 12 bits gives with the core's own reference.
    """

    def __init__(self, labelled: Sequence[str]) -> None:
        """``labelled``: the pins that the board calls A0, A1 and so on."""
        self._inputs = {pin: number for number, pin in enumerate(_PINS)}
        self._inputs |= {f"A{label}": self._inputs[pin] for label, pin in enumerate(labelled)}
        self._played: dict[int, _Played] = {}

    def set(self, name: str, level: float) -> None:
        """Put a level on an input, from now on."""
        self.play(name, [level], 1.0)

    def play(self, name: str, samples: Sequence[float], rate_hz: float, start_s: float = 0.0) -> None:
        """Play samples on an input, the first until 1 / ``rate_hz`` after ``start_s``; the last stays.

        ``start_s`` is the board's time. Raises BoardError for no samples and for an unknown input.
        """
        if not len(samples) or rate_hz <= 0:
            raise BoardError(f"nothing can be played on {name}: give samples, and a rate above 0")
        self._played[self._input(name)] = _Played(samples, rate_hz, start_s)

    def level(self, number: int, now_s: float) -> float:
        """What is on an input of the ADC; 0 where nothing is played."""
        played = self._played.get(number)
        return 0.0 if played is None else float(played.at(now_s))

    def _input(self, name: str) -> int:
        if name not in self._inputs:
            known = ", ".join(sorted(self._inputs))
            raise BoardError(f"there is no analog input {name!r}: name one of {known}")
        return self._inputs[name]
