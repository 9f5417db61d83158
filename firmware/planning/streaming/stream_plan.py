"""Which layers run while a window arrives, with which kernels, and what follows when it is complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from zerotap.firmware.graph import Graph
from zerotap.firmware.operators import Implementation
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.planning import cost_model
from zerotap.firmware.planning.choice import choose
from zerotap.firmware.planning.plan import Plan, plan_prepared, prepared, single_layers

from .levels import Level, streamable
from .pacing import Pace, overlapping, paces
from .window_stages import WindowStages, window_stages

if TYPE_CHECKING:
    from zerotap.features import Pipeline

_WORD: Final = 4
_TRACK_BYTES: Final = 6
_STATE_BYTES: Final = 8
_PLACE_BYTES: Final = 2
_WINDOW_BYTES: Final = 20
_KEEP_CYCLES: Final = 30
_KEPT_CYCLES: Final = 9
_KEPT_TWICE_CYCLES: Final = 11


@dataclass(frozen=True, slots=True, eq=False)
class StreamPlan:
    """``levels`` and their ``paces``, the input first; ``choices``: the kernels of the others.

    ``tail``: the plan of what runs on the last level's rows when a window is complete. ``because``: why the
    layer behind the last level waits for the whole window.
    """

    graph: Graph
    stages: WindowStages
    levels: tuple[Level, ...]
    paces: tuple[Pace, ...]
    choices: tuple[Implementation, ...]
    tail: Plan
    because: str

    @property
    def is_repeated(self) -> bool:
        """Whether windows that share a stream overlap in its last level: then a row is kept twice."""
        windows = self.stages.windows
        return overlapping(self.levels[-1], self.paces[-1], windows.length, windows.hop) > 1

    def ring_bytes(self, number: int) -> int:
        """RAM of one stream's rows that the readers of a level want at once."""
        level = self.levels[number]
        return _padded(level.held * level.row_bytes)

    @property
    def kept_bytes(self) -> int:
        """RAM of one stream's rows that the tail reads."""
        last = self.levels[-1]
        return _padded((2 if self.is_repeated else 1) * last.rows * last.row_bytes)

    @property
    def scratch_bytes(self) -> int:
        """RAM that the kernels use while they run."""
        return max(choice.scratch_bytes for choice in self.choices)

    @property
    def ram_bytes(self) -> int:
        """RAM of rings, kept rows, scratch and state, without the tail's."""
        rings = sum(pace.streams * self.ring_bytes(number) for number, pace in enumerate(self.paces))
        tracks = sum(_TRACK_BYTES * pace.streams + _STATE_BYTES for pace in self.paces[1:])
        kept = self.paces[-1].streams * (self.kept_bytes + _PLACE_BYTES)
        return rings + tracks + kept + self.scratch_bytes + _WINDOW_BYTES

    @property
    def keep_cycles(self) -> int:
        """Cycles of keeping a row of the last level."""
        each = _KEPT_TWICE_CYCLES if self.is_repeated else _KEPT_CYCLES
        return _KEEP_CYCLES + each * self.levels[-1].row_bytes

    @property
    def finish_cycles(self) -> int:
        """Cycles of what follows when a window is complete."""
        return self.tail.cycles


def _padded(size: int) -> int:
    return -(-size // _WORD) * _WORD


def plan_stream(graph: Graph, pipeline: Pipeline, options: BuildOptions) -> StreamPlan | str:
    """Plan a model behind a pipeline that cuts windows by count; or why it runs on whole windows."""
    stages = window_stages(pipeline)
    if isinstance(stages, str):
        return stages
    graph = prepared(graph)
    windows = stages.windows
    found = streamable(graph, single_layers(graph), windows.length)
    if isinstance(found, str):
        return found
    pace = paces(found.levels, windows.length, windows.hop)
    tail = plan_prepared(found.tail, options)
    choices = _choices(found.levels[1:], tail, options)
    return StreamPlan(graph, stages, found.levels, pace, choices, tail, found.because)


def _choices(levels: Sequence[Level], tail: Plan, options: BuildOptions) -> tuple[Implementation, ...]:
    """The kernels of single rows, chosen by what all rows of a window take."""
    limits = options.limits.less(tail.flash_bytes, tail.ram_bytes)
    whole = [
        [replace(one, cycles=level.rows * one.cycles) for one in level.implementations] for level in levels
    ]
    chosen = choose(whole, options.optimise, limits, lambda picks: _stack_bytes(picks))
    pairs = zip(levels, whole, chosen, strict=True)
    return tuple(level.implementations[each.index(pick)] for level, each, pick in pairs)


def _stack_bytes(picks: Sequence[Implementation]) -> int:
    return cost_model.stack_bytes(picks, several_ends=False) + max(each.scratch_bytes for each in picks)
