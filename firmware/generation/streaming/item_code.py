"""How an item becomes the newest row of the model's input, and what fills a window up."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from zerotap.firmware.c_code import c_source
from zerotap.firmware.transforms import TWINS, Stage

from .rings import lines, newest, room

if TYPE_CHECKING:
    from zerotap.firmware.planning.streaming.stream_plan import StreamPlan


class ItemCode:
    """``take`` and ``fill`` in C, with the stages behind the windows for one row."""

    def __init__(self, planned: StreamPlan) -> None:
        self._level, self._given = planned.levels[0], planned.stages

    @cached_property
    def stages(self) -> list[Stage]:
        """The twins of the stages behind the windows."""
        signal, found = self._given.row, []
        for place, transform in enumerate(self._given.behind):
            found.append(TWINS[transform.name].emit(transform, signal, f"row_{place}"))
            signal = transform.output(signal)
        return found

    @property
    def text(self) -> str:
        """Their constants, buffers, and the two functions."""
        definitions = "".join(stage.definitions for stage in self.stages)
        buffers, statements = self._converted()
        taken = lines([*room(self._level, "ring_0"), *statements, "same_0 = 0;"])
        take = f"static void take(const {self._given.item.dtype}_t *in)\n{{\n{taken}}}\n"
        return definitions + buffers + take + self._fill()

    def _fill(self) -> str:
        padding = self._given.windows.padding
        if padding == "drop":
            return ""
        copied = [
            f"for (int32_t i = 0; i < {self._level.row_bytes}; i++) {{",
            f"    ({newest(self._level, 'ring_0')})[i] = filling[i];",
            "}",
        ]
        edge = padding == "edge"
        constant = "" if edge else c_source.array("int8_t", "filling", self._given.fill)
        filled = lines([*room(self._level, "ring_0"), *([] if edge else copied), "same_0++;"])
        about = "The last item once more." if edge else "Zeros."
        return f"\n/* {about} */\n{constant}static void fill(void)\n{{\n{filled}}}\n"

    def _converted(self) -> tuple[str, list[str]]:
        """Buffers between the stages, and the statements from ``in`` to the codes of the newest row."""
        place = newest(self._level, "ring_0")
        if not self.stages:
            turned = "(int8_t)(in[i] ^ 0x80)" if self._given.item.dtype == "uint8" else "in[i]"
            head = f"for (int32_t i = 0; i < {self._level.row_bytes}; i++) {{"
            return "", [head, f"    ({place})[i] = {turned};", "}"]
        signal, given, buffers, statements = self._given.row, "in", "", []
        for number, (transform, stage) in enumerate(zip(self._given.behind, self.stages, strict=True), 1):
            signal, taken = transform.output(signal), f"row_{number}_in"
            if number == len(self.stages):
                taken = place
            else:
                buffers += f"ZEROTAP_ALIGNED static {signal.dtype}_t {taken}[{signal.size}];\n"
            statements.append(_called(stage.push, given, taken))
            given = taken
        return buffers, statements


def _called(expression: str, given: str, taken: str) -> str:
    names = {"in": given, "out": taken}
    return re.sub(r"\b(in|out)\b", lambda match: names[match[1]], expression) + ";"
