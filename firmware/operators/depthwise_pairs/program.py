"""The assembly function of a layer: channel after channel, the plane packed, then all pairs.

Its frame holds what registers have no room for; _FRAME names the places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.scaling import Scale
from zerotap.firmware.c_code.assembly import RESTORED, SAVED, stack_bytes
from zerotap.firmware.operators.board_code.rounding import Rounding, constants, middle, rounded, rounding
from zerotap.firmware.operators.board_code.text import Text, immediate, moved

from . import packing
from .plane import Plane
from .sums import Taps, sum_lines, taps_of_all, taps_of_one

_FRAME: Final = {
    **{"scales": 0, "output": 4, "input": 8, "scratch": 12, "fraction": 16, "step": 20, "last": 24},
    **{"weights": 28, "channels": 32, "repeats": 36, "words": 40},
}
_SAVED_BYTES: Final = stack_bytes(SAVED)
# What a frame may hold: an immediate of `sub sp`, and of `ldr rN, [sp, #...]`.
_WEIGHTS_MAX: Final = 100


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """What the function computes: ``weights`` (channels, taps), a Scale for each, and the ends of raw sums.

    ``repeat``: outputs of one input channel.
    """

    plane: Plane
    weights: NDArray[np.int64]
    scales: Sequence[Scale]
    low: Sequence[int]
    high: Sequence[int]
    zero_point: int
    fill: int
    repeat: int

    @property
    def is_signed(self) -> bool:
        """Whether results of both signs are rounded apart, in any channel."""
        return any(each.step for each in self.scales)

    def way(self, channels: Sequence[int], step_in_code: bool) -> Rounding:
        """How the sums of these channels are rounded."""
        scales = [self.scales[channel] for channel in channels]
        low = min(self.low[channel] - self.scales[channel].low for channel in channels)
        beyond = (self.high[each] - self.scales[each].low - self.scales[each].span for each in channels)
        clamps = (low < 0, max(beyond) > 0)
        return rounding(scales, clamps, _FRAME["fraction"], step_in_code)


def unrolled(layer: Layer) -> Text | None:
    """Each channel with its weights in the code; None where one's do not fit the registers."""
    found = [taps_of_one(layer.plane.taps, each) for each in layer.weights]
    taps = [each for each in found if each is not None]
    if len(taps) < len(found):
        return None
    text, packed = _begun(_FRAME["weights"]), packing.packing(layer.plane, layer.fill)
    for channel, each in enumerate(taps):
        if channel % layer.repeat == 0:
            text.add(_packed(layer))
        text.include(_output(layer, each, layer.way([channel], step_in_code=True), has_steps=False))
    text.cycles += len(taps) // layer.repeat * packed.cycles
    return _ended(text, packed, _FRAME["weights"])


