"""Whether layers run while a window arrives: what that costs beside whole windows, and which is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from zerotap.firmware.graph import Graph
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.planning.plan import plan

from .stream_plan import StreamPlan, plan_stream
from .way_costs import WayCost, names_of, streamed_cost, whole_cost
from .window_stages import window_stages

if TYPE_CHECKING:
    from zerotap.features import Pipeline

# A shorter pause is worth a few cycles more in all, and not worth RAM where little is gained.
_MEAN_MOST: Final = 1.05
# A pause that is shorter by far, and in no more memory, is worth half as many again: the board waits most of
# the time, but whoever pressed the last key waits for the answer.
_SHORT: Final = 0.1
_MEAN_MOST_IF_SHORT: Final = 1.5
_GAIN: Final = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """``planned``: the layers that run while a window arrives; None where windows are computed whole.

    ``because``: why the layers behind those, or all, wait for the whole window. ``streamed`` and ``whole``:
    what either costs by the cost model, where it is possible.
    """

    planned: StreamPlan | None
    because: str
    streamed: WayCost | None
    whole: WayCost | None

    def to_json(self, options: BuildOptions) -> dict[str, Any]:
        """Both ways, as `zerotap analyse --json` prints them."""
        ways = {"streamed": self.streamed, "whole": self.whole}
        return {
            "is_streamed": self.planned is not None,
            "layers": list(names_of(self.planned)) if self.planned else [],
            "because": self.because,
            **{name: way.to_json(options.board) for name, way in ways.items() if way is not None},
        }


def decide(graph: Graph, pipeline: Pipeline, options: BuildOptions) -> Decision:
    """Choose for a model behind its pipeline."""
    stages = window_stages(pipeline)
    whole = None if isinstance(stages, str) else whole_cost(plan(graph, options), stages)
    found = plan_stream(graph, pipeline, options)
    if isinstance(found, str) or whole is None:
        return Decision(None, found if isinstance(found, str) else "", None, whole)
    streamed = streamed_cost(found)
    reason = against(streamed, whole, options)
    return Decision(None if reason else found, reason or found.because, streamed, whole)


def against(streamed: WayCost, whole: WayCost, options: BuildOptions) -> str:
    """Why whole windows are better; nothing where they are not."""
    limits = options.limits
    if streamed.ram_bytes > max(limits.ram_bytes, whole.ram_bytes):
        return f"streamed it takes {streamed.ram_bytes:,} B of RAM, more than there is"
    if streamed.flash_bytes > max(limits.flash_bytes, whole.flash_bytes):
        return f"streamed it takes {streamed.flash_bytes:,} B of flash, more than there is"
    if options.optimise == "size" and streamed.flash_bytes >= whole.flash_bytes:
        return "whole windows take less flash"
    if streamed.cycles_mean > _mean_most(streamed, whole) * whole.cycles_mean:
        return "streamed it takes more cycles in all"
    if streamed.cycles_max > _GAIN * whole.cycles_max and streamed.cycles_mean > _GAIN * whole.cycles_mean:
        return "streamed it takes as long"
    return ""


def _mean_most(streamed: WayCost, whole: WayCost) -> float:
    """How often the cycles of whole windows it may take, in the mean of all packets."""
    is_small = streamed.ram_bytes <= whole.ram_bytes and streamed.flash_bytes <= whole.flash_bytes
    is_short = streamed.cycles_max <= _SHORT * whole.cycles_max
    return _MEAN_MOST_IF_SHORT if is_small and is_short else _MEAN_MOST
