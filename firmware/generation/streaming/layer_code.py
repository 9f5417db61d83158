"""The layers: a function that computes a row, and one that asks whether a row is due."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from zerotap.firmware.c_code import c_source
from zerotap.firmware.c_code.assembly import AssemblyFunction
from zerotap.firmware.generation.layer_assembly import in_c, own_name

from .rings import lines, newest, room

if TYPE_CHECKING:
    from zerotap.firmware.operators import Emission
    from zerotap.firmware.planning.streaming.stream_plan import StreamPlan


class LayerCode:
    """C of every level behind the model's input."""

    def __init__(self, planned: StreamPlan, unit: str) -> None:
        self._plan, self._unit = planned, unit
        self._levels, self._paces = planned.levels, planned.paces

    @property
    def numbers(self) -> range:
        """The levels that are layers."""
        return range(1, len(self._levels))

    @cached_property
    def _emissions(self) -> list[Emission]:
        return [choice.emit(f"layer_{number}") for number, choice in enumerate(self._plan.choices, 1)]

    @cached_property
    def assembly(self) -> list[AssemblyFunction]:
        """The layers' own functions."""
        return [each for emission in self._emissions for each in emission.assembly]

    def memory(self, number: int) -> list[str]:
        """A level's ring, and when its rows are due."""
        level, pace = self._levels[number], self._paces[number]
        streams = f", in each of {pace.streams} streams" if pace.streams > 1 else ""
        found = [
            f"/* {level.held} row{'s' * (level.held > 1)} of {level.row_bytes} bytes{streams}. */",
            f"ZEROTAP_ALIGNED static int8_t ring_{number}[{pace.streams * self._plan.ring_bytes(number)}];",
        ]
        if number == 0:
            return [*found, "static uint16_t same_0;"]
        hop = self._plan.stages.windows.hop
        return [
            *found,
            f"static const zerotap_pace_t pace_{number} = "
            f"{{{pace.first}, {pace.step}, {pace.rows}, {hop}, {pace.streams}}};",
            f"static zerotap_track_t tracks_{number}[{pace.streams}];",
            f"static zerotap_paced_t paced_{number} = {{tracks_{number}, {pace.first}, 0}};",
        ]

    def text(self, number: int) -> str:
        """The constants of a level, its row's function, and the one that calls it."""
        emission = self._emissions[number - 1]
        own = in_c(emission.assembly, self._unit)
        functions = "".join(f"\n{each.declaration}\n{{\n    {each.body}\n}}\n" for each in emission.functions)
        text = f"{emission.constants}{own}{functions}\n{self._row(number, emission)}\n{self._due(number)}"
        return own_name(text, emission.assembly, self._unit)

    def _row(self, number: int, emission: Emission) -> str:
        level, choice = self._levels[number], self._plan.choices[number - 1]
        assert level.layer is not None
        names = ["input", *(f"input_{place}" for place in range(1, len(level.reads)))]
        parameters = [*(f"const int8_t *{each}" for each in names), "int8_t *output"]
        parameters += ["int8_t *scratch"] if choice.scratch_bytes else []
        what = f"{level.layer.name} {c_source.comment_text(level.tensor.name)}"
        # Inlined, all of their arrays would be on the stack at once.
        return f"""/* A row of {what}, kernel {choice.kernel}. */
static void __attribute__((noinline)) layer_{number}_row({", ".join(parameters)})
{{
    {emission.body}
}}
"""

    def _due(self, number: int) -> str:
        level = self._levels[number]
        call = self._call(number)
        is_same = " && ".join(f"{self._same(number, read)} >= {level.reach}" for read in level.reads)
        is_last = number == len(self._levels) - 1
        statements = [
            *self._asked(number),
            f"int8_t *ring = {self._ring(number, number)};",
            f"zerotap_track_t *track = &tracks_{number}[stream];",
            *room(level, "ring"),
            f"if ({is_same}) {{",
            "    /* All that it reads is equal: so is the row, once there is one. */",
            "    if (track->same == 0) {",
            f"        {call}",
            "    }",
            "    track->same++;",
            "} else {",
            f"    {call}",
            "    track->same = 0;",
            "}",
            *([f"gather({newest(level, 'ring')}, stream);"] if is_last else []),
        ]
        return f"static void layer_{number}_due(void)\n{{\n{lines(statements)}}}\n"

    def _asked(self, number: int) -> list[str]:
        """Statements that return where no row is due, and else have its stream."""
        streams, pace = self._paces[number].streams, f"&pace_{number}, &paced_{number}"
        if streams == 1:
            return [
                "const int32_t stream = 0;",
                f"if (!zerotap_only_row_due({pace})) {{",
                "    return;",
                "}",
            ]
        return [
            f"const int32_t stream = zerotap_row_due({pace});",
            f"if (stream < 0 || (is_filling && stream != oldest % {streams})) {{",
            "    return;",
            "}",
        ]

    def _call(self, number: int) -> str:
        level = self._levels[number]
        sources = [f"{self._ring(number, read)}{self._older(number, read)}" for read in level.reads]
        scratch = ["scratch"] if self._plan.choices[number - 1].scratch_bytes else []
        return f"layer_{number}_row({', '.join([*sources, newest(level, 'ring'), *scratch])});"

    def _ring(self, number: int, read: int) -> str:
        """Where the ring begins that a stream of level ``number`` has at level ``read``."""
        place = self._stream(number, read)
        return f"ring_{read}" + (f" + {self._plan.ring_bytes(read)} * {place}" if place != "0" else "")

    def _stream(self, number: int, read: int) -> str:
        """The C expression of that stream's number."""
        streams, own = self._paces[read].streams, self._paces[number].streams
        if streams == 1:
            return "0"
        return "stream" if streams == own else f"(stream % {streams})"

    def _older(self, number: int, read: int) -> str:
        """What other readers of a ring want, and lies before the rows that are read."""
        level = self._levels[read]
        rows = level.held - self._levels[number].reach
        return f" + {rows * level.row_bytes}" if rows else ""

    def _same(self, number: int, read: int) -> str:
        return f"tracks_{read}[{self._stream(number, read)}].same" if read else "same_0"
