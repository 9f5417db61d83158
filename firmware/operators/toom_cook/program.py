"""The assembly function of a layer: output after output, all tiles of a group point by point.

A word of weights is multiplied by those of as many tiles; the sums of a point wait on the stack until all of
them are there, then tile after tile becomes results, of which the largest is kept: 2^L times too large.

r0 the word of weights, r1 the words of inputs, r2 the weights, r3 to r7 inputs and products, r8 to r12 sums,
lr where they go. Behind them r0 and r1 are the sum and the difference of a pair of points, r2 where they are,
r3 a product, r4 to r11 results.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from zerotap.firmware.c_code.assembly import RESTORED, SAVED, cycles
from zerotap.firmware.operators.board_code.text import Text, immediate, moved
from zerotap.firmware.operators.parts.requantisation import Scales
from zerotap.firmware.operators.straight.ends import kept_result

from .tiles import WORD_BYTES, Tiles

_INPUTS: Final = ("r3", "r4", "r5", "r6", "r7")
_SUMS: Final = ("r8", "r9", "r10", "r11", "r12")
_RESULTS: Final = ("r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11")
# Behind the sums, on the stack.
_WORDS, _WORDS_AT, _WEIGHTS, _SCALES, _OUTPUT, _OUTPUT_END, _GROUPS, _LARGEST = range(8)
_FRAME_WORDS: Final = 8


@dataclass(frozen=True, slots=True)
class Layer:
    """All that both functions depend on."""

    tiles: Tiles
    outputs: int
    form: Scales

    @property
    def sums(self) -> int:
        """Of a group of tiles and an output."""
        return self.tiles.transform.inputs * self.tiles.together

    @property
    def room(self) -> int:
        """Bytes of the stack."""
        return WORD_BYTES * (self.sums + _FRAME_WORDS)

    def at(self, place: int) -> str:
        """A word of the frame."""
        return f"[sp, #{WORD_BYTES * (self.sums + place)}]"


def program(layer: Layer) -> Text:
    """Called with r0 words of inputs, r1 weights, r2 output, r3 scales."""
    text, output = Text(), Text()
    text.add(
        [*SAVED, f"sub sp, #{layer.room}", f"str r0, {layer.at(_WORDS)}", f"str r1, {layer.at(_WEIGHTS)}"]
    )
    text.add([f"str r3, {layer.at(_SCALES)}", f"str r2, {layer.at(_OUTPUT)}"])
    text.add([*moved("r2", layer.outputs, "r0"), f"str r2, {layer.at(_OUTPUT_END)}"])
    output.add(["movs r0, #1", "lsls r0, r0, #31", f"str r0, {layer.at(_LARGEST)}"])
    output.add(
        [f"ldr r1, {layer.at(_WORDS)}", f"movs r0, #{layer.tiles.groups}", f"str r0, {layer.at(_GROUPS)}"]
    )
    counted = [f"ldr r1, {layer.at(_WORDS_AT)}", f"ldr r0, {layer.at(_GROUPS)}", "subs r0, #1"]
    output.loop("2", _group(layer), layer.tiles.groups, [*counted, f"str r0, {layer.at(_GROUPS)}"])
    output.include(_result(layer))
    text.loop("1", output, layer.outputs, [f"ldr r1, {layer.at(_OUTPUT_END)}", "cmp r0, r1"])
    text.add([f"add sp, #{layer.room}", *RESTORED])
    return text


def _group(layer: Layer) -> Text:
    """An output of all tiles of a group."""
    text, tiles = Text(), layer.tiles
    text.add([f"ldr r2, {layer.at(_WEIGHTS)}", "mov lr, sp"])
    points = tiles.transform.inputs
    text.loop("3", _point(layer), points, [f"add r3, sp, #{WORD_BYTES * layer.sums}", "cmp r0, r3"])
    text.add([f"str r1, {layer.at(_WORDS_AT)}", "mov r12, r2", "mov r2, sp"])
    end = f"add r3, sp, #{WORD_BYTES * tiles.together}"
    text.loop("4", _tile(layer), tiles.together, [end, "cmp r2, r3"])
    return text


def _point(layer: Layer) -> Text:
    """The sums over all channels."""
    text, count = Text(), layer.tiles.together
    values, sums = _INPUTS[:count], _SUMS[:count]
    text.add(["movs r0, #0", *(f"mov {each}, r0" for each in sums)])
    once = ["ldmia r2!, {r0}", f"ldmia r1!, {{{', '.join(values)}}}"]
    once += [f"muls {each}, r0, {each}" for each in values]
    once += [f"add {total}, {each}" for total, each in zip(sums, values, strict=True)]
    text.add(once * layer.tiles.line.channels)
    text.add(f"mov {value}, {total}" for value, total in zip(values, sums, strict=True))
    text.add(["mov r0, lr", f"stmia r0!, {{{', '.join(values)}}}", "mov lr, r0"])
    return text


def _tile(layer: Layer) -> Text:
    """The results of a tile, and the largest so far."""
    text, tiles = Text(), layer.tiles
    step, results = WORD_BYTES * tiles.together, _RESULTS[: tiles.outputs]
    text.add(["ldr r4, [r2, #0]"])
    for pair, powers in enumerate(tiles.transform.columns()[1::2]):
        text.add([f"ldr r0, [r2, #{step}]", f"ldr r3, [r2, #{2 * step}]", f"adds r2, #{2 * step}"])
        text.add(["subs r1, r0, r3", "adds r0, r0, r3"])
        for place, (register, factor) in enumerate(zip(results, powers, strict=True)):
            text.add(_added(register, f"r{place % 2}", factor, has_begun=pair > 0 or place == 0))
    for other in results[1:]:
        text.add(["cmp r4, " + other, "bge 8f", f"mov r4, {other}", "8:"])
    text.add([f"ldr r3, {layer.at(_LARGEST)}", "cmp r4, r3", "bge 8f", "mov r4, r3", "8:"])
    text.add([f"str r4, {layer.at(_LARGEST)}"])
    text.add(moved("r2", WORD_BYTES - (tiles.transform.inputs - 1) * step, "r0"))
    return text


def _added(register: str, source: str, factor: int, has_begun: bool) -> list[str]:
    """A source times a factor, in a result or to begin one; r3 is lost."""
    add = f"adds {register}, {register}, " if register in _RESULTS[:4] else f"add {register}, "
    lines: list[str] = []
    if factor > 1:
        is_power = not factor & (factor - 1)
        shift = [f"lsls r3, {source}, #{factor.bit_length() - 1}"]
        lines = shift if is_power else [*immediate("r3", factor), f"muls r3, {source}, r3"]
    return [*lines, (add if has_begun else f"mov {register}, ") + ("r3" if lines else source)]


def _result(layer: Layer) -> Text:
    """The largest sum to int8, and on to the next output; r0 is where that goes."""
    text, size = Text(), layer.form.size_bytes
    text.add(["mov r0, r12", f"str r0, {layer.at(_WEIGHTS)}", f"ldr r0, {layer.at(_LARGEST)}"])
    text.add([f"asrs r0, r0, #{layer.tiles.transform.lost_bits}", "mov r8, r0"])
    result = kept_result(layer.form, "r8", layer.at(_SCALES), 0)
    text.include(Text(result, cycles(result)))
    text.add([f"ldr r2, {layer.at(_SCALES)}", f"adds r2, #{size}", f"str r2, {layer.at(_SCALES)}"])
    text.add([f"ldr r0, {layer.at(_OUTPUT)}", "strb r1, [r0, #0]", "adds r0, #1"])
    text.add([f"str r0, {layer.at(_OUTPUT)}"])
    return text
