"""The assembly function of a layer: records once, then output after output over all turns.

An output's words of weights lie on the stack, where an instruction reaches each. A turn multiplies each of
them by a record: the upper half of a product is what two inputs add to a sum, and the sign of the lower one
is given back by ADCS. So that the first word needs no sum before it, sums begin at the word itself; scales
know that (:mod:`.layers`).

r0 the next record, r1 to r3 its words and products, r4 to r6 sums, r7 the word of weights, r8 the largest
sum, r9 and r11 masks, r10 the end of all records, r12 from a turn's end to the next one's begin, lr the turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from zerotap.firmware.c_code.assembly import RESTORED, SAVED, cycles, instructions, stack_bytes
from zerotap.firmware.operators.board_code.text import Text, immediate, moved
from zerotap.firmware.operators.parts.requantisation import Scales
from zerotap.firmware.operators.straight.ends import kept_result

from .lanes import RECORD_BYTES, WORD_BYTES, Lanes
from .records import records

_LARGEST: Final = "r8"
_MASKS: Final = ("r9", "r11")
_LANES: Final = (("r1", "r4"), ("r2", "r5"), ("r3", "r6"))
# Behind the words, on the stack.
_WEIGHTS, _SCALES, _OUTPUT, _RECORDS, _OUTPUT_END, _READY_END = range(6)
_FRAME_WORDS: Final = 6
_COPIED: Final = ("r2", "r3", "r4", "r5", "r6", "r7")
_WRITTEN_OUT: Final = 4
_SP_MOST: Final = 508


@dataclass(frozen=True, slots=True)
class Layer:
    """All that the function depends on: of ``outputs``, the first ``ready`` have words instead of bytes."""

    lanes: Lanes
    outputs: int
    ready: int
    form: Scales


def program(layer: Layer) -> Text:
    """Called with r0 input, r1 weights, r2 output, r3 scales, and on the stack where the records go."""
    text = Text()
    _begin(text, layer)
    text.include(records(layer.lanes, _MASKS))
    _constants(text, layer)
    head = _head(layer)
    text.include(head)
    _turns(text, layer)
    _result(text, layer, code_bytes_of(head))
    text.add([*_room(layer, "add"), *RESTORED])
    return text


def code_bytes_of(text: Text) -> int:
    """Bytes of lines without literals and filling."""
    return 2 * sum(line.startswith(" ") for line in text.lines)


def _at(layer: Layer, place: int) -> str:
    return f"[sp, #{WORD_BYTES * (layer.lanes.words + place)}]"


def _room(layer: Layer, name: str) -> list[str]:
    left, lines = WORD_BYTES * (layer.lanes.words + _FRAME_WORDS), []
    while left:
        lines.append(f"{name} sp, #{min(left, _SP_MOST)}")
        left -= min(left, _SP_MOST)
    return lines


def _begin(text: Text, layer: Layer) -> None:
    text.add([*SAVED, *_room(layer, "sub")])
    behind = stack_bytes(instructions(*SAVED)) // WORD_BYTES + _FRAME_WORDS
    text.add([f"str r1, {_at(layer, _WEIGHTS)}", f"str r3, {_at(layer, _SCALES)}"])
    if 0 < layer.ready < layer.outputs:
        size = WORD_BYTES * layer.lanes.words * layer.ready
        text.add([*immediate("r4", size), "adds r4, r4, r1", f"str r4, {_at(layer, _READY_END)}"])
    text.add([f"str r2, {_at(layer, _OUTPUT)}", *moved("r2", layer.outputs, "r4")])
    text.add([f"str r2, {_at(layer, _OUTPUT_END)}", f"ldr r1, {_at(layer, behind)}"])
    text.add([f"str r1, {_at(layer, _RECORDS)}"])


def _constants(text: Text, layer: Layer) -> None:
    lanes = layer.lanes
    text.add([f"ldr r1, {_at(layer, _RECORDS)}", *immediate("r2", lanes.scratch_bytes)])
    text.add(["adds r1, r1, r2", "mov r10, r1"])
    text.add([*immediate("r2", RECORD_BYTES * (lanes.step - lanes.words)), "mov r12, r2"])


def _head(layer: Layer) -> Text:
    """What begins an output: its words on the stack, no sum yet, the first record."""
    text, words = Text(), Text()
    _weights(words, layer)
    words.add([f"str r0, {_at(layer, _WEIGHTS)}", "movs r0, #1", "lsls r0, r0, #31"], layer.outputs)
    words.add([f"mov {_LARGEST}, r0", f"ldr r0, {_at(layer, _RECORDS)}"], layer.outputs)
    text.add(["mov r1, pc", *_to_turn(code_bytes_of(words)), "mov lr, r1"], layer.outputs)
    text.include(words)
    return text


def _to_turn(behind: int) -> list[str]:
    """From PC, as it was read before, to the turn's address as BX takes it; so many bytes lie ``behind``."""
    steps = 1 if behind + 3 < 256 else 2
    far = behind + 2 * steps + 1
    return [f"adds r1, #{min(far, 255)}", *([f"adds r1, #{far - 255}"] if steps > 1 else [])]


