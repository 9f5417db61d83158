"""Tables of layers that run while a window arrives, which the oracle fills when C is generated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zerotap.firmware.operators import Implementation, elementwise
from zerotap.firmware.oracles.tables import filled
from zerotap.firmware.planning.streaming.row_of import Reach, row_implementations

if TYPE_CHECKING:
    from zerotap.firmware.planning.streaming.levels import Level
    from zerotap.firmware.planning.streaming.stream_plan import StreamPlan


def with_filled_tables(planned: StreamPlan) -> StreamPlan:
    """The plan with every table filled; raises ModelError where the oracle refuses an input."""
    pairs = zip(planned.levels[1:], planned.choices, strict=True)
    return replace(planned, choices=tuple(_filled(planned, *pair) for pair in pairs))


def _filled(planned: StreamPlan, level: Level, choice: Implementation) -> Implementation:
    layer = level.layer
    if layer is None or layer.operators[0].name != elementwise.NAME:
        return choice
    whole = filled(replace(planned.tail, graph=planned.graph, layers=(layer,))).layers[0]
    one_row = Reach(1, 1)
    (found,) = row_implementations(planned.graph, whole, level.every, level.every, one_row)
    return found
