"""Which layers run while a window arrives, with which kernels, and what follows when it is complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from zerotap.firmware.graph import Graph
from zerotap.firmware.operators import Implementation
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.planning import cost_model
from zerotap.firmware.planning.choosing.choice import choose
from zerotap.firmware.planning.layer import Layer
from zerotap.firmware.planning.plan import Plan, Planner, plan_prepared

from .gathering import Gathering, gathering
from .joining import joined
from .levels import Level, needed, streamable, whole_reason
from .pacing import Pace, overlapping, paces
from .window_stages import WindowStages, window_stages

if TYPE_CHECKING:
    from zerotap.features import Pipeline
    from zerotap.features.transforms import CountWindows

_WORD: Final = 4
_TRACK_BYTES: Final = 6
_STATE_BYTES: Final = 8
_WINDOW_BYTES: Final = 20


@dataclass(frozen=True, slots=True, eq=False)
class StreamPlan:
    """``levels`` and their ``paces``, the input first; ``choices``: the kernels of the others.

    ``gathering``: what becomes of the last level's rows; ``tail``: the plan of what runs on that when a
    window is complete. ``because``: why that waits for the whole window.
    """

    graph: Graph
    stages: WindowStages
    levels: tuple[Level, ...]
    paces: tuple[Pace, ...]
    choices: tuple[Implementation, ...]
    gathering: Gathering
    tail: Plan
    because: str

    def ring_bytes(self, number: int) -> int:
        """RAM of one stream's rows that the readers of a level want at once."""
        level = self.levels[number]
        return _padded(level.held * level.row_bytes)

    @property
    def runtime(self) -> tuple[str, ...]:
        """The runtime functions that are called, those of the tail left out."""
        kernels = [function for choice in self.choices for function in choice.runtime]
        slides = [level.slide for level in self.levels if level.held > 1]
        asked = ["zerotap_row_due"] if any(pace.streams > 1 for pace in self.paces) else []
        called = [*kernels, *slides, *asked, "zerotap_pace_reset", *self.gathering.runtime]
        return tuple(dict.fromkeys(called))

    @property
    def scratch_bytes(self) -> int:
        """RAM that the kernels use while they run."""
        return max(choice.scratch_bytes for choice in self.choices)

    @property
    def ram_bytes(self) -> int:
        """RAM of rings, kept rows, scratch and state, without the tail's."""
        rings = sum(pace.streams * self.ring_bytes(number) for number, pace in enumerate(self.paces))
        tracks = sum(_TRACK_BYTES * pace.streams + _STATE_BYTES for pace in self.paces[1:])
        return rings + tracks + self.gathering.ram_bytes + self.scratch_bytes + _WINDOW_BYTES


def _padded(size: int) -> int:
    return -(-size // _WORD) * _WORD


def plan_stream(graph: Graph, pipeline: Pipeline, options: BuildOptions) -> StreamPlan | str:
    """Plan a model behind a pipeline that cuts windows by count; or why it runs on whole windows."""
    stages = window_stages(pipeline)
    if isinstance(stages, str):
        return stages
    planner = Planner.of(graph)
    graph, layers, windows = planner.graph, planner.single, stages.windows
    found = streamable(graph, layers, windows.length)
    if isinstance(found, str):
        return found
    levels = _joined(graph, found.levels, windows)
    pace = paces(levels, windows.length, windows.hop)
    kept = _kept(levels[-1], pace[-1], windows)
    behind = layers[found.end + 1 :]
    reader = _only_reader(levels[-1], behind)
    gathered = gathering(graph, reader, kept)
    rest = behind if gathered.kind == "rows" or reader is None else behind[behind.index(reader) + 1 :]
    tail = plan_prepared(_tail(graph, rest), options)
    choices = _choices(levels[1:], tail, options)
    because = found.because if gathered.kind == "rows" else whole_reason(rest)
    return StreamPlan(graph, stages, levels, pace, choices, gathered, tail, because)


def _joined(graph: Graph, levels: Sequence[Level], windows: CountWindows) -> tuple[Level, ...]:
    """The levels with those rows that the last one needs, some pairs of them as one."""
    single = needed(levels)
    return needed(joined(graph, single, paces(single, windows.length, windows.hop)))


def _only_reader(last: Level, behind: Sequence[Layer]) -> Layer | None:
    """The layer that alone reads the last level's rows, if layers follow it; views between do not count."""
    tensor = last.tensor.index
    for layer in behind[:-1]:
        readers = [each for each in behind if tensor in (source.index for source in each.sources)]
        if readers != [layer]:
            return None
        if not layer.alias:
            return layer
        tensor = layer.target.index
    return None


def _kept(last: Level, pace: Pace, windows: CountWindows) -> Gathering:
    several = overlapping(last, pace, windows.length, windows.hop)
    return Gathering("rows", last.rows, last.row_bytes, pace.streams, several)


def _tail(graph: Graph, layers: Sequence[Layer]) -> Graph:
    """What runs when a window is complete."""
    operators = tuple(operator for layer in layers for operator in layer.operators)
    return replace(graph, operators=operators, input=layers[0].source.index)


def _choices(levels: Sequence[Level], tail: Plan, options: BuildOptions) -> tuple[Implementation, ...]:
    """The kernels of single rows, chosen by what all rows of a window take."""
    limits = options.limits.less(tail.flash_bytes, tail.ram_bytes)
    whole = [
        [replace(one, cycles=level.rows * one.cycles) for one in level.implementations] for level in levels
    ]
    chosen = choose(whole, options.optimise, limits, _stack_bytes)
    pairs = zip(levels, whole, chosen, strict=True)
    return tuple(level.implementations[each.index(pick)] for level, each, pick in pairs)


def _stack_bytes(picks: Sequence[Implementation]) -> int:
    return cost_model.stack_bytes(picks, several_ends=False) + max(each.scratch_bytes for each in picks)