def _weights(text: Text, layer: Layer) -> None:
    """An output's words from where they are ready, or from bytes."""
    words, ready, others = layer.lanes.words, layer.ready, layer.outputs - layer.ready
    text.add([f"ldr r0, {_at(layer, _WEIGHTS)}", "mov r1, sp"], layer.outputs)
    if ready and others:
        text.add([f"ldr r2, {_at(layer, _READY_END)}", "cmp r0, r2", "bcs 7f"], layer.outputs)
        text.cycles += others
    if ready:
        text.add(_copied(words), ready)
    if ready and others:
        text.add(["b 6f"], ready)
        text.label("7")
    if others:
        text.include(_expanded(words), others)
    if ready and others:
        text.label("6")


def _copied(words: int) -> list[str]:
    lines = []
    for first in range(0, words, len(_COPIED)):
        listed = ", ".join(_COPIED[: words - first])
        lines += [f"ldmia r0!, {{{listed}}}", f"stmia r1!, {{{listed}}}"]
    return lines


def _expanded(words: int) -> Text:
    """Bytes with 128 added: of four, those of the lower halves of two words, and of the upper ones."""
    text, once, blocks = Text(), Text(), words // 4
    text.add([f"mov r2, {_MASKS[0]}", f"mov r3, {_MASKS[1]}"])
    if blocks <= _WRITTEN_OUT:
        text.add(_bytes(("r4", "r6")) * blocks)
    else:
        at_once = next(each for each in (8, 4, 2, 1) if blocks % each == 0)
        text.add([f"add r7, sp, #{16 * blocks}", "mov r8, r7"])
        once.add(_bytes(("r4", "r6")) * at_once)
        text.loop("5", once, blocks // at_once, ["cmp r1, r8"])
    text.add(_bytes(("r4",)) if words % 4 else [])
    return text


def _bytes(loaded: tuple[str, ...]) -> list[str]:
    """Two words of each register; the other one of both is the next register."""
    lines, every = [f"ldmia r0!, {{{', '.join(loaded)}}}"], []
    for register in loaded:
        other = f"r{int(register[1:]) + 1}"
        lines.append(f"lsrs {other}, {register}, #8")
        every += [register, other]
    for register in every:
        lines += [f"ands {register}, r2", f"subs {register}, {register}, r3"]
    return [*lines, f"stmia r1!, {{{', '.join(every)}}}"]


def _turns(text: Text, layer: Layer) -> None:
    """All turns of an output."""
    turns = layer.outputs * layer.lanes.turns
    for word in range(layer.lanes.words):
        text.add(_word(word), turns)
    for value, kept in (("r4", "r5"), ("r4", "r6")):
        text.add([f"cmp {value}, {kept}", "bge 8f", f"mov {value}, {kept}", "8:"], turns)
    text.add([f"cmp r4, {_LARGEST}", "ble 8f", f"mov {_LARGEST}, r4", "8:"], turns)
    text.add(["cmp r0, r10", "beq 9f"], turns)
    text.add(["add r0, r12", "bx lr"], turns - layer.outputs)
    text.label("9")
    text.cycles += layer.outputs


def _word(number: int) -> list[str]:
    lines = [f"ldr r7, [sp, #{WORD_BYTES * number}]", "ldmia r0!, {r1, r2, r3}"]
    lines += [f"muls {product}, r7, {product}" for product, _ in _LANES]
    for product, total in _LANES:
        # The first product becomes the sum; adding the word is adding the borrow, too.
        if number == 0:
            lines += [f"asrs {total}, {product}, #16", f"adcs {total}, r7"]
        else:
            lines += [f"asrs {product}, {product}, #16", f"adcs {total}, {product}"]
    return lines


def _result(text: Text, layer: Layer, head_bytes: int) -> None:
    """The largest sum to int8, and on to the next output."""
    size, outputs = layer.form.size_bytes, layer.outputs
    result = kept_result(layer.form, _LARGEST, _at(layer, _SCALES), 0)
    text.include(Text(result, cycles(result)), outputs)
    text.add(
        [f"ldr r2, {_at(layer, _SCALES)}", f"adds r2, #{size}", f"str r2, {_at(layer, _SCALES)}"], outputs
    )
    text.add([f"ldr r0, {_at(layer, _OUTPUT)}", "strb r1, [r0, #0]", "adds r0, #1"], outputs)
    text.add([f"str r0, {_at(layer, _OUTPUT)}", f"ldr r1, {_at(layer, _OUTPUT_END)}"], outputs)
    text.add(["cmp r0, r1", "beq 9f"], outputs)
    text.add(["mov r1, lr", *moved("r1", -head_bytes, "r2"), "mov lr, r1", "bx lr"], outputs - 1)
    text.label("9")
    text.cycles += 1
