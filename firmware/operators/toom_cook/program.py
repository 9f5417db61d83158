"""The assembly function of a layer: output after output, all tiles of a group point by point.

A weight is multiplied by the words of as many tiles; weights of the first points are halves of words. The
sums of a point wait on the stack until all of them are there, then tile after tile becomes results, of which
the largest is kept: 2^L times too large. Where weights are made of taps, those of an output are, first. Where
tiles come in batches, the largest sums lie in memory from one to the next.

r0 the weight, r1 the words of inputs, r2 the weights, r3 to r7 inputs and products, r8 to r12 sums,
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

from . import taps
from .tiles import WORD_BYTES, Tiles

_INPUTS: Final = ("r3", "r4", "r5", "r6", "r7")
_SUMS: Final = ("r8", "r9", "r10", "r11", "r12")
_RESULTS: Final = ("r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11")
# Behind the sums, on the stack.
_WORDS, _WORDS_AT, _WEIGHTS, _SCALES, _OUTPUT, _OUTPUT_END, _GROUPS, _LARGEST, _TAPS, _READY, _READY_END = (
    range(11)
)
_FRAME_WORDS: Final = 11
_HALVES_MOST: Final = 32
"""What a load of a half reaches."""


@dataclass(frozen=True, slots=True)
class Layer:
    """All that both functions depend on.

    Weights are words behind those of the inputs if they are ``made`` of taps, of each output before it is
    computed, but for the first ``ready`` outputs, whose words lie before the taps. Else they are constants,
    halves of words of the first ``narrow`` points.
    """

    tiles: Tiles
    outputs: int
    narrow: int
    form: Scales
    made: bool = False
    ready: int = 0

    @property
    def factored(self) -> int:
        """The first points whose factors inputs have."""
        return self.tiles.transform.inputs if self.made else self.narrow

    @property
    def is_kept(self) -> bool:
        """Whether results are the largest sums so far."""
        return self.tiles.batches > 1

    @property
    def sums_at(self) -> int:
        """Bytes of all words: those of inputs, and weights where they are made. Behind them lie sums."""
        return self.tiles.scratch_bytes + (WORD_BYTES * self.weight_words if self.made else 0)

    @property
    def scratch_bytes(self) -> int:
        """RAM of it all."""
        return self.sums_at + (WORD_BYTES * self.outputs if self.is_kept else 0)

    @property
    def weight_words(self) -> int:
        """Of an output: halves of the first ``narrow`` points, of each in whole words, and the others'."""
        channels = self.tiles.line.channels
        return self.narrow * -(-channels // 2) + (self.tiles.transform.inputs - self.narrow) * channels

    @property
    def step(self) -> int:
        """Bytes of a result."""
        return WORD_BYTES if self.is_kept else 1

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
    """Called with r0 words of inputs, r1 weights or taps, r2 output and r3 scales, or r2 sums so far."""
    text, outputs = Text(), layer.outputs
    text.add([*SAVED, f"sub sp, #{layer.room}"])
    text.add([f"str r0, {layer.at(_WORDS)}", f"str r3, {layer.at(_SCALES)}"])
    text.add(_weights(layer))
    text.add([f"str r2, {layer.at(_OUTPUT)}", *moved("r2", outputs * layer.step, "r0")])
    text.add([f"str r2, {layer.at(_OUTPUT_END)}"])
    text.label("1")
    if layer.made:
        _own_weights(text, layer)
    text.add([*_least(layer), f"str r0, {layer.at(_LARGEST)}"], outputs)
    text.add([f"ldr r1, {layer.at(_WORDS)}", f"movs r0, #{layer.tiles.groups}"], outputs)
    text.add([f"str r0, {layer.at(_GROUPS)}"], outputs)
    _groups(text, layer)
    text.include(_result(layer), outputs)
    _back(text, "6", [f"ldr r1, {layer.at(_OUTPUT_END)}", "cmp r0, r1"], (1, outputs))
    text.add([f"add sp, #{layer.room}", *RESTORED])
    return text


def _weights(layer: Layer) -> list[str]:
    """Keeps where they are, and taps; r1 is as called with."""
    if not layer.made:
        return [f"str r1, {layer.at(_WEIGHTS)}"]
    behind = moved("r1", WORD_BYTES * layer.weight_words * layer.ready, "r4")
    ready = [f"str r1, {layer.at(_READY)}", *behind, f"str r1, {layer.at(_READY_END)}"] if layer.ready else []
    return [*ready, f"str r1, {layer.at(_TAPS)}"]


def _own_weights(text: Text, layer: Layer) -> None:
    """Where an output's words are: ready, or behind those of inputs, where they are made first."""
    ready, others = layer.ready, layer.outputs - layer.ready
    if ready:
        text.add([f"ldr r0, {layer.at(_READY)}", f"ldr r3, {layer.at(_READY_END)}"], layer.outputs)
        text.add(["cmp r0, r3", "beq 10f"], layer.outputs)
        onward = moved("r0", WORD_BYTES * layer.weight_words, "r3")
        text.add([f"str r0, {layer.at(_WEIGHTS)}", *onward], ready)
        text.add([f"str r0, {layer.at(_READY)}", "b 11f"], ready)
        text.label("10")
        text.cycles += others
    text.add([f"ldr r2, {layer.at(_WORDS)}", *moved("r2", layer.tiles.scratch_bytes, "r3")], others)
    text.add([f"str r2, {layer.at(_WEIGHTS)}", f"ldr r3, {layer.at(_TAPS)}"], others)
    text.include(taps.values(layer.tiles), others)
    text.add(["mov r0, lr", f"str r0, {layer.at(_TAPS)}"], others)
    if ready:
        text.label("11")


def _least(layer: Layer) -> list[str]:
    """What an output's results begin with, in r0."""
    if not layer.is_kept:
        return ["movs r0, #1", "lsls r0, r0, #31"]
    return [
        f"ldr r0, {layer.at(_OUTPUT)}",
        "ldr r0, [r0, #0]",
        f"lsls r0, r0, #{layer.tiles.transform.lost_bits}",
    ]


def _groups(text: Text, layer: Layer) -> None:
    """All tiles of every output, group after group; jumps back are taken in two, as no branch reaches far."""
    groups, outputs, points = layer.tiles.groups, layer.outputs, layer.tiles.transform.inputs
    times = groups * outputs
    text.label("2")
    text.add([f"ldr r2, {layer.at(_WEIGHTS)}", "mov lr, sp"], times)
    text.include(_points(layer, _halves(layer), 0, layer.narrow), times)
    text.add(["b 7f"], times)
    for label, back, jumps in (("6", "1", outputs - 1), ("5", "2", times - outputs)):
        text.label(label)
        text.add([f"b {back}b"], jumps)
    text.label("7")
    text.include(_points(layer, _whole(layer), layer.narrow, points), times)
    text.add([f"str r1, {layer.at(_WORDS_AT)}", "mov r12, r2", "mov r2, sp"], times)
    end, tiles = f"add r3, sp, #{WORD_BYTES * layer.tiles.together}", Text()
    tiles.loop("4", _tile(layer), layer.tiles.together, [end, "cmp r2, r3"])
    text.include(tiles, times)
    counted = [f"ldr r1, {layer.at(_WORDS_AT)}", f"ldr r0, {layer.at(_GROUPS)}", "subs r0, #1"]
    _back(text, "5", [*counted, f"str r0, {layer.at(_GROUPS)}"], (outputs, times))


def _back(text: Text, label: str, compare: list[str], times: tuple[int, int]) -> None:
    """To a jump before, unless equal; as often as that, of all times."""
    ends, every = times
    text.add([*compare, "beq 9f"], every)
    text.add([f"b {label}b"], every - ends)
    text.label("9")
    text.cycles += ends


def _points(layer: Layer, weighed: list[str], first: int, last: int) -> Text:
    """The sums over all channels of some points, ``weighed`` those of one."""
    text, once, count = Text(), Text(), layer.tiles.together
    if first == last:
        return text
    values, sums = _INPUTS[:count], _SUMS[:count]
    once.add(["movs r0, #0", *(f"mov {each}, r0" for each in sums), *weighed])
    once.add(f"mov {value}, {total}" for value, total in zip(values, sums, strict=True))
    once.add(["mov r0, lr", f"stmia r0!, {{{', '.join(values)}}}", "mov lr, r0"])
    end = f"add r3, sp, #{WORD_BYTES * last * count}"
    text.loop("3", once, last - first, [end, "cmp r0, r3"])
    return text


def _whole(layer: Layer) -> list[str]:
    """The products of all channels with words of weights."""
    return ["ldmia r2!, {r0}", *_products(layer)] * layer.tiles.line.channels


def _halves(layer: Layer) -> list[str]:
    """The products of all channels with halves of words."""
    lines, left = [], layer.tiles.line.channels
    while left:
        count = min(left, _HALVES_MOST)
        for place in range(count):
            lines += [f"ldrh r0, [r2, #{2 * place}]", "sxth r0, r0", *_products(layer)]
        left -= count
        lines.append(f"adds r2, #{WORD_BYTES * -(-count // 2)}")
    return lines


def _products(layer: Layer) -> list[str]:
    """A weight times the words of all tiles."""
    values = _INPUTS[: layer.tiles.together]
    lines = [f"ldmia r1!, {{{', '.join(values)}}}", *(f"muls {each}, r0, {each}" for each in values)]
    return [*lines, *(f"add {total}, {each}" for total, each in zip(_SUMS, values, strict=False))]


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
    """The largest sum, kept or to int8, and on to the next output; r0 is where that goes."""
    text, lost = Text(), layer.tiles.transform.lost_bits
    if not layer.made:
        text.add(["mov r0, r12", f"str r0, {layer.at(_WEIGHTS)}"])
    text.add([f"ldr r0, {layer.at(_LARGEST)}"])
    if layer.is_kept:
        text.add([f"asrs r1, r0, #{lost}", f"ldr r0, {layer.at(_OUTPUT)}", "stmia r0!, {r1}"])
    else:
        text.include(_scaled(layer))
        text.add([f"ldr r0, {layer.at(_OUTPUT)}", "strb r1, [r0, #0]", "adds r0, #1"])
    text.add([f"str r0, {layer.at(_OUTPUT)}"])
    return text


def _scaled(layer: Layer) -> Text:
    """r1: the largest sum in r0 to int8; on to the next scale."""
    text, result = Text(), kept_result(layer.form, "r8", layer.at(_SCALES), 0)
    text.add([f"asrs r0, r0, #{layer.tiles.transform.lost_bits}", "mov r8, r0"])
    text.include(Text(result, cycles(result)))
    scales, size = layer.at(_SCALES), layer.form.size_bytes
    text.add([f"ldr r2, {scales}", f"adds r2, #{size}", f"str r2, {scales}"])
    return text
