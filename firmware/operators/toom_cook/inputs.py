"""The assembly function that makes the words of all tiles: tile after tile, channel after channel.

The rows of p/q and -p/q differ in the sign of the odd inputs alone: their sums are made first and wait on the
stack until those of the even ones are there.

r0 a product, r1 an input, r2 the inputs, r3 scratch, r4 to r11 sums, r12 the words. At the end r2 points to
words, r4 is from a point to the next, and lr keeps the inputs.
"""

from __future__ import annotations

from typing import Final

from zerotap.firmware.c_code.assembly import RESTORED, SAVED
from zerotap.firmware.operators.board_code.text import Text, immediate, moved

from .tiles import WORD_BYTES, Tiles

_SUMS: Final = ("r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11")
_IMMEDIATE_MOST: Final = 2
"""Instructions that make a constant; more of them are no faster than to load it."""


def inputs_program(tiles: Tiles, factored: int) -> Text:
    """Called with r0 input, r1 where words go, r2 the last tile's input; first points have factors."""
    text, group, tile = Text(), Text(), Text()
    pairs, groups, channels = len(tiles.transform.pairs), tiles.groups, tiles.line.channels
    end, last, tile_count, group_count = (f"[sp, #{WORD_BYTES * (pairs + at)}]" for at in range(4))
    text.add([*SAVED, f"sub sp, #{WORD_BYTES * (pairs + 4)}", f"str r2, {last}", "mov r2, r0", "mov r12, r1"])
    text.add([f"movs r0, #{groups}", f"str r0, {group_count}"])
    group.add([f"movs r0, #{tiles.together}", f"str r0, {tile_count}"])
    tile.add(["mov r3, r2", *moved("r3", channels, "r0"), f"str r3, {end}"])
    tile.loop("5", _channel(tiles, factored), channels, [f"ldr r3, {end}", "cmp r2, r3"])
    tile.add(moved("r2", (tiles.outputs - 1) * channels, "r0"))
    tile.add([f"ldr r3, {last}", "cmp r2, r3", "bls 8f", "mov r2, r3", "8:"])
    tile.add(_onward(WORD_BYTES - tiles.point_bytes))
    group.loop("4", tile, tiles.together, [f"ldr r0, {tile_count}", "subs r0, #1", f"str r0, {tile_count}"])
    group.add(_onward(tiles.transform.inputs * tiles.point_bytes - WORD_BYTES * tiles.together))
    text.loop("3", group, groups, [f"ldr r0, {group_count}", "subs r0, #1", f"str r0, {group_count}"])
    text.add([f"add sp, #{WORD_BYTES * (pairs + 4)}", *RESTORED])
    return text


def _onward(by: int) -> list[str]:
    """The words' address, moved on."""
    return [*immediate("r0", by), "add r12, r0"]


def _channel(tiles: Tiles, factored: int) -> Text:
    """The words of a tile's channel."""
    rows, text, factors = tiles.transform.rows(), Text(), tiles.transform.factors()[:factored]
    positive = rows[1::2]
    text.add(_summed(tiles, positive, 1))
    for at, register in enumerate(_SUMS[: len(positive)]):
        text.add([f"mov r0, {register}", f"str r0, [sp, #{WORD_BYTES * at}]"])
    text.add(_summed(tiles, [rows[0], *positive], 0))
    text.add([f"ldr r3, ={factors[0]}", "muls r4, r3, r4"] if factors else [])
    text.add(["mov lr, r2", "mov r2, r12", "str r4, [r2]", *immediate("r4", tiles.point_bytes)])
    for at, register in enumerate(_SUMS[1 : len(positive) + 1]):
        text.add([f"mov r0, {register}", f"ldr r1, [sp, #{WORD_BYTES * at}]", "adds r2, r2, r4"])
        own = factors[2 * at + 1 : 2 * at + 2]
        text.add(line for each in own for line in (f"ldr r3, ={each}", "muls r0, r3, r0", "muls r1, r3, r1"))
        text.add(["adds r3, r0, r1", "str r3, [r2]", "adds r2, r2, r4"])
        text.add(["subs r0, r0, r1", "str r0, [r2]"])
    text.add([*_onward(WORD_BYTES * tiles.together), "mov r2, lr", "adds r2, #1"])
    return text


def _summed(tiles: Tiles, rows: list[list[int]], first: int) -> list[str]:
    """Sums of every second input from ``first`` on, of each row in a register."""
    lines, begun = [], set[str]()
    for place in range(first, len(rows[0]), 2):
        lines += [*immediate("r3", place * tiles.line.channels), "ldrsb r1, [r2, r3]"]
        for register, row in zip(_SUMS, rows, strict=False):
            lines += _added(register, row[place], register in begun) if row[place] else []
            begun |= {register} if row[place] else set()
    return lines


def _added(register: str, factor: int, has_begun: bool) -> list[str]:
    """r1 times a factor, in a sum or to begin one; r0 is lost."""
    is_low = register in _SUMS[:4]
    if is_low and has_begun and factor < 0:
        lines, name = _times(-factor), f"subs {register}, {register}, "
    else:
        lines = _times(factor)
        add = f"adds {register}, {register}, " if is_low else f"add {register}, "
        name = add if has_begun else f"mov {register}, "
    return [*lines, name + ("r0" if lines else "r1")]


def _times(factor: int) -> list[str]:
    """r0 = r1 times a factor; nothing for 1."""
    if factor == 1:
        return []
    if factor == -1:
        return ["rsbs r0, r1, #0"]
    if factor > 0 and not factor & (factor - 1):
        return [f"lsls r0, r1, #{factor.bit_length() - 1}"]
    short = immediate("r0", factor)
    constant = short if len(short) <= _IMMEDIATE_MOST else [f"ldr r0, ={factor}"]
    return [*constant, "muls r0, r1, r0"]
