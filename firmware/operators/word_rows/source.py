"""What words are made of: a line of inputs, copied with what lies around it where windows reach beyond."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from zerotap.firmware.operators.parts import weighted, window_positions
from zerotap.firmware.operators.parts.window import Window
from zerotap.firmware.operators.parts.window_positions import Line

from .copies import Copies

INPUTS_MOST: Final = 0xFFFF
"""Inputs that one call makes words of."""


@dataclass(frozen=True, slots=True)
class Source:
    """A ``line`` without padding; ``around``: the window that copies it together, where that is needed."""

    line: Line
    around: Window | None
    fill: int

    @classmethod
    def of(cls, window: Window, fill: int) -> Source | None:
        """That of windows along a line; ``fill`` lies around the input."""
        line = window_positions.line(window)
        if line is None:
            return None
        if line.inside == (0, line.positions):
            return cls(line, None, fill)
        sides = zip(window.target[:2], window.stride, window.kernel, strict=True)
        height, width = ((positions - 1) * stride + kernel for positions, stride, kernel in sides)
        around = replace(
            window, kernel=(height, width), stride=(1, 1), dilation=(1, 1), target=(1, 1, window.target[2])
        )
        return cls(replace(line, length=max(height, width), padding=0), around, fill)

    @property
    def is_possible(self) -> bool:
        """Whether all inputs are few enough."""
        return self._inputs <= INPUTS_MOST

    @property
    def name(self) -> str:
        """Where the inputs lie, in C."""
        return "scratch" if self.around else "input"

    def copies(self, fours: bool = False) -> Copies:
        """The words of all positions."""
        return Copies(self.line, fours)

    @property
    def extra(self) -> weighted.Extra:
        """What copies and words need."""
        if self.around is None:
            return weighted.Extra(scratch_bytes=self.copies().size_bytes)
        more = window_positions.extra(self.around, self._inputs)
        scratch = words_at(self._inputs) + self.copies().size_bytes
        return weighted.Extra(more.runtime, more.constant_bytes, scratch)

    @property
    def cycles(self) -> int:
        """Of copying the line."""
        return window_positions.cycles(self.around, 0, 0) if self.around else 0

    def constants(self, label: str) -> str:
        """LABEL_patch, if the line is copied."""
        return window_positions.patch_constant(self.around, label, self.fill, 1) if self.around else ""

    def lines(self, label: str) -> list[str]:
        """C that copies the line, and declares where words are."""
        if self.around is None:
            return [declared()]
        top, left = (-each for each in self.around.padding)
        return [
            declared(words_at(self._inputs)),
            f"zerotap_patch(input, &{label}_patch, {top}, {left}, scratch);",
        ]

    @property
    def _inputs(self) -> int:
        return self.line.length * self.line.channels


def words_at(inputs: int) -> int:
    """Where words begin behind so many bytes."""
    return -(-inputs // 4) * 4


def declared(offset: int = 0) -> str:
    """C for where words are in the scratch."""
    return f"int32_t *words = (int32_t *)(void *)({moved('scratch', offset)});"


def moved(base: str, offset: int, step: int = 0) -> str:
    """A C pointer, so far on, and so far in each turn."""
    moving = f" + {step} * x" if step else ""
    return f"{base}{f' + {offset}' if offset else ''}{moving}"
