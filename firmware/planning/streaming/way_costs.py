"""What either way costs behind a pipeline: layers that run while a window arrives, or whole windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.firmware.board import Board
from zerotap.firmware.operators import Emission, Implementation
from zerotap.firmware.planning import cost_model
from zerotap.firmware.planning.clock.board_time import rates_of
from zerotap.firmware.planning.plan import Plan
from zerotap.firmware.planning.rows.slides import room_cycles

from .stream_plan import StreamPlan
from .window_stages import WindowStages

if TYPE_CHECKING:
    from numpy.typing import NDArray

# As gcc 12 -O2 makes it: a push, a layer's question whether a row is due, a stream of it, a row that is.
_PUSH_CYCLES: Final = 90
_LAYER_CYCLES: Final = 45
_STREAM_CYCLES: Final = 18
_ROW_CYCLES: Final = 60
_SLIDE_CYCLES: Final = 24
_BYTE_CYCLES: Final = 8
_LAYER_BYTES: Final = 120
_STREAM_CODE_BYTES: Final = 700
_WINDOW_CODE_BYTES: Final = 250


@dataclass(frozen=True, slots=True)
class WayCost:
    """By the cost model: cycles of an item on average, where windows follow each other, and of the longest.

    Those are of zero wait states; ``board_cycles_max`` are the longest item's with the waits for the flash.
    ``flash_bytes`` and ``ram_bytes`` of model and windows, with the stack, without stages before them.
    """

    cycles_mean: int
    cycles_max: int
    board_cycles_max: int
    flash_bytes: int
    ram_bytes: int

    def to_json(self, board: Board) -> dict[str, Any]:
        """The figures, and the longest pause in ms on the board."""
        return {
            "cycles_mean": self.cycles_mean,
            "cycles_max": self.cycles_max,
            "board_cycles_max": self.board_cycles_max,
            "pause_ms": board.milliseconds(self.board_cycles_max),
            "flash_bytes": self.flash_bytes,
            "ram_bytes": self.ram_bytes,
        }


def whole_cost(planned: Plan, stages: WindowStages) -> WayCost:
    """Of windows that are computed when they are complete: a ring of items, and the window."""
    windows = stages.windows
    window_bytes = windows.length * stages.item.nbytes
    copied = _BYTE_CYCLES * window_bytes
    slower = _slower(planned.options.board.flash_cache.wait_states)
    return WayCost(
        _PUSH_CYCLES + (planned.cycles + copied) // windows.hop,
        _PUSH_CYCLES + planned.cycles + copied,
        planned.board_cycles + round(slower * (_PUSH_CYCLES + copied)),
        planned.flash_bytes + _WINDOW_CODE_BYTES,
        planned.arena_bytes + planned.stack_bytes + 2 * window_bytes,
    )


def streamed_cost(planned: StreamPlan) -> WayCost:
    """Of layers that run while items arrive."""
    items = _item_cycles(planned, 0)
    steady = items[planned.stages.windows.length :]
    choices = planned.choices
    stack = max(cost_model.stack_bytes(choices, several_ends=False), planned.tail.stack_bytes)
    return WayCost(
        int(np.ceil(steady.mean())),
        int(items.max()),
        round(_item_cycles(planned, planned.tail.options.board.flash_cache.wait_states).max()),
        _flash_bytes(planned),
        planned.ram_bytes + planned.tail.arena_bytes + stack,
    )


def _flash_bytes(planned: StreamPlan) -> int:
    """Constants, exact, and code; what stream and tail share counts once."""
    gathered = planned.gathering.scaling
    own = [*planned.choices, *([gathered] if gathered else []), *(one.choice for one in planned.tail.layers)]
    called = Implementation("windows", planned.runtime, 0, 0, lambda _label: Emission("", ""))
    code = _STREAM_CODE_BYTES + _LAYER_BYTES * len(planned.choices) + cost_model.INVOKE_BYTES
    return code + cost_model.shared_bytes([*own, called]) + sum(map(cost_model.own_bytes, own))


def _item_cycles(planned: StreamPlan, wait_states: int) -> NDArray[np.float64]:
    """Cycles of each item of a recording, from its begin over as many as the pattern needs to repeat."""
    windows, usual = planned.stages.windows, _slower(wait_states)
    count = windows.length + int(np.lcm(windows.hop, planned.paces[-1].step))
    starts = np.arange(0, count, windows.hop)
    cycles = np.full(count, usual * (_PUSH_CYCLES + _taken_cycles(planned)))
    for number, pace in enumerate(planned.paces[1:], 1):
        due = starts[:, None] + pace.first - 1 + pace.step * np.arange(pace.rows)
        is_due = np.zeros(count, bool)
        is_due[due[due < count]] = True
        asked = usual * (_LAYER_CYCLES + _STREAM_CYCLES * pace.streams)
        cycles += asked + is_due * _row_cycles(planned, number, wait_states)
    complete = starts + windows.length - 1
    cycles[complete[complete < count]] += _finish_cycles(planned, wait_states)
    return cycles


def _row_cycles(planned: StreamPlan, number: int, wait_states: int) -> float:
    kept = planned.gathering.row_cycles if number == len(planned.levels) - 1 else 0
    choice, own = planned.choices[number - 1], _ROW_CYCLES + _room_cycles(planned, number) + kept
    in_ram = planned.tail.options.code == "ram"
    return _slower(wait_states) * own + _slower(wait_states, choice.kernel, in_ram) * choice.cycles


def _finish_cycles(planned: StreamPlan, wait_states: int) -> float:
    """Cycles of what follows when a window is complete."""
    tail = planned.tail.board_cycles if wait_states else planned.tail.cycles
    return _slower(wait_states) * planned.gathering.finish_cycles + tail


def _slower(wait_states: int, kernel: str = "", in_ram: bool = False) -> float:
    """By how much a kernel, or the code around kernels, takes longer with waits for the flash."""
    rates = rates_of(kernel)
    return 1 + wait_states * (rates.ram if in_ram else rates.flash)


def _taken_cycles(planned: StreamPlan) -> int:
    return _BYTE_CYCLES * planned.levels[0].row_bytes + _room_cycles(planned, 0)


def _room_cycles(planned: StreamPlan, number: int) -> int:
    level = planned.levels[number]
    size = (level.held - 1) * level.row_bytes
    if size == 0:
        return 0
    return room_cycles(size // 4) if level.is_of_words else _SLIDE_CYCLES + _BYTE_CYCLES * size


def names_of(planned: StreamPlan) -> Sequence[str]:
    """The layers that run while items arrive."""
    return [level.layer.name for level in planned.levels if level.layer is not None]
