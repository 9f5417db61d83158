"""Several layers as one that runs by rows: its rings, its C, and what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

import numpy as np

from zerotap.firmware.arithmetic.fixed_point import zero_point
from zerotap.firmware.c_code import c_source
from zerotap.firmware.c_code.assembly import AssemblyFunction
from zerotap.firmware.graph import Tensor
from zerotap.firmware.operators import Emission, Function, Implementation
from zerotap.firmware.operators.parts import window_positions
from zerotap.firmware.operators.parts.window import Window
from zerotap.firmware.planning.layer import Layer

from .row_layer import RowLayer, row_bytes
from .schedule import Ring, Schedule, Step
from .slides import room_cycles

_STEP_BYTES: Final = 4
_PATCH_BYTES: Final = 4 * 9
# As gcc 12 -O2 makes it: a turn of the loop over steps, a question which it is, a call of a row's function.
_LAYER_CYCLES: Final = 60
_STEP_CYCLES: Final = 14
_QUESTION_CYCLES: Final = 4
_CALL_CYCLES: Final = 40


def by_rows(layers: Sequence[RowLayer], order: Schedule) -> Layer:
    """The layers as one, with several choices of kernels, the fastest first."""
    first, segment = layers[0].layer, _Segment(tuple(layers), order)
    implementations = tuple(segment.implementation(picks, i) for i, picks in enumerate(_choices(layers)))
    return Layer(
        first.index,
        tuple(each.layer.operators[0] for each in layers),
        first.place,
        (order.source,),
        order.target,
        sum(each.layer.macs for each in layers),
        False,
        False,
        implementations,
        implementations[0],
        is_by_rows=True,
    )


Picks = tuple[Implementation, ...]


def _choices(layers: Sequence[RowLayer]) -> list[Picks]:
    """From the fastest kernels to the smallest: each time that change which saves most bytes a cycle lost."""
    picks = [min(each.implementations, key=lambda one: (one.cycles, _own_bytes(one))) for each in layers]
    found = [tuple(picks)]
    while True:
        moves = [
            (_lost_a_byte(layer, picks[place], one), place, number)
            for place, layer in enumerate(layers)
            for number, one in enumerate(layer.implementations)
            if _own_bytes(one) < _own_bytes(picks[place])
        ]
        if not moves:
            return found
        _, place, number = min(moves)
        picks[place] = layers[place].implementations[number]
        found.append(tuple(picks))


def _lost_a_byte(layer: RowLayer, before: Implementation, after: Implementation) -> float:
    lost = layer.target.shape[1] * (after.cycles - before.cycles)
    return lost / (_own_bytes(before) - _own_bytes(after))


def _own_bytes(one: Implementation) -> int:
    """Flash that it shares with no other layer, but for its C."""
    return one.constant_bytes + one.code_bytes


@dataclass(frozen=True)
class _Segment:
    layers: tuple[RowLayer, ...]
    order: Schedule

    @cached_property
    def _offsets(self) -> dict[int, int]:
        """Where each ring of its own begins in the scratch; the layers' own scratch comes behind them."""
        offsets, end = {}, 0
        for index, ring in self.order.rings.items():
            if ring.shares is None:
                offsets[index] = end
                end += ring.rows * row_bytes(ring.tensor)
        return offsets | {-1: end}

    @cached_property
    def _filled(self) -> list[Ring]:
        """The source, whose rows are copied, and what has rows of padding."""
        source = self.order.source.index
        return [ring for index, ring in self.order.rings.items() if index == source or ring.is_padded]

    @cached_property
    def _kinds(self) -> dict[tuple[int, bool], int]:
        """(tensor, whether it is filled) -> the number of that step."""
        filled = [(ring.tensor.index, True) for ring in self._filled]
        computed = [(layer.target.index, False) for layer in self.layers]
        return {key: number for number, key in enumerate([*filled, *computed])}

    def implementation(self, picks: Picks, number: int) -> Implementation:
        """One choice of kernels."""
        kernel = f"{len(self.layers)} layers, by rows" + (f", {number}" if number else "")
        called = [function for each in picks for function in each.runtime]
        runtime = tuple(dict.fromkeys([*called, "zerotap_patch", *self._slide]))
        constants = sum(each.constant_bytes for each in picks) + _PATCH_BYTES * len(self._filled)
        return Implementation(
            kernel,
            runtime,
            constants + _STEP_BYTES * len(self.order.steps),
            self._cycles(picks),
            partial(self._emit, picks),
            self._offsets[-1] + max(each.scratch_bytes for each in picks),
            code_bytes=sum(each.code_bytes for each in picks),
            stack_bytes=max(each.stack_bytes for each in picks),
        )

    @property
    def _slide(self) -> tuple[str, ...]:
        moved = any(ring.rows > 1 and ring.shares is None for ring in self.order.rings.values())
        return ("zerotap_slide",) if moved else ()

    def _home(self, tensor: int) -> int:
        """The tensor in whose newest row this one's lies."""
        ring = self.order.rings.get(tensor)
        return tensor if ring is None or ring.shares is None else self._home(ring.shares)

    def _slides(self, tensor: int) -> int:
        """Words that move before a row of a tensor comes to be; those of a place that several share once."""
        ring = self.order.rings.get(self._home(tensor))
        if ring is None or tensor in {each.shares for each in self.order.rings.values()}:
            return 0
        return (ring.rows - 1) * row_bytes(ring.tensor) // 4

    def _cycles(self, picks: Picks) -> int:
        rows = sum(layer.target.shape[1] * one.cycles for layer, one in zip(self.layers, picks, strict=True))
        return self._own_cycles + rows

    @cached_property
    def _own_cycles(self) -> int:
        """All but the kernels."""
        asked = _STEP_CYCLES + _QUESTION_CYCLES * len(self._kinds) + _CALL_CYCLES
        steps = Counter((step.tensor, bool(step.slots), self._is_inside(step)) for step in self.order.steps)
        return _LAYER_CYCLES + sum(
            count * (asked + self._made_cycles(*kind)) for kind, count in steps.items()
        )

    def _is_inside(self, step: Step) -> bool:
        ring = self.order.rings.get(step.tensor)
        return ring is None or 0 <= step.row < ring.tensor.shape[1]

    def _made_cycles(self, tensor: int, is_computed: bool, is_inside: bool) -> int:
        """Cycles of making room for a row and, unless it is computed, of its copy."""
        words = self._slides(tensor) if is_computed else _kept_words(self.order.rings.get(tensor))
        moved = room_cycles(words)
        if is_computed:
            return moved
        geometry = _row_window(self.order.rings[tensor].tensor, is_inside)
        once = np.ones(1, np.int64)
        return moved + window_positions.copy_cycles(geometry, (once, once))

    def _emit(self, picks: Picks, label: str) -> Emission:
        constants, functions, cases = "", [], []
        assembly: list[AssemblyFunction] = []
        for ring in self._filled:
            fill = int(zero_point(ring.tensor))
            name = f"{label}_t{ring.tensor.index}"
            constants += window_positions.patch_constant(_row_window(ring.tensor, True), name, fill, repeat=1)
            cases.append(self._case((ring.tensor.index, True), [self._fill(ring, name)]))
        for number, (layer, one) in enumerate(zip(self.layers, picks, strict=True)):
            emission = one.emit(f"{label}_r{number}")
            constants += emission.constants
            assembly += emission.assembly
            functions += [*emission.functions, self._function(layer, one, emission, f"{label}_row_{number}")]
            cases.append(
                self._case((layer.target.index, False), [self._call(layer, one, f"{label}_row_{number}")])
            )
        constants += self._table(label)
        driver = _driver(label, len(self.order.steps), cases)
        return Emission(constants, driver, tuple(functions), tuple(assembly))

    def _table(self, label: str) -> str:
        rows = [self._row(step) for step in self.order.steps]
        comment = "/* Which row comes to be, its number, and where the rows that it reads begin. */\n"
        return comment + c_source.array("uint8_t", f"{label}_steps", [value for row in rows for value in row])

    def _row(self, step: Step) -> list[int]:
        above = 0 if step.tensor == self.order.target.index else self.order.rings[step.tensor].above
        if not step.slots:
            return [self._kinds[step.tensor, True], step.row + above, 0, 0]
        (layer,) = (each for each in self.layers if each.target.index == step.tensor)
        slots = [
            self.order.rings[read.tensor].rows - beyond if self._home(read.tensor) == read.tensor else 0
            for read, beyond in zip(layer.reads, step.slots, strict=True)
        ]
        return [self._kinds[step.tensor, False], step.row, *slots, *[0] * (2 - len(slots))]

    def _case(self, kind: tuple[int, bool], statements: list[str]) -> list[str]:
        """The statements of one kind of step, after room was made for its row."""
        ring = self.order.rings.get(self._home(kind[0]))
        words = self._slides(kind[0]) if not kind[1] else _kept_words(ring)
        moved = []
        if words and ring is not None:
            place = f"scratch + {self._offsets[ring.tensor.index]}"
            moved = [f"zerotap_slide({place}, {row_bytes(ring.tensor)}, {words});"]
        body = [f"    {statement}" for statement in [*moved, *statements]]
        return ["if (kind == 0) {", *body, "}", "kind = zerotap_mask(kind - 1);"]

    def _fill(self, ring: Ring, name: str) -> str:
        source = ring.tensor.index == self.order.source.index
        values, row = ("input", f"step[1] - {ring.above}") if source else ("scratch", "-1")
        return f"zerotap_patch({values}, &{name}_patch, {row}, 0, {self._newest(ring.tensor.index)});"

    def _newest(self, tensor: int) -> str:
        """The C expression of a tensor's newest row."""
        home = self._home(tensor)
        if home == self.order.target.index:
            return f"output + {row_bytes(self.order.target)} * step[1]"
        ring = self.order.rings[home]
        return f"scratch + {self._offsets[home] + (ring.rows - 1) * row_bytes(ring.tensor)}"

    def _call(self, layer: RowLayer, one: Implementation, name: str) -> str:
        places = [self._first(read.tensor, f"step[{2 + place}]") for place, read in enumerate(layer.reads)]
        scratch = [f"scratch + {self._offsets[-1]}"] if one.scratch_bytes else []
        return f"{name}({', '.join([*places, self._newest(layer.target.index), *scratch])});"

    def _first(self, tensor: int, slot: str) -> str:
        """The C expression of the first row that is read."""
        if self._home(tensor) != tensor:
            return self._newest(tensor)
        ring = self.order.rings[tensor]
        moved = f" + {row_bytes(ring.tensor)} * {slot}" if ring.rows > 1 else ""
        return f"scratch + {self._offsets[tensor]}{moved}"

    def _function(self, layer: RowLayer, one: Implementation, emission: Emission, name: str) -> Function:
        names = ["input", *(f"input_{place}" for place in range(1, len(layer.reads)))]
        parameters = [*(f"const int8_t *{each}" for each in names), "int8_t *output"]
        parameters += ["int8_t *scratch"] if one.scratch_bytes else []
        computed = f"{layer.layer.name} {c_source.comment_text(layer.target.name)}"
        head = f"/* A row of {computed}, kernel {one.kernel} */"
        # Inlined, all of their arrays would be on the stack at once.
        declared = f"static void __attribute__((noinline)) {name}({', '.join(parameters)})"
        return Function(f"{head}\n{declared}", emission.body)


def _kept_words(ring: Ring | None) -> int:
    return 0 if ring is None else (ring.rows - 1) * row_bytes(ring.tensor) // 4


def _row_window(tensor: Tensor, is_inside: bool) -> Window:
    """One row as the window of a copy: the first of the tensor, or one of padding."""
    _, height, width, channels = tensor.shape
    above = 0 if is_inside else 1
    return Window((height, width, channels), (1, 1, channels), (1, width), (1, 1), (1, 1), (above, 0))


def _driver(label: str, steps: int, cases: Sequence[Sequence[str]]) -> str:
    """The loop over the steps: questions that no compiler sees through, or it makes a table of jumps."""
    lines = [
        f"for (int32_t i = 0; i < {steps}; i++) {{",
        f"    const uint8_t *const step = &{label}_steps[{_STEP_BYTES} * i];",
        "    int32_t kind = step[0];",
        *(f"    {line}" for case in cases for line in case),
        "}",
    ]
    return "\n    ".join(lines)