def rolled(layer: Layer) -> Text | None:
    """A loop over channels, their weights on the stack; None where they do not fit, or the registers."""
    channels, count = layer.weights.shape
    taps = taps_of_all(layer.plane.taps, layer.weights, _FRAME["words"]) if count <= _WEIGHTS_MAX else None
    if taps is None:
        return None
    frame = _FRAME["words"] + 4 * count
    text = _begun(frame)
    text.add([f"ldr r4, [sp, #{frame + _SAVED_BYTES}]", f"str r4, [sp, #{_FRAME['weights']}]"])
    text.add([*immediate("r4", channels // layer.repeat), f"str r4, [sp, #{_FRAME['channels']}]"])
    each, packed = Text(), packing.packing(layer.plane, layer.fill)
    each.add(_packed(layer))
    each.cycles += packed.cycles
    way = layer.way(range(channels), step_in_code=False)
    output = _copied_weights(count)
    output.include(_output(layer, taps, way, has_steps=layer.is_signed))
    if layer.repeat > 1:
        each.add([*immediate("r4", layer.repeat), f"str r4, [sp, #{_FRAME['repeats']}]"])
        each.loop("95", output, layer.repeat, _counted("repeats"))
    else:
        each.include(output)
    text.loop("96", each, channels // layer.repeat, _counted("channels"))
    return _ended(text, packed, frame)


def _counted(name: str) -> list[str]:
    at = f"[sp, #{_FRAME[name]}]"
    return [f"ldr r1, {at}", "subs r1, #1", f"str r1, {at}"]


def _begun(frame: int) -> Text:
    """r0 input, r1 scales, r2 output, r3 scratch into the frame."""
    text = Text()
    text.add([*SAVED, f"sub sp, #{frame}", f"str r0, [sp, #{_FRAME['input']}]"])
    text.add(
        [
            f"str r1, [sp, #{_FRAME['scales']}]",
            f"str r2, [sp, #{_FRAME['output']}]",
            f"str r3, [sp, #{_FRAME['scratch']}]",
        ]
    )
    return text


def _ended(text: Text, packed: Text, frame: int) -> Text:
    """The function with the subroutine that packs a channel behind it."""
    text.add([f"add sp, #{frame}", *RESTORED])
    text.include(packed, times=0)
    return text


def _packed(layer: Layer) -> list[str]:
    """The call that packs the next channel."""
    window, at = layer.plane.window, f"[sp, #{_FRAME['input']}]"
    before = (window.padding[0] * window.source[1] + window.padding[1]) * window.source[2]
    lines = [f"ldr r0, {at}", "adds r1, r0, #1", f"str r1, {at}", *moved("r0", -before, "r1")]
    return [*lines, f"ldr r1, [sp, #{_FRAME['scratch']}]", f"bl {packing.LABEL}f"]


def _copied_weights(count: int) -> Text:
    """The next channel's weights to the stack, as words."""
    text, once = Text(), Text()
    text.add([f"ldr r1, [sp, #{_FRAME['weights']}]", "movs r2, #0", f"add r4, sp, #{_FRAME['words']}"])
    once.add(["ldrsb r3, [r1, r2]", "stmia r4!, {r3}", "adds r2, #1"])
    text.loop("93", once, count, [f"cmp r2, #{count}"])
    text.add(["adds r1, r1, r2", f"str r1, [sp, #{_FRAME['weights']}]"])
    return text


def _output(layer: Layer, taps: Taps, way: Rounding, has_steps: bool) -> Text:
    """All pairs of one output channel."""
    plane, channels = layer.plane, len(layer.weights)
    text = Text()
    row = ["r2", "r3", "r4", "r5", "r6", *(["r7"] if has_steps else [])]
    at_scales, at_output = f"[sp, #{_FRAME['scales']}]", f"[sp, #{_FRAME['output']}]"
    text.add([f"ldr r1, {at_scales}", f"ldmia r1!, {{{', '.join(row)}}}", f"str r1, {at_scales}"])
    text.add([*constants(way, row), *(middle(layer.zero_point) if way.is_signed else [])])
    text.add([f"ldr r7, {at_output}", "adds r1, r7, #1", f"str r1, {at_output}"])
    text.add([f"ldr r0, [sp, #{_FRAME['scratch']}]"])
    _rows(text, plane, channels, _pair(plane, channels, taps, way))
    return text


def _rows(text: Text, plane: Plane, channels: int, pair: Text) -> None:
    """Loops over the pairs; r11 is where the plane's row ends."""
    rows, columns = plane.turns
    down, right = plane.window.stride
    text.add([*immediate("r1", 4 * right * columns), "adds r1, r1, r0", "mov r11, r1"])
    if rows == 1:
        text.loop("97", pair, columns, ["cmp r0, r11"])
        return
    next_row = 4 * down * plane.extent[1]
    text.add([*immediate("r2", rows * next_row), "adds r1, r1, r2", f"str r1, [sp, #{_FRAME['last']}]"])
    row = Text()
    row.loop("97", pair, columns, ["cmp r0, r11"])
    row.add(moved("r0", next_row - 4 * right * columns, "r1"))
    row.add(moved("r7", channels * (plane.window.target[1] - columns), "r1"))
    row.add([*immediate("r1", next_row), "add r11, r1"])
    text.loop("98", row, rows, [f"ldr r1, [sp, #{_FRAME['last']}]", "cmp r11, r1"])


def _pair(plane: Plane, channels: int, taps: Taps, way: Rounding) -> Text:
    text = Text()
    lines, sums = sum_lines(taps, plane.window.stride[1])
    free = [each for each in ("r1", "r2", "r3", "r4", "r5", "r6") if each not in sums]
    text.add([*lines, *rounded(way, sums, free)])
    text.add([f"strb {sums[0]}, [r7]", *_second(plane.lane_outputs(channels), sums[1], free[0])])
    text.add(moved("r7", channels, free[0]))
    return text


def _second(apart: int, value: str, scratch: str) -> list[str]:
    """The second output, so many bytes behind the first."""
    if apart < 32:
        return [f"strb {value}, [r7, #{apart}]"]
    return [*immediate(scratch, apart), f"strb {value}, [r7, {scratch}]"]
